import pytest

from monitor.fleet.app import App
from monitor.fleet.masking import KEY_BYTES, Masking
from monitor.fleet.scales import Severity
from monitor.views.filters import FilterError
from monitor.views.looking import COUNTED, SHOWS, Looking, Needle, looking
from monitor.views.tally import tally
from tests.web.fleets import entry, red, snapshot

APP = App(account="main", appkey="jh42xxxd434", name="Shop One")
ENTRY = entry("+8613800000001", "116960000086404", verified_name="GLORY JACK", waba_name="Glory Test")


@pytest.mark.parametrize(
    "text",
    [
        *("+8613800000001", "8613800000001", "138 0000 0001", "138-0000", "(138) 0000", "00001"),
        *("glory", "JACK", "Glory Test", "11696", "116960000086404"),
    ],
)
def test_a_number_is_found_however_it_is_written(text):
    assert Needle(text).fits(ENTRY)


@pytest.mark.parametrize("text", ["139", "nobody", "+49", "glory  jack"])
def test_what_is_not_part_of_it_does_not_find_it(text):
    assert not Needle(text).fits(ENTRY)


@pytest.mark.parametrize(("text", "expected"), [("shop", True), ("JH42", True), ("glory", False)])
def test_an_app_is_found_by_its_name_and_appkey(text, expected):
    assert Needle(text).fits_app(APP) is expected


def test_what_a_form_leaves_empty_is_not_asked_about():
    asked = looking([("q", " "), ("show", ""), ("account", ""), ("page", "")])

    assert asked == Looking()
    assert asked.is_any


def test_what_is_asked_for_is_read():
    assert looking([("q", " jack "), ("show", "red"), ("account", "main"), ("page", "2"), ("apps", "3")]) == Looking(
        "jack", "red", "main", 2, 3
    )


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ([("show", "blue")], "show: there is no 'blue'; known are trouble, critical, "),
        ([("page", "0")], "page: expected a whole number from 1 to 10000, got '0'"),
        ([("apps", "x")], "apps: expected a whole number from 1 to 10000, got 'x'"),
        ([("q", "a"), ("q", "b")], "q: given twice; give it once"),
        ([("sort", "a")], "there is no filter 'sort' here; known are q, show, account, page, apps"),
    ],
)
def test_what_cannot_be_applied_is_an_error(asked, sentence):
    with pytest.raises(FilterError) as error:
        looking(asked)

    assert str(error.value).startswith(sentence)


@pytest.mark.parametrize("show", SHOWS)
def test_a_count_is_of_what_is_shown(show):
    entries = [
        red("+1"),
        entry("+2", severity=Severity.WARNING, quality_rating="YELLOW", status="BANNED"),
        entry("+3", severity=Severity.UNKNOWN, quality_rating="NA"),
        entry("+4"),
        entry("+5"),
    ]

    assert COUNTED[show](tally(APP, snapshot(*entries))) == sum(SHOWS[show](one) for one in entries) > 0


@pytest.mark.parametrize(
    ("text", "found"),
    [("8613800000001", True), ("+86 138-0000-0001", True), ("86138", True), ("0001~", True), ("1380000", False)],
)
def test_a_masked_number_is_found_as_a_whole_or_by_what_is_shown_of_it(text, found):
    assert Needle(text, Masking(b"k" * KEY_BYTES)).fits(ENTRY) is found
