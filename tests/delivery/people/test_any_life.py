"""Whatever happens to an account, in whatever order: people are told what is so, once, in time, and not too often."""

from collections.abc import Sequence
from itertools import pairwise

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.delivery.people.notice import News
from monitor.delivery.people.rules import DEFAULT_SETTLE, Rules
from monitor.fleet.match import Match
from tests.delivery.people.living import DAY, HOUR, MINUTE, SECOND, START, WABA, Life, believed, row

NUMBERS = ("+8613800000001", "+8613800000002", "+8613800000003", "+8613800000004", "+8613800000005")
APPS: dict[str, Sequence[str]] = {"jh42xxxd434": NUMBERS, "jh43xxxd435": NUMBERS[:2], "jh44xxxd436": NUMBERS[:1]}
COLLECTED = 2 * MINUTE  #: longer nobody waits for what is to be told


class State(msgspec.Struct, frozen=True):
    """What the vendor says of a number; None: it is not listed."""

    quality: str = "GREEN"
    status: str = "CONNECTED"
    tier: str = "TIER_10K"


class Poll(msgspec.Struct, frozen=True):
    """An app is polled so many times, a minute apart, and shows this; None: it fails."""

    app: str
    times: int
    shows: Sequence[State | None] | None


class Maintenance:
    """From one moment to another, both milliseconds since 1970."""

    def __init__(self, start: int, end: int) -> None:
        self.match = Match()
        self.start, self.end = start, end

    def open_until(self, at: int) -> int | None:
        return self.end if self.start <= at < self.end else None


STATES = st.builds(
    State,
    st.sampled_from(["GREEN", "GREEN", "YELLOW", "RED", "UNKNOWN"]),
    st.sampled_from(["CONNECTED", "CONNECTED", "RESTRICTED", "PENDING", "BANNED", "DISCONNECTED"]),
    st.sampled_from(["TIER_10K", "TIER_10K", "TIER_1K", "TIER_2K"]),
)
POLLS = st.builds(
    Poll,
    st.sampled_from(list(APPS)),
    st.integers(1, 7),
    st.none() | st.lists(st.none() | STATES, min_size=len(NUMBERS), max_size=len(NUMBERS)),
)
LIVES = st.lists(POLLS | st.sampled_from([MINUTE, 7 * MINUTE, HOUR]), max_size=25)
RULES = st.builds(
    Rules,
    settle=st.sampled_from([DEFAULT_SETTLE, {}]),
    remind_every=st.sampled_from([0, 2 * HOUR]),
    windows=st.just(()) | st.just((Maintenance(START + 10 * MINUTE, START + 40 * MINUTE),)),
)


def lived(life: Life, steps: Sequence[Poll | int]) -> Life:
    for step in steps:
        if isinstance(step, int):
            life.passes(step)
        else:
            poll(life, step)
    return life


def poll(life: Life, step: Poll) -> None:
    for _ in range(step.times):
        if step.shows is None:
            life.fails(app=step.app)
        else:
            shown = zip(APPS[step.app], step.shows, strict=False)
            life.answers(*(listed(number, state) for number, state in shown if state is not None), app=step.app)
        life.passes(MINUTE)


def listed(number: str, state: State):
    return row(number, waba_id=WABA, quality_rating=state.quality, status=state.status, tier=state.tier)


@given(LIVES, RULES)
@settings(deadline=None, max_examples=60)
def test_every_event_ends_told_or_quiet_with_a_reason_or_waits_for_a_moment_to_come(steps, rules):
    life = lived(Life(rules), steps)

    reader = life.reader
    assert all(at > life.at for at in reader.waits.values())
    assert {*reader.told, *reader.why, *reader.waits} == set(range(1, len(life.events) + 1))
    assert not reader.told.keys() & reader.why.keys()


@given(LIVES, RULES)
@settings(deadline=None, max_examples=60)
def test_once_it_is_quiet_people_believe_open_what_is_open(steps, rules):
    life = lived(Life(rules), steps)

    life.passes(3 * HOUR)

    assert life.reader.waits == {}
    assert believed(digest for _at, digest in life.reader.heard).keys() == life.bad()


@given(LIVES, RULES)
@settings(deadline=None, max_examples=60)
def test_no_two_messages_of_an_account_come_within_a_minute(steps, rules):
    life = lived(Life(rules), steps)

    life.passes(DAY)

    moments = [at for at, _digest in life.reader.heard]
    assert all(later - earlier >= MINUTE for earlier, later in pairwise(moments))


@given(LIVES, st.sampled_from(NUMBERS), st.sampled_from(["RED", "BANNED"]), st.integers(0, 3))
@settings(deadline=None, max_examples=60)
def test_critical_trouble_that_lasts_is_told_in_time_unless_it_changes_often(steps, number, word, more):
    life = lived(Life(), steps)
    shown = State(quality=word) if word == "RED" else State(status=word)
    incident = f"main/{number}/{'quality_rating' if word == 'RED' else 'status'}"
    settle = 5 * MINUTE if word == "RED" else 0
    others = [State() if each != number else shown for each in NUMBERS]

    poll(life, Poll("jh42xxxd434", 12 + more, others))
    life.passes(settle + COLLECTED - SECOND)

    known = life.reader.known.get(incident)
    is_told = believed(digest for _at, digest in life.reader.heard).get(incident) == word
    assert is_told or (known is not None and known.flapping) or incident not in life.bad()


@given(LIVES, RULES)
@settings(deadline=None, max_examples=60)
def test_a_sink_that_is_down_for_hours_is_told_the_same_in_the_end(steps, rules):
    life = Life(rules)
    life.reader.down = True
    lived(life, steps)
    life.reader.down = False

    life.passes(3 * HOUR)

    assert life.reader.waits == {}
    assert believed(digest for _at, digest in life.reader.heard).keys() == life.bad()


@given(LIVES)
@settings(deadline=None, max_examples=60)
def test_nobody_is_told_of_what_is_no_news(steps):
    life = lived(Life(), steps)

    life.passes(DAY)

    states: dict[str, list[tuple[News, str]]] = {}
    for _at, digest in life.reader.heard:
        for trouble in digest.baseline.degraded if digest.baseline is not None else ():
            states.setdefault(trouble.incident, []).append((News.ONCE, f"{trouble.word} at {digest.at}"))
        for line in digest.lines:
            if line.told == 1 and line.news is not News.ONCE and line.why != "flapping":
                states.setdefault(line.incident, []).append((line.news, line.troubles[0].word))
    repeated = [each for each in states.values() if any(a == b for a, b in pairwise(each))]
    assert repeated == []
