"""A word stands on the timeline where there is room for it."""

import pytest

from monitor.views.timeline import Lane, Span
from monitor.web.pages.drawing import drawn

WEEK = 7 * 86_400_000


@pytest.mark.parametrize(
    ("share", "room"),
    [
        pytest.param(1.0, "phone", id="all of it"),
        pytest.param(0.2, "desk", id="a fifth"),
        pytest.param(0.05, "", id="a twentieth"),
    ],
)
def test_a_word_is_shown_on_screens_that_have_room_for_it(share, room):
    span = Span(0, round(share * WEEK), "CONNECTED", "ok")

    (one,) = drawn(Lane("status", (span,)), 0, WEEK)

    assert one["room"] == room
