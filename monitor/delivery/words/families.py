"""
What is said of trouble that is not a number's: an app or an account that cannot be polled or is not believed, a list.

Pure.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Family(NamedTuple):
    """What is said of trouble that is not a number's: while it is new, while it lasts, and when it is over."""

    opened: str
    lasts: str
    over: str
    tail: str = ""  #: what it means, until it is over; not in a title


_UNREACHABLE = Family("{who} cannot be polled", "{who} still cannot be polled", "{who} can be polled again")
REFUSED = Family(
    "{who}: the vendor refuses the credentials",
    "{who}: the vendor still refuses the credentials",
    "{who} can be polled again",
)
_SUSPECT = Family(
    "answers of {who} lost too much to be believed at once",
    "answers of {who} are still not believed",
    "answers of {who} are believed again",
    "the last known state stays in force",
)
_MOSTLY_SUSPECT = Family(
    "answers of most apps of {who} lost too much to be believed at once",
    "answers of most apps of {who} are still not believed",
    "answers of {who} are believed again",
    "the last known state stays in force",
)
_LIST = Family(
    "the list of apps of {who} shrank too much to be believed at once",
    "the list of apps of {who} is still not believed",
    "the list of apps of {who} is believed",
    "the last one stays in force",
)

#: By type, of its start or its end; whose account refuses credentials is told by its hint.
FAMILIES: Mapping[str, Family] = {
    "app.unreachable": _UNREACHABLE,
    "app.recovered": _UNREACHABLE,
    "account.unreachable": _UNREACHABLE,
    "account.recovered": _UNREACHABLE,
    "app.suspect": _SUSPECT,
    "app.trusted": _SUSPECT,
    "account.suspect": _MOSTLY_SUSPECT,
    "account.trusted": _MOSTLY_SUSPECT,
    "app_list.held": _LIST,
    "app_list.accepted": _LIST,
}
ENDS = frozenset({"app.recovered", "account.recovered", "app.trusted", "account.trusted", "app_list.accepted"})
