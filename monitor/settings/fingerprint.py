"""Tell whether files changed by what is in them: time stamps of mounted secrets and ConfigMaps say nothing."""

import hashlib
import stat
from collections.abc import Iterable
from pathlib import Path


def fingerprint(paths: Iterable[Path]) -> bytes:
    """
    One digest of the names and the content of all these files; a file that cannot be read counts as such.

    Blocks while it reads: for a thread.
    """
    whole = hashlib.sha256()
    for path in paths:
        whole.update(hashlib.sha256(str(path).encode(errors="surrogateescape")).digest())
        whole.update(_digest(path))
    return whole.digest()


def _digest(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return b"not a file"
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except (OSError, ValueError):
        return b"cannot be read"
