"""
The whole matrix: every family's faults, gone through, and what was seen of each.

Those of vendors, networks, certificates and proxies share one daemon; the others have a daemon each.  A quick part,
for `make test`, goes through some of those at once; the whole, for `make chaos`, through all, two at a time.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from tests.chaos import clock, process, store
from tests.chaos.ordeal import Ordeal
from tests.chaos.promise import SKIPS, Seen, Skipped
from tests.chaos.together import INTERVAL, LOOK_EVERY, TIMEOUT, Together

Outcome = Seen | Skipped

ALL: tuple[type[Ordeal], ...] = (*store.ORDEALS, *clock.ORDEALS, *process.ORDEALS)
QUICK: tuple[type[Ordeal], ...] = (
    store.Locked,
    clock.Ahead,
    process.Stopped,
    process.Exhausted,
    process.Stuck,
)
INTERVALS = 8.0  #: that the faults of the shared daemon last in the whole matrix: breakers open meanwhile
QUICK_INTERVALS = 3.2  #: and in its quick part: an app is told unreachable at its third failure
AT_ONCE = 2  #: ordeals side by side

MARGIN = (TIMEOUT + LOOK_EVERY) / INTERVAL  #: intervals: what one call may take, and what lies between two looks


async def together(directory: Path, *, quick: bool, progress: Callable[[str], None] = lambda _: None) -> list[Outcome]:
    """The faults that share a daemon."""
    faults = Together(directory, intervals=QUICK_INTERVALS if quick else INTERVALS, progress=progress)
    return await faults.run()


async def ordeals(
    kinds: Sequence[type[Ordeal]],
    directory: Path,
    *,
    quick: bool,
    at_once: int = AT_ONCE,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Outcome]:
    """The faults that have a daemon each."""
    turns, starting = asyncio.Semaphore(at_once), asyncio.Semaphore(AT_ONCE)

    async def live(kind: type[Ordeal]) -> Outcome:
        async with turns:
            progress(f"{kind.family}: {kind.fault}")
            own = directory / kind.__name__
            own.mkdir()
            try:
                return await kind(own).live(quick=quick, starting=starting)
            except SKIPS as error:
                return Skipped(kind.family, kind.fault, str(error))
            except (TimeoutError, AssertionError) as error:
                broke = f"could not be gone through: {error!r}"
                return Seen(kind.family, kind.fault, kind.promise, "", "", (), (), None, [broke])

    return await asyncio.gather(*(live(kind) for kind in kinds))


def problems(outcomes: Iterable[Outcome]) -> list[str]:
    """Every promise that was not kept, but for how long the recoveries took."""
    return [problem for each in outcomes if isinstance(each, Seen) for problem in each.problems()]


def late(outcomes: Iterable[Outcome]) -> list[str]:
    """Every recovery that took longer than promised."""
    return [problem for each in outcomes if isinstance(each, Seen) for problem in each.late(MARGIN)]
