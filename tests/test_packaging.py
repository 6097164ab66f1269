"""What is installed is what was written: whole wheels, and locks that bind every file by its hash."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from monitor import __version__

ROOT = Path(__file__).parents[1]
LOCKS = ("build.txt", "chat.txt", "dev.txt", "postgresql.txt", "run.txt")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from the sources with what is installed already."""
    pytest.importorskip("hatchling", reason="hatchling is not installed (requirements/dev.txt names it)")
    directory = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(directory)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = directory.glob("*.whl")
    return built


def files_of(wheel):
    return {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}


def sources():
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "monitor").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def lines_of(lock):
    """Every requirement with its continuation lines joined; comments left out."""
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    return [line for line in text.replace("\\\n", " ").splitlines() if line and not line.lstrip().startswith("#")]


def names_in(lock):
    return {line.split("==")[0] for line in lines_of(lock)}


def pins_in(lock):
    return {line.split("==")[0]: line.split()[0] for line in lines_of(lock)}


def required(group):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] if group == "run" else project["optional-dependencies"][group]
    return {re.split(r"[\[<>=;, ]", one)[0].lower() for one in wanted}


def test_the_wheel_holds_every_source_and_nothing_else(wheel):
    assert files_of(wheel) == sources()


@pytest.mark.parametrize(
    "needed",
    [
        "monitor/py.typed",
        "monitor/web/pages/templates/",
        "monitor/web/pages/assets/",
        "monitor/delivery/sinks/templates/",
        "monitor/store/migrations/versions/",
    ],
    ids=str,
)
def test_the_wheel_holds_what_is_no_module(wheel, needed):
    assert any(name.startswith(needed) for name in files_of(wheel))


def test_the_wheel_has_the_version_that_the_program_tells(wheel):
    assert wheel.name == f"number_monitor-{__version__}-py3-none-any.whl"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_with_a_hash(lock):
    unbound = [line for line in lines_of(lock) if not re.match(r"[a-z0-9-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)]

    assert unbound == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_says_where_files_come_from(lock):
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")

    assert re.findall(r"://|--(?:extra-)?index-url|--find-links|--trusted-host", text) == []


@pytest.mark.parametrize(
    ("lock", "groups"),
    [
        ("run.txt", ["run"]),
        ("chat.txt", ["run", "chat"]),
        ("postgresql.txt", ["run", "postgresql"]),
        ("dev.txt", ["run", "chat", "postgresql", "dev"]),
    ],
    ids=["run", "chat", "postgresql", "dev"],
)
def test_a_lock_has_everything_that_the_project_asks_for(lock, groups):
    asked = set().union(*(required(group) for group in groups))

    assert asked - names_in(lock) == set()


@pytest.mark.parametrize("lock", ["run.txt", "chat.txt", "postgresql.txt"])
def test_tests_run_with_the_versions_that_the_product_has(lock):
    product, dev = pins_in(lock), pins_in("dev.txt")

    assert {name: pin for name, pin in product.items() if dev.get(name) != pin} == {}


@pytest.mark.parametrize("lock", ["chat.txt", "postgresql.txt"])
def test_an_extra_adds_to_what_the_product_has_and_changes_nothing(lock):
    run, extra = pins_in("run.txt"), pins_in(lock)

    assert {name: pin for name, pin in run.items() if extra.get(name) != pin} == {}


def test_the_image_can_have_both_extras():
    chat, postgresql = pins_in("chat.txt"), pins_in("postgresql.txt")

    assert {name: pin for name, pin in postgresql.items() if chat.get(name, pin) != pin} == {}


def test_the_image_brings_the_wheels_own_tools_and_files():
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    let_in = {
        line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")
    }
    copied = {
        name for line in re.findall(r"^COPY (?!--from)(.*) \S+$", dockerfile, re.MULTILINE) for name in line.split()
    }

    assert copied == let_in
