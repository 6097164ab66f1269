"""
The sentences of the pages: what a state, an age and an event are called in plain words.

Pure.  Said in English, or through `say` in another language.  Texts of the vendor pass through unchanged; the templates
make them harmless.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from monitor.fleet.answer import Row
from monitor.fleet.hints import level_hint, persisting_hint
from monitor.fleet.scales import QUALITY_SEVERITY, STATUS_SEVERITY, UNKNOWN_WORDS, Severity, canonical_status
from monitor.fleet.snapshot import Entry, Snapshot, Suspicion, SuspicionReason
from monitor.views.lines import Subject, subject
from monitor.web.catalogue import Translate, english
from monitor.web.pages.overview import Overview
from monitor.web.pages.words import ATTRIBUTES, HAPPENINGS, REGISTRATIONS, SYMBOLS

_UNITS = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"))


class Happening(msgspec.Struct, frozen=True):
    """An event in words."""

    at: int  #: ms since 1970
    type: str
    severity: str
    subject: Subject
    text: str  #: what happened to it
    deliveries: tuple[tuple[str, str, str], ...] = ()  #: sink, state as `views.deliveries` calls it, reason


def happening(
    at: int,
    event: Mapping[str, Any],
    say: Translate = english,
    deliveries: tuple[tuple[str, str, str], ...] = (),
) -> Happening:
    """Put a CloudEvent of ours in words; what it does not say is left out."""
    data = event.get("data") or {}
    severity = str(data.get("severity", "info"))
    text = HAPPENINGS.get(str(event["type"]), str(event["type"]))
    change = _change(data, text, say)
    text = say("{happening}: {change}").format(happening=say(text), change=change) if change else say(text)
    return Happening(
        at=at,
        type=str(event["type"]),
        severity=severity if severity in SYMBOLS else "info",
        subject=subject(event),
        text=text,
        deliveries=deliveries,
    )


def headline(seen: Overview, say: Translate = english) -> str:
    """The one sentence that comes first."""
    if seen.apps == seen.unread == 0:
        return say("No apps are watched yet")
    if seen.attention:
        return _in_trouble(seen, say)
    if seen.unread:
        return say("What other processes watch is being read")
    if seen.failing_apps == seen.apps or seen.is_lost:
        return say("No app can be polled") if seen.failing_apps else say("No app has answered lately")
    if seen.numbers == 0:
        return say("Waiting for the first answer") if seen.untried else say("No numbers are listed")
    return _all_fine(seen, say)


def facts(seen: Overview, now: int, say: Translate = english) -> list[str]:
    """The short facts under the headline: how much is watched, what cannot be believed, how old it is."""
    said = [count(seen.apps, "app", say)]
    if len(seen.accounts) > 1:
        said.append(count(len(seen.accounts), "account", say))
    if seen.failing_apps:
        said.append(say("{apps} cannot be polled").format(apps=count(seen.failing_apps, "app", say)))
    if seen.lost_apps > seen.failing_apps:
        late = count(seen.lost_apps - seen.failing_apps, "app", say)
        said.append(say("{apps} without an answer lately").format(apps=late))
    if seen.suspect_apps:
        said.append(say("{apps} held back as suspect").format(apps=count(seen.suspect_apps, "app", say)))
    if seen.untried:
        said.append(say("{apps} not asked yet").format(apps=count(seen.untried, "app", say)))
    if seen.unread:
        unread = count(seen.unread, "account", say)
        said.append(say("{accounts} that other processes watch not read yet").format(accounts=unread))
    if seen.newest is not None and seen.oldest is not None:
        newest, oldest = age(now - seen.newest, say), age(now - seen.oldest, say)
        one = say("last answer {age} ago").format(age=newest)
        said.append(
            one if newest == oldest else say("answers {newest} to {oldest} old").format(newest=newest, oldest=oldest)
        )
    return said


def mood(seen: Overview) -> str:
    """The severity that the first page shows as a whole: `critical`, `warning`, `unknown` or `ok`."""
    if seen.critical or (seen.apps and seen.failing_apps == seen.apps) or seen.is_lost:
        return Severity.CRITICAL.word
    if seen.attention or seen.lost_apps or seen.suspect_apps:
        return Severity.WARNING.word
    return Severity.UNKNOWN.word if seen.numbers == 0 or seen.unread else Severity.OK.word


def count(number: int, noun: str, say: Translate = english) -> str:
    """`1 number`, `412 numbers`."""
    return say(f"{{count}} {noun}" if number == 1 else f"{{count}} {noun}s").format(count=f"{number:,}")


def age(milliseconds: int, say: Translate = english) -> str:
    """`12 s`, `4 min`, `3 h 20 min`, `12 d`: the two largest units, the second one where the first is small."""
    left = max(milliseconds, 0)
    for place, (size, unit) in enumerate(_UNITS):
        amount = left // size
        if amount == 0 and size > 1_000:
            continue
        rest = (left - amount * size) // _UNITS[place + 1][0] if place + 1 < len(_UNITS) else 0
        if rest and amount < 4 and size > 60_000:
            return f"{_lasting(amount, unit, say)} {_lasting(rest, _UNITS[place + 1][1], say)}"
        return _lasting(amount, unit, say)
    return _lasting(0, "s", say)


def size(count: int) -> str:
    """`512 bytes`, `3.4 MB`: two digits where there are that many."""
    for unit, bytes_in in (("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)):
        if count >= bytes_in:
            return f"{count / bytes_in:.1f} {unit}"
    return f"{count} bytes"


class State(msgspec.Struct, frozen=True):
    """An attribute's word as it is shown, and how bad it is in itself."""

    word: str
    severity: str


