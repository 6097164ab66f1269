"""
What the answer's status line and headers say: success or which refusal, how long to wait, how far our clock is off.

Pure.  Of a refusal the status alone counts; its body is never read.
"""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import msgspec

from monitor.phonelist.errors import (
    ClientStatus,
    CredentialsRefused,
    PhoneListError,
    ProxyFailed,
    Redirected,
    ServerStatus,
    Throttled,
    Undecodable,
)

MAX_RETRY_AFTER = 3600.0  # seconds: a vendor's typing error must not switch an account off for a year
_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]+)?")


class _Row(msgspec.Struct, frozen=True):
    error: type[PhoneListError]
    text: str  # what follows "… answered HTTP nnn"; `{account}` is filled in


_CREDENTIALS = _Row(CredentialsRefused, ": check access_key and access_secret of account {account}")
_BY_STATUS: Mapping[int, _Row] = {
    401: _CREDENTIALS,
    403: _CREDENTIALS,
    407: _Row(ProxyFailed, ", which is the proxy's answer: check its user and password"),
}
_BY_CLASS: Mapping[int, _Row] = {
    3: _Row(Redirected, ", a redirect, and those are never followed; correct base_url"),
    4: _Row(ClientStatus, ": check base_url and any proxy in between"),
    5: _Row(ServerStatus, ": a fault on the vendor's side or a proxy's; it is asked again"),
}
_NO_FINAL_STATUS = _Row(Undecodable, ", which is no final status; check base_url and any proxy in between")


def refusal(status: int, headers: Mapping[str, str], *, place: str, account: str, now: int) -> PhoneListError | None:
    """
    The error for a status that is no success; None for 2xx.

    Args:
        status: The HTTP status.
        headers: The answer's, by case-insensitive name.
        place: Who was asked, as host and port, for the message.
        account: The account's name in the configuration.
        now: Our clock, in milliseconds since 1970.
    """
    if 200 <= status <= 299:
        return None
    if status == 429 or (status == 503 and "retry-after" in headers):
        return _throttled(f"{place} answered HTTP {status}", status, retry_after(headers, now))
    row = _BY_STATUS.get(status) or _BY_CLASS.get(status // 100, _NO_FINAL_STATUS)
    return row.error(f"{place} answered HTTP {status}{row.text.format(account=account)}", code=str(status))


def _throttled(met: str, status: int, wait: float | None) -> Throttled:
    asked = "" if wait is None else f" and asked for {wait:g} s of quiet"
    return Throttled(
        f"{met}{asked}: too many calls; lower rate_limit if this lasts", code=str(status), retry_after=wait
    )


def retry_after(headers: Mapping[str, str], now: int) -> float | None:
    """
    Seconds to wait by `Retry-After`, 0 to `MAX_RETRY_AFTER`; None without the header or when it cannot be read.

    It may be a number of seconds or an HTTP date (RFC 9110, 10.2.3).  A date counts from the answer's own `Date`, so
    that a wrong clock of ours does no harm, and from `now` (milliseconds since 1970) where there is none.
    """
    text = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(text):
        wait = float(text)
    else:
        until = http_date(text)
        if until is None:
            return None
        since = http_date(headers.get("date", ""))
        wait = (until - (now if since is None else since)) / 1000
    return min(max(wait, 0.0), MAX_RETRY_AFTER)


def http_date(text: str) -> int | None:
    """Milliseconds since 1970 of an HTTP date, None when it cannot be read."""
    try:
        return round(parsedate_to_datetime(text).timestamp()) * 1000
    except (ValueError, OverflowError):
        return None
