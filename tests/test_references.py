"""The reference documents are as the code makes them: `make tables` would change nothing."""

import re
from pathlib import Path

import pytest
import typer.main

from docs import write_commands, write_configuration
from docs.write import PAGES
from monitor.cli.program import program
from monitor.fleet.event import EVENT_TYPES
from monitor.fleet.scales import QUALITY_RATING, STATUS

DOCS = Path(__file__).parents[1] / "docs"


def text_of(name):
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_what_is_taken_from_the_code_is_as_the_code_has_it(path):
    page = path.read_text(encoding="utf-8")

    assert PAGES[path](page) == page, "run `make tables`"


def test_every_key_of_the_configuration_says_what_it_means():
    silent = re.findall(r"^\| (`[^|]*) \|[^|]*\| \|$", text_of("configuration.md"), re.MULTILINE)

    assert silent == []


@pytest.mark.parametrize(
    "was",
    [
        pytest.param("| `poll.retries` | `3` |", id="another default"),
        pytest.param("| `poll.retries` | required |", id="a default where the page says none"),
        pytest.param("| `poll.retries`, `poll.retries_file` | `2` |", id="a file that it cannot be given in"),
    ],
)
def test_a_key_that_the_page_has_wrong_is_put_right(was):
    page = text_of("configuration.md")
    wrong = page.replace("| `poll.retries` | `2` |", was)
    assert wrong != page

    assert write_configuration.written(wrong) == page


def test_a_new_key_gets_a_row_that_waits_for_its_meaning_and_one_that_is_no_more_loses_its():
    page = text_of("configuration.md")
    (row,) = re.findall(r"^\| `poll.retries` .*\n", page, re.MULTILINE)

    written = write_configuration.written(page.replace(row, "| `poll.patience` | `2` | of a saint |\n"))

    assert "poll.patience" not in written
    assert "| `poll.retries` | `2` | |\n" in written


def test_every_command_has_its_section_with_an_example():
    sections = dict(re.findall(r"^## ([^\n]*)\n(.*?)(?=^## |\Z)", text_of("commands.md"), re.MULTILINE | re.DOTALL))

    assert [words for words in paths(typer.main.get_command(program)) if "```sh\n" not in sections[words]] == []


def paths(group, words=""):
    for name, command in group.commands.items():
        path = f"{words} {name}".strip()
        yield path
        yield from paths(command, path) if hasattr(command, "commands") else ()


def test_an_option_is_told_with_what_it_takes_and_what_it_is_otherwise():
    section = write_commands.written(text_of("commands.md")).split("\n## simulate\n")[1].split("\n## ")[0]

    assert "| `--port N` | `8621` | Where to listen; 0 takes a free port. 0 to 65535. |" in section


def test_every_type_of_event_has_its_fields():
    assert [kind for kind in EVENT_TYPES if f"\n## {kind}\n" not in text_of("event-types.md")] == []


def test_every_state_says_what_it_means():
    rows = re.findall(r"^\| `([A-Z_]+)` \| ([^|]*)\|", text_of("states.md"), re.MULTILINE)

    assert [state for state, meaning in rows if not meaning.strip()] == []
    assert {state for state, _ in rows} == {*QUALITY_RATING, *STATUS}
