"""The documents become a site: every page is reachable, every link leads somewhere, nothing comes from elsewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs.site_hooks import slug, turned
from docs.take_pictures import COLUMNS, PICTURES, printed

ROOT = Path(__file__).parents[1]
ASKED_FOR = re.compile(  # what a browser fetches by itself, other than links that a reader follows
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["']?((?:https?:)?//[^"' >]+)"""
    r"""|<link\b(?![^>]*rel=["']?canonical)[^>]*\bhref=["']?((?:https?:)?//[^"' >]+)"""
)
PICTURE = re.compile(r"\(pictures/([^)]+)\)")
IN_STYLES = re.compile(r"""(?:url\(|@import\s*)["']?((?:https?:)?//[^"')]+)""")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site as `make docs` builds it: with `--strict`, so that a page or link that leads nowhere fails it."""
    place = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(place)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    return place


def test_every_document_is_a_page_and_what_it_links_to_is_beside_it(site):
    pages = {path.stem for path in ROOT.glob("docs/*.md")} | {"readme", "changelog", "contributing", "security"}

    assert pages - {path.stem for path in site.glob("*.html")} == set()
    assert (site / "files/compose.yaml").read_bytes() == (ROOT / "compose.yaml").read_bytes()
    assert (site / "events/number.degraded.schema.json").is_file()
    assert not list(site.rglob("*.py"))


def test_no_page_fetches_anything_from_elsewhere(site):
    pages = {path: ASKED_FOR.findall(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}
    styles = {path: IN_STYLES.findall(path.read_text(encoding="utf-8")) for path in site.rglob("*.css")}

    assert {path: found for path, found in [*pages.items(), *styles.items()] if found} == {}


def test_every_list_is_one_also_where_markdown_is_read_strictly(site):
    """Python-Markdown wants an empty line before a list; without it the list is a paragraph with dashes."""
    runs_on = {
        path.name: found
        for path in site.glob("*.html")
        if (found := re.findall(r"<p>[^<]*\n(?:- |\d\. )[^\n]*", path.read_text(encoding="utf-8")))
    }

    assert runs_on == {}


def test_every_picture_is_shown_and_fetches_nothing():
    shown = {name for path in ROOT.glob("docs/*.md") for name in PICTURE.findall(path.read_text(encoding="utf-8"))}
    fetched = {path.name: IN_STYLES.findall(path.read_text(encoding="utf-8")) for path in PICTURES.glob("*.svg")}

    assert shown == {path.name for path in PICTURES.iterdir()}
    assert [name for name, found in fetched.items() if found] == []


def test_a_picture_of_a_terminal_shows_what_a_command_prints_with_its_colours():
    output = printed(
        [sys.executable, "-c", "import os; print(f'\\x1b[31mRED\\x1b[0m {os.get_terminal_size().columns}')"]
    )

    assert output == f"\x1b[31mRED\x1b[0m {COLUMNS}\n"


@pytest.mark.parametrize(
    ("page", "link", "there"),
    [
        ("running.md", "docker.md", "docker.md"),
        ("running.md", "../README.md", "readme.md"),
        ("readme.md", "docs/running.md", "running.md"),
        ("docker.md", "../compose.yaml", "files/compose.yaml"),
        ("dashboards.md", "../dashboards", "files/dashboards.md"),
        ("files/dashboards.md", "dashboards/fleet.json", "dashboards/fleet.json"),
        ("events.md", "events/event.schema.json", "events/event.schema.json"),
    ],
)
def test_a_link_of_the_repository_leads_to_the_same_on_the_site(page, link, there):
    assert turned(page, link) == there


def test_a_heading_has_the_anchor_that_it_has_in_the_repository():
    assert slug("`GET /api/v1/numbers/{number}/verdict`", "-") == "get-apiv1numbersnumberverdict"
