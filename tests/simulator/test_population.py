"""Who lives in a world."""

import re
from random import Random

import pytest

from monitor.simulator.lives import EVENTFUL, STEADY, STILL
from monitor.simulator.population import populate


def test_the_same_seed_makes_the_same_population():
    assert populate(6, 24, EVENTFUL, Random(5)) == populate(6, 24, EVENTFUL, Random(5))


def test_another_seed_makes_another():
    assert populate(6, 24, EVENTFUL, Random(5)) != populate(6, 24, EVENTFUL, Random(6))


def test_numbers_are_spread_evenly_over_the_apps():
    population = populate(3, 8, STILL, Random(1))

    homes = [number.home for number in population.numbers]
    assert [homes.count(app.appkey) for app in population.apps] == [3, 3, 2]


def test_as_many_as_an_integrator_may_have_are_all_different():
    population = populate(5_000, 100_000, EVENTFUL, Random(1))

    assert len({app.appkey for app in population.apps}) == 5_000
    assert len({number.digits for number in population.numbers}) == 100_000


def test_appkeys_look_like_the_vendors():
    assert all(re.fullmatch(r"jh\d\d[a-z]{3}d\d{3}", app.appkey) for app in populate(50, 0, STILL, Random(1)).apps)


def test_a_fleet_of_two_dozen_numbers_leads_every_life():
    population = populate(6, 24, EVENTFUL, Random(1))

    assert {number.life.name for number in population.numbers} == {life.name for life in (*EVENTFUL.numbers, STEADY)}
    assert EVENTFUL.waba in [number.waba.life for number in population.numbers]
    assert EVENTFUL.app in [app.life for app in population.apps]


def test_nobody_moves_where_there_is_one_app_and_the_only_app_never_fails():
    population = populate(1, 24, EVENTFUL, Random(1))

    assert not any(number.life.moves for number in population.numbers)
    assert population.apps[0].life is STEADY


def test_all_begin_as_they_normally_are():
    population = populate(20, 400, EVENTFUL, Random(1))

    beginnings = [
        *((app.life, app.phase) for app in population.apps),
        *((number.life, number.phase) for number in population.numbers),
        *((number.waba.life, number.waba.phase) for number in population.numbers),
    ]
    assert all(life is STEADY or phase < life.normal for life, phase in beginnings)


def test_a_waba_has_several_numbers_and_one_tier():
    population = populate(2, 16, STILL, Random(1))

    waba_ids = [number.row.waba_id for number in population.numbers]
    assert [waba_ids.count(waba_id) for waba_id in dict.fromkeys(waba_ids)] == [4, 4, 4, 4]
    assert all(number.row.current_limit == number.waba.tier for number in population.numbers)


def test_rows_differ_as_real_ones_do():
    rows = [number.row for number in populate(40, 400, STILL, Random(1)).numbers]

    assert {type(row.register_status) for row in rows} == {int, str}
    assert "" in {row.current_limit for row in rows}
    assert any(" " in row.display_phone_number for row in rows)
    assert any("-" in row.display_phone_number for row in rows)


@pytest.mark.parametrize(
    ("apps", "numbers", "message"),
    [
        (0, 1, "a world has an app at least and no fewer than 0 numbers, not 0 apps and 1 numbers"),
        (1, -1, "a world has an app at least and no fewer than 0 numbers, not 1 apps and -1 numbers"),
        (1, 10**6, "the test ranges hold 139094 numbers, not 1000000"),
    ],
)
def test_an_impossible_population_is_refused(apps, numbers, message):
    with pytest.raises(ValueError, match=message):
        populate(apps, numbers, STILL, Random(1))
