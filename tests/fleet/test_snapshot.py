"""What a snapshot says of its app."""

import pytest

from monitor.fleet.answer import Failure, FailureReason
from monitor.fleet.snapshot import Snapshot, Suspicion, SuspicionReason
from tests.fleet.making import START, Watch, row

FAILED = Failure(START, FailureReason.TIMEOUT, "", "no answer within 10 s")


@pytest.mark.parametrize(
    ("snapshot", "up"),
    [
        pytest.param(Snapshot(), None, id="never asked"),
        pytest.param(Snapshot(last_success=START), True, id="answered"),
        pytest.param(Snapshot(failure=FAILED), False, id="never answered"),
        pytest.param(Snapshot(last_success=START, failure=FAILED), False, id="answered once"),
        pytest.param(
            Snapshot(suspicion=Suspicion(SuspicionReason.EMPTY, START, 1)), True, id="answered, and not believed"
        ),
    ],
)
def test_an_app_is_up_when_its_last_poll_succeeded(snapshot, up):
    assert snapshot.up is up


def test_an_app_is_suspect_while_an_answer_is_held_back():
    watch = Watch()
    watch.answers(row())
    trusted = watch.snapshot().suspect

    watch.answers()

    assert (trusted, watch.snapshot().suspect) == (False, True)
