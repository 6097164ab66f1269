"""
See whether the outside lets us in: each account's address with apps, then one signed call.  Never a retry.

The call is for the first app that is listed.  Accounts are tried one after another.
"""

from collections.abc import AsyncIterator, Mapping
from typing import NamedTuple

from monitor.cli.lists import asked_list
from monitor.cli.plan import Plan
from monitor.clock import wall_clock
from monitor.daemon import conversion
from monitor.fleet.answer import Answer
from monitor.fleet.app import App
from monitor.http.errors import CannotCallOut
from monitor.phonelist.client import Reply
from monitor.phonelist.errors import PhoneListError
from monitor.roster.errors import RosterError

SKEW_WORTH_TELLING = 5.0  # seconds; Date has whole ones, and from 60 on the vendor refuses our calls


class Verdict(NamedTuple):
    """How one thing that was tried ended."""

    fine: bool
    text: str  #: one line for people


async def tried(plan: Plan, environ: Mapping[str, str]) -> AsyncIterator[Verdict]:
    """Try an account: a verdict for its address with apps where it has one, and one for the call."""
    name = plan.account.name
    apps = plan.apps
    try:
        listed = await asked_list(plan.account)
    except RosterError as error:
        yield Verdict(False, f"account {name}: {error}")
    else:
        if listed is not None:
            found = listed.apps or ()
            yield Verdict(
                True, f"account {name}: {listed.source} lists {len(found)} app{'' if len(found) == 1 else 's'}"
            )
            apps = apps or found
    if apps:
        yield await _called(plan, apps[0], environ)
    else:
        yield Verdict(True, f"account {name}: no app is listed, so the vendor was not asked")


async def _called(plan: Plan, app: App, environ: Mapping[str, str]) -> Verdict:
    name = plan.account.name
    try:
        client = conversion.client_of(
            plan.account, conversion.rules_of(plan.settings, plan.account), environ, wall_clock
        )
    except CannotCallOut as error:
        return Verdict(False, f"account {name}: {error}")
    try:
        reply = await client.ask(app.appkey)
    except PhoneListError as error:
        return Verdict(False, f"account {name}: {error}")
    finally:
        await client.aclose()
    return Verdict(True, f"account {name}: {app.appkey} {_told(reply)}")


def _told(reply: Reply) -> str:
    numbers = len(reply.outcome.rows) if isinstance(reply.outcome, Answer) else 0
    told = f"answered in {reply.duration * 1000:.0f} ms with {numbers} number{'' if numbers == 1 else 's'}"
    if reply.skew is None:
        return f"{told}; it did not say what time it is"
    if abs(reply.skew) < SKEW_WORTH_TELLING:
        return f"{told}; the clocks agree"
    side = "behind" if reply.skew > 0 else "ahead of"
    return f"{told}; our clock is {abs(reply.skew):.0f} s {side} the vendor's, which refuses calls from 60 s on"
