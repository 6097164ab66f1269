"""What runs here: version, Python, platform."""

import os
import sys

from monitor import __version__


def version() -> str:
    """One line for `--version`.  Nothing is imported for it that the interpreter has not loaded already."""
    python = ".".join(str(part) for part in sys.version_info[:3])
    system = os.uname()
    return f"number-monitor {__version__} (Python {python}, {system.sysname} {system.machine})"


def revision() -> str:
    """The source revision the image was built from; empty when unknown."""
    return os.environ.get("NUMBER_MONITOR_REVISION", "")
