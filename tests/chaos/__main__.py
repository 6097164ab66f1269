"""
Go through the whole matrix: `python -m tests.chaos`, or `make chaos`.  It takes about nine minutes.

What was seen is written into docs/reliability.md.  Exit code 1 when a promise was not kept.
"""

import asyncio
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.chaos.matrix import ALL, Outcome, late, ordeals, problems, together
from tests.chaos.promise import Seen
from tests.chaos.table import with_table

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"


def main() -> int:
    """Go through them all; the exit code."""
    began = time.monotonic()

    def say(text: str) -> None:
        sys.stderr.write(f"{time.monotonic() - began:4.0f} s  {text}\n")

    with tempfile.TemporaryDirectory(prefix="number-monitor-chaos-", ignore_cleanup_errors=True) as name:
        found = asyncio.run(_all(Path(name), say))
        found = [_without_places(each, name) for each in found]
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), found), encoding="utf-8")
    broken = problems(found) + late(found)
    for line in broken:
        sys.stdout.write(line + "\n")
    lived = [each for each in found if isinstance(each, Seen)]
    invented, lost = sum(len(each.invented) for each in lived), sum(len(each.lost) for each in lived)
    say(f"{len(lived)} faults, {len(found) - len(lived)} not tried; {invented} events invented, {lost} lost")
    return 1 if broken else 0


async def _all(directory: Path, say: Callable[[str], None]) -> list[Outcome]:
    shared = directory / "together"
    shared.mkdir()
    return [
        *await together(shared, quick=False, progress=say),
        *await ordeals(ALL, directory, quick=False, progress=say),
    ]


def _without_places(outcome: Outcome, directory: str) -> Outcome:
    """What is written down holds no directory and no port of this run."""
    if not isinstance(outcome, Seen):
        return outcome
    line = re.sub(re.escape(directory) + r"\S*/", "", outcome.log)
    return outcome._replace(log=re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:…", line))


if __name__ == "__main__":
    sys.exit(main())
