"""
The vendor's side of the world: its customers' apps and numbers, and what they show at this moment.

Time comes in through `monotonic`; the same seed shows the same at the same moment.  A field that was changed by hand
is pinned: its script goes on beneath it, unseen.  An app's answer is rendered once and kept until the moment at which
something in it changes, so that 5,000 apps of 20 numbers are answered without rendering anything.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any, Self

import msgspec

from monitor.simulator.gate import Customers
from monitor.simulator.lives import EVENTFUL, Place, Script, moment
from monitor.simulator.population import App, Number, Population, Waba, populate
from monitor.simulator.result import failed, succeeded
from monitor.simulator.row import FIELDS


class UnknownNumberError(LookupError):
    """Nobody here has this number."""


class UnknownFieldError(ValueError):
    """A row has no such field."""


class UnknownAppError(LookupError):
    """Nobody here has this appkey."""


class Listing(msgspec.Struct, frozen=True):
    """An app's answer, and the span of simulated time in which it is this one."""

    body: bytes
    since: int
    until: int | None  #: None: until something is changed by hand

    def holds(self, at: int) -> bool:
        """Whether the answer is still this one."""
        return self.since <= at and (self.until is None or at < self.until)


class World:
    """
    An integrator with apps and numbers, another customer with an app, and a customer who is no integrator.

    Args:
        population: who lives here.
        access_key, access_secret: the integrator's.
        foreign_appkey: an app of another customer (asking for it is refused with 9010).
        plain_access_key: a customer's who is no integrator (9007); it has the same secret.
        monotonic: seconds; the world begins when it is built.
        speed: simulated seconds in a real one; 0 stands still.

    Raises:
        ValueError: the speed is below 0 or no number.
    """

    def __init__(
        self,
        population: Population,
        *,
        access_key: str,
        access_secret: str,
        foreign_appkey: str = "jh99othd999",
        plain_access_key: str = "fmeplain3ki",
        monotonic: Callable[[], float] = time.monotonic,
        speed: float = 1.0,
    ) -> None:
        if not 0 <= speed < math.inf:
            raise ValueError(f"speed is how many times faster than life, 0 or more, not {speed}")
        self.customers = Customers(
            access_key=access_key,
            access_secret=access_secret,
            appkeys=frozenset(app.appkey for app in population.apps),
            foreign_appkey=foreign_appkey,
            plain_access_key=plain_access_key,
        )
        self._apps = {app.appkey: app for app in population.apps}
        self._numbers = {number.digits: number for number in population.numbers}
        self._wabas = {number.home: number.waba for number in reversed(population.numbers)}
        self._listed: dict[str, dict[str, None]] = {app.appkey: {} for app in population.apps}
        for number in population.numbers:
            for place in {step.place for step in number.life.steps}:
                for appkey in _PLACES[place](number):
                    self._listed[appkey][number.digits] = None
        self._pinned: dict[str, dict[str, Any]] = {}
        self._placed: dict[str, tuple[str, ...]] = {}
        self._listings: dict[str, Listing] = {}
        self._monotonic = monotonic
        self._began = monotonic()
        self._speed = speed

    @classmethod
    def of(
        cls,
        apps: int = 6,
        numbers: int = 24,
        seed: int = 1,
        *,
        script: Script = EVENTFUL,
        monotonic: Callable[[], float] = time.monotonic,
        speed: float = 1.0,
    ) -> Self:
        """
        Build a world from a seed: credentials, apps, numbers and lives.

        `script=STILL` makes one in which every number stays healthy until it is changed by hand.
        """
        random = Random(seed)  # noqa: S311 - a repeatable world, not a secret one
        access_key = f"fme{random.randbytes(4).hex()}3ki"
        access_secret = f"sim{random.randbytes(6).hex()}"
        population = populate(apps, numbers, script, random)
        return cls(population, access_key=access_key, access_secret=access_secret, monotonic=monotonic, speed=speed)

    @property
    def access_key(self) -> str:
        """The integrator's."""
        return self.customers.access_key

    @property
    def access_secret(self) -> str:
        """The integrator's."""
        return self.customers.access_secret

    @property
    def apps(self) -> tuple[App, ...]:
        """The integrator's apps."""
        return tuple(self._apps.values())

    @property
    def appkeys(self) -> tuple[str, ...]:
        """Their appkeys, in the same order."""
        return tuple(self._apps)

    @property
    def numbers(self) -> tuple[str, ...]:
        """All numbers in E.164 form."""
        return tuple(f"+{digits}" for digits in self._numbers)

    def listed(self, appkey: str) -> tuple[str, ...]:
        """The numbers in E.164 form that an app lists now; none of an appkey that nobody has."""
        at = self._at()
        numbers = (self._numbers[digits] for digits in self._listed.get(appkey, ()))
        return tuple(f"+{number.digits}" for number in numbers if appkey in self._places(number, at))

    def answer(self, appkey: str) -> bytes:
        """The body that phoneList answers for one of `appkeys` now."""
        at = self._at()
        listing = self._listings.get(appkey)
        if listing is None or not listing.holds(at):
            listing = self._listings[appkey] = self._render(appkey, at)
        return listing.body

    def rows(self, appkey: str) -> list[dict[str, Any]]:
        """The rows that an app lists now, whatever it answers."""
        return self._rows(appkey, self._at())

    def digits(self, number: str) -> str:
        """
        Read a number as people write it: with or without a plus sign, spaces and dashes.

        Raises:
            UnknownNumberError: it cannot be read, or nobody has it.
        """
        digits = number.strip().removeprefix("+").replace(" ", "").replace("-", "")
        if digits not in self._numbers:
            raise UnknownNumberError(f"no number {number!r} here; GET /numbers lists those there are")
        return digits

    def show(self, number: str) -> dict[str, Any]:
        """A number as `GET /numbers` lists it: where it is listed now, its row there, and what is pinned."""
        digits = self.digits(number)
        at = self._at()
        places = self._places(self._numbers[digits], at)
        row = self._row(self._numbers[digits], places[0] if places else self._numbers[digits].home, at)
        return {"number": f"+{digits}", "appkeys": places, "pinned": sorted(self._pinned.get(digits, ())), "row": row}

    def change(self, number: str, fields: Mapping[str, Any]) -> None:
        """
        Give fields of a number's rows other values, any JSON, and pin them against its script.

        Raises:
            UnknownNumberError: nobody has the number.
            UnknownFieldError: a row has no such field; nothing was changed.
        """
        digits = self.digits(number)
        unknown = [field for field in fields if field not in FIELDS]
        if unknown:
            raise UnknownFieldError(f"a row has no field {', '.join(map(repr, unknown))}; it has {', '.join(FIELDS)}")
        self._pinned.setdefault(digits, {}).update(fields)
        self._forget(digits)

    def place(self, number: str, *appkeys: str) -> None:
        """
        Have exactly these apps list a number from now on, whatever its script says; none of them: it is gone.

        Raises:
            UnknownNumberError: nobody has the number.
            UnknownAppError: the integrator has no such app; nothing was changed.
        """
        digits = self.digits(number)
        for appkey in appkeys:
            if appkey not in self._apps:
                raise UnknownAppError(f"no appkey {appkey!r} here; GET /apps lists those there are")
        self._forget(digits)  # where it was placed before
        self._placed[digits] = appkeys
        for appkey in appkeys:
            self._listed[appkey][digits] = None
        self._forget(digits)

    def _at(self) -> int:
        return int((self._monotonic() - self._began) * self._speed * 1_000)

    def _forget(self, digits: str) -> None:
        number = self._numbers[digits]
        for appkey in (number.home, number.away, *self._placed.get(digits, ())):
            self._listings.pop(appkey, None)

    def _render(self, appkey: str, at: int) -> Listing:
        app = self._apps[appkey]
        code = moment(app.life, at + app.phase).step.code
        body = failed(code) if code else succeeded(self._rows(appkey, at))
        left = min(self._changes_in(appkey, at), default=None)
        return Listing(body, at, None if left is None else at + left)

    def _changes_in(self, appkey: str, at: int) -> Iterator[int]:
        """In how many simulated milliseconds each life that shows in an app's answer takes its next step."""
        numbers = [self._numbers[digits] for digits in self._listed[appkey]]
        lives: list[App | Number | Waba] = [self._apps[appkey], *numbers]
        lives += [self._waba(number, appkey) for number in numbers]
        for living in lives:
            left = moment(living.life, at + living.phase).left
            if left is not None:
                yield left

    def _rows(self, appkey: str, at: int) -> list[dict[str, Any]]:
        numbers = [self._numbers[digits] for digits in self._listed[appkey]]
        return [self._row(number, appkey, at) for number in numbers if appkey in self._places(number, at)]

    def _row(self, number: Number, appkey: str, at: int) -> dict[str, Any]:
        """What an app shows of a number: as it was born, what happens to its WABA and to itself, what is pinned."""
        row = msgspec.structs.asdict(number.row)
        waba = self._waba(number, appkey)
        row |= {"waba_id": waba.waba_id, "waba_name": waba.name}
        for living in (waba, number) if appkey == number.home else (waba,):
            changes = moment(living.life, at + living.phase).step.changes
            row |= {field: value.format(row[field]) for field, value in changes.items()}
        return row | self._pinned.get(number.digits, {})

    def _waba(self, number: Number, appkey: str) -> Waba:
        """The WABA of a number that an app lists: at home its own, elsewhere one of that app's."""
        return number.waba if appkey == number.home else self._wabas.get(appkey, number.waba)

    def _places(self, number: Number, at: int) -> tuple[str, ...]:
        """The apps that list a number."""
        placed = self._placed.get(number.digits)
        if placed is not None:
            return placed
        return _PLACES[moment(number.life, at + number.phase).step.place](number)


_PLACES: Mapping[Place, Callable[[Number], tuple[str, ...]]] = {
    Place.HOME: lambda number: (number.home,),
    Place.BOTH: lambda number: (number.home, number.away),
    Place.AWAY: lambda number: (number.away,),
}
