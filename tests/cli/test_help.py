"""The help: examples that can be typed, a text that fits a terminal of 80 columns, completion that answers."""

import os
import shlex
import subprocess
import sys

import pytest
import typer.main
from typer.core import TyperGroup
from typer.testing import CliRunner

from monitor.cli.examples import EXAMPLES
from monitor.cli.program import program

PROGRAM = typer.main.get_command(program)
COLUMNS = 80


def commands(command, *words):
    """Every command by its words, groups and the program itself among them."""
    yield " ".join(words), command
    for name, below in command.commands.items() if isinstance(command, TyperGroup) else ():
        yield from commands(below, *words, name)


ALL = dict(commands(PROGRAM))
TYPED = [(words, typed) for words, lines in EXAMPLES.items() for typed, _ in lines]


def test_every_command_has_examples():
    assert set(EXAMPLES) == set(ALL)


def parse(command, words, parent=None, name="number-monitor"):
    """Read the words as the program does, down to the last command, without doing anything; gives its words."""
    context = command.make_context(name, list(words), parent=parent)
    rest = [*context._protected_args, *context.args]
    if isinstance(command, TyperGroup) and rest:
        name, below, words = command.resolve_command(context, rest)
        return [name, *parse(below, words, context, name)]
    return []


@pytest.mark.parametrize(("words", "typed"), TYPED)
def test_every_example_is_one_of_its_command_and_is_understood(words, typed):
    first, *arguments = shlex.split(typed.replace("\\\n", " "))
    end = next((place for place, word in enumerate(arguments) if word in {"<", ">", "&&"}), len(arguments))

    assert first == "number-monitor"
    assert " ".join(parse(PROGRAM, arguments[:end])).startswith(words)


@pytest.mark.parametrize("words", ALL)
def test_the_help_fits_a_terminal_of_eighty_columns(words, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(COLUMNS))

    shown = CliRunner().invoke(program, [*words.split(), "--help"]).stdout

    assert max(map(len, shown.splitlines())) <= COLUMNS
    assert "…" not in shown
    for typed, why in EXAMPLES[words]:
        assert all(any(part.strip() in line for line in shown.splitlines()) for part in typed.splitlines())
        assert any(line.rstrip().endswith(f"# {why}") for line in shown.splitlines())


def test_the_help_breaks_lines_where_the_terminal_does(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")

    shown = CliRunner().invoke(program, ["run", "--help"]).stdout

    assert "standard error. SIGTERM and SIGINT stop it within 8 s, SIGHUP reloads the configuration." in shown


def completed(typed, **environ):
    """What the shell is offered behind these words."""
    asked = {
        "_NUMBER_MONITOR_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split(" ")) - 1),
    }
    start = "import sys; sys.argv[0] = 'number-monitor'; from monitor.cli.program import run; run()"
    answer = subprocess.run(
        [sys.executable, "-c", start],
        env={**os.environ, **asked, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout.split()


def test_the_shell_is_offered_commands_options_and_formats():
    assert completed("number-monitor si") == ["simulate", "sinks"]
    assert completed("number-monitor numbers --w") == ["--watch"]
    assert completed("number-monitor events --format ") == ["table", "json"]


CONFIGURATION = """accounts:
  - {name: main, access_key: abc, access_secret: hunter2, apps: [jh1, jh2]}
  - {name: spare, access_key: def, access_secret: hunter2, apps: [kl8]}
events: {sinks: [{name: mail, type: slack, url: "https://a.example/b"}]}
"""


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("numbers --account ", ["main", "spare"]),
        ("poll --appkey jh", ["jh1", "jh2"]),
        ("sinks test ", ["stdout", "mail"]),
        ("events --type number.d", ["number.degraded"]),
    ],
)
def test_the_shell_is_offered_what_the_configuration_names(tmp_path, typed, offered):
    path = tmp_path / "number-monitor.yml"
    path.write_text(CONFIGURATION, encoding="utf-8")

    assert completed(f"number-monitor --config {path} {typed}") == offered


def test_without_a_configuration_the_shell_is_offered_nothing_and_told_nothing(tmp_path):
    assert completed("number-monitor numbers --account ", NUMBER_MONITOR_CONFIG=str(tmp_path / "gone")) == []
