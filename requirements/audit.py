"""
Look the locked versions up among known vulnerabilities, as far as their source answers.

A finding is an error; that the source cannot be reached, or does not know our packages (a mirror may answer "not found"
to everything, which pip-audit takes for "no known vulnerabilities"), is said and is none unless `--strict` is given:
whoever works on a train must be able to check the rest.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

LOCKS = ("requirements/chat.txt", "requirements/postgresql.txt")  # each has all that run.txt has
PATIENCE = 60  # seconds for everything; an answer takes two
COMMAND = (
    *("pip_audit", "--disable-pip", *(f"--requirement={lock}" for lock in LOCKS), "--format", "json"),
    *("--progress-spinner", "off", "--timeout", "5"),
)

#: Findings that are not ours to mend, by their id: why they do not matter here, and until when.  With none of them left
#: in the locked versions an entry is an error too, so that the list stays short.
IGNORED: Mapping[str, str] = {}

Report = Mapping[str, Any]


def main(*, strict: bool) -> int:
    """Print what was found; the exit code."""
    report = ask()
    packages = report["dependencies"] if report is not None else []
    missed = unanswered(report)
    lines = findings(packages, IGNORED)
    if missed is None:
        lines += idle(packages, IGNORED)
    if lines:
        print("\n".join(lines))
    elif missed is None:
        print(f"{len(packages)} locked packages, no known vulnerability")
    if missed is not None:
        print(f"not audited: {missed}", file=sys.stderr)
    return int(bool(lines) or (strict and missed is not None))


def ask() -> Report | None:
    """What pip-audit says; None when it cannot say."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", *COMMAND], check=False, capture_output=True, text=True, timeout=PATIENCE
        )
        report: Report = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        return None
    return report


def unanswered(report: Report | None) -> str | None:
    """Why the report says nothing about our packages; None when it does."""
    if report is None:
        return f"the list of known vulnerabilities does not answer within {PATIENCE} s"
    packages = report["dependencies"]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if not skipped:
        return None
    some = f"{', '.join(skipped[:3])}{', …' if len(skipped) > 3 else ''}"
    return f"the list of known vulnerabilities does not know {len(skipped)} of {len(packages)} packages ({some})"


def findings(packages: Sequence[Mapping[str, Any]], ignored: Mapping[str, str]) -> list[str]:
    """A line for each finding that nobody has explained."""
    return [
        f"{package['name']} {package['version']}: {finding['id']}, "
        f"mended in {', '.join(finding['fix_versions']) or 'no version yet'}"
        for package in packages
        for finding in package.get("vulns", ())
        if not _names(finding) & ignored.keys()
    ]


def idle(packages: Sequence[Mapping[str, Any]], ignored: Mapping[str, str]) -> list[str]:
    """A line for each explanation of what is not found."""
    found = {name for package in packages for finding in package.get("vulns", ()) for name in _names(finding)}
    return [f"{name} is ignored and not found any more: take it out" for name in ignored if name not in found]


def _names(finding: Mapping[str, Any]) -> set[str]:
    return {finding["id"], *finding["aliases"]}


if __name__ == "__main__":
    sys.exit(main(strict="--strict" in sys.argv[1:]))
