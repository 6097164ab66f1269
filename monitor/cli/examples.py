"""
Examples for the help of every command, each a line that can be typed as it stands.

The comment behind a line is the shell's too.  No line is wider than a terminal of 80 columns shows.
"""

import inspect
from collections.abc import Iterator, Mapping

import typer

Lines = tuple[tuple[str, str], ...]  # a line to type, and what it is for

#: By the command's words; the program itself has none.
EXAMPLES: Mapping[str, Lines] = {
    "": (
        ("number-monitor demo", "look at it: nothing to configure"),
        ("number-monitor init", "begin: asks for key, secret and apps"),
        ("number-monitor check --live", "is it right, does the vendor let us in"),
        ("number-monitor run", "watch"),
        ("number-monitor numbers --degraded", "what is in trouble"),
    ),
    "init": (
        ("number-monitor init", "asks, and writes two files"),
        ("number-monitor --config conf/n.yml init", "another place"),
        (
            "number-monitor init --access-key fme2 --appkey jh42 --appkey jh43 \\\n    --access-secret-file - < secret",
            "in a script",
        ),
    ),
    "run": (
        ("number-monitor run", "Ctrl-C ends it"),
        ("number-monitor run > events.jsonl", "events go to a file"),
        ("number-monitor --log-format console run", "a log for people"),
    ),
    "check": (
        ("number-monitor check", "what it will do, or all errors"),
        ("number-monitor check --live", "also one call per account"),
        ("number-monitor --config new.yml check", "before it replaces another"),
    ),
    "poll": (
        ("number-monitor poll", "every app, once"),
        ("number-monitor poll --appkey jh42xxxd434", "one app"),
        ("number-monitor poll --format csv > numbers.csv", "for a spreadsheet"),
    ),
    "numbers": (
        ("number-monitor numbers --degraded", "those in trouble"),
        ("number-monitor numbers --watch", "drawn anew as they change"),
        ("number-monitor numbers --format json", "the API's objects"),
    ),
    "events": (
        ("number-monitor events --since 7d", "of a week"),
        ("number-monitor events --type number.degraded", "of a type"),
        ("number-monitor events --number +8613800000001", "about a number"),
        ("number-monitor events --follow --format json", "a line each, for a program"),
    ),
    "accept": (
        ("number-monitor accept --account main", "beside the daemon"),
        ("number-monitor accept --account main --user ops", "asks for the password"),
    ),
    "demo": (
        ("number-monitor demo", "prints its address"),
        ("number-monitor demo --numbers 400 --speed 100", "more of them, and livelier"),
    ),
    "simulate": (
        ("number-monitor simulate", "prints how to use it"),
        ("number-monitor simulate --apps 500 --numbers 10000", "a large customer"),
    ),
    "healthcheck": (("number-monitor healthcheck && echo well", "exit code 0 or 1"),),
    "deliveries": (
        ("number-monitor deliveries --failed", "what did not arrive"),
        ("number-monitor deliveries --sink mail", "what went to one sink, and why not"),
    ),
    "deliveries replay": (
        ("number-monitor deliveries replay --sink ops", "its dead letters"),
        ("number-monitor deliveries replay --since 2h", "all of two hours, again"),
    ),
    "deliveries discard": (
        ("number-monitor deliveries discard --sink ops", "what waits or is dead"),
        ("number-monitor deliveries discard --since 7d", "of a week, of every sink"),
    ),
    "sinks": (
        ("number-monitor sinks test mail", "one marked event"),
        ("number-monitor sinks resume ops", "after a 410"),
    ),
    "sinks test": (
        ("number-monitor sinks test mail", "a number is RED"),
        ("number-monitor sinks test team --type number.recovered", "another event"),
    ),
    "sinks resume": (("number-monitor sinks resume ops", "all that waits is sent"),),
    "store": (
        ("number-monitor store backup backup.db", "while the daemon runs"),
        ("number-monitor store copy --to-file store-url", "into PostgreSQL, for good"),
    ),
    "store backup": (
        ("number-monitor store backup backup.db", "while the daemon runs"),
        ("number-monitor store backup --overwrite backup.db", "every night"),
    ),
    "store copy": (
        ("number-monitor store copy --to-file store-url", "into PostgreSQL"),
        (
            "number-monitor store copy --from sqlite:///a.db \\\n    --to postgresql://monitor@db.example.com/monitor",
            "no password",
        ),
        ("number-monitor store copy --to sqlite:///new.db", "back into a file"),
    ),
    "store keep": (("number-monitor store keep", "its copy is lost"),),
}


def illustrate(program: typer.Typer, words: str = "") -> None:
    """Give every command of a program its examples, as the end of its help."""
    program.info.epilog = epilog(words)
    for command in program.registered_commands:
        name = command.name or getattr(command.callback, "__name__", "")
        command.epilog = epilog(f"{words} {name}".strip())
        command.help = _paragraphs(inspect.getdoc(command.callback) or "")
    for group in program.registered_groups:
        path = f"{words} {group.name}".strip()
        group.epilog = epilog(path)
        if group.typer_instance is not None:
            illustrate(group.typer_instance, path)


def epilog(words: str) -> str | None:
    """The text under a command's help; None where there are no examples."""
    lines = EXAMPLES.get(words, ())
    # the empty line keeps the indentation from being taken for that of a docstring
    return "\n".join(["", "Examples:", *(f"  {line}" for line in _laid_out(lines))]) if lines else None


def _paragraphs(text: str) -> str:
    """The text with no line breaks but between paragraphs: a terminal breaks lines where it is narrow."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _laid_out(lines: Lines) -> Iterator[str]:
    width = max(len(last) for typed, _ in lines for last in typed.splitlines()[-1:])
    for typed, why in lines:
        *first, last = typed.splitlines()
        yield from first
        yield f"{last:<{width}}  # {why}"
