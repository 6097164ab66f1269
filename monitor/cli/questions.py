"""
Ask a person at a terminal: one question after another, each until its answer can be used.

Questions go to standard error, so that what a command says on standard output can be kept.  The end of the input
(Ctrl-D) is `EOFError`, Ctrl-C `KeyboardInterrupt`, both untouched: whoever asks knows what is left undone.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from getpass import getpass
from typing import TypeVar

from monitor.views.escape import terminal

T = TypeVar("T")


class UnusableAnswer(Exception):
    """An answer cannot be used; the message is one line, without the answer where that is secret."""


def ask(question: str, read: Callable[[str], T], default: str = "") -> T:
    """
    Ask for one line.

    Args:
        question: Without a colon.
        read: Makes a value of the answer, which has no outer spaces; raises UnusableAnswer.
        default: What Enter alone means; shown.
    """
    shown = f" [{terminal(default)}]" if default else ""
    return _until_usable(lambda: read(_line(f"{question}{shown}: ") or default))


def ask_hidden(question: str, read: Callable[[str], T]) -> T:
    """Ask for one line that nobody is to see."""
    return _until_usable(lambda: read(getpass(f"{question}: ", stream=sys.stderr).strip()))


def ask_lines(question: str, read: Callable[[str], Sequence[str]], default: Sequence[str] = ()) -> tuple[str, ...]:
    """
    Ask for lines until an empty one; a line that cannot be used is asked for again.

    Args:
        question: Without a colon.
        read: Makes the values of one line; raises UnusableAnswer, also for the empty one.
        default: What an empty first line means; () means that there must be one.
    """
    shown = f" [{terminal(' '.join(default))}]" if default else ""
    _say(f"{question}{shown}:")
    found: list[str] = []

    def some() -> Sequence[str]:
        line = _line("  ")
        return read(line) if line or not (found or default) else ()

    while more := _until_usable(some):
        found += more
    return tuple(dict.fromkeys(found)) or tuple(default)


def choose(question: str, choices: Mapping[str, str]) -> str:
    """Ask for one of these letters, each with what it does; the first is what Enter alone means."""
    first = next(iter(choices))
    for letter, does in choices.items():
        _say(f"  {letter}  {does}")

    def read(answer: str) -> str:
        if answer.lower()[:1] not in choices:
            raise UnusableAnswer(f"one of {', '.join(choices)}")
        return answer.lower()[0]

    return ask(question, read, first)


def _until_usable(once: Callable[[], T]) -> T:
    while True:
        try:
            return once()
        except UnusableAnswer as error:
            _say(f"  {terminal(str(error))}")


def _line(prompt: str) -> str:
    _say(prompt, end="")
    line = sys.stdin.readline()
    if not line.endswith("\n"):  # half a line before the end is no answer either
        _say("")
        raise EOFError
    return line.strip()


def _say(text: str, end: str = "\n") -> None:
    sys.stderr.write(f"{text}{end}")
    sys.stderr.flush()
