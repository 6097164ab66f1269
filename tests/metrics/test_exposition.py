import shutil
import subprocess

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from monitor.fleet.app import App
from monitor.fleet.scales import Severity
from monitor.fleet.snapshot import Snapshot
from monitor.metrics import exposition
from monitor.metrics.exposition import Exposition
from monitor.metrics.families import NUMBER_FAMILIES
from tests.metrics.known import SHOP_ONE, SHOP_TWO, SUSPICION, TIMED_OUT, entry, known

HEALTHY = entry()
BANNED = entry(
    Severity.CRITICAL,
    number="+8613800000002",
    quality_rating="RED",
    status="BANNED",
    tier="TIER_UNLIMITED",
    verified_name='GLORY "J"',
)
STRANGE = entry(Severity.UNKNOWN, number="+86 xxx 24", waba_id="", quality_rating="PURPLE", status="UNKNOWN", tier="")

WHOLE_TEXT = """\
# HELP nxcloud_number_quality_rating Quality rating as of the last believed answer: 0 unknown, 1 GREEN, 2 YELLOW, 3 RED.
# TYPE nxcloud_number_quality_rating gauge
nxcloud_number_quality_rating{account="main",appkey="jh42",waba_id="116960000086404",number="+8613800000001"} 1
nxcloud_number_quality_rating{account="main",appkey="jh42",waba_id="116960000086404",number="+8613800000002"} 3
nxcloud_number_quality_rating{account="main",appkey="jh42",waba_id="",number="+86 xxx 24"} 0
# HELP nxcloud_number_status Status as of the last believed answer: 0 unknown, 1 CONNECTED, 2 FLAGGED, 3 RATE_LIMITED, \
4 RESTRICTED, 5 PENDING, 6 UNVERIFIED, 7 DISCONNECTED, 8 MIGRATED, 9 DELETED, 10 BANNED; from 5 on it cannot send.
# TYPE nxcloud_number_status gauge
nxcloud_number_status{account="main",appkey="jh42",waba_id="116960000086404",number="+8613800000001"} 1
nxcloud_number_status{account="main",appkey="jh42",waba_id="116960000086404",number="+8613800000002"} 10
nxcloud_number_status{account="main",appkey="jh42",waba_id="",number="+86 xxx 24"} 0
# HELP nxcloud_number_tier Messaging tier: unique recipients in 24 h outside service windows, +Inf when unlimited. \
The limit is the business portfolio's: never sum it, take max by (waba_id).
# TYPE nxcloud_number_tier gauge
nxcloud_number_tier{account="main",appkey="jh42",waba_id="116960000086404",number="+8613800000001"} 10000
nxcloud_number_tier{account="main",appkey="jh42",waba_id="116960000086404",number="+8613800000002"} +Inf
# HELP nxcloud_number_severity Severity of the state last told by an event: 0 unknown, 1 ok, 2 warning, 3 critical. \
Alert on this one.
# TYPE nxcloud_number_severity gauge
nxcloud_number_severity{account="main",appkey="jh42",waba_id="116960000086404",number="+8613800000001"} 1
nxcloud_number_severity{account="main",appkey="jh42",waba_id="116960000086404",number="+8613800000002"} 3
nxcloud_number_severity{account="main",appkey="jh42",waba_id="",number="+86 xxx 24"} 0
# HELP nxcloud_number_info Names and further states of a number, in the vendor's words.
# TYPE nxcloud_number_info gauge
nxcloud_number_info{account="main",appkey="jh42",waba_id="116960000086404",number="+8613800000001",\
app_name="shop-one",waba_name="GLORY TEST",verified_name="GLORY JACK",name_status="APPROVED",\
code_verification_status="VERIFIED",register_status="5"} 1
nxcloud_number_info{account="main",appkey="jh42",waba_id="116960000086404",number="+8613800000002",\
app_name="shop-one",waba_name="GLORY TEST",verified_name="GLORY \\"J\\"",name_status="APPROVED",\
code_verification_status="VERIFIED",register_status="5"} 1
nxcloud_number_info{account="main",appkey="jh42",waba_id="",number="+86 xxx 24",\
app_name="shop-one",waba_name="GLORY TEST",verified_name="GLORY JACK",name_status="APPROVED",\
code_verification_status="VERIFIED",register_status="5"} 1
# HELP nxcloud_numbers_by_quality_rating Exposed entries of an account by quality rating; \
OTHER counts words nobody documented.
# TYPE nxcloud_numbers_by_quality_rating gauge
nxcloud_numbers_by_quality_rating{account="main",quality_rating="GREEN"} 1
nxcloud_numbers_by_quality_rating{account="main",quality_rating="YELLOW"} 0
nxcloud_numbers_by_quality_rating{account="main",quality_rating="RED"} 1
nxcloud_numbers_by_quality_rating{account="main",quality_rating="UNKNOWN"} 0
nxcloud_numbers_by_quality_rating{account="main",quality_rating="OTHER"} 1
# HELP nxcloud_numbers_by_status Exposed entries of an account by status; OTHER counts words nobody documented.
# TYPE nxcloud_numbers_by_status gauge
nxcloud_numbers_by_status{account="main",status="CONNECTED"} 1
nxcloud_numbers_by_status{account="main",status="FLAGGED"} 0
nxcloud_numbers_by_status{account="main",status="RATE_LIMITED"} 0
nxcloud_numbers_by_status{account="main",status="RESTRICTED"} 0
nxcloud_numbers_by_status{account="main",status="PENDING"} 0
nxcloud_numbers_by_status{account="main",status="UNVERIFIED"} 0
nxcloud_numbers_by_status{account="main",status="DISCONNECTED"} 0
nxcloud_numbers_by_status{account="main",status="MIGRATED"} 0
nxcloud_numbers_by_status{account="main",status="DELETED"} 0
nxcloud_numbers_by_status{account="main",status="BANNED"} 1
nxcloud_numbers_by_status{account="main",status="UNKNOWN"} 1
nxcloud_numbers_by_status{account="main",status="OTHER"} 0
# HELP nxcloud_numbers_by_tier Exposed entries of an account by messaging tier; \
NONE states no tier, OTHER counts all other words.
# TYPE nxcloud_numbers_by_tier gauge
nxcloud_numbers_by_tier{account="main",tier="TIER_50"} 0
nxcloud_numbers_by_tier{account="main",tier="TIER_250"} 0
nxcloud_numbers_by_tier{account="main",tier="TIER_1K"} 0
nxcloud_numbers_by_tier{account="main",tier="TIER_2K"} 0
nxcloud_numbers_by_tier{account="main",tier="TIER_10K"} 1
nxcloud_numbers_by_tier{account="main",tier="TIER_100K"} 0
nxcloud_numbers_by_tier{account="main",tier="TIER_UNLIMITED"} 1
nxcloud_numbers_by_tier{account="main",tier="NONE"} 1
nxcloud_numbers_by_tier{account="main",tier="UNKNOWN"} 0
nxcloud_numbers_by_tier{account="main",tier="OTHER"} 0
# HELP nxcloud_app_up 1 the last poll of the app succeeded, 0 it failed or was held off; none before the first try.
# TYPE nxcloud_app_up gauge
nxcloud_app_up{account="main",appkey="jh42"} 1
nxcloud_app_up{account="main",appkey="jh43"} 0
# HELP nxcloud_app_numbers Entries of the app that are exposed; none before its first believed answer \
and while withdrawn.
# TYPE nxcloud_app_numbers gauge
nxcloud_app_numbers{account="main",appkey="jh42"} 3
# HELP nxcloud_app_suspect 1 while disappearances or lost values of the app are held back, else 0.
# TYPE nxcloud_app_suspect gauge
nxcloud_app_suspect{account="main",appkey="jh42"} 0
nxcloud_app_suspect{account="main",appkey="jh43"} 0
# HELP nxcloud_app_last_success_timestamp_seconds Start of the last believed answer of the app, in seconds since 1970.
# TYPE nxcloud_app_last_success_timestamp_seconds gauge
nxcloud_app_last_success_timestamp_seconds{account="main",appkey="jh42"} 1795420812.345
# HELP nxcloud_app_failure_info Why the last poll of the app failed; only while nxcloud_app_up is 0.
# TYPE nxcloud_app_failure_info gauge
nxcloud_app_failure_info{account="main",appkey="jh43",reason="timeout",code=""} 1
# HELP nxcloud_app_info Name and labels of an app, as the list of apps gives them.
# TYPE nxcloud_app_info gauge
nxcloud_app_info{account="main",appkey="jh42",app_name="shop-one",label_plan="vip",label_team="emea"} 1
nxcloud_app_info{account="main",appkey="jh43",app_name=""} 1
"""


