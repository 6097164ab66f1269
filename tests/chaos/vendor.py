"""The vendor's answers: what may be wrong with them, and what is promised then."""

from collections.abc import Callable, Iterator
from functools import partial

from monitor.simulator import faults
from monitor.simulator.faults import Fault
from monitor.simulator.result import succeeded
from monitor.simulator.world import World
from tests.chaos import answers
from tests.chaos.answers import Packed, ResetWithin, Rewritten
from tests.chaos.promise import Promise
from tests.chaos.source import Answering, Trouble

FAMILY = "the vendor"

Making = Callable[[World], Fault]


def _of_another(world: World) -> Fault:
    theirs = succeeded(world.rows(world.appkeys[1])[1:])  # but the first: that one changes
    return Rewritten(rewrite=lambda _: theirs)


#: What it does; how; the reason on the metric; the words in the log.
_FAILS: tuple[tuple[str, Fault, str, str], ...] = (
    ("answers after the deadline", faults.Delay(seconds=3), "timeout", "did not answer within 1 s"),
    ("hangs", faults.Hang(), "timeout", "did not answer within 1 s"),
    ("drips a byte at a time", faults.Drip(seconds=0.05), "timeout", "did not answer within 1 s"),
    ("resets the connection", faults.Reset(), "connect", "closed the connection before its answer was whole"),
    ("resets it within the body", ResetWithin(), "connect", "closed the connection before its answer was whole"),
    ("truncates the body", faults.Truncated(), "connect", "closed the connection before its answer was whole"),
    ("answers what is no HTTP", faults.Garbage(), "decode", "something that is not HTTP"),
    ("redirects (302)", faults.Http(status=302), "http_3xx", "redirect, and those are never followed"),
    ("answers 404", faults.Http(status=404), "http_4xx", "answered HTTP 404"),
    ("answers 401", faults.Http(status=401), "auth", "check access_key and access_secret"),
    ("answers 500", faults.Http(status=500), "http_5xx", "answered HTTP 500"),
    ("answers 503", faults.Http(status=503), "http_5xx", "answered HTTP 503"),
    ("answers a page with 200", faults.Html(), "decode", "is a page (HTML or XML), no JSON"),
    ("answers an empty body", Rewritten(rewrite=answers.empty_body), "decode", "answer is empty"),
    ("answers garbage", Rewritten(rewrite=answers.not_json), "decode", "is no JSON"),
    ("sends 100 MB", faults.Huge(size=100 << 20), "too_large", "more than 8 MiB"),
    ("sends a gzip bomb", Packed(), "decode", "Content-Encoding gzip although none was accepted"),
    ("sends a gzip bomb unannounced", Packed(says_so=False), "decode", "is no JSON"),
    ("nests 100,000 deep", Rewritten(rewrite=answers.deep_instead), "decode", "is no JSON"),
    ("sends 1,000,000 numbers", Rewritten(rewrite=answers.a_million), "too_large", "more than 8 MiB"),
    ("sends text for a list", Rewritten(rewrite=answers.no_list), "schema", "expected a list of numbers"),
    ("sends the list without its envelope", faults.WrongEnvelope(), "schema", "expected an object with a code"),
    ("answers code 9001", faults.Code(code=9001), "vendor", "9001"),
    ("answers code 1003", faults.Code(code=1003), "auth", "1003"),
)

#: The whole account is paused: the vendor meant the account.
_THROTTLES: tuple[tuple[str, Fault, str], ...] = (
    ("answers 429", faults.Http(status=429), "too many calls"),
    ("answers 429 with Retry-After: 2", faults.Throttled(retry_after="2"), "asked for 2 s of quiet"),
    ("answers 503 with Retry-After: 2", faults.Http(status=503, retry_after="2"), "asked for 2 s of quiet"),
)

#: Losses are evidence, no proof: nothing is removed, and `last_success` stands still.
_HELD: tuple[tuple[str, Making, str], ...] = (
    (
        "sends an empty list",
        lambda _: Rewritten(rewrite=answers.none_at_all),
        "it lists no number of an app that had some",
    ),
    (
        "sends null for the list",
        lambda _: Rewritten(rewrite=answers.nothing),
        "it lists no number of an app that had some",
    ),
    (
        "sends every second number",
        lambda _: Rewritten(rewrite=answers.every_second),
        "many numbers are missing from it",
    ),
    (
        "sends wrong types",
        lambda _: Rewritten(rewrite=answers.wrong_types),
        "many numbers have lost their rating or status",
    ),
    (
        "sends another app's numbers",
        _of_another,
        "many numbers are missing from it",
    ),
)

_HELD_ALL: tuple[tuple[str, Making, str], ...] = (
    (
        "sends empty lists for all apps",
        lambda _: Rewritten(rewrite=answers.none_at_all),
        "it lists no number of an app that had some",
    ),
)

_BORNE: tuple[tuple[str, Fault, str], ...] = (
    ("takes 0.6 s for each answer", faults.Delay(seconds=0.6), ""),
    ("nests 100,000 deep beside the numbers", Rewritten(rewrite=answers.deep_beside), ""),
    ("sends keys twice", Rewritten(rewrite=answers.doubled_keys), ""),
    ("sends lone surrogates", Rewritten(rewrite=answers.half_characters), ""),
    ("sends 1,000,000 empty rows beside", Rewritten(rewrite=answers.a_million_beside), "rows left out"),
)


def troubles() -> Iterator[Trouble]:
    """All of them, the large answers made beforehand: they take their time."""
    answers.bomb()
    answers.a_million([])
    for name, fault, reason, words in _FAILS:
        yield Trouble(name, _with(fault), Promise(f"up 0, reason {reason}", words), "down", reason)
    for name, fault, words in _THROTTLES:
        yield Trouble(
            name, _with(fault, whole=True), Promise("up 0, reason throttled", words), "down", "throttled", whole=True
        )
    for name, making, words in _HELD:
        yield Trouble(name, partial(Answering, fault=making, whole=False), Promise("up 1, suspect 1", words), "held")
    for name, making, words in _HELD_ALL:
        yield Trouble(
            name, partial(Answering, fault=making, whole=True), Promise("up 1, suspect 1", words), "held", whole=True
        )
    for name, fault, words in _BORNE:
        yield Trouble(name, _with(fault), Promise("up 1", words), "up")


def _with(fault: Fault, *, whole: bool = False) -> Callable[..., Answering]:
    return partial(Answering, fault=lambda _: fault, whole=whole)
