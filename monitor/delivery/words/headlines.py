"""
What a line says in one sentence: a headline in full, and a shorter one for a title.

Pure.  The words of states stay the vendor's.  Nothing is called recovered that is only gone.
"""

from collections.abc import Mapping
from typing import NamedTuple

from monitor.delivery.people.digest import TIER, Line, Trouble
from monitor.delivery.people.notice import News
from monitor.delivery.people.said import since
from monitor.delivery.words.families import ENDS, FAMILIES, REFUSED
from monitor.delivery.words.tongue import LONGEST, Tongue, shown
from monitor.fleet.attributes import LEVELS, LIMITED_WORDS, STATE, canonical, value
from monitor.fleet.scales import (
    QUALITY_SEVERITY,
    STATUS,
    STATUS_SEVERITY,
    Severity,
    can_send,
    canonical_status,
    tier_limit,
)

FLAPPING = "flapping"
BRIEF = 40  #: characters of a name in a title


class Words(NamedTuple):
    """One sentence, twice."""

    headline: str
    title: str


ATTRIBUTES: Mapping[str, str] = {
    "quality_rating": "quality",
    "status": "status",
    "tier": "tier",
    "name_status": "name status",
    "code_verification_status": "code verification",
    "register_status": "registration",
    "verified_name": "verified name",
    "waba_name": "WABA name",
}

#: How a number's trouble may be over; what is said of it.
ENDINGS: Mapping[str, str] = {
    "recovered": "{who} recovered",
    "removed": "{who} is gone from the app's list; it did not recover",
    "moved": "{who} sends from another place in the account now",
    "ignored": "{who} is ignored from now on",
    "left": "{who} is not watched any more: its app left the configuration",
}

#: What is told once of what has no trouble of its own; the rest says more than a table can.
ONCE: Mapping[str, str] = {
    "number.added": "{who} appeared in the app's list",
    "number.removed": "{who} is gone from the app's list",
    "app.removed": "{who} left the configuration and is not watched any more",
    "app.baseline": "{who} gave its first answer and is watched from now on",
}

#: What an event that opens and closes nothing is to people: told as such trouble would be.
_AS: Mapping[str, News] = {
    "number.degraded": News.OPENED,
    "number.persisting": News.OPENED,
    "number.improved": News.CHANGED,
    "number.recovered": News.CLOSED,
    "waba.tier_lowered": News.OPENED,
    "waba.tier_raised": News.CHANGED,
}


def is_worse(trouble: Trouble) -> bool:
    """Whether trouble that people know has got worse than what they know."""
    if trouble.attribute == TIER:
        return (tier_limit(trouble.word) or 0) < (tier_limit(trouble.before) or 0)
    if trouble.attribute not in LEVELS or trouble.type == "number.persisting":
        return trouble.type in {"number.persisting", "account.unreachable"}  # told again only when they get critical
    if _severity(trouble, trouble.word) > _severity(trouble, trouble.before):
        return True
    if trouble.type == "number.changed":  # between states that cannot send: the scale says little there
        return can_send(trouble.before) and not can_send(trouble.word)
    return value(trouble.attribute, trouble.word) > value(trouble.attribute, trouble.before)


def _way(trouble: Trouble) -> str:
    """How a level went that people know, in words."""
    if is_worse(trouble):
        return "{who} got worse: {state}, was {before}"
    if value(trouble.attribute, trouble.word) < value(trouble.attribute, trouble.before):
        return "{who} improved to {state}, was {before}"
    return "{who} is {state}, was {before}"


def _severity(trouble: Trouble, text: str) -> Severity:
    severities = STATUS_SEVERITY if trouble.attribute == STATE else QUALITY_SEVERITY
    return severities.get(canonical(trouble.attribute, text), Severity.UNKNOWN)