@pytest.fixture
def shown():
    return Exposition(number_series=list(NUMBER_FAMILIES))


def text(shown, *, openmetrics=False):
    return b"".join(shown.pieces(openmetrics=openmetrics)).decode()


def samples(shown, prefix):
    return [line for line in text(shown).splitlines() if line.startswith(prefix)]


def little_fleet(shown):
    shown.replace(SHOP_ONE, known(HEALTHY, BANNED, STRANGE))
    shown.replace(SHOP_TWO, known(last_success=None, failure=TIMED_OUT, failures=1))


def test_a_little_fleet_reads_as_written_here(shown):
    little_fleet(shown)

    assert text(shown) == WHOLE_TEXT


def test_openmetrics_differs_only_in_how_it_heads_the_info_families(shown):
    little_fleet(shown)
    expected = WHOLE_TEXT
    for family in ("nxcloud_number", "nxcloud_app_failure", "nxcloud_app"):
        expected = expected.replace(f"# HELP {family}_info ", f"# HELP {family} ")
        expected = expected.replace(f"# TYPE {family}_info gauge", f"# TYPE {family} info")

    assert text(shown, openmetrics=True) == expected


def test_both_parsers_read_the_same_samples(shown):
    little_fleet(shown)

    plain = [sample for family in parse_text(text(shown)) for sample in family.samples]
    openmetrics = [
        sample for family in parse_openmetrics(f"{text(shown, openmetrics=True)}# EOF\n") for sample in family.samples
    ]

    assert plain == openmetrics


