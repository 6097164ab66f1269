"""How much room the store takes, and where it is: for people who look."""


async def test_a_store_says_how_much_room_it_takes(store):
    assert await store.size() > 4_096


async def test_a_store_says_where_it_is(store, store_url):
    assert store.place
    assert store.place.rpartition("/")[2] in store_url
