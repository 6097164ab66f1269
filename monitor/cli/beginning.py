"""
Two files that appear together or not at all: a configuration, and the secret that it names.

They are written whole into a folder of their own beside their places, where they can be tried, and then moved.  The
secret is its owner's alone from its first byte on, whatever the umask; whoever is stopped on the way leaves nothing.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

OWNER_ALONE = 0o600
AS_THE_UMASK_SAYS = 0o666


class NotWrittenError(Exception):
    """Nothing was written; the message is one line."""


class Beginning:
    """
    `with beginning.begun(replace=False):`, then `stage` and look at what was staged, then `put`.

    Args:
        path: Where the configuration is to be.
        secret: Where the secret is to be; None where it is somewhere already.
    """

    def __init__(self, path: Path, secret: Path | None) -> None:
        self.path = path.absolute()
        self.secret = None if secret is None else secret.absolute()
        self._replaces = False
        self._stage = Path()

    def in_the_way(self) -> list[Path]:
        """The files that are there already."""
        return [path for path in self._places() if os.path.lexists(path)]

    @contextlib.contextmanager
    def begun(self, *, replace: bool) -> Iterator[None]:
        """
        Have the folder for as long as this lasts.

        Args:
            replace: Whether files that are there may be replaced.

        Raises:
            NotWrittenError: Files are there already, or there is no writing there; so do `stage` and `put`.
        """
        if not replace and (there := self.in_the_way()):
            raise NotWrittenError(
                f"{' and '.join(map(str, there))}: there already; --force replaces, --config names another place"
            )
        self._replaces = replace
        try:
            stage = TemporaryDirectory(prefix=".number-monitor-init-", dir=self.path.parent)
        except OSError as error:
            raise self._unwritable(error) from None
        with stage as name:
            self._stage = Path(name)
            yield

    def stage(self, text: str, secret: str) -> Path:
        """Write both where nobody looks; the configuration's place there.  May be done again."""
        try:
            if self.secret is not None:
                _write(self._staged(self.secret), f"{secret}\n", OWNER_ALONE)
            _write(self._staged(self.path), text, AS_THE_UMASK_SAYS)
        except OSError as error:
            raise self._unwritable(error) from None
        return self._staged(self.path)

    def put(self) -> None:
        """Move both to their places."""
        put: list[Path] = []
        try:
            for place in self._places():
                if not self._replaces:
                    os.close(os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ALONE))  # it is ours now
                    put.append(place)
                self._staged(place).replace(place)
        except BaseException as error:
            for place in put:
                place.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise self._unwritable(error) from None
            raise

    def _places(self) -> list[Path]:
        return [self.path] if self.secret is None else [self.secret, self.path]

    def _staged(self, place: Path) -> Path:
        return self._stage / place.name

    def _unwritable(self, error: OSError) -> NotWrittenError:
        remedy = "; make it first" if isinstance(error, FileNotFoundError) else ""
        return NotWrittenError(f"cannot write in {self.path.parent}: {error.strerror}{remedy}")


def _write(path: Path, text: str, mode: int) -> None:
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        if mode == OWNER_ALONE:
            os.fchmod(descriptor, mode)  # an odd umask takes even the owner's right
        file.write(text)
        file.flush()
        os.fsync(descriptor)
