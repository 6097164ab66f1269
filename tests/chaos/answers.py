"""
Answers that no vendor should give, beside those that the simulator knows (`monitor/simulator/faults.py`).

Each is made from the right answer, so that what it says is known.
"""

import gzip
import json
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from monitor.simulator.faults import Fault, Wire
from monitor.simulator.message import Response
from monitor.simulator.result import succeeded

DEEP = 100_000  # levels: more than any parser bears
MANY = 1_000_000  # rows
BOMB = 256 << 20  # bytes, of 0.25 MB packed

Rows = Sequence[dict[str, Any]]


class Rewritten(Fault, frozen=True, tag="rewritten"):
    """Other bytes with the same head."""

    rewrite: Callable[[Rows], bytes]

    def answer(self, response: Response) -> Response:
        rows = json.loads(response.body)["data"]
        return Response(self.rewrite(rows))


class Packed(Fault, frozen=True, tag="packed"):
    """A gzip bomb: a quarter of a megabyte that unpacks to 256 of them, and says so or not."""

    says_so: bool = True

    def answer(self, response: Response) -> Response:
        headers = ("Content-Encoding: gzip",) if self.says_so else ()
        return Response(bomb(), headers=headers)


class ResetWithin(Fault, frozen=True, tag="reset_within"):
    """Half of the right answer, then a reset."""

    async def send(self, wire: Wire, response: Response) -> None:
        wire.write(wire.whole(response)[: -(len(response.body) // 2) - 1])
        await wire.drain()
        wire.reset()


@cache
def bomb() -> bytes:
    """The same bytes again and again, packed."""
    return gzip.compress(b" " * BOMB, 9)


def deep_beside(rows: Rows) -> bytes:
    """The right rows, but beside the first one's fields a value that is nested without bottom."""
    nested = b"[" * DEEP + b"]" * DEEP
    return succeeded(rows).replace(b'"data":[{', b'"data":[{"extra":' + nested + b",", 1)


def deep_instead(_rows: Rows) -> bytes:
    """Nothing but nesting, never closed."""
    return b'{"code":0,"data":' + b"[" * DEEP


def doubled_keys(rows: Rows) -> bytes:
    """The right rows, but every key of the envelope and each rating twice; the last counts."""
    doubled = succeeded(rows).replace(b'"quality_rating":', b'"quality_rating":"UNKNOWN","quality_rating":')
    return doubled.replace(b'{"code":0,', b'{"code":9001,"data":[],"code":0,', 1)


def half_characters(rows: Rows) -> bytes:
    """The right rows, but half a character in a field that nobody knows, in each."""
    return json.dumps(
        {"code": 0, "message": "half: \ud83d", "data": [{**row, "note": "\udc00"} for row in rows]}
    ).encode()


def wrong_types(rows: Rows) -> bytes:
    """Numbers for text, text for numbers, and lists and objects in place of what each row is about."""
    wrong = {"quality_rating": ["GREEN"], "status": 7, "current_limit": {}}
    return succeeded(
        [None, "row", 7, {}, *({**row, **wrong, "register_status": str(row["register_status"])} for row in rows)]
    )


def no_list(_rows: Rows) -> bytes:
    """Text where the list belongs."""
    return b'{"code":0,"message":"Request successful","data":"none"}'


def a_million(_rows: Rows) -> bytes:
    """A million numbers, each in a row of its own."""
    return _a_million()


@cache
def _a_million() -> bytes:
    rows = ",".join(f'{{"display_phone_number":"+8613{index:09}"}}' for index in range(MANY))
    return f'{{"code":0,"data":[{rows}]}}'.encode()


def a_million_beside(rows: Rows) -> bytes:
    """The right rows, and a million empty ones."""
    return succeeded(rows).replace(b'"data":[', b'"data":[' + b"{}," * MANY, 1)


def none_at_all(_rows: Rows) -> bytes:
    """Success, and nobody has a number any more."""
    return succeeded([])


def nothing(_rows: Rows) -> bytes:
    """Success, and `data` is null."""
    return succeeded(None)


def every_second(rows: Rows) -> bytes:
    """Half of the list."""
    return succeeded(rows[::2])


def not_json(_rows: Rows) -> bytes:
    """What no parser takes for JSON."""
    return b"\x80\x81 OK, whatever \xff" * 10


def empty_body(_rows: Rows) -> bytes:
    """Not a byte."""
    return b""
