"""
Apps and numbers to measure with: what the vendor answers for each, and the fleet that knows it.

Every app has 20 numbers of its own in five WABAs; no number is in two apps.  Answers are the vendor's bytes, read by
the real reader and judged by the real `decide`.
"""

import hashlib
import time
from collections.abc import Iterator

import msgspec

from monitor.fleet.answer import Answer
from monitor.fleet.app import App
from monitor.fleet.decide import decide
from monitor.fleet.fleet import Fleet
from monitor.fleet.policy import Policy
from monitor.metrics.exposition import Exposition
from monitor.phonelist import wire

ACCOUNT = "main"
NUMBERS = 20  #: an app's
NUMBERS_OF_A_WABA = 4
BRANDS = ("GLORY TEST", "Harbour Tea", "格洛里旗舰店", "O'Hara & Sons", "Café Aurora", "Kiwi, Fig & Co.")
TIERS = ("TIER_10K", "TIER_1K", "TIER_100K", "TIER_UNLIMITED")
SERIES = ("quality_rating", "status", "tier", "severity", "info")
AT = time.time_ns() // 1_000_000  #: when the first answers were given, ms since 1970: just now


def app(index: int) -> App:
    """The app of this index."""
    return App(account=ACCOUNT, appkey=appkey(index), name=f"shop-{index}")


def appkey(index: int) -> str:
    """Its key."""
    return f"jh{index:05}xd"


def body(index: int, rating: str = "GREEN", changed: int = NUMBERS) -> bytes:
    """
    What the vendor answers for an app.

    Args:
        index: The app's.
        rating: The quality rating of its first numbers;
        changed: so many of them.  The others are GREEN.
    """
    rows = [_row(index, place, rating if place < changed else "GREEN") for place in range(NUMBERS)]
    return msgspec.json.encode({"code": 0, "message": "success", "data": rows})


def answer(index: int, at: int, rating: str = "GREEN", changed: int = NUMBERS) -> Answer:
    """The same, as the client reads it."""
    text = body(index, rating, changed)
    reading = wire.read(text)
    return Answer(at, hashlib.blake2b(text, digest_size=16).digest(), reading.rows, reading.left_out)


def fill(fleet: Fleet, exposition: Exposition, indexes: Iterator[int] | range, at: int = AT) -> None:
    """Have the fleet know these apps and the exposition show them, as after their first poll."""
    for index in indexes:
        decide_answer(fleet, exposition, index, answer(index, at))


def decide_answer(fleet: Fleet, exposition: Exposition, index: int, said: Answer) -> None:
    """Judge an answer and show what came of it; nothing is recorded."""
    watched = fleet.get(app(index).key)
    if watched is None:
        fleet.add(app(index))
        watched = fleet.get(app(index).key)
    assert watched is not None
    siblings = fleet.siblings(watched.app)
    decision = decide(watched.app, watched.snapshot, said, siblings, Policy(), said.started)
    assert decision.after is not None
    fleet.replace(watched.app, decision.after)
    exposition.replace(watched.app, decision.after)


def _row(index: int, place: int, rating: str) -> dict[str, object]:
    waba = index * (NUMBERS // NUMBERS_OF_A_WABA) + place // NUMBERS_OF_A_WABA
    brand = f"{BRANDS[waba % len(BRANDS)]} {waba}"
    return {
        "display_phone_number": f"+86 138 {index:05} {place:03}",
        "quality_rating": rating,
        "name_status": "APPROVED",
        "verified_name": brand,
        "code_verification_status": "VERIFIED",
        "current_limit": TIERS[waba % len(TIERS)],
        "register_status": 5,
        "status": "CONNECTED",
        "waba_id": str(116_960_000_000_000 + waba),
        "waba_name": brand,
    }
