"""
Answers as no vendor should send them: made of a seed, so that each can be made again.

Most keep the documented shape, or nothing behind the decoder would be reached: rows of a few identities that come and
go, with documented words, odd ones, and texts that break parsers, terminals and encoders.  A third of those is then
damaged byte by byte.
"""

import json
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from tests.phonelist.faulty_vendor import GOOD_BODY, ROW

NUMBERS = (
    "+8613800000001", "+86 138-0000-0001", "008613800000001", "8613800000002", "+86 (138) 0000.0003",
    "+86 xxx 24", "+86 xxx 24 ", "\uff0b\uff18613800000004", "\u202a+8613800000005\u202c", "13800000006", "0", "x",
)  # fmt: skip
WABAS = ("116960000086404", "116960000086405", "-", "", 'w"\\\n', "0116960000086404")
WORDS: Mapping[str, Sequence[Any]] = {
    "quality_rating": ("GREEN", "GREEN", "YELLOW", "RED", "UNKNOW", "UNKNOWN", "NA", "green", "PURPLE"),
    "status": [
        "CONNECTED",
        "CONNECTED",
        "CONNECTED",
        "FLAGGED",
        "RATE_LIMITED",
        "RESTRICTED",
        "PENDING",
        "UNVERIFIED",
        "DISCONNECTED",
        "MIGRATED",
        "DELETED",
        "BANNED",
        "LINKED",
        "PAUSED",
        "OFFLINE",
        "Connected",
        "EXPLODED",
    ],
    "current_limit": [
        "TIER_50",
        "TIER_250",
        "TIER_1K",
        "TIER_2K",
        "TIER_10K",
        "TIER_100K",
        "TIER_UNLIMITED",
        "TIER_NOT_SET",
        "TIER_0",
        "TIER_999999999M",
        "TIER_1G",
        "TIER_",
        "TIER_9999999999",
        "TIER_\uff110K",
        "TIER_-1",
    ],
    "name_status": ("APPROVED", "APPROVED", "DECLINED", "EXPIRED", "NONE", "NON_EXISTS", "PENDING_REVIEW", "MAYBE"),
    "code_verification_status": ("VERIFIED", "VERIFIED", "NOT_VERIFIED", "EXPIRED", "COMPLETED", "PERHAPS"),
    "register_status": ("5", 5, 1, "2", 5.0, 6, -1, "five", 10**30),
    "waba_name": ("GLORY TEST", "GLORY", "牛小信"),
    "verified_name": ("GLORY JACK", "Jack & Söhne", "牛小信", "🟥🟩"),
}
TEXTS = (
    '"', "\\", "\n", "\r\n", '\\"', '"} 1\nnxcloud_app_up{account="main",appkey="a"} 1\n', "\\n", "# EOF\n",
    "{}", ",",
    "\x00", "\x07", "\x1b[2J\x1b[1;31m", "\x1b]0;pwned\x07", "\x7f", "\x85", "\x9b31m", "\u2028", "\u2029",
    "\ufeff",
    "\u202e", "\u2066", "\u200f", "\ud800", "\udfff", "\udc00\ud800", "\U0010ffff", "\ufffe", "\ufffd",
    "e\u0301", "ﷺ",
    "=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "\t=1", "\uff1d1", "<script>alert(1)</script>", "<!--", "]]>",
    "&lt;",
    "javascript:alert(1)", "{{7*7}}", "${jndi:ldap://x}", "$(id)", "`id`", "%s%n", "%00", "..",
    "../../etc/passwd", "/",
    "main/+8613800000001/status", "[x](http://x)", "*_~`", "@all", "<!channel>", "@13800000000", " ", "", "\t",
    "None",
    "a" * 199, "a" * 200, "a" * 201, "é" * 300, "\ud83d" * 300, "z" * 5_000,
)  # fmt: skip
VALUES: Sequence[Any] = (
    None, True, False, 0, -0.0, 1, 1.5, 2**53, 2**64, -(2**63) - 1, 10**400, 1e308, float("nan"), float("inf"),
    [], {}, [[]], [None], {"a": {}}, ["RED"], {"RED": "RED"},
)  # fmt: skip
TOKENS = (
    b"null", b"true", b"NaN", b"-Infinity", b"1e999", b"-0", b"1E400", b"0x10", b"9" * 400, b"0.1e-9999", b"01",
    b'"', b"\\", b'\\"', b"\\u0000", b"\\ud800", b"\\udfff\\ud800", b"\\u202e", b"\\x", b"\\u12", b"\x00",
    b"\n", b"\t",
    b"{", b"}", b"[", b"]", b",", b":", b"{}", b"[]", b"[[[[[[[[", b']}]}"', b"{{", b",,", b"/*", b"//", b"'", b"`",
    b"\xff", b"\xef\xbb\xbf", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xfe\xff", b"<html>",
    b"\x1f\x8b\x08",
    b'"code":0', b'"code":"0"', b'"code":1003', b'"code":null', b'"data":null', b'"data":{}', b'"data":[',
    b'"data"',
    b'"display_phone_number":', b'"quality_rating":"RED"', b'"status":', b'"waba_id":0', b'"msg":"',
    b'"message":{}',
)  # fmt: skip
SEEDS = (GOOD_BODY, b"", b"{}", b"[]", b"null", b'{"code":0}', b'{"code":-1,"msg":"busy"}', b"<html>login</html>")
CODES = (
    *["-1", "1001", "1002", "1003", "1004", "1005", "1009", "9000", "9001", "9007", "9008", "9010", "-2", "E1"],
    7,
    1e9,
)
STATUSES = (200, 204, 299, 301, 302, 400, 401, 403, 404, 407, 429, 500, 502, 503, 599, 100, 600, 999)
HEADERS = (
    b"0", b"5", b"-1", b"1e9", b"99999999999999", b"Thu, 01 Jan 1970 00:00:00 GMT",
    b"Fri, 15 Jan 2027 08:00:00 GMT",
    b"Fri, 31 Dec 9999 23:59:59 GMT", b"Fri, 99 Foo 2027 99:99:99 GMT", b"\xff\xfe", b"", b"gzip", b"identity",
    b"nan",
    b"Mon, 01 Jan 0001 00:00:00 +9999", b"1" * 400, b"Fri, 15 Jan 2027 08:00:00 -0000",
)  # fmt: skip
LARGE = 100_000  #: bytes


