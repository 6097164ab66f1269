"""
The sentences of the pages: what a state, an age and an event are called in plain words.

Pure, English.  Texts of the vendor pass through unchanged; the templates make them harmless.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from monitor.fleet.answer import Row
from monitor.fleet.hints import level_hint, persisting_hint
from monitor.fleet.scales import QUALITY_SEVERITY, STATUS_SEVERITY, UNKNOWN_WORDS, Severity, canonical_status
from monitor.fleet.snapshot import Entry, Snapshot, Suspicion, SuspicionReason
from monitor.web.overview import Overview

_UNITS = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"))

SYMBOLS: Mapping[str, str] = {"critical": "▲", "warning": "◆", "info": "•", "ok": "✓", "unknown": "?"}

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


class Happening(msgspec.Struct, frozen=True):
    """An event in words."""

    at: int  #: ms since 1970
    severity: str
    symbol: str
    subject: str
    text: str  #: what happened to it
    app: str
    account: str


def happening(at: int, event: Mapping[str, Any]) -> Happening:
    """Put a CloudEvent of ours in words; what it does not say is left out."""
    data = event.get("data") or {}
    severity = str(data.get("severity", "info"))
    text = HAPPENINGS.get(str(event["type"]), str(event["type"]))
    if "after" in data:
        attribute = str(data.get("attribute") or "")
        before, after = (_word(data.get(name)) for name in ("before", "after"))
        said = ATTRIBUTES.get(attribute, attribute)
        text = f"{text}: {'' if said in text else f'{said} '}{before} → {after}"
    elif isinstance(data.get("numbers"), int):
        text = f"{text}: {count(data['numbers'], 'number')}, {data.get('degraded_count', 0):,} in trouble"
    return Happening(
        at=at,
        severity=severity,
        symbol=SYMBOLS.get(severity, SYMBOLS["info"]),
        subject=str(event.get("subject") or ""),
        text=text,
        app=str(data.get("app_name") or data.get("appkey") or ""),
        account=str(data.get("account") or ""),
    )


def headline(seen: Overview) -> str:
    """The one sentence that comes first."""
    if seen.apps == 0:
        return "No apps are watched yet"
    if seen.numbers == seen.attention == 1:
        return "The one number needs attention"
    if seen.attention:
        need = "needs" if seen.attention == 1 else "need"
        return f"{seen.attention:,} of {count(seen.numbers, 'number')} {need} attention"
    if seen.failing_apps == seen.apps:
        return "No app can be polled"
    if seen.numbers == 0:
        return "Waiting for the first answer" if seen.untried else "No numbers are listed"
    return _all_fine(seen)


def facts(seen: Overview, now: int) -> list[str]:
    """The short facts under the headline: how much is watched, what cannot be believed, how old it is."""
    said = [count(seen.apps, "app")]
    if seen.accounts > 1:
        said.append(count(seen.accounts, "account"))
    if seen.failing_apps:
        said.append(f"{count(seen.failing_apps, 'app')} cannot be polled")
    if seen.suspect_apps:
        said.append(f"{count(seen.suspect_apps, 'app')} held back as suspect")
    if seen.untried:
        said.append(f"{count(seen.untried, 'app')} not asked yet")
    if seen.newest is not None and seen.oldest is not None:
        newest, oldest = age(now - seen.newest), age(now - seen.oldest)
        said.append(f"last answer {newest} ago" if newest == oldest else f"answers {newest} to {oldest} old")
    return said


def mood(seen: Overview) -> str:
    """The severity that the first page shows as a whole: `critical`, `warning`, `unknown` or `ok`."""
    if seen.critical or (seen.apps and seen.failing_apps == seen.apps):
        return Severity.CRITICAL.word
    if seen.attention or seen.failing_apps or seen.suspect_apps:
        return Severity.WARNING.word
    return Severity.UNKNOWN.word if seen.numbers == 0 else Severity.OK.word


def count(number: int, noun: str) -> str:
    """`1 number`, `412 numbers`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def age(milliseconds: int) -> str:
    """`12 s`, `4 min`, `3 h 20 min`, `12 d`: the two largest units, the second one where the first is small."""
    left = max(milliseconds, 0)
    for place, (size, unit) in enumerate(_UNITS):
        amount = left // size
        if amount == 0 and size > 1_000:
            continue
        rest = (left - amount * size) // _UNITS[place + 1][0] if place + 1 < len(_UNITS) else 0
        if rest and amount < 4 and size > 60_000:
            return f"{amount} {unit} {rest} {_UNITS[place + 1][1]}"
        return f"{amount} {unit}"
    return "0 s"


