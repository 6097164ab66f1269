"""Tell how a live trial goes: what is waited for, and each verdict, in colour with a symbol on a terminal."""

from contextlib import AbstractContextManager, nullcontext

from rich.console import Console
from rich.text import Text

from monitor.cli.live import Verdict
from monitor.cli.symbols import symbols
from monitor.views.escape import terminal


def tell(verdict: Verdict) -> None:
    """A line on standard output if all is fine, else on standard error."""
    console = Console(highlight=False, stderr=not verdict.fine)
    style, word = ("green", "ok") if verdict.fine else ("bold red", "critical")
    text = f"{symbols(console)[word]} {verdict.text}" if console.is_terminal else verdict.text
    console.print(Text(terminal(text), style=style), soft_wrap=True)


def waiting(for_what: str) -> AbstractContextManager[object]:
    """While something is waited for, say so on a terminal."""
    console = Console(stderr=True)
    return console.status(terminal(for_what)) if console.is_terminal else nullcontext()
