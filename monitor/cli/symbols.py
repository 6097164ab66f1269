"""The symbol that stands beside the colour of each severity, so that it reads without colours too."""

from collections.abc import Mapping

from rich.console import Console

_DRAWN: Mapping[str, str] = {"critical": "✖", "warning": "▲", "ok": "●", "info": "●", "unknown": "○"}
_TYPED: Mapping[str, str] = {"critical": "x", "warning": "!", "ok": "*", "info": "*", "unknown": "-"}


def symbols(console: Console) -> Mapping[str, str]:
    """By the severity's word; ASCII where the terminal's encoding has no others."""
    return _DRAWN if is_unicode(console.encoding) else _TYPED


def is_unicode(encoding: str) -> bool:
    """Whether every character can be written in it."""
    return encoding.lower().startswith("utf")
