"""
Measure: `python -m benchmarks` everything but what is measured on request, `python -m benchmarks scrape poll` some.

Each question runs in a process of its own.  The figures go to `benchmarks/results.json`, those not measured now stay
as they were there, and into the README between its markers.  Exit code 0 whether or not the targets are met: figures
inform, they are no test.
"""

import sys
import time
from pathlib import Path

from benchmarks.apart import apart
from benchmarks.figures import Figure, read_results, table, with_table, write_results
from benchmarks.questions import ON_REQUEST, QUESTIONS, figures_of

HERE = Path(__file__).parent
RESULTS, README = HERE / "results.json", HERE.parent / "README.md"


def main(wanted: list[str]) -> int:
    """Measure what is wanted, all of it by default; returns the exit code."""
    there = (*QUESTIONS, *ON_REQUEST)
    unknown = [name for name in wanted if name not in there]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(there)}", file=sys.stderr)
        return 2
    known = read_results(RESULTS)
    for name in wanted or QUESTIONS:
        began = time.monotonic()
        print(f"{name} …", file=sys.stderr, flush=True)
        figures = apart(figures_of, name)
        print(table(figures), flush=True)
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
        known[name] = figures
        write_results(known, RESULTS)
    _write_readme([figure for name in QUESTIONS for figure in known.get(name, ())])
    return 0


def _write_readme(figures: list[Figure]) -> None:
    text = with_table(README.read_text(encoding="utf-8"), figures)
    if text is None:
        print("README.md has no markers for the table: it stays as it is", file=sys.stderr)
        return
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
