import pytest
from hypothesis import given
from hypothesis import strategies as st
from yaml import safe_dump, safe_load

from monitor.settings.document import Malformed, Node, Unquoted, parse


def plain(node: Node) -> object:
    if isinstance(node.value, dict):
        return {key: plain(value) for key, value in node.value.items()}
    return [plain(item) for item in node.value] if isinstance(node.value, list) else node.value


def lines(node: Node) -> object:
    """The line of every value; of a mapping's keys too."""
    if isinstance(node.value, dict):
        return {key: (node.key_lines[key], lines(value)) for key, value in node.value.items()}
    return [lines(item) for item in node.value] if isinstance(node.value, list) else node.line


def only(text: str) -> object:
    """The value of a list's one item."""
    items = parse(text)[0].value
    assert isinstance(items, list)
    return items[0].value


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("0", "a number"),
        ("-12", "a number"),
        ("+8613800000009", "a number"),
        ("012345", "a number"),
        ("0x1f", "a number"),
        ("0b101", "a number"),
        ("0o17", "a number"),
        ("1_000", "a number"),
        ("12:30:45", "a number"),
        ("1.5", "a number"),
        (".5", "a number"),
        ("1e5", "a number"),
        ("1.5E-3", "a number"),
        (".inf", "a number"),
        ("-.INF", "a number"),
        (".NaN", "a number"),
        ("yes", "a truth value"),
        ("Off", "a truth value"),
        ("true", "a truth value"),
        ("2027-01-31", "a date"),
        ("2027-01-31T18:00:00Z", "a date"),
        ("2027-01-31 18:00:00", "a date"),
    ],
)
def test_text_that_yaml_would_not_read_as_text_is_marked_and_stays_as_written(text, reading):
    value = only(f"- {text}")

    assert isinstance(value, Unquoted)
    assert (value, value.reading) == (text, reading)


@pytest.mark.parametrize(
    "text", ["jh42", "1.2.3", "12abc", "e5", "0x", "y", "truth", "yesterday", "127.0.0.1:80", ":80"]
)
def test_other_text_is_text(text):
    assert type(only(f"- {text}")) is str


@pytest.mark.parametrize("text", ["'1'", '"yes"', "!!str 12", "|-\n  12"])
def test_what_is_quoted_is_text(text):
    assert type(only(f"- {text}")) is str


@pytest.mark.parametrize("text", ["", "~", "null", "NULL"])
def test_nothing_is_none(text):
    assert only(f"- {text}") is None


def test_every_value_and_key_knows_its_line():
    root = parse("a: 1\nb:\n  - x\n  - c:\n      d\n")[0]

    assert lines(root) == {"a": (1, 1), "b": (2, [3, {"c": (4, 5)}])}


def test_aliases_and_merges_give_what_they_name():
    text = "a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: {<<: [{x: 7}, *a]}\nd: *a\ne: [&s text, *s]\n"

    assert plain(parse(text)[0]) == {
        "a": {"x": "1", "y": "2"},
        "b": {"y": "3", "x": "1"},
        "c": {"x": "7", "y": "2"},
        "d": {"x": "1", "y": "2"},
        "e": ["text", "text"],
    }


def test_of_a_key_given_twice_the_first_counts_and_the_second_is_told():
    root, problems = parse("a:\n  b: 1\n  c: 2\n  b: 3\n")

    assert plain(root) == {"a": {"b": "1", "c": "2"}}
    assert [str(problem) for problem in problems] == ["a.b (line 4): is given twice, first in line 2"]


def test_a_thing_that_contains_itself_is_refused():
    with pytest.raises(Malformed, match="an alias names an anchor that is not set before it"):
        parse("&a [*a]")


@given(
    st.recursive(
        st.none() | st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"])),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=4),
        max_leaves=20,
    )
)
def test_what_yaml_writes_is_read_as_yaml_reads_it(value):
    text = safe_dump(value)

    assert plain(parse(text)[0]) == safe_load(text) == value
