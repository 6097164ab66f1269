import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.metrics.labels import LONGEST, identity, label_names, value


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("GLORY JACK", "GLORY JACK", id="plain text stays"),
        pytest.param("格洛里 ☎", "格洛里 ☎", id="any script stays"),
        pytest.param('a "b" \\n', 'a \\"b\\" \\\\n', id="quotes and backslashes are escaped"),
        pytest.param("one\ntwo", "one\\ntwo", id="a newline is escaped"),
        pytest.param("one\ttwo", "one\ttwo", id="a tab is harmless"),
        pytest.param("a\ud800b", "a\ufffdb", id="a lone surrogate cannot be written"),
        pytest.param("\x00\x1b[2J\x9b", "\ufffd\ufffd[2J\ufffd", id="control characters would act on a terminal"),
        pytest.param("x" * 201, "x" * 200, id="cut at 200 characters"),
        pytest.param('"' * 201, '\\"' * 200, id="cut before it is escaped"),
        pytest.param("", "", id="nothing stays nothing"),
    ],
)
def test_a_describing_value_is_cleaned_cut_and_escaped(text, written):
    assert value(text) == written


@pytest.mark.parametrize("text", ["+8613800000001", "116960000086404", "客户", 'a"b', "x" * 200, "+86 xxx 24"])
def test_an_identity_that_is_valid_and_short_differs_from_a_describing_value_in_nothing(text):
    assert identity(text) == value(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("x" * 200 + "a", "x" * 200 + "b", id="alike for 200 characters"),
        pytest.param("a\x00", "a\x01", id="cleaned to the same text"),
        pytest.param("a\x00", "a\ufffd", id="one cleaned, the other so as given"),
        pytest.param("a\ud800", "a\udfff", id="two lone surrogates"),
        pytest.param("a\x00", identity("a\x00"), id="one looks like what the other becomes"),
        pytest.param("x" * 201, "x" * 200, id="one is cut, the other so as given"),
    ],
)
def test_two_identities_never_come_out_alike(one, other):
    assert identity(one) != identity(other)


@given(st.text(alphabet=st.sampled_from('ab\x00\x1b\ud800\udfff\ufffd"\\\n'), max_size=4), st.data())
def test_no_two_short_nasty_texts_are_one_identity(one, data):
    other = data.draw(st.text(alphabet=st.sampled_from('ab\x00\x1b\ud800\udfff\ufffd"\\\n'), max_size=4))

    assert (identity(one) == identity(other)) == (one == other)


@given(st.text(alphabet=st.characters(), max_size=300))
def test_every_text_can_be_written_and_is_no_longer_than_200_characters(text):
    for written in (value(text), identity(text)):
        read = written.encode().decode().replace("\\\\", "\x00").replace('\\"', '"').replace("\\n", "\n")
        assert len(read) <= LONGEST


@pytest.mark.parametrize(
    ("given", "names"),
    [
        pytest.param(["team"], {"team": "label_team"}, id="a valid name gets the prefix"),
        pytest.param(["cost-center"], {"cost-center": "label_cost_center"}, id="what Prometheus does not take"),
        pytest.param(["1st"], {"1st": "label_1st"}, id="a digit may follow the prefix"),
        pytest.param(
            ["a_b", "a-b", "a.b"],
            {"a_b": "label_a_b", "a-b": "label_a_b_conflict1", "a.b": "label_a_b_conflict2"},
            id="names that collide",
        ),
        pytest.param(
            ["a-b", "a.b", "a_b_conflict1"],
            {"a-b": "label_a_b", "a.b": "label_a_b_conflict2", "a_b_conflict1": "label_a_b_conflict1"},
            id="a name that is what a collision would become",
        ),
        pytest.param(["团队", "地区"], {"团队": "label___", "地区": "label____conflict1"}, id="another script"),
    ],
)
def test_the_rosters_labels_become_valid_names_that_never_collide(given, names):
    assert label_names(given) == names


@given(st.lists(st.text(alphabet=st.sampled_from("ab_-.1é"), max_size=4), unique=True))
def test_any_labels_have_as_many_names(given):
    assert len(set(label_names(given).values())) == len(given)
