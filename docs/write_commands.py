"""The reference of docs/commands.md, from the command line as Typer has it: what `--help` says."""

from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from textwrap import dedent

import typer.main
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from docs.markers import Row, code, codes, filled, table
from monitor.cli.program import program

PAGE = Path(__file__).with_name("commands.md")
NAME = "number-monitor"
EXAMPLES = "Examples:\n"
KINDS: Mapping[str, str] = {"int": "N", "float": "N", "Path": "FILE", "str": "TEXT"}

Parameter = TyperArgument | TyperOption


def written(page: str) -> str:
    """The page with its reference as it has to be."""
    group = typer.main.get_command(program)
    assert isinstance(group, TyperGroup)
    return filled(page, {"options": options(group), "commands": "\n".join(sections(group))}, PAGE.name)


def sections(group: TyperGroup, words: str = "") -> Iterator[str]:
    """One for each command, those below another right after it."""
    for name, command in group.commands.items():
        assert isinstance(command, TyperCommand | TyperGroup)
        path = f"{words} {name}".strip()
        yield "\n".join(part for part in section(path, command) if part)
        if isinstance(command, TyperGroup):
            yield from sections(command, path)


def section(words: str, command: TyperCommand | TyperGroup) -> Iterator[str]:
    """What a command is for, how it is typed, what it takes."""
    yield f"## {words}\n"
    yield f"{paragraphs(command.help or '')}\n"
    examples = dedent((command.epilog or "").partition(EXAMPLES)[2]).strip()
    yield f"```sh\n{examples}\n```\n" if examples else ""
    yield options(command)


def paragraphs(text: str) -> str:
    """The text of a docstring, a line each paragraph; words of ours stay code."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def options(command: TyperCommand | TyperGroup) -> str:
    """The table of what a command takes; nothing for one that takes nothing."""
    rows = [row(one) for one in command.params if isinstance(one, Parameter) and not one.hidden]
    return table(("option", "default", "what it does"), rows) if rows else ""


def row(one: Parameter) -> Row:
    """`--port N`, what it is where it is not given, what it is for."""
    if isinstance(one, TyperArgument):
        names = [f"{(one.metavar or one.name or '').strip('[].').upper()}{'…' if one.nargs != 1 else ''}"]
    else:
        names = [*one.opts[:-1], one.opts[-1] if one.is_flag else f"{one.opts[-1]} {value(one)}"]
    return codes(names), default(one), f"{one.help}{words(one)}{limits(one)}"


def value(option: TyperOption) -> str:
    """What stands behind an option."""
    return option.metavar or KINDS.get(getattr(option.type_descriptor.annotation, "__name__", ""), "WORD")


def words(one: Parameter) -> str:
    """Those that can be given, where no others can."""
    kind = one.type_descriptor.annotation
    if not (isinstance(kind, type) and issubclass(kind, Enum)):
        return ""
    *first, last = (code(member.value) for member in kind)
    return f" {', '.join(first)} or {last}."


def default(one: Parameter) -> str:
    """What is taken where nothing is given."""
    if one.required:
        return "required"
    given = one.show_default if isinstance(one.show_default, str) else one.default
    if given is None or isinstance(given, bool | tuple | list):
        return ""
    return code(f"{given:g}" if isinstance(given, float) else str(given.value if isinstance(given, Enum) else given))


def limits(one: Parameter) -> str:
    """How small and how large a number may be."""
    if one.min is not None and one.max is not None:
        return f" {one.min:g} to {one.max:g}."
    return f" {one.min:g} at least." if one.min is not None else ""
