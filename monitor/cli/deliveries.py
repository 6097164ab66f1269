"""`number-monitor deliveries`: what went where, from the store; the daemon may run meanwhile."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.completion import sinks
from monitor.cli.context import complain
from monitor.cli.discard import discard
from monitor.cli.formats import EventFormat
from monitor.cli.replay import replay

if TYPE_CHECKING:
    from monitor.settings.model import Settings
    from monitor.views.filters import DeliveryFilter

FAILED = 1
SHOWN = 100  #: where --limit does not say

deliveries = typer.Typer(help="What went where; sending it again; giving it up.")
for command in (replay, discard):
    deliveries.command()(command)


@deliveries.callback(invoke_without_command=True)
def list_deliveries(
    context: typer.Context,
    sink: Annotated[str | None, typer.Option(help="To this sink alone.", autocompletion=sinks)] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Dead letters, and what was tried in vain.")] = False,
    since: Annotated[str | None, typer.Option(help="Of events of this time alone: 30m, 24h, 7d.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = SHOWN,
    form: Annotated[EventFormat, typer.Option("--format", help="How to print.")] = EventFormat.TABLE,
) -> None:
    """What went where, the newest first; sending it again; giving it up."""
    import asyncio
    import sys

    from monitor.cli.known import UnknownSinkError
    from monitor.cli.tables import print_deliveries
    from monitor.clock import wall_clock
    from monitor.store.errors import StoreError
    from monitor.views.filters import FilterError, delivery_filter

    if context.invoked_subcommand is not None:
        if sink is not None or failed or since is not None or limit != SHOWN or form is not EventFormat.TABLE:
            raise typer.BadParameter(f"options of {context.invoked_subcommand} stand behind its name")
        return
    settings = context.obj.settings()
    given = {"sink": sink, "since": since, "failed": "true" if failed else None}
    try:
        asked = delivery_filter([(name, text) for name, text in given.items() if text is not None], wall_clock())
    except FilterError as error:
        raise typer.BadParameter(str(error)) from None
    try:
        found, paused = asyncio.run(_found(settings, asked, limit))
    except (StoreError, UnknownSinkError) as error:
        complain([str(error)])
        raise typer.Exit(FAILED) from None
    print_deliveries(
        found[:limit],
        form,
        sys.stdout,
        settings.people.zone,
        wall_clock(),
        "none failed" if failed else "no deliveries",
    )
    sys.stdout.flush()
    if len(found) > limit:
        complain([f"the newest {limit} are shown; --limit shows more"])
    complain(paused)


async def _found(
    settings: "Settings", asked: "DeliveryFilter", limit: int
) -> tuple[Sequence[dict[str, Any]], Sequence[str]]:
    """The deliveries, one more than is to be shown where there are more; and a line for each sink that is paused."""
    from monitor.cli.known import check_sink
    from monitor.cli.masking import masking_by
    from monitor.fleet.moment import iso
    from monitor.store.masked import MaskedRecords
    from monitor.store.store import Store
    from monitor.views.deliveries import delivery

    reader = await Store.open_readonly(settings.store.url.reveal())
    try:
        records = MaskedRecords(reader, await masking_by(reader, settings))
        stored = await records.deliveries(sink=asked.sink, failed=asked.failed, since=asked.since, limit=limit + 1)
        if asked.sink is not None and not stored:
            await check_sink(reader, settings, asked.sink)
        paused = await reader.paused_sinks()
    finally:
        await reader.close()
    lines = [
        f"sink {name} is paused since {iso(pause.at)}, `sinks resume {name}` lets it go on: {pause.reason}"
        for name, pause in paused.items()
        if asked.sink in (None, name)
    ]
    return [delivery(one) for one in stored], lines
