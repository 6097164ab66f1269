"""Whatever is in the file: settings, or a SettingsError that says where; nothing else, and no secret in it."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.settings.load import load
from monitor.settings.problems import SettingsError
from tests.settings.test_load import EVERY_KEY

ENVIRON = {"NXCLOUD_SECRET": "hunter2"}
WORST = [
    "null", "~", "''", "? a", "%YAML 9", "---", "...", "@", "`",
    "0", "-1", "1e400", ".nan", "9" * 5000, "0b_", "2027-13-45", "yes", "[]", "{}", "[[]]",
    "{a: b}", "- a",
    "&a [*a]", "*a", "!!int x", "!!python/none", "<<: *a", "'\\", '"\\ud800"', "${", "${A", "${A:-${B}}",
    "\t", "\x00", "\ufeff",
    "|\n", "sqlite:///", "https://[", "https://[::1", "http://a:99999", "[::1]:x",
]  # fmt: skip
same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(WORST)
    | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def only_a_settings_error_comes_out(path: Path, body: bytes) -> None:
    path.write_bytes(body)
    assert not [problem for problem in problems_of(path) if "\n" in problem or not problem]


def problems_of(path: Path) -> list[str]:
    try:
        load(path, ENVIRON)
    except SettingsError as error:
        return [str(problem) for problem in error.problems] or [""]
    return []


def places(value: object, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for step, below in inner for place in places(below, (*at, step)))]


def changed(value: object, at: Sequence[str | int], new: object) -> object:
    """The value with `new` at the place."""
    if not at:
        return new
    step, *rest = at
    if isinstance(value, dict):
        return {key: changed(below, rest, new) if key == step else below for key, below in value.items()}
    items = value if isinstance(value, list) else []
    return [changed(below, rest, new) if index == step else below for index, below in enumerate(items)]


GOOD = yaml.load(EVERY_KEY, yaml.BaseLoader)


@same_folder
@given(data=st.data())
def test_any_value_in_any_place(tmp_path, data):
    at = data.draw(st.sampled_from(places(GOOD)))
    new = data.draw(values)

    only_a_settings_error_comes_out(tmp_path / "n.yml", yaml.safe_dump(changed(GOOD, at, new)).encode())


@same_folder
@given(
    line=st.integers(0, EVERY_KEY.count("\n")),
    column=st.integers(0, 60),
    piece=st.sampled_from(WORST) | st.text(max_size=5),
)
def test_any_piece_of_text_in_the_middle(tmp_path, line, column, piece):
    lines = EVERY_KEY.split("\n")
    lines[line] = lines[line][:column] + piece + lines[line][column:]

    only_a_settings_error_comes_out(tmp_path / "n.yml", "\n".join(lines).encode("utf-8", "surrogatepass"))


@same_folder
@given(start=st.integers(0, len(EVERY_KEY)), length=st.integers(0, 200))
def test_any_piece_missing(tmp_path, start, length):
    only_a_settings_error_comes_out(tmp_path / "n.yml", (EVERY_KEY[:start] + EVERY_KEY[start + length :]).encode())


@same_folder
@given(body=st.binary(max_size=200))
def test_any_bytes(tmp_path, body):
    only_a_settings_error_comes_out(tmp_path / "n.yml", body)


SECRET_PLACES = [
    ("accounts", 0, "access_secret"),
    ("accounts", 0, "proxy"),
    ("accounts", 0, "base_url"),
    ("accounts", 0, "apps_url", "url"),
    ("accounts", 0, "apps_url", "bearer_token"),
    ("store", "url"),
    ("web", "external_url"),
    ("events", "heartbeat", "url"),
    *[
        ("events", "sinks", place, key)
        for place, sink in enumerate(GOOD["events"]["sinks"])
        for key in sorted(
            {"url", "secret", "previous_secret", "password", "routing_key", "bearer_token", "urls", "proxy"}
        )
        if key in sink
    ],
]
SECTIONS = [
    ("accounts",),
    ("accounts", 0),
    ("accounts", 0, "apps"),
    ("accounts", 0, "apps_url"),
    ("accounts", 0, "apps", 1, "labels"),
    ("events", "heartbeat"),
    ("events", "maintenance"),
    ("events", "maintenance", 0),
    ("events", "sinks"),
    *[("events", "sinks", place) for place in range(len(GOOD["events"]["sinks"]))],
    ("events", "sinks", 0, "headers"),
    ("events", "sinks", 0, "headers", "Authorization"),
    *[(section,) for section in GOOD if section != "accounts"],
]


@pytest.mark.parametrize("at", [*SECRET_PLACES, *SECTIONS], ids=str)
@pytest.mark.parametrize(
    "wrong",
    ["hunter2", "socks5://hunter2", "https://a:hunter2@b:c/", ["hunter2"], {"key": "hunter2"}, {"hunter 2": ""}],
    ids=str,
)
def test_a_secret_where_a_secret_or_a_section_belongs_is_not_repeated(tmp_path, at, wrong):
    path = tmp_path / "n.yml"
    path.write_text(yaml.safe_dump(changed(GOOD, at, wrong)), encoding="utf-8")

    assert not [problem for problem in problems_of(path) if "hunter" in problem]


@pytest.mark.parametrize("depth", [10, 100_000])
def test_a_deep_file_does_not_break_the_reader(tmp_path, depth):
    for text in (
        "[" * depth,
        "{a: " * depth,
        "- " * depth,
        "".join(f"{' ' * level}a:\n" for level in range(min(depth, 2000))),
    ):
        only_a_settings_error_comes_out(tmp_path / "n.yml", text.encode())


def test_a_chain_of_aliases_does_not_break_the_reader(tmp_path):
    chain = "a0: &a0 [x]\n" + "".join(f"a{link}: &a{link} [*a{link - 1}]\n" for link in range(1, 5000))

    only_a_settings_error_comes_out(tmp_path / "n.yml", chain.encode())
