"""`number-monitor numbers`: the last known state, from the store; the daemon may run meanwhile."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from monitor.cli.completion import accounts, appkeys
from monitor.cli.context import complain
from monitor.cli.formats import Format

if TYPE_CHECKING:
    from monitor.fleet.masking import Masking
    from monitor.settings.model import Settings
    from monitor.store.snapshots import Restored

FAILED = 1


def numbers(
    context: typer.Context,
    degraded: Annotated[bool, typer.Option("--degraded", help="Those in trouble alone.")] = False,
    account: Annotated[str | None, typer.Option(help="This account alone.", autocompletion=accounts)] = None,
    appkey: Annotated[str | None, typer.Option(help="This app alone.", autocompletion=appkeys)] = None,
    form: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE,
    watch: Annotated[bool, typer.Option("--watch", help="Draw the table anew as the store changes.")] = False,
) -> None:
    """Print the last known state of every number, the worst first."""
    import asyncio
    import sys

    from monitor.cli.tables import print_numbers
    from monitor.clock import wall_clock
    from monitor.store.errors import StoreError

    wanted = _Wanted(degraded, account, appkey)
    if watch:
        _check_watch(form)
    settings = context.obj.settings()
    try:
        known, masking = asyncio.run(_known(settings))
    except StoreError as error:
        complain([str(error)])
        raise typer.Exit(FAILED) from None
    places = known.apps.keys() | {(one.name, app.appkey) for one in settings.accounts for app in one.apps}
    accounts = known.accounts.keys() | {one.name for one in settings.accounts} | {place[0] for place in places}
    if missing := _missing(account, appkey, accounts, places):
        complain([f"the store knows no {missing}"])
        raise typer.Exit(FAILED)
    if watch:
        _watch(settings, wanted)
    else:
        print_numbers(wanted.of(known, masking), form, sys.stdout, settings.people.zone, wall_clock(), none=wanted.none)


class _Wanted(NamedTuple):
    """Which numbers are asked for."""

    degraded: bool
    account: str | None
    appkey: str | None

    @property
    def none(self) -> str:
        """What a person is told where there are none."""
        return "no number is in trouble" if self.degraded else "no numbers: no app that lists one has answered yet"

    def of(self, known: "Restored", masking: "Masking") -> "list[dict[str, Any]]":
        """Them, as the API's objects, the worst first."""
        from monitor.fleet.scales import Severity
        from monitor.views.numbers import number
        from monitor.views.order import Listed, worst_first

        listed = [
            Listed(app, known.snapshots[app.key], entry)
            for app in known.apps.values()
            if self.account in (None, app.account) and self.appkey in (None, app.appkey)
            for entry in known.snapshots[app.key].entries.values()
            if not self.degraded or entry.severity >= Severity.WARNING
        ]
        return [number(one.app, one.snapshot, masking.entry(one.entry)) for one in worst_first(listed)]


def _check_watch(form: Format) -> None:
    from rich.console import Console

    from monitor.cli.watching import can_watch

    if form is not Format.TABLE:
        raise typer.BadParameter("--watch draws a table; programs read /api/v1/numbers or the event stream")
    if not can_watch(Console()):
        raise typer.BadParameter("--watch needs a terminal that can be drawn upon")


def _watch(settings: "Settings", wanted: _Wanted) -> None:
    import asyncio

    from rich.console import Console

    from monitor.cli.watching import watch
    from monitor.clock import wall_clock

    async def look() -> "list[dict[str, Any]]":
        return wanted.of(*await _known(settings))

    try:
        asyncio.run(watch(look, Console(highlight=False), settings.people.zone, wall_clock))
    except KeyboardInterrupt:  # which is how one ends it
        raise typer.Exit from None


def _missing(
    account: str | None, appkey: str | None, accounts: Collection[str], places: Collection[tuple[str, str]]
) -> str:
    """What is asked for and nobody knows; empty when there is nothing of the kind."""
    if account is not None and account not in accounts:
        return f"account {account!r}"
    if appkey is None or any(account in {None, place[0]} and place[1] == appkey for place in places):
        return ""
    return f"appkey {appkey!r}" + (f" of account {account!r}" if account is not None else "")


async def _known(settings: "Settings") -> "tuple[Restored, Masking]":
    from monitor.cli.masking import masking_by
    from monitor.store.store import Store

    reader = await Store.open_readonly(settings.store.url.reveal())
    try:
        return await reader.restore(), await masking_by(reader, settings)
    finally:
        await reader.close()