class Hostile:
    """Makes answers; the same randomness makes the same ones."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._repeats = random.choice((0.05, 0.1, 0.6))  # a calm course reaches what a wild one never does
        self._last: dict[str, bytes] = {}

    def answer(self, appkey: str) -> bytes:
        """An answer's bytes; the app's last ones now and then."""
        last = self._last.get(appkey)
        if last is not None and self._random.random() < self._repeats:
            return last
        chance = self._random.random()
        if chance < 0.05:
            body = self._damaged(self._random.choice(SEEDS))
        else:
            body = self._encoded(self._envelope())
            if chance > 0.75:
                body = self._damaged(body)
        if len(body) < LARGE:  # a large one comes once, and is not what the next are made of
            self._last[appkey] = body
        return body

    def status(self) -> int:
        """An HTTP status, most often success."""
        return 200 if self._random.random() < 0.95 else self._random.choice(STATUSES)

    def headers(self) -> list[tuple[bytes, bytes]]:
        """An answer's headers, most often none."""
        if self._random.random() < 0.9:
            return []
        names = self._random.sample((b"Date", b"Retry-After", b"Content-Encoding"), k=self._random.randint(1, 2))
        return [(name, self._random.choice(HEADERS)) for name in names]

    def text(self) -> str:
        """A text that somebody will trip over, now and then a very long one."""
        random = self._random
        if random.random() < 0.002:
            return (random.choice(TEXTS) * 2_000)[:LARGE]
        return "".join(random.choices(TEXTS, k=random.randint(1, 3)))

    def _envelope(self) -> Any:
        random = self._random
        rows = [self._row() for _ in range(random.choice((0, 1, 2, 3, 4, 5, 9)))]
        envelope: dict[str, Any] = {"code": 0, "data": rows}
        chance = random.random()
        if chance < 0.04:
            envelope = {"code": random.choice(CODES), random.choice(("message", "msg")): self.text()}
        elif chance < 0.07:
            envelope[random.choice(("code", "data", "message"))] = random.choice(VALUES)
        elif chance < 0.09:
            envelope["data"] = self._row()
        elif chance < 0.14:
            envelope["data"].insert(0, random.choice(VALUES))
        elif chance < 0.142:
            envelope["data"] += [self._row() for _ in range(300)]
        return envelope

    def _row(self) -> dict[str, Any]:
        random = self._random
        row: dict[str, Any] = dict(ROW)
        row["display_phone_number"] = random.choice(NUMBERS)
        row["waba_id"] = random.choice(WABAS)
        for name in random.sample(sorted(WORDS), k=random.choice((0, 0, 1, 2, 3))):
            row[name] = random.choice(WORDS[name])
        chance = random.random()
        if chance < 0.15:
            row[random.choice(sorted(ROW))] = self.text()
        elif chance < 0.20:
            row[random.choice(sorted(ROW))] = random.choice(VALUES)
        elif chance < 0.23:
            del row[random.choice(sorted(ROW))]
        return row

    def _encoded(self, value: Any) -> bytes:
        text = json.dumps(value, ensure_ascii=self._random.random() < 0.5)
        return text.encode("utf-8", "surrogatepass")

    def _damaged(self, body: bytes) -> bytes:
        random = self._random
        for _ in range(random.choice((1, 1, 1, 2, 3, 8))):
            begin = random.randint(0, len(body))
            end = min(len(body), begin + random.choice((0, 0, 1, 2, 8, 40)))
            match random.randrange(6):
                case 0:
                    new = random.choice(TOKENS)
                case 1:
                    new = random.randbytes(random.randint(1, 3))
                case 2:
                    new = body[begin:end] * random.choice((2, 3, 20))
                case 3:
                    new = random.choice((b"[", b'{"a":', b'"', b"\\")) * random.choice((2, 40, 1_100))
                case 4:
                    other = random.choice((*SEEDS, *self._last.values()))
                    new = other[random.randint(0, len(other)) :][:200]
                case _:
                    new, end = b"", random.choice((end, len(body)))
            body = body[:begin] + new + body[end:]
        return body
