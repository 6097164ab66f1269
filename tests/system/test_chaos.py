"""The quick part of the fault matrix; `make chaos` goes through all of it and measures the recoveries."""

from tests.chaos.matrix import QUICK, ordeals, problems, together
from tests.chaos.promise import Seen


async def test_whatever_vendors_networks_certificates_and_proxies_do_every_promise_is_kept(tmp_path):
    found = await together(tmp_path, quick=True)

    assert problems(found) == []
    assert sum(isinstance(each, Seen) for each in found) >= 35  # a name needs root, certificates need openssl


async def test_whatever_befalls_its_store_its_clock_and_itself_every_promise_is_kept(tmp_path):
    found = await ordeals(QUICK, tmp_path, quick=True, at_once=len(QUICK))

    assert problems(found) == []
    assert any(isinstance(each, Seen) for each in found)
