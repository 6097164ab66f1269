"""
Which secrets a configuration has, and which files that hold one can be read by other users of this machine.

A file is open to others when its mode says so and every directory on the way to it lets others through: a mode of 0644
in a directory of 0700 is nobody's concern.  Symbolic links are followed, as reading does: mounted secrets are links.
Who belongs to the file's group was let in on purpose.
"""

import stat
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

from pydantic import BaseModel

from monitor.settings.secret import Secret

SHORTEST = 4  # characters: shorter ones stand in any file by chance


def secrets_in(value: object) -> Iterator[str]:
    """Every secret in settings, or in a part of them; one that occurs twice comes twice."""
    match value:
        case Secret():
            yield value.reveal()
        case BaseModel():
            yield from secrets_in(vars(value).values())
        case Mapping():
            yield from secrets_in(value.values())
        case str() | bytes() | Path():
            return
        case Iterable():
            for part in value:
                yield from secrets_in(part)
        case _ if is_dataclass(value):
            yield from secrets_in([getattr(value, field.name) for field in fields(value)])


def exposed(paths: Iterable[Path], secrets: Collection[str]) -> tuple[Path, ...]:
    """The files that others can read and in which one of the secrets stands."""
    return tuple(path for path in dict.fromkeys(paths) if _is_open(path) and _holds(path, secrets))


def _is_open(path: Path) -> bool:
    try:
        real = path.resolve(strict=True)
        return bool(real.stat().st_mode & stat.S_IROTH) and all(
            directory.stat().st_mode & stat.S_IXOTH for directory in real.parents
        )
    except (OSError, RuntimeError, ValueError):  # gone meanwhile, a loop of links, a NUL in its name
        return False


def _holds(path: Path, secrets: Iterable[str]) -> bool:
    """Whether a line of a secret stands there: a key may be indented; what begins and ends it is no secret."""
    try:
        text = path.read_bytes().decode(errors="replace")
    except OSError:
        return False
    lines = {line.strip() for secret in secrets for line in secret.splitlines() if not line.startswith("-----")}
    return any(line in text for line in lines if len(line) >= SHORTEST)
