"""
`number-monitor check`: is the configuration right, and what will it do?

Reads the configuration and every file that it names, and tells all errors at once; then the plan.  `--live` asks the
addresses that list apps, and the vendor once per account.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.context import WRONG_CONFIGURATION, Context, complain

if TYPE_CHECKING:
    from monitor.cli.plan import Plan
    from monitor.settings.model import Settings

FAILED = 1


def check(
    context: typer.Context,
    live: Annotated[bool, typer.Option("--live", help="Also make one signed call per account.")] = False,
) -> None:
    """Validate the configuration and say what it will do."""
    import asyncio

    from monitor.cli.lists import known_lists
    from monitor.cli.plan import Plan, place_lines

    settings = _settings(context.obj)
    plans = [Plan(account, settings, known_lists(account)) for account in settings.accounts]
    _end_if_wrong([f"accounts[{place}]: {plan.why_not}" for place, plan in enumerate(plans) if plan.why_not])
    for plan in plans:
        _say(plan.lines())
    _say(place_lines(settings))
    if live and not asyncio.run(_try(plans)):
        raise typer.Exit(FAILED)


def _settings(context: Context) -> "Settings":
    """The settings, if they and every file that they name are right; else all that is wrong, and the end."""
    import os

    from monitor.cli.lists import faults
    from monitor.clock import wall_clock
    from monitor.daemon.receivers import Receivers
    from monitor.settings.problems import SettingsError

    try:
        settings = context.load()
    except SettingsError as error:
        problems = [str(problem) for problem in error.problems]
        _end_if_wrong([*problems, *faults(error.lists)])
        raise
    _end_if_wrong([*faults(settings.lists), *Receivers(os.environ, wall_clock).faults(settings)])
    return settings


def _end_if_wrong(problems: list[str]) -> None:
    if problems:
        complain(problems)
        raise typer.Exit(WRONG_CONFIGURATION)


def _say(lines: Iterable[str]) -> None:
    """Print lines, those that begin a part in bold on a terminal."""
    from rich.console import Console
    from rich.text import Text

    from monitor.views.escape import terminal

    console = Console(highlight=False)
    for line in lines:
        console.print(Text(terminal(line), style="" if line.startswith(" ") else "bold"), soft_wrap=True)


async def _try(plans: Iterable["Plan"]) -> bool:
    """Try every account, telling each verdict as it comes; whether all were fine."""
    import os

    from monitor.cli.live import tried
    from monitor.cli.verdicts import tell, waiting

    fine = True
    for plan in plans:
        with waiting(f"asking for account {plan.account.name} …"):
            verdicts = [verdict async for verdict in tried(plan, os.environ)]
        for verdict in verdicts:
            fine &= verdict.fine
            tell(verdict)
    return fine