class State(msgspec.Struct, frozen=True):
    """An attribute's word as it is shown, and how bad it is in itself."""

    word: str
    severity: str


def quality(entry: Entry) -> State:
    """The quality rating *now*; where that is unknown the last one known, said to be so."""
    return _state(entry.now.quality_rating, entry.told.quality_rating, QUALITY_SEVERITY)


def status(entry: Entry) -> State:
    """The status, likewise."""
    return _state(entry.now.status, entry.told.status, STATUS_SEVERITY)


def hint_id(entry: Entry) -> str | None:
    """The hint for what an entry is in trouble for; None where it is not."""
    if entry.severity < Severity.WARNING:
        return None
    rating, state = _badness(entry)
    if max(rating, state) < Severity.WARNING:
        return None
    if rating > state:
        return level_hint("quality_rating", entry.told.quality_rating)
    word = canonical_status(entry.told.status)
    return persisting_hint(word) if entry.marks.persisted else level_hint("status", word)


def bad_since(entry: Entry) -> int:
    """Since when an entry is as bad as it is told to be, ms since 1970: the moment of what is worst about it."""
    rating, state = _badness(entry)
    return entry.told_since.quality_rating if rating > state else entry.told_since.status


def notes(entry: Entry, snapshot: Snapshot) -> list[str]:
    """What else there is to know about an entry: why it may not be what it seems."""
    said = []
    if snapshot.failure is not None:
        said.append(f"Its app cannot be polled, so this is the last known state: {snapshot.failure.text}")
    if snapshot.suspect:
        said.append("Its app's last answer is held back as suspect; this is the last state that was believed.")
    if entry.ambiguous:
        said.append("The answer has several rows of this identity: the worst is shown, and no change is told.")
    if entry.marks.missing is not None:
        said.append("It was missing from the last answer; it stays until that is confirmed.")
    if entry.marks.ignored:
        said.append("It is ignored by the configuration: its severity is ok, and its events are info.")
    if entry.marks.moved:
        said.append("It can send from another place in the account: it has moved, and its severity here is ok.")
    return said


def details(row: Row) -> list[tuple[str, str]]:
    """The rest of what the vendor says of an entry; what it leaves empty is left out."""
    named = [
        ("Verified name", row.verified_name),
        ("Name status", row.name_status),
        ("WABA", row.waba_id),
        ("WABA name", row.waba_name),
        ("Code verification", row.code_verification_status),
        ("Registration", REGISTRATIONS.get(row.register_status, row.register_status)),
    ]
    return [(name, value) for name, value in named if value]


def suspicion(held: Suspicion) -> str:
    """What an app lost at once."""
    if held.reason is SuspicionReason.EMPTY:
        return "its list came back empty"
    lost = []
    if held.missing:
        lost.append(f"{count(held.missing, 'number')} missing")
    if held.unknown:
        lost.append(f"{count(held.unknown, 'number')} without a value")
    return " and ".join(lost) or "many numbers lost"


def _all_fine(seen: Overview) -> str:
    if seen.unknown:
        return f"No number needs attention, {seen.unknown:,} of {seen.numbers:,} cannot be judged yet"
    fine = "fine when last asked" if seen.failing_apps else "fine"
    if seen.numbers == 1:
        return f"The one number {'was' if seen.failing_apps else 'is'} {fine}"
    return f"All {seen.numbers:,} numbers {'were' if seen.failing_apps else 'are'} {fine}"


def _badness(entry: Entry) -> tuple[Severity, Severity]:
    """How bad the rating and the status that were told are: what the entry's severity comes from."""
    return (
        QUALITY_SEVERITY.get(entry.told.quality_rating, Severity.UNKNOWN),
        STATUS_SEVERITY.get(canonical_status(entry.told.status), Severity.UNKNOWN),
    )


def _state(now: str, told: str, severities: Mapping[str, Severity]) -> State:
    last_known = now in UNKNOWN_WORDS and told not in UNKNOWN_WORDS
    word = told if last_known else now
    severity = severities.get(canonical_status(word), Severity.UNKNOWN)
    return State(f"{word}, last known" if last_known else word, severity.word)


def _word(value: object) -> str:
    return "none" if value in (None, "") else str(value)
