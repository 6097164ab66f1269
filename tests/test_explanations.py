"""The documents that explain are true: every figure in them is the code's."""

from pathlib import Path

import pytest

from monitor.delivery import schedule
from monitor.fleet import account, decide, judge, levels, policy, tiers
from monitor.phonelist import client
from monitor.polling import asking, breaker, polling, rules
from monitor.roster import guard, roster
from monitor.settings.model import DEFAULT_DWELL, Account, Poll

DOCS = Path(__file__).parents[1] / "docs"
HOUR, DAY = 3_600_000, 86_400_000
POLL = Poll()
RATE = Account.model_fields["rate_limit"].default


@pytest.mark.parametrize(
    ("page", "said", "is_so"),
    [
        ("polling", "`rate_limit` (20 a second)", RATE == 20),
        ("polling", "Nine tenths are for polls", rules.BUDGET_SHARE == 0.9),
        (
            "polling",
            "else 5 s, doubled while it goes on, up to half an interval",
            (asking.THROTTLE_PAUSE, asking.LONGEST_THROTTLE_PAUSE) == (5, 0.5),
        ),
        (
            "polling",
            "up to two retries within the poll (`poll.retries`), after half a second, then a second",
            (POLL.retries, asking.FIRST_RETRY_AFTER) == (2, 0.5),
        ),
        ("polling", "one call an interval until it is right", set(breaker.PROBES.values()) == {1}),
        ("polling", "four calls an interval until one succeeds", breaker.PROBES_OTHERWISE == 4),
        ("polling", "asked at growing intervals, up to an hour", breaker.LONGEST_APP_PAUSE * 1000 == HOUR),
        ("polling", "The third in a row is `app.unreachable`", account.UNREACHABLE_POLLS == 3),
        ("polling", "After 24 hours (`poll.stale_after`)", POLL.stale_after_ms == DAY),
        ("polling", "an answer of more than 8 MiB is refused", client.MAX_SIZE == 8 * 1024 * 1024),
        ("polling", "(`poll.interval`, 60 s)", POLL.interval_ms == 60_000),
        (
            "believing",
            "more than 30 % of an app's entries, five at least",
            (judge.SUSPECT_SHARE, judge.SUSPECT_COUNT) == (0.3, 5),
        ),
        (
            "believing",
            "when three answers over one hour say the same",
            (judge.SUSPECT_POLLS, judge.SUSPECT_FOR) == (3, HOUR),
        ),
        (
            "believing",
            "until three polls in a row (`poll.confirm_removal`) over ten minutes (`poll.confirm_removal_for`)",
            (POLL.confirm_removal, POLL.confirm_removal_for_ms) == (3, 600_000),
        ),
        ("believing", "over half of an account's apps (two at least)", judge.ACCOUNT_SUSPECTS == 2),
        ("believing", "the second such poll in a row is `app.suspect`", decide.SUSPECT_POLLS == 2),
        (
            "believing",
            "more than 20 % shorter (five at least), is held likewise, until three reads over ten minutes agree",
            (guard.HELD_SHARE, guard.HELD_COUNT, guard.AGREEING_READS, guard.AGREEING_SECONDS) == (0.2, 5, 3, 600),
        ),
        ("states", "are told only after ten minutes (`events.dwell`)", set(DEFAULT_DWELL.values()) == {600_000}),
        (
            "states",
            "After 24 hours they are critical (`number.persisting`)",
            levels.PERSISTS_AFTER == policy.DAY == DAY,
        ),
        ("states", "A lower tier that has held for seven days is taken as the rule", tiers.RULE_AFTER == 7 * DAY),
        ("promises", "tried again for 24 hours, then kept as a dead letter", schedule.DAY * 1000 == DAY),
        ("accounts", "20 calls a second are 1,080 apps a minute", RATE * rules.BUDGET_SHARE * 60 == 1_080),
        ("accounts", "It is looked at every 30 seconds", roster.LOOK_EVERY["file"] == 30),
        ("accounts", "asked every 60 seconds", roster.LOOK_EVERY["url"] == 60),
        ("relay", "one poll in 5 s at most", polling.POLL_NOW_EVERY == 5),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_explained_has_the_figures_of_the_code(page, said, is_so):
    assert said in (DOCS / f"{page}.md").read_text(encoding="utf-8")
    assert is_so
