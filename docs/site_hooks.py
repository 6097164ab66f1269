"""
What MkDocs is told beyond mkdocs.yml: the documents link to files of the repository that are not in docs/.

README.md and its like become pages, other files are copied as they are below `files/`, of a folder there is a list.
Links are turned accordingly, so that the same text reads well in the repository and on the site.  Headings get the
anchors that they have in the repository.
"""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

DOCS = Path(__file__).parent
ROOT = DOCS.parent
PAGES = {
    "README.md": "readme.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
}
COPIES = "files"
LINK = re.compile(r"(?<=\]\()(?!https?:|mailto:|#)([^)\s#]+)(?=[)#])")
FENCE = re.compile(r"(^ *```.*?^ *```$)", re.MULTILINE | re.DOTALL)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Anchors as in the repository."""
    config.mdx_configs.setdefault("toc", {})["slugify"] = slug
    return config


def slug(heading: str, _separator: str) -> str:
    """What the repository's pages call the place of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what the documents link to."""
    for source, page in PAGES.items():
        if (ROOT / source).is_file():
            files.append(File.generated(config, page, content=(ROOT / source).read_text(encoding="utf-8")))
    for place in sorted(linked(files)):
        if (ROOT / place).is_dir():
            files.append(File.generated(config, f"{COPIES}/{place}.md", content=listing(ROOT / place, place)))
        else:
            files.append(File.generated(config, f"{COPIES}/{place}", abs_src_path=str(ROOT / place)))
    return files


def linked(files: Files) -> set[str]:
    """Every place outside of docs/ that is no page, by its path in the repository; of folders also what is in them."""
    places = {
        place
        for file in files.documentation_pages()
        for target in LINK.findall(prose(file.content_string))
        if (place := place_of(file.src_uri, target)) and not place.startswith("docs/") and place not in PAGES
    }
    below = {f"{place}/{name}" for place in places if (ROOT / place).is_dir() for name in names(ROOT / place)}
    return {place for place in places | below if (ROOT / place).exists()}  # MkDocs warns of what is not there


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """The text with its links as they are on the site; code is left alone."""
    here = page.file.src_uri
    parts = FENCE.split(markdown)
    parts[::2] = [LINK.sub(lambda found: turned(here, found[1]), part) for part in parts[::2]]
    return "".join(parts)


def turned(page: str, target: str) -> str:
    """Where a link of a page leads on the site."""
    place = place_of(page, target)
    if place.startswith("docs/"):
        found = place.removeprefix("docs/")
    elif place in PAGES:
        found = PAGES[place]
    else:
        found = f"{COPIES}/{place}.md" if (ROOT / place).is_dir() else f"{COPIES}/{place}"
    return relpath(found, PurePosixPath(page).parent)


def place_of(page: str, target: str) -> str:
    """What a link of a page leads to, as a path in the repository."""
    sources = {page: source for source, page in PAGES.items()}
    if page.startswith(f"{COPIES}/"):
        return normpath(PurePosixPath(page.removeprefix(f"{COPIES}/")).parent / target)
    return normpath(PurePosixPath(sources.get(page, f"docs/{page}")).parent / target)


def listing(folder: Path, place: str) -> str:
    """A page that leads to every file of a folder."""
    return f"# {place}\n\n" + "".join(f"- [{name}]({folder.name}/{name})\n" for name in names(folder))


def names(folder: Path) -> Iterator[str]:
    """The files right below a folder."""
    return (path.name for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith("."))


def prose(text: str) -> str:
    """The text without its code."""
    return "".join(FENCE.split(text)[::2])
