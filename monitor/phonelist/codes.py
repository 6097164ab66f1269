"""
The vendor's result codes in plain words: whose fault each is, and what helps.

Pure.  Source: the vendor's page on phoneList and its "API call convention".  A new code is a new row.
"""

from collections.abc import Mapping

import msgspec

from monitor.phonelist.errors import AppRejected, CallRefused, CredentialsRefused, RequestRefused, VendorFailed

SUCCESS = "0"
TEXT_LIMIT = 120  # characters of the vendor's own words that reach a message
MAX_TS_DIFFERENCE = 60  # seconds that the header `ts` may be off, says the vendor


class Meaning(msgspec.Struct, frozen=True):
    """One row of the table; `{account}` and `{appkey}` are filled in."""

    error: type[CallRefused]
    what: str
    advice: str


_OUR_BUG = "this is a fault of number-monitor: please report it"
_VENDOR_SIDE = "it is asked again; if this lasts, ask the vendor's support"

MEANINGS: Mapping[str, Meaning] = {
    "-1": Meaning(VendorFailed, "the request failed on the vendor's side", _VENDOR_SIDE),
    "1001": Meaning(RequestRefused, "a required header is missing", _OUR_BUG),
    "1002": Meaning(RequestRefused, "a header or body parameter is wrong", _OUR_BUG),
    "1003": Meaning(
        CredentialsRefused, "the signature is wrong", "check access_secret and sign_algorithm of account {account}"
    ),
    "1004": Meaning(CredentialsRefused, "the time stamp is out of date", "set this machine's clock (NTP)"),
    "1005": Meaning(
        CredentialsRefused,
        "the access key is wrong or lacks the permission",
        "check access_key of account {account}, or ask the vendor to grant phoneList",
    ),
    "9000": Meaning(RequestRefused, "a parameter is missing", _OUR_BUG),
    "9001": Meaning(VendorFailed, "system error on the vendor's side", _VENDOR_SIDE),
    "9007": Meaning(
        CredentialsRefused,
        "the caller is not an integrator",
        "ask the vendor to make account {account} an integrator: phoneList answers no one else",
    ),
    "9008": Meaning(AppRejected, "the appkey does not exist", "correct or remove appkey {appkey} of account {account}"),
    "9010": Meaning(
        AppRejected,
        "the appkey belongs to another customer than the access key",
        "move appkey {appkey} to the account it belongs to, or correct it",
    ),
}
_OTHER_AUTHENTICATION = Meaning(
    CredentialsRefused,
    "authentication failed",
    "check access_key, access_secret and sign_algorithm of account {account}",
)
_UNKNOWN = Meaning(VendorFailed, "a code that nobody documented", _VENDOR_SIDE)


def meaning(code: str) -> Meaning:
    """1000 to 1009 are about authentication; a code nobody documented is retried and stays visible."""
    fallback = _OTHER_AUTHENTICATION if len(code) == 4 and code.startswith("100") else _UNKNOWN
    return MEANINGS.get(code, fallback)


def refusal(code: str, text: str, *, account: str, appkey: str, skew: float | None) -> CallRefused:
    """
    The error for an answer whose code is not 0.

    Args:
        code: As the vendor gave it, a number or a word.
        text: The vendor's own words, untrusted.
        account: The account's name in the configuration.
        appkey: The app that was asked for.
        skew: The vendor's Date less our clock, in seconds; None when the answer had no Date.
    """
    row = meaning(code)
    said = cleaned(text)
    quoted = f' ("{said}")' if said else ""
    advice = row.advice.format(account=account, appkey=appkey)
    if code == "1004":
        advice = f"{_clock(skew)}; {advice}"
    return row.error(f"the vendor answered code {code}{quoted}: {row.what}; {advice}", code=code)


def cleaned(text: str) -> str:
    """Untrusted words for a message: on one line, printable, cut at `TEXT_LIMIT` characters."""
    line = " ".join("".join([c if c.isprintable() else " " for c in text[: 4 * TEXT_LIMIT]]).split())
    return line if len(line) <= TEXT_LIMIT else line[:TEXT_LIMIT] + "…"


def _clock(skew: float | None) -> str:
    if skew is None:
        return "how far our clock is off is unknown, for the answer has no Date"
    if abs(skew) <= MAX_TS_DIFFERENCE / 2:
        return f"our clock and the vendor's Date differ by {abs(skew):.1f} s only, so the call was held up on its way"
    direction = "behind" if skew > 0 else "ahead of"
    return f"our clock is {abs(skew):.1f} s {direction} the vendor's, {MAX_TS_DIFFERENCE} s are allowed"
