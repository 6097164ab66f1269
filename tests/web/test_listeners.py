import pytest

from monitor.web.listeners import AT_ONCE, Listeners, TooManyStreamsError


async def test_a_ring_wakes_whoever_waits_and_nobody_who_comes_later():
    listeners = Listeners()
    before = listeners.news()

    listeners.ring()

    assert (before.is_set(), listeners.news().is_set()) == (True, False)


async def test_a_stop_wakes_whoever_waits_and_is_seen():
    listeners = Listeners()
    news = listeners.news()

    listeners.stop()

    assert (news.is_set(), listeners.stopping) == (True, True)


def test_there_are_places_for_so_many_and_they_are_given_back():
    listeners = Listeners()
    places = [listeners.place() for _ in range(AT_ONCE)]
    for place in places:
        listeners.check()
        place.__enter__()

    with pytest.raises(TooManyStreamsError, match="64 streams are open already, which is as many as there may be"):
        listeners.check()
    places[0].__exit__(None, None, None)

    listeners.check()
    assert listeners.open == AT_ONCE - 1
