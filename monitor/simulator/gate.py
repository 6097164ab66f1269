"""
Decide whether a call of phoneList is accepted, as strictly as the vendor's documents allow.

Pure: the time comes in as an argument.  The order of the checks is ours, since no document gives one: what a call is
made of before what it says, who calls before what they ask for.  Each refusal has the documented code.
"""

import hmac
import json
from collections.abc import Mapping
from typing import Any

import msgspec

from monitor.simulator.signature import ALGORITHMS, SIGNED_HEADERS, signature

REQUIRED = (*SIGNED_HEADERS, "sign")
BIZ_TYPE = "2"
ACTION = "phoneList"
TOLERANCE = 60_000  # milliseconds that a time stamp may differ from our clock, either way
OLDEST_ALGORITHM = "md5"  # without the header


class Verdict(msgspec.Struct, frozen=True):
    """What became of a call."""

    code: int  #: 0: accepted
    appkey: str = ""  #: the one asked for; empty where the call was refused before its body was read
    detail: str = ""  #: what exactly was wrong, for the message


class Customers(msgspec.Struct, frozen=True):
    """Who may call, and whose app is whose."""

    access_key: str  #: the integrator's
    access_secret: str
    appkeys: frozenset[str]  #: the integrator's apps
    foreign_appkey: str  #: another customer's app
    plain_access_key: str  #: of a customer who is no integrator; it has the same secret


def examine(headers: Mapping[str, str], body: bytes, customers: Customers, at: int) -> Verdict:
    """
    Check one call.

    Args:
        headers: names in lower case.
        body: the raw bytes received.
        customers: who there is.
        at: our clock, milliseconds since 1970.
    """
    missing = [name for name in REQUIRED if not headers.get(name.lower())]
    if missing:
        return Verdict(1001, detail=", ".join(missing))
    given = {name: headers[name.lower()] for name in REQUIRED}
    return _caller(given, headers.get("algorithm", OLDEST_ALGORITHM), body, customers, at) or _asked(
        body, given, customers
    )


def _caller(given: Mapping[str, str], algorithm: str, body: bytes, customers: Customers, at: int) -> Verdict | None:
    """Why the caller is refused; None when it is who it says."""
    fixed = {
        "bizType": given["bizType"] == BIZ_TYPE,
        "action": given["action"] == ACTION,
        "algorithm": algorithm in ALGORITHMS,  # not 1003: no signature was wrong, none could be computed
    }
    if not all(fixed.values()):
        return Verdict(1002, detail=", ".join(name for name, fits in fixed.items() if not fits))
    if given["accessKey"] not in {customers.access_key, customers.plain_access_key}:
        return Verdict(1005)
    if not _recent(given["ts"], at):
        return Verdict(1004)
    expected = signature(given, body, customers.access_secret, algorithm)
    if not hmac.compare_digest(expected.encode(), given["sign"].encode(errors="replace")):
        return Verdict(1003)
    return None


def _asked(body: bytes, given: Mapping[str, str], customers: Customers) -> Verdict:
    """What the caller asks for, and whether it may have it."""
    asked = _parsed(body)
    if not isinstance(asked, dict):
        return Verdict(1002, detail="the body is no JSON object")
    appkey = asked.get("appkey")
    if appkey is None or appkey == "":
        return Verdict(9000, detail="appkey")
    if not isinstance(appkey, str):
        return Verdict(1002, detail="appkey is no string")
    return Verdict(_entitled(appkey, given["accessKey"], customers), appkey)


def _entitled(appkey: str, access_key: str, customers: Customers) -> int:
    if access_key == customers.plain_access_key:
        return 9007
    if appkey == customers.foreign_appkey:
        return 9010
    return 0 if appkey in customers.appkeys else 9008


def _recent(ts: str, at: int) -> bool:
    """A time stamp is digits alone; what cannot be read is as old as can be."""
    return ts.isascii() and ts.isdigit() and len(ts) < 20 and abs(int(ts) - at) <= TOLERANCE


def _parsed(body: bytes) -> Any:  # noqa: ANN401 - any JSON; None where it is none, or no object
    try:
        return json.loads(body) if body else {}
    except (ValueError, RecursionError):
        return None