def state(tongue: Tongue, trouble: Trouble, form: str = "{word} ({gloss})") -> str:
    """The vendor's word for what a number is, and what that means where the word alone does not say it."""
    word = shown(trouble.word)
    if trouble.attribute != STATE or canonical_status(trouble.word) not in STATUS:
        return word
    if not can_send(trouble.word):
        return tongue.say(form, word=word, gloss=tongue.say("cannot send"))
    return tongue.say(form, word=word, gloss=tongue.say("sends with limits")) if trouble.word in LIMITED_WORDS else word


class Headlines:
    """Puts what a line is about into a sentence, for a line that is no group."""

    def __init__(self, tongue: Tongue) -> None:
        self._tongue = tongue

    def of(self, line: Line, now: int) -> Words:
        """The sentence of a line about one trouble."""
        trouble = line.troubles[0]
        kind = line.once or trouble.type
        news = _AS.get(kind, line.news) if line.news is News.ONCE else line.news
        if line.why == FLAPPING:
            return self._flapping(line)
        if kind in FAMILIES:
            return self._of_family(trouble, kind, News.CLOSED if kind in ENDS else news, line.why, now)
        if news is News.CLOSED and line.why not in {"", "recovered"}:
            return self._ended(trouble, line.why)
        if news is News.ONCE or (news is not News.CLOSED and trouble.attribute not in {*LEVELS, TIER}):
            return self._once(trouble, kind)
        return (self._of_tier if trouble.attribute == TIER else self._of_number)(trouble, news, now)

    def _of_number(self, trouble: Trouble, news: News, now: int) -> Words:
        if news is News.CLOSED:
            return self._recovered(trouble)
        if news is News.REMINDER:
            return self._still(trouble, now)
        if trouble.type == "number.persisting":
            return self._said(trouble, "{who} has been {state} for over 24 h", "{who} has been {word} for over 24 h")
        known = trouble.before not in {"", trouble.word}
        if news is News.OPENED or not known:
            full = "{who} is {state}, was {before}" if known else "{who} is {state}"
            return self._said(trouble, full, "{who} is {state}")
        return self._said(trouble, _way(trouble))

    def _recovered(self, trouble: Trouble) -> Words:
        places = {"lasted": self._lasted(trouble)}
        brief = "{who} recovered after {lasted}" if places["lasted"] else "{who} recovered"
        if trouble.attribute not in LEVELS or value(trouble.attribute, trouble.word) != 1:
            return self._said(trouble, brief, **places)
        if trouble.before in {"", trouble.word}:
            return self._said(trouble, "{who} is {state} again", brief, **places)
        if not places["lasted"]:
            return self._said(trouble, "{who} is {state} again, was {before}", brief)
        return self._said(trouble, "{who} is {state} again, was {before} for {lasted}", brief, **places)

    def _still(self, trouble: Trouble, now: int) -> Words:
        times = {"since": self._tongue.moment(trouble.since, now), "lasted": self._tongue.lasting(now - trouble.since)}
        return self._said(
            trouble, "{who} is still {state}, since {since} ({lasted})", "{who} still {word} after {lasted}", **times
        )

    def _ended(self, trouble: Trouble, why: str) -> Words:
        if why == "moved":
            return self._moved(trouble)
        if why == "left" and not trouble.number:
            return self._said(trouble, ONCE["app.removed"])
        if why == "removed" and (trouble.before or trouble.word):
            return self._said(
                trouble,
                "{who}, last seen {last}, is gone from the app's list; it did not recover",
                "{who} is gone, last seen {last}",
                last=shown(trouble.before or trouble.word),
            )
        return self._said(trouble, ENDINGS.get(why, "{who} is not in trouble any more"))

    def _moved(self, trouble: Trouble) -> Words:
        if "moved_to" in trouble.said:
            place = shown(trouble.said["moved_to"], BRIEF)
            return self._said(trouble, "{who} sends from app {place} now", "{who} moved to app {place}", place=place)
        if "moved_to_waba" in trouble.said:
            place = shown(trouble.said["moved_to_waba"], BRIEF)
            return self._said(trouble, "{who} sends from WABA {place} now", "{who} moved to WABA {place}", place=place)
        return self._said(trouble, ENDINGS["moved"])

    def _once(self, trouble: Trouble, kind: str) -> Words:
        tell = {"number.changed": self._changed, "number.moved": self._moved, "vendor.unmapped": self._unmapped}.get(
            kind
        )
        if tell is not None:
            return tell(trouble)
        if kind == "number.added" and trouble.word:
            return self._said(trouble, "{who} appeared in the app's list ({word})", ONCE[kind])
        return self._said(trouble, ONCE.get(kind, "{who}: {kind}"), kind=shown(kind))

    def _changed(self, trouble: Trouble) -> Words:
        if trouble.attribute == "ignored":
            ended = trouble.word == "false"
            return self._said(trouble, "{who} is not ignored any more" if ended else "{who} is ignored from now on")
        if trouble.attribute in LEVELS:
            return self._said(trouble, "{who} is {state}, was {before}" if trouble.before else "{who} is {state}")
        named = (
            self._tongue.say(ATTRIBUTES[trouble.attribute]) if trouble.attribute in ATTRIBUTES else trouble.attribute
        )
        template = "{who}: {attribute} is {word}, was {before}" if trouble.before else "{who}: {attribute} is {word}"
        return self._said(trouble, template, "{who}: {attribute} is {word}", attribute=shown(named))

    def _unmapped(self, trouble: Trouble) -> Words:
        word = shown(trouble.word or trouble.said.get("word", ""))
        attribute = self._tongue.say(ATTRIBUTES.get(trouble.attribute, "state"))
        return self._said(
            trouble,
            "{who}: the vendor used a word for {attribute} that nobody documented: {word}",
            "{who}: unknown word for {attribute}: {word}",
            attribute=attribute,
            word=word,
        )

    def _of_tier(self, trouble: Trouble, news: News, now: int) -> Words:
        count = self._tongue.numbers(len(trouble.numbers))
        if news is News.REMINDER:
            return self._still(trouble, now)
        if news is News.CLOSED:
            if trouble.type == "waba.tier_lowered":
                return self._said(
                    trouble, "{who}: the lower messaging tier {word} has held for 7 days and is the rule now"
                )
            return self._said(trouble, "{who}: messaging tier is back at {word}")
        if not trouble.before:
            return self._said(trouble, "{who}: messaging tier is {word} ({count})", count=count)
        if is_worse(trouble):
            return self._said(
                trouble,
                "{who}: messaging tier lowered from {before} to {word} ({count})",
                "{who}: messaging tier lowered to {word}",
                count=count,
            )
        return self._said(
            trouble,
            "{who}: messaging tier raised from {before} to {word} ({count})",
            "{who}: messaging tier raised to {word}",
            count=count,
        )

    def _of_family(self, trouble: Trouble, kind: str, news: News, why: str, now: int) -> Words:
        family = REFUSED if trouble.hint_id == "account.refused" else FAMILIES[kind]
        if news is News.CLOSED:
            if why in ENDINGS and why != "recovered":
                return self._ended(trouble, why)
            return self._over(trouble, family.over)
        lasts = news in {News.REMINDER, News.CHANGED}
        full, brief = self._said(trouble, family.lasts if lasts else family.opened)
        extent = [self._share(trouble), self._tongue.lasting(now - since(trouble.said, trouble.since)) if lasts else ""]
        if any(extent):
            said = self._tongue.listed(part for part in extent if part)
            full = self._tongue.say("{sentence} ({extent})", sentence=full, extent=said)
            brief = self._tongue.say("{sentence} ({extent})", sentence=brief, extent=said)
        if trouble.text:
            full = self._tongue.say("{sentence}: {text}", sentence=full, text=shown(trouble.text))
        return Words(self._tongue.clauses([full, self._tongue.say(family.tail)]) if family.tail else full, brief)

    def _over(self, trouble: Trouble, template: str) -> Words:
        full, brief = self._said(trouble, template)
        lasted = self._lasted(trouble)
        return Words(
            self._tongue.say("{sentence}, after {lasted}", sentence=full, lasted=lasted) if lasted else full, brief
        )

    def _share(self, trouble: Trouble) -> str:
        """How much of it is concerned, where that is known."""
        said = trouble.said
        if "failing" in said and "apps" in said:
            return self._tongue.say("{some} of {all} apps", some=shown(said["failing"]), all=shown(said["apps"]))
        if "suspect" in said and "apps" in said:
            return self._tongue.say("{some} of {all} apps", some=shown(said["suspect"]), all=shown(said["apps"]))
        if "listed_before" in said:
            before, after = shown(said["listed_before"]), shown(said["listed_after"])
            return self._tongue.say("{before} apps before, {after} now", before=before, after=after)
        lost = [
            self._tongue.say(template, count=shown(said[name]))
            for name, template in (("missing", "{count} missing"), ("unknown", "{count} without a value"))
            if said.get(name, "0") != "0"
        ]
        return self._tongue.listed(lost)

    def _flapping(self, line: Line) -> Words:
        """What it is at the moment is not said: it may be well by now, and bad in a minute."""
        trouble = line.troubles[0]
        times = self._tongue.plural(line.changes, "{count} time", "{count} times")
        if trouble.attribute not in ATTRIBUTES:
            full = "{who} changes often: {times} within the hour; quiet until it has been calm for an hour"
            return self._said(trouble, full, "{who} changes often", times=times)
        return self._said(
            trouble,
            "{who}: {attribute} changes often: {times} within the hour; quiet until it has been calm for an hour",
            "{who}: {attribute} changes often",
            attribute=self._tongue.say(ATTRIBUTES[trouble.attribute]),
            times=times,
        )

    def _lasted(self, trouble: Trouble) -> str:
        began = since(trouble.said, trouble.began)
        return self._tongue.lasting(trouble.since - began) if 0 < began <= trouble.since else ""

    def _said(self, trouble: Trouble, template: str, brief: str | None = None, **places: str) -> Words:
        """A sentence about a trouble in full and in brief; the brief one is the same where none is given."""
        words = {"word": shown(trouble.word), "before": shown(trouble.before), **places}
        title = self._tongue.say(
            brief or template, who=self._called(trouble), state=state(self._tongue, trouble, "{word}, {gloss}"), **words
        )
        home = shown(trouble.app_name or trouble.appkey, BRIEF)
        if trouble.number and home and "place" not in places:  # one place at a time
            title = self._tongue.say("{sentence} ({app})", sentence=title, app=home)
        full = self._tongue.say(template, who=self.who(trouble), state=state(self._tongue, trouble), **words)
        return Words(full, title)

    def who(self, trouble: Trouble) -> str:
        """What a trouble is about, in full: the number and its app, the WABA, the app, the account."""
        home = shown(trouble.app_name or trouble.appkey)
        if trouble.number:
            number = shown(trouble.number)
            return self._tongue.say("{number} ({app})", number=number, app=home) if home else number
        if trouble.attribute == TIER:
            return self._called(trouble, LONGEST)
        if trouble.app_name and trouble.appkey:
            return self._tongue.say("app {name} ({appkey})", name=home, appkey=shown(trouble.appkey))
        return self._called(trouble, LONGEST)

    def _called(self, trouble: Trouble, longest: int = BRIEF) -> str:
        """The same in brief."""
        if trouble.number:
            return shown(trouble.number, longest)
        if trouble.attribute == TIER:
            return self._tongue.say("WABA {name}", name=shown(trouble.waba_name or trouble.waba_id or "-", longest))
        if trouble.appkey:
            return self._tongue.say("app {name}", name=shown(trouble.app_name or trouble.appkey, longest))
        return self._tongue.say("account {name}", name=shown(trouble.account, longest))
