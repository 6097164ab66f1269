"""
Why a call brought no answer: one leaf for each `FailureReason`, split by who must act.

    PhoneListError
    ├── NoAnswer               nobody answered as HTTP does: the network's side
    │   ├── TimedOut             timeout        the deadline of the whole call was over
    │   ├── NotConnected         connect        refused, reset, closed before the answer was whole
    │   ├── NameNotResolved      dns
    │   ├── TlsFailed            tls            no trusted connection
    │   └── ProxyFailed          proxy          the proxy cannot be reached, or refuses us
    ├── StatusRefused          an HTTP status that is no success
    │   ├── Redirected           http_3xx       never followed: the signature and key are for one address
    │   ├── ClientStatus         http_4xx
    │   ├── ServerStatus         http_5xx
    │   └── Throttled            throttled      429, or 503 with Retry-After
    ├── CallRefused            the vendor answered with a code other than 0
    │   ├── CredentialsRefused   auth           the account's key, secret or clock; also HTTP 401 and 403
    │   ├── AppRejected          app_rejected   this one appkey
    │   ├── RequestRefused       request        our own call was wrong
    │   └── VendorFailed         vendor         the vendor's side, and codes nobody documented
    ├── BadAnswer              something came that cannot be believed
    │   ├── TooLarge             too_large
    │   ├── Undecodable          decode         no HTTP, or no JSON
    │   └── WrongShape           schema         JSON, but no list of numbers
    └── CallBroke              internal         a fault of our own

`str()` of each is one line for people: what happened, where, what to do.  It never holds a secret or a body.
"""

from typing import ClassVar

from monitor.fleet.answer import Failure, FailureReason


class PhoneListError(Exception):
    """A call that brought no answer."""

    reason: ClassVar[FailureReason]
    retryable: ClassVar[bool] = (
        True  #: another attempt within the same poll may help, after `retry_after` at the soonest
    )

    def __init__(self, text: str, *, code: str = "", retry_after: float | None = None) -> None:
        super().__init__(text)
        self.code = code  #: the vendor's code or the HTTP status; empty when the call got neither
        self.retry_after = retry_after  #: seconds that the vendor asked us to wait
        self.skew: float | None = None  #: the vendor's Date less our clock in seconds, where headers came


class NoAnswer(PhoneListError):
    """Nobody answered as HTTP does."""


class TimedOut(NoAnswer):
    """The deadline of the whole call, from connect to last byte, was over."""

    reason = FailureReason.TIMEOUT


class NotConnected(NoAnswer):
    """Refused, reset, unreachable, or closed before the answer was whole."""

    reason = FailureReason.CONNECT


class NameNotResolved(NoAnswer):
    """The name of base_url has no address."""

    reason = FailureReason.DNS


class TlsFailed(NoAnswer):
    """No trusted connection: a bad certificate, or no common TLS."""

    reason = FailureReason.TLS


class ProxyFailed(NoAnswer):
    """The proxy cannot be reached, or refuses to open the way."""

    reason = FailureReason.PROXY


class StatusRefused(PhoneListError):
    """An HTTP status that is no success."""


class Redirected(StatusRefused):
    """A redirect, which is never followed."""

    reason = FailureReason.HTTP_3XX
    retryable = False


class ClientStatus(StatusRefused):
    """HTTP 4xx but 401, 403, 407 and 429."""

    reason = FailureReason.HTTP_4XX
    retryable = False


class ServerStatus(StatusRefused):
    """HTTP 5xx."""

    reason = FailureReason.HTTP_5XX


class Throttled(StatusRefused):
    """HTTP 429, or 503 with Retry-After."""

    reason = FailureReason.THROTTLED


class CallRefused(PhoneListError):
    """The vendor answered, with a code other than 0."""


class CredentialsRefused(CallRefused):
    """The account's key, secret, permission or clock."""

    reason = FailureReason.AUTH
    retryable = False


class AppRejected(CallRefused):
    """This one appkey is refused."""

    reason = FailureReason.APP_REJECTED
    retryable = False


class RequestRefused(CallRefused):
    """Our own call was wrong."""

    reason = FailureReason.REQUEST
    retryable = False


class VendorFailed(CallRefused):
    """The vendor's side failed, or gave a code that nobody documented."""

    reason = FailureReason.VENDOR


class BadAnswer(PhoneListError):
    """Something came that cannot be believed."""


class TooLarge(BadAnswer):
    """More bytes than any list of numbers has."""

    reason = FailureReason.TOO_LARGE
    retryable = False


class Undecodable(BadAnswer):
    """No HTTP, or no JSON."""

    reason = FailureReason.DECODE


class WrongShape(BadAnswer):
    """JSON, but no list of numbers."""

    reason = FailureReason.SCHEMA
    retryable = False


class CallBroke(PhoneListError):
    """A fault of our own while asking."""

    reason = FailureReason.INTERNAL
    retryable = False


def failure(error: PhoneListError, started: int) -> Failure:
    """The fleet's value for a call that brought no answer; `started` in milliseconds since 1970."""
    return Failure(started=started, reason=error.reason, code=error.code, text=str(error))
