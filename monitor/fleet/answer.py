"""
What a poll brings back: an answer, the news that nothing changed, or a failure.

Pure values.  `monitor.phonelist` makes them from the vendor's bytes; from here on nothing knows the wire.
Times are milliseconds since 1970, UTC.
"""

from enum import StrEnum

import msgspec


class Row(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """
    One row of an app's list.

    Words are the vendor's, as given; a field that is missing, null or of a wrong type is the empty string.
    JSON has it as an array in this order, a third of the size: a new field goes to the end, with a default.
    """

    number: str  #: E.164 with its plus sign where it can be read, else the text as given (masked by the vendor, say)
    waba_id: str
    waba_name: str
    verified_name: str
    quality_rating: str
    status: str
    tier: str  #: the vendor's `current_limit`
    name_status: str
    code_verification_status: str
    register_status: str  #: "1" to "5", also where the vendor sends an integer


class Answer(msgspec.Struct, frozen=True):
    """A well-formed list, which may still be wrong: `judge` decides what to believe."""

    started: int  #: when the answering call began
    digest: bytes  #: of the answer's bytes; equal digests are equal answers
    rows: tuple[Row, ...]
    left_out: int = 0  #: rows that were no objects or had no number


class Unchanged(msgspec.Struct, frozen=True):
    """The very bytes of the last answer; they were not decoded."""

    started: int


class FailureReason(StrEnum):
    """Why a poll failed: the label `reason` of the metrics, the log and the events."""

    TIMEOUT = "timeout"
    CONNECT = "connect"
    DNS = "dns"
    TLS = "tls"
    PROXY = "proxy"
    HTTP_3XX = "http_3xx"
    HTTP_4XX = "http_4xx"
    HTTP_5XX = "http_5xx"
    THROTTLED = "throttled"  #: 429, or 503 with Retry-After
    AUTH = "auth"  #: codes 1000-100X but 1001 and 1002, 9007, HTTP 401 and 403: the account's credentials
    APP_REJECTED = "app_rejected"  #: 9008, 9010: this one app
    REQUEST = "request"  #: 1001, 1002, 9000: our own call was wrong
    VENDOR = "vendor"  #: -1, 9001 and codes nobody documented
    TOO_LARGE = "too_large"
    DECODE = "decode"
    SCHEMA = "schema"
    INTERNAL = "internal"


class Failure(msgspec.Struct, frozen=True):
    """A poll without an answer, retries included, or one that a breaker held off."""

    started: int
    reason: FailureReason
    code: str  #: the vendor's code or the HTTP status; empty when the call got neither
    text: str  #: one line for people: what happened and what to do; no secret, no body
    held_off: bool = False  #: True when no call was made: the reason is the one that opened the breaker


Outcome = Answer | Unchanged | Failure
