"""`number-monitor events`: the recorded events, from the store; the daemon may run meanwhile."""

from typing import Annotated

import typer

from monitor.cli.completion import types
from monitor.cli.context import complain
from monitor.cli.formats import EventFormat

FAILED = 1


def events(
    context: typer.Context,
    since: Annotated[str, typer.Option(help="How far back: 30m, 24h, 7d.")] = "24h",
    type_: Annotated[
        str | None, typer.Option("--type", help="Of this type alone, e.g. number.degraded.", autocompletion=types)
    ] = None,
    number: Annotated[str | None, typer.Option(help="About this number alone.")] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with what is recorded from now on.")] = False,
    form: Annotated[EventFormat, typer.Option("--format", help="How to print.")] = EventFormat.TABLE,
) -> None:
    """Print the recorded events, oldest first."""
    import asyncio
    import sys

    from monitor.cli.following import asked_for, follow_events, recorded
    from monitor.cli.masking import masking_by
    from monitor.cli.tables import print_events, print_next_event
    from monitor.clock import wall_clock
    from monitor.store.errors import StoreError
    from monitor.store.masked import MaskedRecords
    from monitor.store.store import Store
    from monitor.views.filters import FilterError

    settings = context.obj.settings()
    try:
        asked = asked_for(since, type_, number, wall_clock())
    except FilterError as error:
        raise typer.BadParameter(str(error)) from None

    async def show() -> None:
        reader = await Store.open_readonly(settings.store.url.reveal())
        try:
            records = MaskedRecords(reader, await masking_by(reader, settings))
            found, last = await recorded(records, asked)
            if follow and form is EventFormat.JSON:  # a line each, so that a program can read on
                for event in found:
                    print_next_event(event, form, sys.stdout)
            else:
                # a line that stays on the screen has a time that stays true
                now, none = (None, "") if follow else (wall_clock(), f"no such event (--since {since})")
                print_events(found, form, sys.stdout, settings.people.zone, now, none)
            if follow:
                await follow_events(records, asked, last, form, sys.stdout, settings.people.zone)
        finally:
            await reader.close()

    try:
        asyncio.run(show())
    except StoreError as error:
        complain([str(error)])
        raise typer.Exit(FAILED) from None
