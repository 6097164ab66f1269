"""What a command shows of numbers that are to be masked: as the daemon does, where there is a store to know from."""

import json

import pytest

from monitor.cli.masking import masking_by, masking_without
from monitor.fleet.masking import FULL
from monitor.settings.load import load
from monitor.store.store import Store

NUMBER = "+8613800000001"


@pytest.fixture
def settings(tmp_path):
    def settings(numbers):
        path = tmp_path / "number-monitor.yml"
        account = {"access_key": "abc", "access_secret": "hunter2", "apps": ["jh1"]}
        path.write_text(json.dumps({"accounts": [account], "privacy": {"numbers": numbers}}))
        return load(path, {})

    return settings


async def test_nothing_is_masked_unless_it_is_asked_for(settings):
    assert await masking_without(settings("full")) is FULL


async def test_without_a_store_numbers_are_masked_by_a_key_of_this_run(settings, tmp_path):
    one, other = [(await masking_without(settings("masked"))).number(NUMBER) for _ in range(2)]

    assert one.startswith("+86138****0001~")
    assert one != other
    assert not (tmp_path / "number-monitor.db").exists()


async def test_with_a_store_numbers_are_masked_as_the_daemon_masks_them(settings, tmp_path):
    store = await Store.open(f"sqlite:///{tmp_path}/number-monitor.db", now=lambda: 0)
    daemons = await masking_by(store, settings("masked"))

    shown = [(await masking_without(settings("masked"))).number(NUMBER) for _ in range(2)]
    await store.close()

    assert shown == [daemons.number(NUMBER)] * 2
