"""
What of a digest matters most: what is new or worse, in which order things are read, what a title counts.

Pure.
"""

from monitor.delivery.people.digest import Digest, Line
from monitor.delivery.people.notice import RANK, News
from monitor.delivery.words.headlines import FLAPPING, is_worse
from monitor.fleet.event import EventSeverity


def alarm_of(line: Line) -> EventSeverity:
    """
    How loud a line may be: its severity where it tells something new or worse, else info.

    A reminder, relief and an end mention nobody.  What changes too often is about to be quiet: that is loud only
    where it is critical.
    """
    if line.news in {News.OPENED, News.ONCE}:
        return line.severity
    if line.news is not News.CHANGED:
        return "info"
    if line.why == FLAPPING:
        return line.severity if line.severity == "critical" else "info"
    return line.severity if any(is_worse(trouble) for trouble in line.troubles if RANK[trouble.severity]) else "info"


def severity_of(line: Line) -> EventSeverity:
    """How bad it is now; what is over is info."""
    return "info" if line.news is News.CLOSED else line.severity


def worst(severities: list[EventSeverity]) -> EventSeverity:
    """The worst of these; info of none."""
    return max(severities, key=RANK.__getitem__, default="info")


def severity(digest: Digest) -> EventSeverity:
    """The worst that a digest is about."""
    return worst([*map(severity_of, digest.lines), *([digest.baseline.severity] if digest.baseline else [])])


def alarm(digest: Digest) -> EventSeverity:
    """The worst that is new or worse in it."""
    return worst([*map(alarm_of, digest.lines), *([digest.baseline.severity] if digest.baseline else [])])


def place(line: Line) -> tuple[int, int, str, str]:
    """Where a line is read: new and worse things first, the worst of them before all, ends and asides last."""
    loud = RANK[alarm_of(line)]
    kind = 0 if loud else _PLACES[line.news]
    return (kind, -(loud or RANK[severity_of(line)]), line.troubles[0].number, line.incident)


_PLACES = {News.OPENED: 0, News.REMINDER: 1, News.CHANGED: 2, News.CLOSED: 3, News.ONCE: 4}  # where nothing is loud
