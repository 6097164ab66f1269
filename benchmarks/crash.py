"""
Is anything lost, invented or told twice when the daemon is killed again and again?

`kill -9` at 200 random moments, in its start and in the middle of its work, while the names and ratings of 90 numbers
of three accounts change, and both a webhook and a chat room fail a third of the calls (HTTP 500, a closed connection,
no answer).  Then everything is let arrive, and what the vendor answered, what the store holds and what arrived are
compared: `tests/system/evidence.py` has the rules.  It takes seven to ten minutes, which is why it is measured only
when it is asked for.

Target: no fault.
"""

import asyncio
import sys
import tempfile
from collections import Counter
from pathlib import Path
from random import Random

from benchmarks.figures import Figure, one
from tests.system.crashing import Crashes, Found

KILLS = 200


def run() -> list[Figure]:
    """Measure."""
    seed = Random().getrandbits(32)
    print(f"seed {seed}", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="number-monitor-bench-") as name:
        found = asyncio.run(Crashes(Path(name), random=Random(seed), progress=_progress).run(KILLS))
    problems = list(found.problems())
    for line in problems:
        print(line)
    for what, count in _counts(found).items():
        print(f"{what}: {count:,}")
    return [
        Figure(
            question=f"events lost, doubled, changed or out of order after {found.kills} times kill -9",
            ours=one(len(problems), ""),
            theirs=one(len(found.recorded), ""),
            against="events recorded meanwhile",
            value=len(problems),
            unit="",
            aim="at most",
            target=0,
            note="a webhook and a chat room fail a third of the calls",
        )
    ]


def _progress(kills: int) -> None:
    if kills % 20 == 0:
        print(f"killed {kills} times", file=sys.stderr, flush=True)


def _counts(found: Found) -> dict[str, int]:
    attempts = Counter(attempt.id for attempt in found.attempts)
    taken = Counter(attempt.id for attempt in found.attempts if attempt.taken)
    shown = Counter(str(line["id"]) for line in found.shown)
    return {
        "seconds": round(found.seconds),
        "kills": found.kills,
        "of them before it watched": found.kills_in_start,
        "answers of the vendor": len(found.answers),
        "events recorded": len(found.recorded),
        "calls of the webhook": len(found.attempts),
        "of them failed": sum(not attempt.taken for attempt in found.attempts),
        "events that arrived": len(taken),
        "of them more than once": sum(times > 1 for times in taken.values()),
        "attempts for one event at most": max(attempts.values()),
        "events on stdout": len(shown),
        "of them more than once, on stdout": sum(times > 1 for times in shown.values()),
        "incidents open at the end": found.open_incidents,
        "messages to people": found.messages,
        "calls of the chat room that failed": found.messages_failed,
        "numbers in them": len({(mention.account, mention.number) for mention in found.mentions}),
    }
