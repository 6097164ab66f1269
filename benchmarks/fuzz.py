"""
Does anything break under a million hostile answers, or under ten thousand damaged configurations?

Answers go through the client, the decoder, `decide` and the exposition, an account's life at a time (`tests/fuzz`
says what must hold); every tenth life's metrics are read by prometheus_client's two parsers, every thousandth's by
promtool.  Damaged configurations are loaded.  The seed is another each time and is printed: with it a finding comes
again, `python -m benchmarks.fuzz SEED COURSE`, or `… SEED FILE --file`.

It takes a quarter of an hour, which is why it is run only when it is asked for.  Target: no fault.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from random import SystemRandom

from benchmarks.figures import Figure, one
from tests.fuzz.course import INPUTS, Course
from tests.fuzz.files import check, file
from tests.fuzz.shown import check_with_promtool

ANSWERS = 1_000_000
FILES = 10_000
THOROUGH = 10  #: every so many-th course is read by prometheus_client's parsers,
PROMTOOL = 1_000  #: and by promtool, where it is installed
TOLD = 10  #: findings that are printed whole


def run() -> list[Figure]:
    """Measure."""
    seed = SystemRandom().getrandbits(32)
    print(f"seed {seed}", file=sys.stderr, flush=True)
    return [_answers(seed, ANSWERS), _files(seed, FILES)]


class Findings:
    """What broke, each told once and counted."""

    def __init__(self) -> None:
        self.count = 0
        self._known: Counter[str] = Counter()

    def add(self, error: Exception, again: str) -> None:
        """Tell of it, with how to have it again."""
        self.count += 1
        place = traceback.extract_tb(error.__traceback__)[-1]
        name = f"{type(error).__name__} in {Path(place.filename).name}:{place.lineno}"
        self._known[name] += 1
        if self._known[name] == 1 and len(self._known) <= TOLD:
            print(f"{again} has it again:", "".join(traceback.format_exception(error)), sep="\n", flush=True)

    def tell(self) -> None:
        """How often each was met."""
        for name, times in self._known.most_common():
            print(f"{name}: {times:,}")


def _answers(seed: int, inputs: int) -> Figure:
    findings, found = Findings(), Counter[str]()
    courses = inputs // INPUTS
    began = time.monotonic()
    asyncio.run(_courses(seed, courses, findings, found))
    seconds = time.monotonic() - began
    findings.tell()
    for what, count in found.most_common():
        print(f"{what}: {count:,}")
    return _figure("hostile answers", courses * INPUTS, seconds, findings)


async def _courses(seed: int, courses: int, findings: Findings, found: Counter[str]) -> None:
    promtool = shutil.which("promtool")
    for index in range(courses):
        course = Course(seed, index)
        try:
            await course.run(thoroughly=index % THOROUGH == 0)
            if promtool is not None and index % PROMTOOL == 0:
                check_with_promtool(course.exposition, promtool)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is what is looked for
            findings.add(error, f"python -m benchmarks.fuzz {seed} {index}")
        found += course.found
        if (index + 1) % (courses // 10 or 1) == 0:
            print(f"{(index + 1) * INPUTS:,} answers, {findings.count} findings", file=sys.stderr, flush=True)


def _files(seed: int, files: int) -> Figure:
    findings, found = Findings(), Counter[str]()
    slowest = 0.0
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="number-monitor-bench-") as folder:
        for index in range(files):
            begun = time.process_time()
            try:
                found[check(Path(folder) / "n.yml", file(seed, index))] += 1
            except Exception as error:  # noqa: BLE001  # likewise
                findings.add(error, f"python -m benchmarks.fuzz {seed} {index} --file")
            slowest = max(slowest, time.process_time() - begun)
    seconds = time.monotonic() - began
    findings.tell()
    print(f"configurations: {dict(found)}, the slowest took {slowest:.1f} s")
    return _figure("damaged configurations", files, seconds, findings)


def _figure(what: str, inputs: int, seconds: float, findings: Findings) -> Figure:
    return Figure(
        question=f"{what} that break something",
        ours=one(findings.count, ""),
        theirs=one(inputs, ""),
        against="all of them",
        value=findings.count,
        unit="",
        aim="at most",
        target=0,
        note=f"{inputs / seconds:,.0f} a second",
    )


def _again(seed: int, index: int, *, is_file: bool) -> None:
    if is_file:
        with tempfile.TemporaryDirectory(prefix="number-monitor-bench-") as folder:
            print(check(Path(folder) / "n.yml", file(seed, index)))
        return
    course = Course(seed, index)
    asyncio.run(course.run())
    print(dict(course.found))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Have one course or one configuration again.")
    parser.add_argument("seed", type=int)
    parser.add_argument("index", type=int)
    parser.add_argument("--file", action="store_true")
    asked = parser.parse_args()
    _again(asked.seed, asked.index, is_file=asked.file)
