"""`number-monitor sinks test`: send one sample event to a sink and show what the receiver answers; no daemon needed."""

from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.context import complain

if TYPE_CHECKING:
    from monitor.delivery.sink import Message, Sink
    from monitor.settings.model import Settings

FAILED = 1
STDOUT = 1  # the file descriptor


def try_sink(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the sink; stdout is one.")],
    type_: Annotated[str | None, typer.Option("--type", help="Of the event; else number.degraded.")] = None,
    number: Annotated[str | None, typer.Option(help="That the event is about; else one that never was.")] = None,
) -> None:
    """Send one event marked `data.test: true` to a sink, and show what the receiver answers."""
    import asyncio

    from monitor.delivery.sink import DeliveryError
    from monitor.http.proxy import UnusableProxy

    settings = context.obj.settings()
    message = _message(settings, type_, number)
    try:
        answer = asyncio.run(_sent(settings, name, message))
    except (_UnknownSinkError, UnusableProxy) as error:
        complain([str(error)])
        raise typer.Exit(FAILED) from None
    except DeliveryError as error:
        complain([f"sink {name} did not take event {message.id}: {error}"])
        raise typer.Exit(FAILED) from None
    if answer:
        typer.echo(f"sink {name} took event {message.id}: {answer}")


class _UnknownSinkError(Exception):
    """There is no such sink; the message is one line."""


def _message(settings: "Settings", kind: str | None, number: str | None) -> "Message":
    """The event as a sink gets it, under an id of its own: receivers pass over an id that they know."""
    from uuid import uuid4

    from monitor.clock import wall_clock
    from monitor.delivery.sink import Message
    from monitor.fleet import cloudevent
    from monitor.fleet.sample import NUMBER, TYPE, sample
    from monitor.views.filters import FilterError, event_filter

    now = wall_clock()
    given = {"type": kind, "number": number}
    try:
        asked = event_filter([(key, text) for key, text in given.items() if text is not None], now)
    except FilterError as error:
        raise typer.BadParameter(str(error)) from None
    event = sample(asked.type or TYPE, number=asked.number or NUMBER, at=now, language=settings.people.language)
    id_ = str(uuid4())
    return Message(0, id_, cloudevent.body(event, id=id_, sequence=0), event.subject, event.time, 0)


async def _sent(settings: "Settings", name: str, message: "Message") -> str:
    """Send it; gives what the receiver said to it, empty where receivers say nothing."""
    import asyncio

    from monitor.delivery.sink import Unavailable

    sink = _sink(settings, name)
    try:
        async with asyncio.timeout(sink.limit):
            return await sink.send([message])
    except TimeoutError:
        raise Unavailable("no answer in time") from None
    finally:
        await sink.aclose()


def _sink(settings: "Settings", name: str) -> "Sink":
    import os

    from monitor import conversion
    from monitor.clock import wall_clock
    from monitor.delivery.sinks.log import STDOUT as ALWAYS_THERE
    from monitor.delivery.sinks.log import LogSink

    if name == ALWAYS_THERE:
        return LogSink(STDOUT, now=wall_clock)
    for configured in settings.events.sinks:
        if configured.name == name:
            return conversion.sink_of(configured, os.environ, wall_clock)
    known = ", ".join([ALWAYS_THERE, *(sink.name for sink in settings.events.sinks)])
    raise _UnknownSinkError(f"no sink {name!r} in the configuration; there are {known}")
