"""
How states look on every dashboard: the word and the colour of each value, from the fleet's own tables.

The figures are those of `monitor.fleet.scales`, so that a state added there is on the dashboards with the next
`python -m dashboards`.  Colour follows severity; a state in which a number cannot send is darker.
"""

from collections.abc import Mapping

from grafana_foundation_sdk.models.dashboard import (
    DashboardSpecialValueMapOptions,
    SpecialValueMap,
    SpecialValueMatch,
    ValueMap,
    ValueMapping,
    ValueMappingResult,
)

from monitor.fleet.scales import (
    FIRST_STATUS_THAT_CANNOT_SEND,
    QUALITY_RATING,
    QUALITY_SEVERITY,
    STATUS,
    STATUS_SEVERITY,
    Severity,
)

COLOURS: Mapping[Severity, str] = {
    Severity.UNKNOWN: "#808080",
    Severity.OK: "green",
    Severity.WARNING: "yellow",
    Severity.CRITICAL: "red",
}
NO_DATA = "#4d4d4d"  #: nothing was said: darker than a state that is unknown

#: Above every tier that the vendor has a word for; stands for unlimited, which Grafana would draw as nothing.
UNLIMITED = 10_000_000

#: A tier is no trouble by itself, so its colours are apart from those of severity.
TIER_STEPS: Mapping[int, str] = {
    0: "super-light-purple",
    250: "light-purple",
    1_000: "super-light-blue",
    2_000: "light-blue",
    10_000: "blue",
    100_000: "semi-dark-blue",
    UNLIMITED: "dark-blue",
}


def status_colour(word: str) -> str:
    """By severity; darker where the number cannot send."""
    colour = COLOURS[STATUS_SEVERITY[word]]
    return f"dark-{colour}" if STATUS[word] >= FIRST_STATUS_THAT_CANNOT_SEND else colour


QUALITY_COLOURS: Mapping[str, str] = {word: COLOURS[severity] for word, severity in QUALITY_SEVERITY.items()}
STATUS_COLOURS: Mapping[str, str] = {word: status_colour(word) for word in STATUS}

#: The statuses in which a number cannot send, as a matcher writes them.
CANNOT_SEND = "|".join(word for word, value in STATUS.items() if value >= FIRST_STATUS_THAT_CANNOT_SEND)


RATED = "|".join(QUALITY_RATING)  #: the quality ratings that are a verdict, likewise


def mapping(words: Mapping[int, tuple[str, str]], nothing: str = "no data") -> list[ValueMapping]:
    """Value mappings: for each value its text and colour, and what is said where there is no value."""
    return [
        ValueMap(
            options={
                str(value): ValueMappingResult(text=text, color=colour, index=index)
                for index, (value, (text, colour)) in enumerate(words.items())
            }
        ),
        SpecialValueMap(
            options=DashboardSpecialValueMapOptions(
                match=SpecialValueMatch.NULL_AND_NAN,
                result=ValueMappingResult(text=nothing, color=NO_DATA, index=len(words)),
            )
        ),
    ]


QUALITY = mapping(
    {
        0: ("unknown", COLOURS[Severity.UNKNOWN]),
        **{value: (word, QUALITY_COLOURS[word]) for word, value in QUALITY_RATING.items()},
    }
)
STATE = mapping(
    {
        0: ("unknown", COLOURS[Severity.UNKNOWN]),
        **{value: (word, STATUS_COLOURS[word]) for word, value in STATUS.items()},
    }
)
SEVERITY = mapping({int(severity): (severity.word, COLOURS[severity]) for severity in Severity})
TIER = mapping({UNLIMITED: ("unlimited", TIER_STEPS[UNLIMITED])}, nothing="none stated")


def yes_or_no(yes: str, no: str) -> list[ValueMapping]:
    """1 is well, 0 is not."""
    return mapping({1: (yes, COLOURS[Severity.OK]), 0: (no, COLOURS[Severity.CRITICAL])})
