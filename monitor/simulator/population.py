"""
Who lives in a world: apps, their WABAs, their numbers, and which life each of them leads.

Deterministic: the same arguments and the same seeded source of randomness make the same population.  Numbers come
from ranges used for documentation and drama, names from a short list that has what real names have: apostrophes,
quotation marks, ampersands and several scripts.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from random import Random

import msgspec

from monitor.simulator.lives import STEADY, Life, Script
from monitor.simulator.row import Row

NUMBERS_PER_WABA = 4
EVENTFUL_SHARE = 8  # one number in so many has a life worth watching,
EVENTFUL_WABAS = 10  # one WABA,
EVENTFUL_APPS = 20  # and one app

BRANDS = (
    "GLORY TEST",
    "Harbour Tea",
    "格洛里旗舰店",
    "O'Hara & Sons",
    "Café Aurora",
    'Nordlicht "Mode"',
    "李记茶行",
    "Papelaria São João",
    "Sahara Travel",
    "مكتبة النور",
    "Kiwi, Fig & Co.",
    "Čapek Knihy",
)
APP_NAMES = ("glory", "harbour-tea", "shop", "ohara", "aurora", "nordlicht", "tea-house", "paper", "sahara", "kiwi")
TIERS = ("TIER_10K", "TIER_1K", "TIER_100K", "", "TIER_UNLIMITED")
REGISTERED: tuple[int | str, ...] = (5, 5, "5", 4, 1)


class App(msgspec.Struct, frozen=True):
    """An app of a customer."""

    appkey: str
    name: str
    life: Life = STEADY
    phase: int = 0  #: where on the circle of its life it begins, in simulated milliseconds


class Waba(msgspec.Struct, frozen=True):
    """A WhatsApp Business Account: its numbers share a tier."""

    waba_id: str  #: 15 digits
    name: str
    tier: str
    life: Life = STEADY
    phase: int = 0


class Number(msgspec.Struct, frozen=True):
    """A number, its ordinary row, and where it is listed."""

    digits: str  #: how it is asked for, whatever its display number is changed to
    row: Row
    waba: Waba
    home: str  #: the appkey that lists it
    away: str = ""  #: where it goes when its life has it move
    life: Life = STEADY
    phase: int = 0


class Population(msgspec.Struct, frozen=True):
    """All of a world's apps and numbers, apps in the order of their list."""

    apps: tuple[App, ...]
    numbers: tuple[Number, ...]


