"""docs/dashboards.md names what is on each dashboard, all of it and nothing else."""

import re
from pathlib import Path

import pytest

from tests.dashboards.boards import NAMES, annotations, load, panels

TEXT = (Path(__file__).parents[2] / "docs" / "dashboards.md").read_text(encoding="utf-8")


def section(name):
    """What the document says of one dashboard."""
    return re.split(r"^##+ ", TEXT.split(f"\n### {load(name)['title']}\n")[1], maxsplit=1, flags=re.MULTILINE)[0]


@pytest.mark.parametrize("name", NAMES)
def test_every_panel_is_named_and_no_other(name):
    first_cells = [line.split(" | ")[0] for line in section(name).splitlines() if line.startswith("| *")]
    named = re.findall(r"\*([^*]+)\*", " ".join(first_cells))

    assert sorted(named) == sorted(panel["title"] for panel in panels(load(name)))


@pytest.mark.parametrize("name", NAMES)
def test_every_mark_is_named_and_no_other(name):
    marks = re.findall(r"^Marks in all panels: (.+)$", section(name), re.MULTILINE)

    assert re.findall(r"\*([^*]+)\*", " ".join(marks)) == [mark.panel for mark in annotations(name)]


@pytest.mark.parametrize("name", NAMES)
def test_the_table_of_dashboards_is_right(name):
    dashboard = load(name)

    assert f"| {dashboard['title']} | [{name}.json](../dashboards/{name}.json) | `{dashboard['uid']}` |" in TEXT
