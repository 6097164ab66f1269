"""
The vendor's envelope: `code`, `data` and `message`, with the messages that go with the codes.

Codes and messages are those of the vendor's page; the single codes of the range that it calls "authentication issue"
are those of its "API call convention".
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

MESSAGES: Mapping[int, str] = {
    0: "Request successful",
    -1: "Request failed",
    1001: "Authentication issue: a required header is missing",
    1002: "Authentication issue: parameter error",
    1003: "Authentication issue: invalid signature",
    1004: "Authentication issue: timestamp expired",
    1005: "Authentication issue: wrong accessKey or no permission",
    9000: "Parameter exception",
    9001: "System business error",
    9007: "Non-integrator request",
    9008: "APPKEY does not exist",
    9010: "Inconsistent authentication mechanism customer information and APPKEY customer information",
}


def succeeded(rows: Sequence[Any] | None) -> bytes:
    """The body of an answered call, UTF-8 as it is, not escaped, where that is possible."""
    return encoded({"code": 0, "data": rows, "message": MESSAGES[0]})


def failed(code: int, detail: str = "") -> bytes:
    """The body of a refused call; `detail` says what exactly was wrong."""
    message = MESSAGES.get(code, MESSAGES[-1])
    return encoded({"code": code, "message": f"{message}: {detail}" if detail else message, "data": None})


def encoded(value: Any) -> bytes:  # noqa: ANN401 - any JSON
    """JSON bytes; text that is no Unicode (a lone surrogate, changed by hand) is escaped as JSON allows."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return json.dumps(value).encode()
