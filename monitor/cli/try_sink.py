"""`number-monitor sinks test`: send one sample event to a sink and show what the receiver answers; no daemon needed."""

from typing import TYPE_CHECKING, Annotated, Protocol, TypeVar

import typer

from monitor.cli.completion import sinks, types
from monitor.cli.context import complain

if TYPE_CHECKING:
    from monitor.daemon.receivers import Receivers
    from monitor.delivery.people.notice import Notice
    from monitor.delivery.sink import Message
    from monitor.fleet.masking import Masking
    from monitor.settings.alertmanager import AlertmanagerSink
    from monitor.settings.model import Settings

T_contra = TypeVar("T_contra", contravariant=True)

FAILED = 1
STDOUT = 1  # the file descriptor


def try_sink(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the sink; stdout is one.", autocompletion=sinks)],
    type_: Annotated[
        str | None, typer.Option("--type", help="Of the event; else number.degraded.", autocompletion=types)
    ] = None,
    number: Annotated[str | None, typer.Option(help="That the event is about; else one that never was.")] = None,
) -> None:
    """Send one event marked `data.test: true` to a sink, and show what the receiver answers."""
    import asyncio

    from monitor.cli.masking import masking_without
    from monitor.daemon.receivers import UnusableSink
    from monitor.delivery.sink import DeliveryError

    settings = context.obj.settings()
    masking = asyncio.run(masking_without(settings))
    message = _message(settings, type_, number, masking)
    try:
        answer = asyncio.run(_sent(settings, name, message))
    except (_UnknownSinkError, UnusableSink) as error:
        complain([str(error)])
        raise typer.Exit(FAILED) from None
    except DeliveryError as error:
        complain([f"sink {name} did not take event {message.id}: {error}"])
        raise typer.Exit(FAILED) from None
    if answer:
        typer.echo(f"sink {name} took event {message.id}: {answer}")


class _Takes(Protocol[T_contra]):
    """A sink, whatever it is given."""

    @property
    def limit(self) -> float | None:
        """Seconds that one `send` may take."""

    async def send(self, what: T_contra, /) -> str:
        """Deliver it; what the receiver said."""

    async def aclose(self) -> None:
        """Let go of everything."""


class _UnknownSinkError(Exception):
    """There is no such sink; the message is one line."""


def _message(settings: "Settings", kind: str | None, number: str | None, masking: "Masking") -> "Message":
    """The event as a sink gets it, under an id of its own: receivers pass over an id that they know."""
    from uuid import uuid4

    from monitor.clock import wall_clock
    from monitor.delivery.masked import masked_message
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
    message = Message(0, id_, cloudevent.body(event, id=id_, sequence=0), event.subject, event.time, 0)
    return masked_message(message, masking)


async def _sent(settings: "Settings", name: str, message: "Message") -> str:
    """Send it; gives what the receiver said to it, empty where receivers say nothing."""
    import os

    from monitor.clock import wall_clock
    from monitor.daemon.receivers import Receivers
    from monitor.delivery.sinks.log import STDOUT as ALWAYS_THERE
    from monitor.delivery.sinks.log import LogSink
    from monitor.settings.alertmanager import AlertmanagerSink
    from monitor.settings.people_sinks import ForPeople
    from monitor.settings.sinks import WebhookSink

    receivers = Receivers(os.environ, wall_clock)
    configured = {sink.name: sink for sink in settings.events.sinks}
    match configured.get(name):
        case WebhookSink() as webhook:
            return await _given(receivers.webhook(webhook), [message])
        case ForPeople() as people:
            return await _given(receivers.for_people(people), _notice(settings, message))
        case AlertmanagerSink() as alertmanager:
            return await _alerted(receivers, alertmanager, settings)
    if name == ALWAYS_THERE:
        return await _given(LogSink(STDOUT, now=wall_clock), [message])
    known = ", ".join([ALWAYS_THERE, *configured])
    raise _UnknownSinkError(f"no sink {name!r} in the configuration; there are {known}")


async def _given(sink: _Takes[T_contra], what: T_contra) -> str:
    import asyncio

    from monitor.delivery.sink import Unavailable

    try:
        async with asyncio.timeout(sink.limit):
            return await sink.send(what)
    except TimeoutError:
        raise Unavailable("no answer in time") from None
    finally:
        await sink.aclose()


def _notice(settings: "Settings", message: "Message") -> "Notice":
    """The same event as people get it."""
    from monitor.clock import wall_clock
    from monitor.delivery.people.fact import fact_of
    from monitor.delivery.people.trial import trial
    from monitor.delivery.words.wording import Wording

    people = settings.people
    wording = Wording(language=people.language, zone=people.zone, external_url=settings.web.external_url)
    return wording.notice(trial(fact_of(0, message.body), wall_clock()))


async def _alerted(receivers: "Receivers", sink: "AlertmanagerSink", settings: "Settings") -> str:
    """An Alertmanager gets states, not events: an alert that ends by itself."""
    import structlog

    from monitor.clock import wall_clock
    from monitor.daemon import conversion
    from monitor.delivery.sinks import alertmanager
    from monitor.fleet.fleet import Fleet
    from monitor.metrics.instruments import Instruments, Registry

    trying = alertmanager.AlertmanagerSink(
        sink.name,
        receivers.peers(sink),
        fleet=Fleet(),
        match=conversion.alert_match_of(sink.match),
        labels=sink.labels,
        external_url=settings.web.external_url,
        now=wall_clock,
        log=structlog.get_logger(),
        instruments=Instruments(Registry(), version="", revision="", failure_reasons=(), event_types={}, attributes=()),
        limit=sink.timeout_ms / 1000,
        language=settings.people.language,
    )
    try:
        return await trying.test()
    finally:
        await trying.stop()