def test_nothing_shown_is_valid_too(shown):
    families = list(parse_openmetrics(f"{text(shown, openmetrics=True)}# EOF\n"))

    assert [family.samples for family in families] == [[]] * 14


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_finds_nothing_to_say(shown):
    little_fleet(shown)

    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=text(shown).encode(), capture_output=True, check=False, timeout=60
    )

    assert (checked.returncode, checked.stderr.decode()) == (0, "")


def test_only_the_configured_number_series_are_shown():
    shown = Exposition(number_series=["severity", "tier"])
    shown.replace(SHOP_ONE, known(HEALTHY))

    families = {line.split()[2] for line in text(shown).splitlines() if line.startswith("# TYPE nxcloud_number_")}

    assert families == {"nxcloud_number_severity", "nxcloud_number_tier"}


@pytest.mark.parametrize(
    ("word", "figure"),
    [
        pytest.param("TIER_2K", "2000", id="a rung that Meta added"),
        pytest.param("TIER_UNLIMITED", "+Inf", id="unlimited"),
        pytest.param("TIER_999999999M", "999999999000000", id="large, without an exponent"),
    ],
)
def test_a_tier_is_its_limit(shown, word, figure):
    shown.replace(SHOP_ONE, known(entry(tier=word)))

    assert [line.split()[-1] for line in samples(shown, "nxcloud_number_tier{")] == [figure]


@pytest.mark.parametrize("word", ["", "TIER_NOT_SET", "UNKNOWN", "GOLD"])
def test_a_tier_that_is_not_stated_has_no_sample(shown, word):
    shown.replace(SHOP_ONE, known(entry(tier=word)))

    assert samples(shown, "nxcloud_number_tier{") == []


@pytest.mark.parametrize(
    ("attribute", "word", "counted_as"),
    [
        ("quality_rating", "UNKNOW", "UNKNOWN"),
        ("quality_rating", "", "UNKNOWN"),
        ("quality_rating", "green", "OTHER"),
        ("status", "LINKED", "CONNECTED"),
        ("status", "PAUSED", "RESTRICTED"),
        ("status", "NA", "UNKNOWN"),
        ("status", "OTHER", "OTHER"),
        ("tier", "TIER_2K", "TIER_2K"),
        ("tier", "TIER_NOT_SET", "NONE"),
        ("tier", "", "NONE"),
        ("tier", "TIER_5K", "OTHER"),
        ("tier", "NA", "UNKNOWN"),
    ],
)
def test_an_entry_counts_under_the_value_it_has(shown, attribute, word, counted_as):
    shown.replace(SHOP_ONE, known(entry(**{attribute: word})))

    counted = [line for line in samples(shown, f"nxcloud_numbers_by_{attribute}{{") if line.endswith(" 1")]

    assert counted == [f'nxcloud_numbers_by_{attribute}{{account="main",{attribute}="{counted_as}"}} 1']


