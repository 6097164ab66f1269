"""
What came of an app's last polls, for whoever looks at the app: when, what, how large and how slow.

In memory alone, and small: 17 bytes a poll in one object an app, so that the last polls of 5,000 apps take about a
megabyte.  Pure: what was kept goes in, what is to be kept comes out.
"""

import struct

import msgspec

from monitor.fleet.answer import Failure, FailureReason, Outcome, Unchanged

LAST = 5  #: polls kept of an app

ANSWERED = "answered"
UNCHANGED = "unchanged"  #: the very bytes of the answer before

_FORM = struct.Struct("<QIIB")  # start (ms since 1970), bytes, milliseconds, outcome
_OUTCOMES = (ANSWERED, UNCHANGED, *(reason.value for reason in FailureReason))
_PLACES = {outcome: place for place, outcome in enumerate(_OUTCOMES)}
_HELD_OFF = 0x80
_MOST = 2**32 - 1


class Poll(msgspec.Struct, frozen=True):
    """One poll."""

    at: int  #: its start, ms since 1970
    outcome: str  #: `answered`, `unchanged`, or why it failed
    held_off: bool  #: no call was made: the reason is the one of before
    size: int  #: bytes of the answer; 0 where there was none
    milliseconds: int  #: that its last call took


def kept(before: bytes, outcome: Outcome, *, size: int, seconds: float) -> bytes:
    """The last polls with this one."""
    if isinstance(outcome, Failure):
        word = _PLACES[outcome.reason.value] | (_HELD_OFF if outcome.held_off else 0)
    else:
        word = _PLACES[UNCHANGED if isinstance(outcome, Unchanged) else ANSWERED]
    one = _FORM.pack(max(outcome.started, 0), min(size, _MOST), min(int(seconds * 1000), _MOST), word)
    return before[-(LAST - 1) * _FORM.size :] + one


def polls(kept_bytes: bytes) -> list[Poll]:
    """What was kept, the newest first."""
    found = [
        Poll(at, _OUTCOMES[word & ~_HELD_OFF], bool(word & _HELD_OFF), size, milliseconds)
        for at, size, milliseconds, word in _FORM.iter_unpack(kept_bytes)
    ]
    return found[::-1]
