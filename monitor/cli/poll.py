"""
`number-monitor poll`: one round now, without a store.

Answers as monitoring plugins do: 0 all fine, 1 the worst is a warning, 2 the worst is critical, 3 an app could not be
polled.  Critical outranks 3: what is known to be bad must not hide behind what is not known.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.completion import accounts, appkeys
from monitor.cli.context import complain
from monitor.cli.formats import Format

if TYPE_CHECKING:
    from monitor.cli.round import Polled

WARNING, CRITICAL, UNKNOWN = 1, 2, 3
NAMED = 5  # apps that a line about a failure names


def poll(
    context: typer.Context,
    account: Annotated[str | None, typer.Option(help="This account alone.", autocompletion=accounts)] = None,
    appkey: Annotated[str | None, typer.Option(help="This app alone.", autocompletion=appkeys)] = None,
    form: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE,
) -> None:
    """Poll every app once, now, and print its numbers, the worst first."""
    import asyncio
    import os
    import sys

    from monitor.cli.masking import masking_without
    from monitor.cli.round import poll_round
    from monitor.cli.tables import print_numbers
    from monitor.http.errors import CannotCallOut
    from monitor.roster.errors import RosterError
    from monitor.views.columns import first_look_columns
    from monitor.views.numbers import number
    from monitor.views.order import Listed, worst_first

    settings = context.obj.settings(UNKNOWN)
    try:
        polled = asyncio.run(poll_round(settings, os.environ, account=account, appkey=appkey))
        masking = asyncio.run(masking_without(settings))
    except (RosterError, CannotCallOut) as error:
        complain([str(error)])
        raise typer.Exit(UNKNOWN) from None
    if not polled:
        complain([_nothing_to_poll(account, appkey)])
        raise typer.Exit(UNKNOWN)
    listed = [Listed(one.app, one.snapshot, entry) for one in polled for entry in one.snapshot.entries.values()]
    shown = [number(one.app, one.snapshot, masking.entry(one.entry)) for one in worst_first(listed)]
    print_numbers(shown, form, sys.stdout, columns=first_look_columns)
    sys.stdout.flush()
    complain(map(masking.words, _failures(polled)))
    raise typer.Exit(_exit_code(polled))


def _nothing_to_poll(account: str | None, appkey: str | None) -> str:
    asked = [f"account {account!r}"] if account is not None else []
    asked += [f"appkey {appkey!r}"] if appkey is not None else []
    return f"no app of {' and '.join(asked)} in the configuration" if asked else "the configuration lists no app"


def _failures(polled: "Sequence[Polled]") -> Iterator[str]:
    """A line for each thing that went wrong, with the apps that it went wrong for."""
    appkeys: dict[tuple[str, str], list[str]] = {}
    for one in polled:
        if one.failure is not None:
            appkeys.setdefault((one.app.account, one.failure.text), []).append(one.app.appkey)
    for (account, text), keys in appkeys.items():
        more = f" and {len(keys) - NAMED} more" if len(keys) > NAMED else ""
        yield f"account {account}, {', '.join(keys[:NAMED])}{more}: {text}"


def _exit_code(polled: "Sequence[Polled]") -> int:
    from monitor.fleet.scales import Severity

    severities = {entry.severity for one in polled for entry in one.snapshot.entries.values()}
    if Severity.CRITICAL in severities:
        return CRITICAL
    if any(one.failure is not None for one in polled):
        return UNKNOWN
    return WARNING if Severity.WARNING in severities else 0
