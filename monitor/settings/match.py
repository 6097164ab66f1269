"""
What a rule or a sink is about: `match` with the keys that can fit there.

A key that never could is refused by its name rather than as unknown.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator

from monitor.settings.scalars import (
    AlertAttribute,
    EventAttribute,
    EventType,
    LabelName,
    MappingOrNothing,
    OfEvents,
    OneOrMore,
    StateAttribute,
    Text,
)
from monitor.settings.section import Section

WORTH_TELLING: tuple[Literal["warning", "critical"], ...] = ("warning", "critical")


class EntryMatch(Section):
    """Which entries a rule is about: every field given must fit, by one of its globs; a field left out fits all."""

    account: Annotated[tuple[Text, ...], OneOrMore] = ()
    appkey: Annotated[tuple[Text, ...], OneOrMore] = ()
    number: Annotated[tuple[Text, ...], OneOrMore] = ()
    waba_id: Annotated[tuple[Text, ...], OneOrMore] = ()
    labels: Annotated[Mapping[LabelName, Annotated[tuple[Text, ...], OneOrMore]], MappingOrNothing] = {}
    attribute: OfEvents = None
    severity: OfEvents = None
    type: OfEvents = None


class StateMatch(EntryMatch):
    """Which states of which entries a rule is about."""

    attribute: Annotated[tuple[StateAttribute, ...], OneOrMore] = ()  # type: ignore[assignment]  # one more key than an entry's


class EventMatch(EntryMatch):
    """Which events a sink gets; a field that an event does not have does not fit."""

    attribute: Annotated[tuple[EventAttribute, ...], OneOrMore] = ()  # type: ignore[assignment]  # keys more than an entry's
    severity: Annotated[tuple[Literal["info", "warning", "critical"], ...], OneOrMore] = ()  # type: ignore[assignment]  # likewise
    type: Annotated[tuple[EventType, ...], OneOrMore] = ()  # type: ignore[assignment]  # likewise


def _or_worth_telling(severity: tuple[str, ...]) -> tuple[str, ...]:
    return severity or WORTH_TELLING


class PeopleMatch(EventMatch):
    """Which events people are told of: where no severity is given, those that are of use to them."""

    severity: Annotated[
        tuple[Literal["info", "warning", "critical"], ...], OneOrMore, AfterValidator(_or_worth_telling)
    ] = WORTH_TELLING


class AlertMatch(EntryMatch):
    """Which trouble of which entries becomes alerts."""

    attribute: Annotated[tuple[AlertAttribute, ...], OneOrMore] = ()  # type: ignore[assignment]  # keys more than an entry's
    severity: Annotated[tuple[Literal["warning", "critical"], ...], OneOrMore] = ()  # type: ignore[assignment]  # likewise
