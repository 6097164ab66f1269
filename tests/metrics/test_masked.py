"""The fleet's metrics where numbers are masked: their labels, and two numbers that come to look alike."""

from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from monitor.fleet.masking import KEY_BYTES, Masking
from monitor.fleet.scales import Severity
from monitor.metrics.exposition import Exposition
from monitor.metrics.families import NUMBER_FAMILIES
from tests.metrics.known import SHOP_ONE, entry, known

MASKING = Masking(b"k" * KEY_BYTES)


def alike() -> tuple[str, str]:
    """Two numbers that are shown alike."""
    seen: dict[str, str] = {}
    for middle in range(10_000):
        number = f"+86138{middle:04d}0001"
        shown = MASKING.number(number)
        if shown in seen:
            return seen[shown], number
        seen[shown] = number
    raise AssertionError("the hash has no two alike among ten thousand")


@pytest.fixture
def shown() -> Exposition:
    return Exposition(number_series=NUMBER_FAMILIES, masking=MASKING)


def samples(shown: Exposition, name: str) -> Iterator[tuple[dict[str, str], float]]:
    text = b"".join(shown.pieces(openmetrics=False)).decode()
    for family in text_string_to_metric_families(text):
        yield from ((sample.labels, sample.value) for sample in family.samples if sample.name == f"nxcloud_{name}")


def test_a_number_is_masked_in_every_series_and_in_the_names_that_repeat_it(shown):
    shown.replace(SHOP_ONE, known(entry(number="+8613800000001", verified_name="Glory 138 0000 0001")))

    text = b"".join(shown.pieces(openmetrics=True)).decode()
    assert "0000000" not in text
    masked = MASKING.number("+8613800000001")
    for name in NUMBER_FAMILIES:
        assert [labels["number"] for labels, _ in samples(shown, f"number_{name}")] == [masked]
    ((labels, _),) = samples(shown, "number_info")
    assert labels["verified_name"] == f"Glory {masked}"


def test_two_numbers_of_an_app_and_waba_that_look_alike_are_one_series_with_the_worst_of_both(shown):
    one, other = alike()
    shown.replace(
        SHOP_ONE,
        known(
            entry(number=one, quality_rating="RED", status="CONNECTED", tier="TIER_1K", severity=Severity.CRITICAL),
            entry(number=other, quality_rating="GREEN", status="BANNED", tier="TIER_10K", severity=Severity.OK),
        ),
    )

    values = {name: [value for _, value in samples(shown, f"number_{name}")] for name in NUMBER_FAMILIES}
    assert values == {"quality_rating": [3], "status": [10], "tier": [1000], "severity": [3], "info": [1]}
    assert [value for _, value in samples(shown, "app_numbers")] == [2]


def test_numbers_that_look_alike_in_two_wabas_keep_their_own_series(shown):
    one, other = alike()

    shown.replace(SHOP_ONE, known(entry(number=one, waba_id="1"), entry(number=other, waba_id="2")))

    assert sorted(labels["waba_id"] for labels, _ in samples(shown, "number_status")) == ["1", "2"]


def test_a_change_is_shown_under_the_same_label(shown):
    shown.replace(SHOP_ONE, known(entry(number="+8613800000001")))
    before = [labels for labels, _ in samples(shown, "number_status")]

    shown.replace(SHOP_ONE, known(entry(number="+8613800000001", status="BANNED")))

    assert [*samples(shown, "number_status")] == [(before[0], 10)]
