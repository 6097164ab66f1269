"""The garbage collector and what is known of the fleet."""

import gc

import pytest

from monitor.daemon.collector import left_alone


@pytest.fixture(autouse=True)
def thawed():
    yield
    gc.unfreeze()


def test_nothing_is_collected_while_what_stays_is_made_and_it_is_looked_through_no_more():
    gc.unfreeze()
    with left_alone():
        meanwhile = gc.isenabled()
        _made = [[index] for index in range(1_000)]

    assert (meanwhile, gc.isenabled(), gc.get_freeze_count() > 1_000) == (False, True, True)


def test_the_collector_goes_on_though_nothing_came_of_it():
    with pytest.raises(OSError, match="gone"), left_alone():
        raise OSError("gone")

    assert gc.isenabled()
