"""Whatever the file's size and tricks, it is read or refused within bounds: seconds, and some hundred megabytes."""

import json
import subprocess
import sys

import pytest

from monitor.settings.document import MOST_VALUES
from monitor.settings.problems import MOST_PROBLEMS
from tests.fuzz.files import SMALL, check, file
from tests.settings.test_anything import problems_of

FILES = 300
SEED = 20261123

KEYS = "{" + ", ".join(f"k{index}: x" for index in range(5_000)) + "}"
APPS = "accounts:\n- name: m\n  access_key: k\n  access_secret: s\n  apps: [{}]\n"
MILLION = 1_000_000

#: What it is, and how it is refused.
HUGE = {
    "items": ("accounts: [" + "a," * (4 * MILLION) + "]", f"there are more than {MOST_VALUES} values up to here"),
    "aliases": ("b: &a x\nc: [" + "*a ," * MILLION + "]", f"there are more than {MOST_VALUES} values up to here"),
    "laughs": (
        "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1},' * 10}]\n" for n in range(1, 20)),
        f"aliases make more than {MOST_VALUES} values or 24 levels",
    ),
    "merges of one": (f"b: &a {KEYS}\nc: {{<<: [{'*a ,' * MILLION}]}}", f"there are more than {MOST_VALUES} values"),
    "merges in many": (f"b: &a {KEYS}\nc:\n" + "- {<<: *a}\n" * 100_000, f"there are more than {MOST_VALUES} values"),
    "a key again": ("a: 1\n" * MILLION, f"more than {MOST_PROBLEMS} keys are given twice or have tags up to here"),
    "tags": ("a: [" + "!x b," * MILLION + "]", f"more than {MOST_PROBLEMS} keys are given twice or have tags"),
    "bad appkeys": (APPS.format("'a b'," * 100_000), "has further faults, which are told once these are mended"),
    "digits": (SMALL + "poll: {interval: " + "9" * 7 * MILLION + "s}", "expected a duration such as 500ms"),
    "times": (SMALL + "poll: {concurrency: 1" + ":59" * 2 * MILLION + "x}", "expected a whole number"),
    "one word": ("accounts: " + "a" * 8 * MILLION, "expected a list, got text"),
    "quotes": ('"' * 8 * MILLION, "not valid YAML"),
    "brackets": ("[" * 8 * MILLION, "nested more than 24 levels deep"),
    "ten megabytes": (SMALL + "#" * 10 * MILLION, "is larger than 8 MiB; put apps into an apps_file"),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What was wrong with each of them, as a process with bounds says."""
    folder = tmp_path_factory.mktemp("huge")
    for name, (text, _) in HUGE.items():
        (folder / f"{name}.yml").write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.loading", str(folder)], capture_output=True, check=False, text=True
    )
    assert done.returncode == 0, done.stderr[-1_000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", HUGE)
def test_a_huge_file_is_refused_within_bounds(told, name):
    assert HUGE[name][1] in told[name][-1]
    assert len(told[name]) <= MOST_PROBLEMS + 1
    assert all(problem.isprintable() and len(problem) < 500 for problem in told[name])


@pytest.mark.parametrize("index", range(FILES))
def test_a_damaged_file_is_settings_or_problems(tmp_path, index):
    assert check(tmp_path / "n.yml", file(SEED, index)) in {"read", "refused"}


@pytest.mark.parametrize("repeated", ["{<<: *a}", "{<<: [*a, *a]}", "{<<: &b {<<: *a}}"])
def test_merges_of_a_usual_size_are_read(tmp_path, repeated):
    path = tmp_path / "n.yml"
    path.write_text(f"a: &a {{b: c}}\nd: [{', '.join([repeated] * 1_000)}]\n")

    assert {problem.partition(" (line")[0] for problem in problems_of(path)} == {"a", "accounts", "d"}


def test_a_hopeless_file_is_told_in_a_thousand_lines(tmp_path):
    path = tmp_path / "n.yml"
    path.write_text(APPS.format("\n  , ".join(str(index) for index in range(MOST_PROBLEMS + 50))))

    told = problems_of(path)

    assert len(told) == MOST_PROBLEMS + 1
    assert told[-1].endswith("has further faults, which are told once these are mended")
