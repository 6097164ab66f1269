"""
Scripted lives: what happens to a number, a WABA or an app as time goes by, for ever and again.

Pure: no clock, no randomness.  A life is a circle of steps; its first is how things normally are.  Who lives which
life from which point of the circle is decided once, by `population`.  Times are simulated milliseconds, durations in
the tables simulated seconds: a world's speed says how many of them pass in a real one.
"""

from bisect import bisect_right
from collections.abc import Mapping
from enum import Enum
from itertools import accumulate

import msgspec

SECOND = 1_000


class Place(Enum):
    """Which apps list a number: the one it belongs to, the one it moves to, or for a while both."""

    HOME = "home"
    BOTH = "both"
    AWAY = "away"


class Step(msgspec.Struct, frozen=True):
    """What holds for a while."""

    lasts: int  #: simulated seconds
    changes: Mapping[str, str] = {}  #: fields of the row at home meanwhile; `{}` in a value is the ordinary value
    place: Place = Place.HOME
    code: int = 0  #: what an app answers instead of its list; 0: its list


class Life(msgspec.Struct, frozen=True):
    """Steps that follow each other in a circle."""

    name: str
    steps: tuple[Step, ...]

    @property
    def moves(self) -> bool:
        """Whether it takes a second app to live it."""
        return any(step.place is not Place.HOME for step in self.steps)

    @property
    def normal(self) -> int:
        """How long the first step lasts, in simulated milliseconds: where on the circle a life may begin."""
        return self.steps[0].lasts * SECOND

    @property
    def period(self) -> int:
        """Simulated milliseconds of the whole circle."""
        return sum(step.lasts for step in self.steps) * SECOND


class Moment(msgspec.Struct, frozen=True):
    """A step at some time, and how long it still holds."""

    step: Step
    left: int | None  #: simulated milliseconds, over 0; None: for ever


def moment(life: Life, at: int) -> Moment:
    """Where a life is, `at` simulated milliseconds after the beginning of its circle."""
    if len(life.steps) == 1:
        return Moment(life.steps[0], None)
    ends = list(accumulate(step.lasts * SECOND for step in life.steps))
    here = at % ends[-1]
    index = bisect_right(ends, here)
    return Moment(life.steps[index], ends[index] - here)


class Script(msgspec.Struct, frozen=True):
    """What may happen in a world; a kind without a life stays as it is."""

    numbers: tuple[Life, ...] = ()  #: the first numbers chosen get one each, later ones begin anew
    waba: Life | None = None
    app: Life | None = None


_YELLOW = {"quality_rating": "YELLOW"}
_RED = {"quality_rating": "RED"}
_GONE_FROM_HERE = {"status": "MIGRATED"}

STEADY = Life("steady", (Step(600),))

#: Everything that a number, a WABA and an app can live through.
EVENTFUL = Script(
    numbers=(
        Life("rating falls and heals", (Step(600), Step(180, _YELLOW), Step(300, _RED), Step(240, _YELLOW))),
        Life("banned, then reinstated", (Step(600), Step(420, {"status": "BANNED", **_RED}), Step(180, _YELLOW))),
        Life(
            "moves to another app and back",
            (Step(600), Step(120, _GONE_FROM_HERE, Place.BOTH), Step(600, place=Place.AWAY)),
        ),
        Life("flagged", (Step(600), Step(300, {"status": "FLAGGED", **_RED}), Step(180, _YELLOW))),
        Life(
            "renamed",
            (
                Step(600),
                Step(180, {"name_status": "PENDING_REVIEW"}),
                Step(600, {"verified_name": "{} Global"}),
                Step(180, {"verified_name": "{} Global", "name_status": "DECLINED"}),
            ),
        ),
        Life("slow to heal: in trouble from the start", (Step(600, _YELLOW), Step(900))),
        Life(
            "restricted",
            (Step(600), Step(240, {"status": "RATE_LIMITED"}), Step(300, {"status": "RESTRICTED", **_YELLOW})),
        ),
        Life(
            "loses its registration",
            (Step(600), Step(240, {"status": "DISCONNECTED"}), Step(120, {"status": "PENDING"})),
        ),
        Life("not rated for a while", (Step(600), Step(300, {"quality_rating": "UNKNOW"}))),
    ),
    waba=Life("tier lowered", (Step(600), Step(480, {"current_limit": "TIER_250"}))),
    app=Life("answers with errors", (Step(600), Step(180, code=9001), Step(60, code=-1))),
)

#: Nothing ever happens: every number stays healthy until a test changes it.
STILL = Script()