@pytest.mark.parametrize(
    ("snapshot", "up"),
    [
        pytest.param(Snapshot(), [], id="never tried"),
        pytest.param(known(), ["1"], id="an empty list is an answer"),
        pytest.param(known(failure=TIMED_OUT), ["0"], id="failed since"),
        pytest.param(known(suspicion=SUSPICION), ["1"], id="held back, but answered"),
    ],
)
def test_up_is_about_the_last_poll(shown, snapshot, up):
    shown.replace(SHOP_ONE, snapshot)

    assert [line.split()[-1] for line in samples(shown, "nxcloud_app_up{")] == up


def test_a_suspect_app_says_so(shown):
    shown.replace(SHOP_ONE, known(HEALTHY, suspicion=SUSPICION))

    assert samples(shown, "nxcloud_app_suspect{") == ['nxcloud_app_suspect{account="main",appkey="jh42"} 1']


def test_a_withdrawn_app_has_no_number_series_and_counts_nowhere(shown):
    shown.replace(SHOP_ONE, known(HEALTHY))
    shown.replace(SHOP_ONE, known(HEALTHY, failure=TIMED_OUT), withdrawn=True)

    assert samples(shown, "nxcloud_number_") == []
    assert [line for line in samples(shown, "nxcloud_numbers_by_") if not line.endswith(" 0")] == []
    assert samples(shown, "nxcloud_app_numbers") == []
    assert len(samples(shown, "nxcloud_app_last_success")) == 1


def test_a_withdrawn_app_that_answers_again_is_shown_again(shown):
    shown.replace(SHOP_ONE, known(HEALTHY, failure=TIMED_OUT), withdrawn=True)
    shown.replace(SHOP_ONE, known(HEALTHY))

    assert len(samples(shown, "nxcloud_number_")) == 5
    assert 'nxcloud_numbers_by_status{account="main",status="CONNECTED"} 1' in text(shown)


def test_an_app_that_left_leaves_nothing(shown):
    empty = text(shown)
    little_fleet(shown)
    shown.remove(SHOP_ONE.key)
    shown.remove(SHOP_TWO.key)
    shown.remove(SHOP_TWO.key)

    assert text(shown) == empty


def test_an_accounts_counts_stay_while_it_has_an_app(shown):
    little_fleet(shown)
    shown.remove(SHOP_ONE.key)

    assert [line for line in samples(shown, "nxcloud_numbers_by_quality_rating{") if not line.endswith(" 0")] == []
    assert len(samples(shown, "nxcloud_numbers_by_quality_rating{")) == 5


def test_an_unchanged_answer_moves_nothing_but_the_time_of_success(shown):
    little_fleet(shown)
    shown.succeeded(SHOP_ONE.key, 1_795_420_872_000)

    assert text(shown) == WHOLE_TEXT.replace("1795420812.345", "1795420872")


def test_a_changed_label_of_the_roster_moves_the_apps_own_line(shown):
    little_fleet(shown)
    shown.replace(App("main", "jh42", "shop-one", labels=(("plan", "trial"),)), known(HEALTHY, BANNED, STRANGE))

    expected = WHOLE_TEXT.replace('label_plan="vip",label_team="emea"', 'label_plan="trial"')
    assert text(shown) == expected


def test_a_changed_name_of_the_roster_reaches_the_numbers(shown):
    little_fleet(shown)
    shown.replace(App("main", "jh42", "shop-eins", labels=SHOP_ONE.labels), known(HEALTHY, BANNED, STRANGE))

    assert text(shown) == WHOLE_TEXT.replace("shop-one", "shop-eins")


def number_texts(shown, app):
    return shown._shown[app.key].numbers


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(known(HEALTHY, BANNED, STRANGE), id="the same entries"),
        pytest.param(known(STRANGE, HEALTHY, BANNED), id="in another order"),
        pytest.param(known(HEALTHY, BANNED, STRANGE, failure=TIMED_OUT), id="a failed poll"),
        pytest.param(known(HEALTHY, BANNED, STRANGE, suspicion=SUSPICION), id="a suspect answer"),
        pytest.param(known(HEALTHY, BANNED, STRANGE, version=9, due_at=5), id="what is no metric"),
    ],
)
def test_entries_that_are_the_same_objects_are_not_rendered_again(shown, again):
    little_fleet(shown)
    before = number_texts(shown, SHOP_ONE)

    shown.replace(SHOP_ONE, again)

    assert all(one is other for one, other in zip(number_texts(shown, SHOP_ONE), before, strict=True))


