import pytest

from monitor.fleet.answer import Answer, Failure, FailureReason, Unchanged
from monitor.polling.recent import LAST, Poll, kept, polls

AT = 1_795_420_800_000
ANSWER = Answer(started=AT, digest=b"", rows=())


@pytest.mark.parametrize(
    ("outcome", "word", "held_off"),
    [
        (ANSWER, "answered", False),
        (Unchanged(started=AT), "unchanged", False),
        *((Failure(AT, reason, "", "", held_off=False), reason.value, False) for reason in FailureReason),
        *((Failure(AT, reason, "", "", held_off=True), reason.value, True) for reason in FailureReason),
    ],
)
def test_a_poll_is_kept_as_it_was(outcome, word, held_off):
    assert polls(kept(b"", outcome, size=1234, seconds=0.3125)) == [Poll(AT, word, held_off, 1234, 312)]


def test_the_last_few_are_kept_the_newest_first():
    some = b""
    for index in range(LAST + 3):
        some = kept(some, Unchanged(started=AT + index), size=index, seconds=0)

    assert [poll.size for poll in polls(some)] == [7, 6, 5, 4, 3]
    assert len(some) == LAST * 17


def test_nothing_is_kept_of_an_app_that_was_never_asked():
    assert polls(b"") == []


def test_what_is_too_large_to_be_kept_is_kept_as_the_most():
    assert polls(kept(b"", ANSWER, size=2**40, seconds=1e9))[0].size == 2**32 - 1
