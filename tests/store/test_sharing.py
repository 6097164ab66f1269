"""Who is to own what: at once where nobody does, slowly where somebody does, evenly in the end."""

import pytest

from monitor.store.leases import NOBODY, Owned, Replica, View
from monitor.store.sharing import PATIENCE, SETTLED, Moves, share

OLD, NEW = SETTLED, SETTLED - 1


def view(owned: dict[str, str], **ages: int) -> View:
    replicas = tuple(Replica(holder, holder, age) for holder, age in sorted(ages.items()))
    return View(replicas, tuple(Owned(account, holder, 1) for account, holder in sorted(owned.items())))


@pytest.mark.parametrize(
    ("owned", "ages", "wanted", "moves"),
    [
        pytest.param({}, {"x": NEW}, "abc", Moves(take=("a", "b", "c")), id="alone, it takes all"),
        pytest.param({"a": NOBODY}, {"x": NEW}, "a", Moves(take=("a",)), id="what has ended is free"),
        pytest.param({"a": "x", "b": "y"}, {"x": OLD, "y": OLD}, "ab", Moves(), id="even is left alone"),
        pytest.param({"a": "x", "b": "x", "c": "y"}, {"x": OLD, "y": OLD}, "abc", Moves(), id="nearly even too"),
        pytest.param({"a": "x", "b": "x"}, {"x": OLD, "y": NEW}, "ab", Moves(), id="who is new has to last first"),
        pytest.param({"a": "y", "b": "y"}, {"x": OLD, "y": OLD}, "ab", Moves(), id="who has less gives nothing"),
        pytest.param({"a": "x", "b": "y"}, {"x": OLD, "y": OLD}, "b", Moves(), id="what others own is not taken"),
        pytest.param({"b": "y", "c": "y"}, {"x": OLD, "y": OLD}, "a", Moves(take=("a",)), id="who owns least takes"),
        pytest.param({"b": "x", "c": "x"}, {"x": OLD, "y": OLD}, "a", Moves(), id="who owns more leaves it"),
    ],
)
def test_a_process_takes_and_gives(owned, ages, wanted, moves):
    assert share("x", view(owned, **ages), wanted, {}) == moves


def test_what_nobody_takes_in_its_turn_is_another_s():
    seen = view({"b": "x", "c": "x"}, x=OLD, y=OLD)

    assert [share("x", seen, "abc", {"a": rounds}).take for rounds in (PATIENCE - 1, PATIENCE)] == [(), ("a",)]


def test_one_account_at_a_time_is_given():
    seen = view(dict.fromkeys("abcdef", "x"), x=OLD, y=OLD, z=OLD)

    assert len(share("x", seen, "abcdef", {}).give) == 1


def test_nothing_is_given_to_one_that_did_not_take_it():
    seen = view(dict.fromkeys("abcd", "x") | {"e": "z"}, x=OLD, y=OLD, z=OLD)

    assert [share("x", seen, "abcde", {}, unwilling).to for unwilling in ((), {"y"}, {"y", "z"})] == ["y", "z", NOBODY]


def test_nothing_is_given_while_something_is_free():
    seen = view(dict.fromkeys("abcd", "x") | {"e": NOBODY}, x=OLD, y=OLD)

    assert share("x", seen, "abcde", {}).give == ()


@pytest.mark.parametrize("accounts", [1, 7, 100])
def test_those_who_see_the_same_want_each_account_once(accounts):
    wanted = [f"account-{index}" for index in range(accounts)]
    seen = view({}, x=NEW, y=NEW, z=NEW)

    taken = [share(holder, seen, wanted, {}).take for holder in "xyz"]

    assert sorted(account for each in taken for account in each) == sorted(wanted)
    assert max(map(len, taken)) - min(map(len, taken)) <= 1
