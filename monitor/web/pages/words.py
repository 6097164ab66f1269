"""
The words of the pages, as tables: what the page's own words mean, and the symbol beside each colour.

Said through the catalogue; a test holds the two together.
"""

from collections.abc import Mapping

from monitor.fleet.answer import FailureReason
from monitor.views.tally import Standing

SYMBOLS: Mapping[str, str] = {
    "critical": "▲",
    "warning": "◆",
    "info": "•",
    "ok": "✓",
    "unknown": "?",
    "lost": "✕",
    "suspect": "◐",
}

STANDINGS: Mapping[Standing, str] = {  # what apps of each kind have in common
    Standing.CRITICAL: "with a critical number",
    Standing.LOST: "without an answer",
    Standing.WARNING: "with a warning",
    Standing.SUSPECT: "with an answer held back",
    Standing.UNKNOWN: "not judged",
    Standing.OK: "fine",
}

MOODS: Mapping[Standing, str] = {  # what a page about an app of each kind is tinged with
    Standing.CRITICAL: "critical",
    Standing.LOST: "critical",
    Standing.WARNING: "warning",
    Standing.SUSPECT: "warning",
    Standing.UNKNOWN: "unknown",
    Standing.OK: "ok",
}

OUTCOMES: Mapping[str, str] = {"answered": "Answered", "unchanged": "Answered, the same as before"}  # of polls

HELD_BY: Mapping[str, str] = {  # what holds an account's calls off
    "throttled": "The vendor asks us to slow down",
    "auth": "The vendor refuses the credentials: one call an interval tries again",
    "unreachable": "The vendor cannot be reached: a few calls an interval try again",
}

SHOWS: Mapping[str, str] = {  # of `looking.SHOWS`: what can be chosen
    "trouble": "In trouble",
    "critical": "Critical",
    "warning": "Warning",
    "unknown": "Not judged",
    "ok": "Fine",
    "silent": "Cannot send",
    "red": "RED",
    "yellow": "YELLOW",
    "green": "GREEN",
    "unrated": "Not rated",
}

SOURCES: Mapping[str, str] = {"file": "the file", "url": "the address", "config": "the configuration"}

REASONS: Mapping[FailureReason, str] = {  # why an app cannot be polled
    FailureReason.TIMEOUT: "The vendor does not answer in time",
    FailureReason.CONNECT: "The vendor cannot be connected to",
    FailureReason.DNS: "The vendor's name cannot be looked up",
    FailureReason.TLS: "No secure connection to the vendor",
    FailureReason.PROXY: "The proxy does not let us through",
    FailureReason.HTTP_3XX: "The vendor redirects, which is not followed",
    FailureReason.HTTP_4XX: "The vendor refuses the request",
    FailureReason.HTTP_5XX: "The vendor's server is broken",
    FailureReason.THROTTLED: "The vendor asks us to slow down",
    FailureReason.AUTH: "The vendor refuses the credentials",
    FailureReason.APP_REJECTED: "The vendor rejects the appkey",
    FailureReason.REQUEST: "The vendor finds the call wrong",
    FailureReason.VENDOR: "The vendor reports an error of its own",
    FailureReason.TOO_LARGE: "The answer is too large",
    FailureReason.DECODE: "The answer cannot be read",
    FailureReason.SCHEMA: "The answer has an unknown form",
    FailureReason.INTERNAL: "A fault in number-monitor itself",
}

ATTRIBUTES: Mapping[str, str] = {
    "quality_rating": "quality",
    "status": "status",
    "tier": "tier",
    "name_status": "name status",
    "code_verification_status": "code verification",
    "register_status": "registration",
    "verified_name": "verified name",
    "waba_name": "WABA name",
    "ignored": "ignored",
}

HAPPENINGS: Mapping[str, str] = {  # what follows the subject
    "number.degraded": "degraded",
    "number.improved": "improved",
    "number.recovered": "recovered",
    "number.persisting": "is still in trouble",
    "number.changed": "changed",
    "number.added": "appeared",
    "number.removed": "is gone",
    "number.moved": "moved",
    "waba.tier_lowered": "messaging tier lowered",
    "waba.tier_raised": "messaging tier raised",
    "app.baseline": "first answer",
    "app.unreachable": "cannot be polled",
    "app.recovered": "can be polled again",
    "app.suspect": "lost numbers, which is held back as suspect",
    "app.trusted": "is believed again",
    "app.removed": "left the list of apps",
    "account.unreachable": "cannot be polled",
    "account.recovered": "can be polled again",
    "account.suspect": "most apps lost numbers, which is held back as suspect",
    "account.trusted": "is believed again",
    "app_list.held": "the list of apps shrank, which is held back",
    "app_list.accepted": "the list of apps is believed",
    "vendor.unmapped": "the vendor used a word nobody documented",
}


REGISTRATIONS: Mapping[str, str] = {  # the vendor's register_status
    "1": "1, creation failed",
    "2": "2, local registration failed",
    "3": "3, creating",
    "4": "4, created",
    "5": "5, registered",
}
