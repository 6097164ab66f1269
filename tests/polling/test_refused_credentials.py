"""Credentials that are refused for a while: told at once, probed gently, and over soon after they are accepted."""

import pytest

from monitor.fleet.app import App
from monitor.fleet.policy import Policy
from monitor.phonelist.errors import CredentialsRefused
from monitor.polling.rules import Rules
from tests.polling.watching import Watch, row

INTERVAL = 60.0
EARLY = 0.01  # seconds that a poll may begin before an interval is over since the last one
BEGIN = 1_800_000_000.0
REFUSED = CredentialsRefused("the vendor refused the credentials", code="1003")


class Still(Watch):
    """A watch whose clocks stand still between polls."""

    def __init__(self, *appkeys: str) -> None:
        self.at = BEGIN
        super().__init__(*appkeys, rules=Rules(rate=10_000), policy=Policy())

    def now(self) -> int:
        return round(self.at * 1000)

    def monotonic(self) -> float:
        return self.at

    def accepts(self) -> None:
        """The vendor knows the credentials."""
        self.vendor.says = {appkey: [row(f"+86138000000{place:02d}")] for place, appkey in enumerate(self.vendor.says)}

    def refuses(self) -> None:
        """It does not."""
        self.vendor.says = dict.fromkeys(self.vendor.says, REFUSED)

    async def polled(self, appkey: str, after: float) -> list[str]:
        """Poll so many seconds after the beginning; the types of what that tells."""
        self.at, told = BEGIN + after, len(self.events())
        await self.account.poll(App("main", appkey), self.now())
        return self.events()[told:]

    async def round(self, number: int, *, early: float = 0.0) -> list[list[str]]:
        """Poll every app in its regular turn; an interval has as many turns as there are apps."""
        apps = sorted(self.vendor.says)
        turn = INTERVAL / len(apps)
        return [
            await self.polled(appkey, number * INTERVAL + place * turn - early) for place, appkey in enumerate(apps)
        ]


async def refused(*appkeys: str) -> Still:
    """Two rounds later: good health, then refusals."""
    watch = Still(*appkeys)
    watch.accepts()
    await watch.round(0)
    watch.refuses()
    return watch


async def test_credentials_refused_for_two_apps_in_a_row_are_told_as_critical_with_the_second():
    watch = await refused("a", "b", "c")

    told = await watch.round(1)

    (event,) = [event for decision in watch.store.recorded for event in decision.events if event.severity == "critical"]
    assert told == [[], ["account.unreachable"], []]
    assert (event.type, event.data["reason"], event.data["hint_id"]) == (
        "account.unreachable",
        "auth",
        "account.refused",
    )


async def test_while_they_are_refused_one_call_an_interval_is_made():
    watch = await refused("a", "b", "c")
    await watch.round(1)
    calls = len(watch.vendor.asked)

    for number in range(2, 7):
        await watch.round(number)

    assert len(watch.vendor.asked) - calls == 5


@pytest.mark.parametrize("apps", ["a", "ab", "abc", "abcdefgh"])
@pytest.mark.parametrize("early", [0.0, EARLY], ids=["on time", "a hair early"])
async def test_once_they_are_accepted_again_the_polls_go_on_within_an_interval_and_it_is_told(apps, early):
    watch = await refused(*apps)
    for number in (1, 2, 3):
        await watch.round(number)
    watch.accepts()

    next_round = await watch.round(4, early=early)
    asked = len(watch.vendor.asked)
    round_after = await watch.round(5, early=2 * early)

    assert [each for types in next_round for each in types] == ["account.recovered"]
    assert (watch.account.held_by, len(watch.vendor.asked) - asked) == (None, len(apps))
    assert [each for types in round_after for each in types] == []


async def test_what_was_held_off_is_polled_at_once_when_the_credentials_are_accepted():
    watch = await refused("a", "b", "c")
    await watch.round(1)
    await watch.round(2)
    watch.accepts()
    await watch.round(3)  # its probe is the last app's
    hastened, asked = watch.hastened.copy(), len(watch.vendor.asked)
    await watch.polled("b", 3 * INTERVAL + 41)  # 21 s after it was held off

    assert hastened == [("main", "a", "b")]
    assert [appkey for appkey, _ in watch.vendor.asked[asked:]] == ["b"]
