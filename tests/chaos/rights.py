"""What this machine allows: some faults need root, or a program of the system."""

import os
import shutil
import subprocess
from functools import cache

from tests.chaos.promise import NotHere


@cache
def _mounts() -> bool:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "--mount", "true"], capture_output=True, timeout=10, check=False).returncode == 0


def may_mount() -> None:
    """
    Whether file systems can be mounted.

    Raises:
        NotHere: They cannot.
    """
    if not _mounts():
        raise NotHere("needs root, and a kernel that lets it mount")


def program(name: str) -> str:
    """
    The path of a program of the system.

    Raises:
        NotHere: There is none.
    """
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        raise NotHere(f"{name} is not installed")
    return found
