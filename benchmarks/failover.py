"""
Three replicas on one PostgreSQL, disturbed in 200 rounds: is anything lost, doubled or invented, and how soon are the
data back?

`kill -9`, a stop for two minutes, a replica that cannot reach the store, connections that are cut, a database that is
restarted or crashes, in random order and one upon the other, while six accounts of ten apps are polled each 5 s and a
number changes each half second.  What the vendor answered, what the store holds, what arrived and what was shown are
compared: `tests/system/evidence.py` and `tests/system/replica_evidence.py` have the rules.  It takes forty minutes,
which is why it is measured only when it is asked for; `python -m benchmarks.failover 20` makes fewer rounds of it.
What was seen in all of them is written into docs/reliability.md.

Target: no fault, and data that stand still for 30 s at most.
"""

import asyncio
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import median, quantiles

from benchmarks.figures import Figure, Spread, one, table
from docs import markers
from tests.postgresql import postgresql_server
from tests.system.replica_evidence import WINDOW, Recovery, longest_unasked, most_calls, overlaps
from tests.system.replica_ordeal import ACCOUNTS, CRASH, CUT_OFF, DROP, KILL, RESTART, STOP, Found, Ordeal
from tests.system.replicas import APPS, NUMBERS, RATE

ROUNDS = 200
BACK_WITHIN = 30.0  #: seconds
PAGE = Path(__file__).parents[1] / "docs" / "reliability.md"

#: What stands in the table for what was done.
SAID = {
    KILL: "a replica killed (`kill -9`), and started again within 7 s",
    STOP: "a replica stopped for two minutes, then continued",
    CUT_OFF: "a replica cut off from PostgreSQL for 4 to 25 s",
    DROP: "all connections to PostgreSQL cut",
    RESTART: "PostgreSQL restarted",
    CRASH: "PostgreSQL crashed (`immediate`), and started again",
}


def run(rounds: int = ROUNDS) -> list[Figure]:
    """Measure."""
    seed = Random().getrandbits(32)
    print(f"seed {seed}", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="number-monitor-bench-") as name, postgresql_server() as server:
        ordeal = Ordeal(Path(name), server, random=Random(seed), progress=_progress)
        found = asyncio.run(ordeal.run(rounds))
    problems = list(found.problems())
    for line in problems:
        print(line)
    text = page_of(found)
    print(text)
    if rounds >= ROUNDS:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(markers.filled(page, {"replicas": text}, PAGE.name), encoding="utf-8")
    return figures_of(found, problems)


def figures_of(found: Found, problems: Sequence[str]) -> list[Figure]:
    """What was measured, against what is promised."""
    back = [each.seconds for each in found.recoveries()]
    most, allowed = most_calls(found.answers), RATE * WINDOW
    rounds = len(found.disturbances)
    return [
        Figure(
            question=f"events lost, doubled, invented or out of order after {rounds} disturbances of three replicas",
            ours=one(len(problems), ""),
            theirs=one(len(found.recorded), ""),
            against="events recorded meanwhile",
            value=len(problems),
            unit="",
            aim="at most",
            target=0,
        ),
        Figure(
            question="an account's data are back after its owner is lost",
            ours=Spread(median(back), min(back), max(back), "s", len(back)),
            theirs=None,
            against="all apps asked anew",
            value=max(back),
            unit="s",
            aim="at most",
            target=BACK_WITHIN,
        ),
        Figure(
            question=f"calls for one account within {WINDOW:g} s, two owners in turn included",
            ours=one(most, ""),
            theirs=one(allowed, ""),
            against="its budget",
            value=most / allowed,
            unit="×",
            aim="at most",
            target=2,
        ),
    ]


def page_of(found: Found) -> str:
    """What was seen, in Markdown."""
    recovered = found.recoveries()
    done = Counter(each.what for each in found.disturbances)
    heads = ("what was done", "times", "accounts it hit", "their data back after: median", "99 %", "longest")
    rows = [_row(SAID[what], done[what], [each for each in recovered if each.what == what]) for what in SAID]
    rows.append(_row("all together", sum(done.values()), recovered))
    facts = [(what, f"{count:,}") for what, count in _facts(found)]
    return f"\n{markers.table(heads, rows)}\n{markers.table(('in all', ''), facts)}\n"


def _row(said: str, times: int, recovered: Sequence[Recovery]) -> tuple[str, ...]:
    back = sorted(each.seconds for each in recovered)
    if not back:
        return (said, str(times), "0", "", "", "")
    high = min(quantiles(back, n=100)[98], back[-1]) if len(back) > 1 else back[0]
    return (said, str(times), str(len(back)), *(f"{each:.1f} s" for each in (median(back), high, back[-1])))


def _facts(found: Found) -> Iterator[tuple[str, int]]:
    arrived = Counter(attempt.id for attempt in found.attempts if attempt.taken)
    shown = Counter(str(line["id"]) for line in found.shown)
    yield "minutes", round(found.seconds / 60)
    yield "numbers watched", len(ACCOUNTS) * APPS * NUMBERS
    yield "changes at the vendor", found.changes
    yield "answers of the vendor", len(found.answers)
    yield "changes of an account's owner", _moves(found)
    yield "accounts hit whose next owner was lost too before it was over", _hit_again(found)
    yield "events recorded", len(found.recorded)
    yield "lost, doubled, invented, out of order, and whatever else was wrong", len(list(found.problems()))
    yield "events that the webhook has", len(arrived)
    yield "of them more than once, under the same id", _more_than_once(arrived)
    yield "events on stdout", len(shown)
    yield "of them more than once, likewise", _more_than_once(shown)
    yield (
        f"calls for one account within {WINDOW:g} s at most; its budget is {RATE * WINDOW:g}",
        most_calls(found.answers),
    )
    yield "calls by one owner between two of another", overlaps(found.answers)
    yield (
        "seconds for which an app was not asked at most, whatever came together",
        round(longest_unasked(found.answers)),
    )


def _more_than_once(times: Counter[str]) -> int:
    return sum(count > 1 for count in times.values())


def _moves(found: Found) -> int:
    lives: Iterable[list[int]] = ([each.life for each in sights] for sights in found.sights.values())
    return sum(sum(one != next_ for one, next_ in pairwise(each)) for each in lives)


def _hit_again(found: Found) -> int:
    return sum(each.in_all > each.seconds for each in found.recoveries())


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    print(table(run(*map(int, sys.argv[1:]))))
