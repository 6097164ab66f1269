"""
Configurations as nobody should write them, made of a seed: a whole one, damaged line by line and piece by piece.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

from monitor.settings.load import load
from monitor.settings.problems import SettingsError
from tests.settings.test_load import EVERY_KEY

ENVIRON: Mapping[str, str] = {"NXCLOUD_SECRET": "s", "EMPTY": "", "ODD": "\ud800", "LINES": "a\nb: c\n"}
SMALL = "accounts:\n  - {name: main, access_key: k, access_secret: s, apps: [jh42xxxd434]}\n"
PIECES: Sequence[str] = (
    "null", "~", "''", '""', "? a", "? [a]", "? {a: b}", "%YAML 9.9", "%TAG ! x", "---", "...", "@", "`", "!",
    "&", "*", "|",
    "0", "-1", "-0", "1e400", ".nan", "-.inf", "9" * 5000, "0b_", "0x", "1:60:60", "2027-13-45", "yes", "NO",
    "[]", "{}",
    "&a ", "*a", "&a [*a]", "<<: *a", "<<: [*a, *a]", "<<: &a {b: c}", "<<: x", "&a &b x", "*b: x",
    "{<<: {<<: {}}}",
    "!!int x", "!!python/object/apply:os.system [id]", "!!binary aGk=", "!<tag:x,2000:y> z", "!!set {a, b}",
    "!!null x",
    "'\\", '"\\ud800"', '"\\x00"', '"\\u2028"', '"\\N"', '"', "'", ">-\n", "|9\n", "# c", " #", ": ", "- ",
    "-", "?", ",",
    "${", "${A", "${A:-${B}}", "${ODD}", "${LINES}", "${EMPTY}", "${NXCLOUD_SECRET}", "$$", "$",
    "${A:-" + "x" * 999 + "}",
    "\t", "\x00", "\ufeff", "\r", "\x85", "\u2028", "\x1b", "\x7f", "\ufffe", "é", "🟥", "\u202e",
    "sqlite:///", "https://[", "https://[::1", "http://a:99999", "[::1]:x", "http://a b/",
    "postgresql://u:p@/", "unix:",
    "[" * 30, "{a: " * 30, "- " * 30, "[" * 5000, "a: " * 40, "x" * 20_000, "9999999999999999h", "1000000d",
    "0s", "5 s",
)  # fmt: skip
_scalar = re.compile(r"[^\s:{}\[\],]+")


def file(seed: int, index: int) -> bytes:
    """The seed's file of this index."""
    random = Random(f"{seed}/file/{index}")
    if random.random() < 0.02:
        return random.randbytes(random.randint(0, 300))
    if random.random() < 0.02:
        return _bomb(random).encode()
    text = random.choice((EVERY_KEY, EVERY_KEY, SMALL))
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        text = random.choice((_line, _line, _piece, _piece, _value, _value, _cut))(text, random)
    body = text.encode("utf-8", "surrogatepass")
    if random.random() < 0.02:
        body = random.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff\x00", b"")) + body.replace(b"\n", b"\r\n")
    return body


def check(path: Path, body: bytes) -> str:
    """Load it: settings, or problems of one printable line each; gives which of the two."""
    path.write_bytes(body)
    problems: list[str] = []
    try:
        load(path, ENVIRON)
    except SettingsError as error:
        problems = [str(problem) for problem in error.problems] or [""]
    for problem in problems:
        assert problem.isprintable(), problem
        assert 0 < len(problem) < 2_000, f"{len(problem)} characters: {problem[:300]}"
    return "refused" if problems else "read"


def _line(text: str, random: Random) -> str:
    """A line twice, gone, elsewhere, or further in."""
    lines = text.split("\n")
    place, other = random.randrange(len(lines)), random.randrange(len(lines))
    line = lines[place]
    match random.randrange(5):
        case 0:
            lines.insert(other, line)
        case 1:
            del lines[place]
        case 2:
            lines[place], lines[other] = lines[other], line
        case 3:
            lines[place] = random.choice((" ", "  ", "\t", "    ")) + line
        case _:
            lines[place] = line.removeprefix("  ")
    return "\n".join(lines)


def _piece(text: str, random: Random) -> str:
    place = random.randint(0, len(text))
    return text[:place] + random.choice(PIECES) + text[place:]


def _value(text: str, random: Random) -> str:
    """Another scalar in place of one."""
    found = list(_scalar.finditer(text))
    if not found:
        return text
    one = random.choice(found)
    new = random.choice(PIECES) if random.random() < 0.7 else random.choice(found)[0]
    return text[: one.start()] + new + text[one.end() :]


def _cut(text: str, random: Random) -> str:
    begin = random.randint(0, len(text))
    return text[:begin] + text[begin + random.choice((1, 5, 40, 400)) :]


def _bomb(random: Random) -> str:
    """Aliases that multiply."""
    width, depth = random.choice(((2, 40), (10, 9), (1_000, 3), (3, 23), (1, 2_000)))
    form = random.choice(("[{}]", "{{<<: [{}]}}", "{{a: [{}]}}"))
    first = "{x: y}" if "<<" in form else "x"
    links = [f"a0: &a0 {first}"]
    links += [f"a{n}: &a{n} " + form.format(", ".join([f"*a{n - 1}"] * width)) for n in range(1, depth)]
    return "\n".join([*links, f"accounts: *a{depth - 1}", ""])