def test_an_unchanged_answer_renders_no_number_and_no_label_of_the_app(shown):
    little_fleet(shown)
    before = shown._shown[SHOP_ONE.key]

    shown.succeeded(SHOP_ONE.key, 1_795_420_872_000)

    after = shown._shown[SHOP_ONE.key]
    assert after.numbers is before.numbers
    assert (after.lines.info, after.lines.up) == (before.lines.info, before.lines.up)
    assert after.lines.info is before.lines.info


def test_scrapes_share_the_finished_text(shown):
    little_fleet(shown)

    first, second = (
        list(exposition._texts(shown._series, list(shown._shown.values()), [], openmetrics=False)) for _ in range(2)
    )

    assert [id(one) for one in first if one.startswith(b"nxcloud")] == [
        id(one) for one in second if one.startswith(b"nxcloud")
    ]


def test_a_change_renders_the_app_that_changed_alone(shown):
    little_fleet(shown)
    other = App("main", "jh44")
    shown.replace(other, known(HEALTHY))
    before = number_texts(shown, SHOP_ONE)

    shown.replace(other, known(BANNED))

    assert number_texts(shown, SHOP_ONE) is before


def test_a_scrape_shows_the_moment_it_began_however_much_changes_meanwhile(shown, monkeypatch):
    monkeypatch.setattr(exposition, "PIECE", 1)
    little_fleet(shown)
    pieces = shown.pieces(openmetrics=False)
    read = [next(pieces) for _ in range(3)]

    shown.remove(SHOP_TWO.key)
    shown.replace(SHOP_ONE, known(BANNED))
    shown.replace(App("other", "jh50"), known(HEALTHY))
    shown.succeeded(SHOP_ONE.key, 5)

    assert b"".join([*read, *pieces]).decode() == WHOLE_TEXT


def test_a_scrape_that_nobody_reads_yet_shows_the_moment_it_was_asked_for(shown):
    little_fleet(shown)
    pieces = shown.pieces(openmetrics=False)

    shown.remove(SHOP_ONE.key)

    assert b"".join(pieces).decode() == WHOLE_TEXT


def test_a_large_fleet_comes_in_pieces_of_about_the_agreed_size(shown):
    for place in range(400):
        shown.replace(
            App("main", f"jh{place}"), known(*(entry(number=f"+86138{place:04}{one:04}") for one in range(20)))
        )

    sizes = [len(piece) for piece in shown.pieces(openmetrics=False)]

    assert len(sizes) > 10
    assert all(exposition.PIECE <= size < exposition.PIECE + 10_000 for size in sizes[:-1])


@pytest.mark.parametrize(
    "numbers",
    [
        pytest.param(["9" * 200 + "1", "9" * 200 + "2"], id="alike for 200 characters"),
        pytest.param(["+86 \x00", "+86 \x01", "+86 \ufffd"], id="cleaned to the same text"),
    ],
)
def test_numbers_that_look_alike_when_cleaned_keep_their_own_series(shown, numbers):
    shown.replace(SHOP_ONE, known(*(entry(number=number) for number in numbers)))

    assert len(set(samples(shown, "nxcloud_number_severity{"))) == len(numbers)


def test_a_series_that_is_selected_later_follows_when_the_app_is_next_replaced():
    shown = exposition.Exposition(number_series=["quality_rating"])
    snapshot = known(entry())
    shown.replace(SHOP_ONE, snapshot)

    shown.select(["quality_rating", "status"])
    before = b"".join(shown.pieces(openmetrics=False))
    shown.replace(SHOP_ONE, snapshot)
    after = b"".join(shown.pieces(openmetrics=False))

    assert (b"nxcloud_number_status{" in before, b"nxcloud_number_status{" in after) == (False, True)


def test_a_series_that_is_deselected_is_shown_no_more():
    shown = exposition.Exposition(number_series=["quality_rating", "status"])
    shown.replace(SHOP_ONE, known(entry()))

    shown.select(["status"])

    text = b"".join(shown.pieces(openmetrics=False))
    assert (b"nxcloud_number_quality_rating" in text, b"nxcloud_number_status{" in text) == (False, True)
