"""
Put a digest into words: the finished notice that people get, in their language and time zone.

Pure: no clock; the digest's own moment is the present.  The title alone says what to know.  Every text is one line,
and whatever is not ours is shown harmless and cut.  The age of the data is always said.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from monitor.delivery.people.digest import Baseline, Digest, Line, Trouble
from monitor.delivery.people.notice import MOST_SHOWN, Item, News, Notice
from monitor.delivery.words.details import Details
from monitor.delivery.words.first_look import FirstLook, listed
from monitor.delivery.words.groups import Groups, is_group
from monitor.delivery.words.headlines import Headlines, Words
from monitor.delivery.words.ranking import alarm, place, severity, severity_of
from monitor.delivery.words.titles import LONGEST_TITLE, Titles
from monitor.delivery.words.tongue import Tongue, shown
from monitor.fleet.policy import Language
from monitor.views.entry_path import entry_path

_NOTICES = UUID("6d6f6e69-746f-5e72-8e6f-746963657321")  # the namespace of notices' ids
_MINUTE = 60_000

_PAGELESS = frozenset({"number.removed", "number.moved", "app.removed"})  # types: the entry may be listed no more
_PAGELESS_ENDS = frozenset({"removed", "moved", "left"})  # likewise, by how trouble is over

#: What a receiver that keeps fields is given, by the field of the trouble.
_FACTS: Mapping[str, str] = {
    "account": "account",
    "appkey": "appkey",
    "app_name": "app_name",
    "number": "number",
    "waba_id": "waba_id",
    "waba_name": "waba_name",
    "verified_name": "verified_name",
    "attribute": "attribute",
    "before": "before",
    "after": "word",
    "type": "type",
}


class Wording:
    """Writes notices for people who read one language in one time zone."""

    def __init__(self, *, language: Language, zone: ZoneInfo, external_url: str | None) -> None:
        """
        Args:
            language: Of every word that is ours.
            zone: Of every moment.
            external_url: Where people open the pages; None: nothing is linked.
        """
        self._tongue = Tongue(language, zone)
        self._root = f"{external_url.rstrip('/')}/" if external_url else None
        self._headlines = Headlines(self._tongue)
        self._groups = Groups(self._tongue)
        self._details = Details(self._tongue)
        self._titles = Titles(self._tongue)
        self._first_look = FirstLook(self._tongue)

    def notice(self, digest: Digest) -> Notice:
        """The message that tells a digest; the same digest is always the same message."""
        lines = sorted(digest.lines, key=place)
        items = [self._item(line, digest) for line in lines]
        unlisted = 0
        if digest.baseline is not None:
            first, *found = self._first_items(digest.baseline, digest)
            items = [first, *found, *items]
            unlisted = digest.baseline.degraded_count - listed(digest.baseline)
        return Notice(
            id=_identity(digest),
            account=shown(digest.account),
            severity=severity(digest),
            alarm=alarm(digest),
            title=self._title(lines, digest),
            items=tuple(items),
            more=self._more(items[MOST_SHOWN:], max(unlisted, 0)),
            footer=self._footer(digest),
            url=self._root,
            language=self._tongue.language,
            is_test=digest.is_test,
        )

    def _item(self, line: Line, digest: Digest) -> Item:
        first = line.troubles[0]
        details = self._details.of(line, digest.at)
        return Item(
            news=line.news,
            severity=severity_of(line),
            incident=line.incident,
            headline=self._words(line, digest.at).headline,
            details=(self._tongue.say("this is only a test: nothing happened"), *details)
            if digest.is_test
            else details,
            at=min(trouble.since for trouble in line.troubles),
            source=first.source,
            url=self._page(line),
            facts=_facts(line.troubles, line.once),
        )

    def _first_items(self, baseline: Baseline, digest: Digest) -> Iterable[Item]:
        yield self._first_look.item(baseline, digest.at)
        for line in sorted(map(_opened, baseline.degraded), key=place):
            yield self._item(line, digest)

    def _words(self, line: Line, now: int) -> Words:
        return self._groups.of(line, now) if is_group(line) else self._headlines.of(line, now)

    def _title(self, lines: list[Line], digest: Digest) -> str:
        if digest.baseline is not None:
            sentence = self._titles.of_first_look(digest.baseline, lines)
        elif len(lines) == 1:
            sentence = self._words(lines[0], digest.at).title
        else:
            sentence = self._titles.of_many(digest.account, lines)
        return shown(self._titles.marked(sentence, digest), LONGEST_TITLE)

    def _page(self, line: Line) -> str | None:
        """The page of the number that the line is about; None where there is not one, or it may be gone."""
        first = line.troubles[0]
        if self._root is None or is_group(line) or not first.number or not first.appkey:
            return None
        if line.why in _PAGELESS_ENDS or (line.once or first.type) in _PAGELESS:
            return None
        return self._root + entry_path(first.account, first.appkey, first.waba_id, first.number)

    def _more(self, items: list[Item], unlisted: int) -> str:
        if not items and not unlisted:
            return ""
        kinds = Counter(_kind(item) for item in items)
        each = [self._tongue.say(template, count=f"{kinds[kind]:,}") for kind, template in KINDS.items() if kinds[kind]]
        if unlisted:
            each.append(self._tongue.say("{count} not listed", count=f"{unlisted:,}"))
        count = f"{len(items) + unlisted:,}"
        return self._tongue.say("and {count} more: {each}", count=count, each=self._tongue.listed(each))

    def _footer(self, digest: Digest) -> str:
        """Where it comes from, and how old the oldest of it is."""
        parts = [self._tongue.say("account {name}", name=shown(digest.account))]
        seen = [trouble.seen for line in digest.lines for trouble in line.troubles]
        if digest.baseline is not None:
            seen += [digest.baseline.seen, *(trouble.seen for trouble in digest.baseline.degraded)]
        if seen:
            moment = self._tongue.moment(min(seen), digest.at)
            age = self._tongue.lasting(digest.at - min(seen))
            parts.append(self._tongue.say("data of {moment}, {age} old", moment=moment, age=age))
        return " · ".join([*parts, "number-monitor"])


#: What follows after the items shown is counted so.
KINDS: Mapping[str, str] = {
    "critical": "{count} critical",
    "warning": "{count} warning",
    "reminder": "{count} still open",
    "closed": "{count} closed",
    "info": "{count} for information",
}


def _kind(item: Item) -> str:
    return item.news.value if item.news in {News.CLOSED, News.REMINDER} else item.severity


def _opened(trouble: Trouble) -> Line:
    """What a first look found, as a line of its own."""
    return Line(News.OPENED, trouble.incident, trouble.severity, (trouble,))


def _facts(troubles: tuple[Trouble, ...], once: str) -> dict[str, str]:
    """What all these troubles have in common."""
    first, *others = troubles
    shared = {
        name: getattr(first, field)
        for name, field in _FACTS.items()
        if all(getattr(other, field) == getattr(first, field) for other in others)
    }
    return {name: shown(text) for name, text in {**shared, **({"type": once} if once else {})}.items() if text}


def _identity(digest: Digest) -> str:
    """
    A UUIDv5 of what is told and when it began: a reminder's minute is part of it, and of a test when it is made.

    Mailboxes drop what has an identity that they know, and the sequences of a new store begin anew: the moments keep
    its messages apart from those of the store before.
    """
    minute = digest.at // _MINUTE
    told = [
        (
            line.news,
            line.incident,
            minute if line.news is News.REMINDER else 0,
            [trouble.began or trouble.since for trouble in line.troubles],
        )
        for line in digest.lines
    ]
    first_look = digest.baseline.seen if digest.baseline is not None else None
    content = [digest.account, digest.sequences, told, first_look, digest.at if digest.is_test else 0]
    return str(uuid5(_NOTICES, json.dumps(content)))  # ASCII: it takes text that is no valid Unicode, too