def quality(entry: Entry, say: Translate = english) -> State:
    """The quality rating *now*; where that is unknown the last one known, said to be so."""
    return _state(entry.now.quality_rating, entry.told.quality_rating, QUALITY_SEVERITY, say)


def status(entry: Entry, say: Translate = english) -> State:
    """The status, likewise."""
    return _state(entry.now.status, entry.told.status, STATUS_SEVERITY, say)


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


def notes(entry: Entry, snapshot: Snapshot, say: Translate = english) -> list[str]:
    """What else there is to know about an entry: why it may not be what it seems."""
    said = []
    if snapshot.failure is not None:
        sentence = say("Its app cannot be polled, so this is the last known state: {why}")
        said.append(sentence.format(why=snapshot.failure.text))
    if snapshot.suspect:
        said.append(say("Its app's last answer is held back as suspect; this is the last state that was believed."))
    if entry.ambiguous:
        said.append(say("The answer has several rows of this identity: the worst is shown, and no change is told."))
    if entry.marks.missing is not None:
        said.append(say("It was missing from the last answer; it stays until that is confirmed."))
    if entry.marks.ignored:
        said.append(say("It is ignored by the configuration: its severity is ok, and its events are info."))
    if entry.marks.moved:
        said.append(say("It can send from another place in the account: it has moved, and its severity here is ok."))
    return said


def details(row: Row, say: Translate = english) -> list[tuple[str, str]]:
    """The rest of what the vendor says of an entry; what it leaves empty is left out."""
    named = [
        ("Verified name", row.verified_name),
        ("Name status", row.name_status),
        ("WABA", row.waba_id),
        ("WABA name", row.waba_name),
        ("Code verification", row.code_verification_status),
        ("Registration", say(REGISTRATIONS.get(row.register_status, row.register_status))),
    ]
    return [(say(name), value) for name, value in named if value]


def suspicion(held: Suspicion, say: Translate = english) -> str:
    """What an app lost at once."""
    if held.reason is SuspicionReason.EMPTY:
        return say("its list came back empty")
    missing = say("{numbers} missing").format(numbers=count(held.missing, "number", say))
    unknown = say("{numbers} without a value").format(numbers=count(held.unknown, "number", say))
    if held.missing and held.unknown:
        return say("{one} and {other}").format(one=missing, other=unknown)
    if held.missing or held.unknown:
        return missing if held.missing else unknown
    return say("many numbers lost")


def _in_trouble(seen: Overview, say: Translate) -> str:
    if seen.numbers == seen.attention == 1:
        return say("The one number needs attention")
    one = seen.attention == 1
    sentence = say("{some} of {all} needs attention") if one else say("{some} of {all} need attention")
    return sentence.format(some=f"{seen.attention:,}", all=count(seen.numbers, "number", say))


def _all_fine(seen: Overview, say: Translate) -> str:
    if seen.silenced:  # PENDING for less than a day, or ignored by configuration: nothing to do, but not fine
        sentence = say("No number needs attention, {some} of {all} cannot send")
        return sentence.format(some=f"{seen.silenced:,}", all=f"{seen.numbers:,}")
    if seen.unknown:
        sentence = say("No number needs attention, {some} of {all} cannot be judged yet")
        return sentence.format(some=f"{seen.unknown:,}", all=f"{seen.numbers:,}")
    if seen.numbers == 1:
        return say("The one number was fine when last asked") if seen.lost_apps else say("The one number is fine")
    were = say("All {all} numbers were fine when last asked")
    return (were if seen.lost_apps else say("All {all} numbers are fine")).format(all=f"{seen.numbers:,}")


def _change(data: Mapping[str, Any], told: str, say: Translate) -> str:
    """What an event says beside what happened; `told` may name the attribute already."""
    attribute = str(data.get("attribute") or "")
    said = ATTRIBUTES.get(attribute, attribute)
    if data.get("word"):
        return f"{say(said)} {data['word']}"
    if attribute or data.get("after") is not None:
        before, after = (_word(data.get(name), say) for name in ("before", "after"))
        return f"{'' if said in told else f'{say(said)} '}{before} → {after}"
    if isinstance(data.get("numbers"), int) and "degraded_count" in data:
        numbers = count(data["numbers"], "number", say)
        return say("{numbers}, {bad} in trouble").format(numbers=numbers, bad=f"{data['degraded_count']:,}")
    return ""


def _lasting(amount: int, unit: str, say: Translate) -> str:
    return say(f"{{amount}} {unit}").format(amount=amount)


def _badness(entry: Entry) -> tuple[Severity, Severity]:
    """How bad the rating and the status that were told are: what the entry's severity comes from."""
    return (
        QUALITY_SEVERITY.get(entry.told.quality_rating, Severity.UNKNOWN),
        STATUS_SEVERITY.get(canonical_status(entry.told.status), Severity.UNKNOWN),
    )


def _state(now: str, told: str, severities: Mapping[str, Severity], say: Translate) -> State:
    last_known = now in UNKNOWN_WORDS and told not in UNKNOWN_WORDS
    word = told if last_known else now
    severity = severities.get(canonical_status(word), Severity.UNKNOWN)
    return State(say("{word}, last known").format(word=word) if last_known else word, severity.word)


def _word(value: object, say: Translate) -> str:
    return say("none") if value in (None, "") else str(value)