def populate(apps: int, numbers: int, script: Script, random: Random) -> Population:
    """
    Spread `numbers` evenly over `apps` and give the script's lives to some of them.

    Raises:
        ValueError: there is no app, or there are more numbers than the ranges hold.
    """
    if apps < 1 or numbers < 0:
        raise ValueError(
            f"a world has an app at least and no fewer than 0 numbers, not {apps} apps and {numbers} numbers"
        )
    displays = list(islice(_display_numbers(), numbers))
    if len(displays) < numbers:
        raise ValueError(f"the test ranges hold {len(displays)} numbers, not {numbers}")
    born = _apps(apps, script, random)
    sizes = [numbers // apps + (index < numbers % apps) for index in range(apps)]
    wabas = _wabas(sizes, script, random)
    possible = [life for life in script.numbers if apps > 1 or not life.moves]
    lives = _chosen(numbers, possible, EVENTFUL_SHARE, random)
    result = []
    for index, (app, place) in enumerate((app, place) for app, size in enumerate(sizes) for place in range(size)):
        life = lives.get(index, STEADY)
        result.append(
            Number(
                digits="".join(filter(str.isdigit, displays[index])),
                row=_row(displays[index], wabas[app][place // NUMBERS_PER_WABA], random),
                waba=wabas[app][place // NUMBERS_PER_WABA],
                home=born[app].appkey,
                away=born[(app + 1) % apps].appkey,
                life=life,
                phase=_phase(life, random),
            )
        )
    return Population(born, tuple(result))


def _apps(count: int, script: Script, random: Random) -> tuple[App, ...]:
    lives = _chosen(count, (script.app,) if script.app and count > 1 else (), EVENTFUL_APPS, random)
    appkeys = islice(_appkeys(random), count)
    return tuple(
        App(appkey, f"{APP_NAMES[index % len(APP_NAMES)]}-{index + 1}", life, _phase(life, random))
        for index, (appkey, life) in enumerate(
            (appkey, lives.get(index, STEADY)) for index, appkey in enumerate(appkeys)
        )
    )


def _appkeys(random: Random) -> Iterator[str]:
    """Keys that look like the vendor's `jh42xxxd434`, each once."""
    given = set()
    while True:
        letters = "".join(random.choices("abcdefghkmnprstuvwxyz", k=3))
        appkey = f"jh{random.randrange(10, 100)}{letters}d{random.randrange(100, 1000)}"
        if appkey not in given:
            given.add(appkey)
            yield appkey


def _wabas(sizes: Sequence[int], script: Script, random: Random) -> list[list[Waba]]:
    """The WABAs of each app."""
    counts = [-(-size // NUMBERS_PER_WABA) for size in sizes]
    lives = _chosen(sum(counts), (script.waba,) if script.waba else (), EVENTFUL_WABAS, random)
    made = []
    for index in range(sum(counts)):
        life = lives.get(index, STEADY)
        tier = TIERS[0] if life is not STEADY else random.choice(TIERS)  # a lower tier needs one to fall from
        waba_id = str(116_960_000_000_000 + index * 86_404 + random.randrange(1_000))
        made.append(Waba(waba_id, random.choice(BRANDS), tier, life, _phase(life, random)))
    rest = iter(made)
    return [list(islice(rest, count)) for count in counts]


def _row(display: str, waba: Waba, random: Random) -> Row:
    return Row(
        display_phone_number=display,
        quality_rating="GREEN",
        name_status="APPROVED" if random.random() < 0.8 else "AVAILABLE_WITHOUT_REVIEW",
        verified_name=waba.name if random.random() < 0.7 else f"{waba.name} Support",
        code_verification_status="VERIFIED" if random.random() < 0.8 else "NOT_VERIFIED",
        current_limit=waba.tier,
        register_status=random.choice(REGISTERED),
        status="CONNECTED",
        waba_id=waba.waba_id,
        waba_name=waba.name,
    )


def _chosen(count: int, lives: Sequence[Life], share: int, random: Random) -> dict[int, Life]:
    """Which of `count` lead which of the lives: one in `share`, but every life once where there are enough."""
    if not lives:
        return {}
    chosen = random.sample(range(count), min(count, max(len(lives), count // share)))
    return {index: lives[order % len(lives)] for order, index in enumerate(chosen)}


def _phase(life: Life, random: Random) -> int:
    """Somewhere in the first step, so that all begin as they normally are and their troubles are spread."""
    return random.randrange(life.normal) if len(life.steps) > 1 else 0


def _display_numbers() -> Iterator[str]:
    """All numbers there are, the countries in turn."""
    countries = [_china(), _britain(), _america()]
    while countries:
        for country in tuple(countries):
            number = next(country, None)
            if number is None:
                countries.remove(country)
            else:
                yield number


def _china() -> Iterator[str]:
    segments = chain((138,), range(134, 138), (139,))
    return (f"+86 {segment} 0000 {line:04}" for segment in segments for line in range(1, 10_000))


def _britain() -> Iterator[str]:
    """Ofcom's mobile numbers for drama."""
    return (f"+44 7700 900{line:03}" for line in range(1_000))


def _america() -> Iterator[str]:
    """555-0100 to 555-0199, kept for fiction in every area code."""
    return (f"+1 {area}-555-{line:04}" for area in range(201, 990) if area % 100 != 11 for line in range(100, 200))
