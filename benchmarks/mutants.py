"""
Change the domain in one place, see whether its tests notice, and do so for a sample of all such places.

`make mutants` does it with mutmut, configured in pyproject.toml; all of the 7,000 would take hours.  The sample follows
from its seed, so that a second run is about the same mutants.  What survived is listed; docs/mutants.md reads it.
"""

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
MUTMUT = (str(Path(sys.executable).with_name("mutmut")), "run", "--max-children", "2")
FEW = "monitor.fleet.match.*"  #: what the first run is about, which makes all mutants and learns what tests them
SAMPLE, SEED = 400, 7

KILLED = frozenset({1, 3})  #: exit codes: a test failed, or pytest did
SURVIVED = 0
NO_TESTS = frozenset({5, 33})  #: no test of the two rooms runs the line
WORDS = {SURVIVED: "survived", **dict.fromkeys(KILLED, "killed"), **dict.fromkeys(NO_TESTS, "no test")}


def main(size: int, seed: int) -> int:
    """Print what became of the sample; 1 when under nine tenths were noticed."""
    _run([FEW])
    names = sorted(results())
    chosen = random.Random(seed).sample(names, min(size, len(names)))
    _run(chosen)
    found = {name: code for name, code in results().items() if name in set(chosen) and code is not None}
    for name in sorted(name for name, code in found.items() if code == SURVIVED or code in NO_TESTS):
        print(f"{WORDS[found[name] or SURVIVED]:9} {name}")
    counts = Counter(WORDS.get(code, "no end") for code in found.values())
    killed = counts["killed"] + counts["no end"]
    share = killed / max(len(found), 1)
    print(f"{len(found)} of {len(names)} mutants, seed {seed}: {dict(counts)}; {share:.1%} were noticed")
    return int(share < 0.9)


def results() -> dict[str, int | None]:
    """Every mutant's exit code by its name; None: it has not been tried."""
    found: dict[str, int | None] = {}
    for file in (ROOT / "mutants" / "monitor").rglob("*.meta"):
        found |= json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"]
    return found


def _run(names: Sequence[str]) -> None:
    subprocess.run([*MUTMUT, *names], cwd=ROOT, check=True)


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:]) if len(sys.argv) > 2 else (SAMPLE, SEED)))
