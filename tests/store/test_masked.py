"""The key by which numbers are masked, and the records as they are shown."""

import json

from monitor.fleet.masking import FULL, KEY_BYTES, Look, Masking
from monitor.store.masked import MaskedRecords
from tests.store.making import NUMBER, event, to

OTHER = "+8613900000001"


async def told(store, *numbers: str) -> None:
    await store.tell([event(number) for number in numbers], to("ops"))


async def test_the_key_is_drawn_with_the_store_and_stays(open_store):
    store = await open_store()
    key = await store.masking_key()
    await store.close()

    again = await open_store()

    assert len(key) == KEY_BYTES
    assert await again.masking_key() == key


async def test_records_are_masked_on_the_way_out_and_stay_as_they_are_in_the_store(open_store):
    store = await open_store()
    masking = Masking(await store.masking_key())
    await told(store, NUMBER)
    records = MaskedRecords(store, masking)

    (shown,) = await records.events()
    (delivery,) = await records.deliveries()

    assert json.loads(shown.body)["data"]["number"] == delivery.subject == masking.number(NUMBER)
    assert NUMBER.encode() in (await store.events())[0].body


async def test_records_are_found_by_the_number_and_by_what_is_shown_of_it(open_store):
    store = await open_store()
    masking = Masking(await store.masking_key())
    records = MaskedRecords(store, masking)
    await told(store, NUMBER, OTHER, NUMBER)

    for asked in (NUMBER, NUMBER.removeprefix("+"), masking.number(NUMBER)):
        assert [one.sequence for one in await records.events(number=asked)] == [1, 3]
        assert [one.sequence for one in await records.deliveries(number=asked)] == [3, 1]
    assert await records.events(number=masking.number("+8613800000009")) == []
    assert await records.last_sequence() == 3


async def test_in_full_records_are_what_the_store_has(open_store):
    store = await open_store()
    await told(store, NUMBER)

    assert await MaskedRecords(store, FULL).events() == await store.events()


async def test_subjects_are_found_by_their_ends(open_store):
    store = await open_store()
    await told(store, NUMBER, OTHER, "+86%_____0001")

    assert await store.subjects(Look("+86138", "0001")) == [NUMBER]
    assert await store.subjects(Look("+86%", "0001")) == ["+86%_____0001"]
