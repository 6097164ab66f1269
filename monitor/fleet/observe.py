"""
Take over what an answer says of *now*; what has been *told* stays as it was.

Pure.  The result is what is shown even when the store is down, and from which the next answer tells what this one
could not.  An entry that the answer left as it was stays the same object.
"""

import msgspec

from monitor.fleet.answer import Row
from monitor.fleet.attributes import ATTRIBUTES, QUALITY, STATE, TIER, kin_of, known, same, word
from monitor.fleet.judge import Belief, Reading, turned_unknown
from monitor.fleet.snapshot import NO_MARKS, Entry, EntryKey, Loss, Marks, Since, Snapshot
from monitor.fleet.words import key_of, shared

NEW = Marks(announced=False)


def observe(before: Snapshot, reading: Reading, belief: Belief) -> dict[EntryKey, Entry]:
    """
    The app's entries after an answer, the missing ones among them, before anything is told.

    Args:
        before: What is known; its order is kept, new entries follow.
        reading: What the answer lists.
        belief: Which losses are believed.
    """
    shown = max(before.last_success or 0, before.last_answer or 0)
    entries: dict[EntryKey, Entry] = {}
    for key, entry in before.entries.items():
        row = reading.rows.get(key)
        if row is None:
            entries[key] = _missed(entry, shown, reading.started, belief)
        elif _is_as_it_was(entry, row) and key not in reading.ambiguous:
            entries[key] = entry
        else:
            entries[key] = _Look(entry, shown, reading.started, belief).at(row, ambiguous=key in reading.ambiguous)
    since = Since(reading.started, reading.started, reading.started)  # one object for all that is new
    for key, row in reading.rows.items():
        if key not in entries:
            entry = _first_sight(row, since, ambiguous=key in reading.ambiguous)
            entries[key_of(entry.now)] = entry
    return entries


def nothing_told(row: Row) -> Row:
    """What has been told of a number just met."""
    return Row(row.number, row.waba_id, "", "", "", "", "", "", "", "")


def _first_sight(row: Row, since: Since, *, ambiguous: bool) -> Entry:
    now = shared(row)
    return Entry(now, nothing_told(now), since, since, first_seen=since.status, ambiguous=ambiguous, marks=NEW)


def _is_as_it_was(entry: Entry, row: Row) -> bool:
    marks = entry.marks
    waits = marks.missing is not None or marks.blank is not None or marks.shown_at is not None or entry.ambiguous
    return row == entry.now and not waits


def _missed(entry: Entry, shown: int, started: int, belief: Belief) -> Entry:
    return entry.marked(missing=_counted(entry.marks.missing, shown, started, belief), blank=None)


def _counted(loss: Loss | None, shown: int, started: int, belief: Belief, attributes: tuple[str, ...] = ()) -> Loss:
    """The loss with this answer counted; a suspect account's does not count, and has what follows begin anew."""
    seen = loss.seen if loss is not None else shown
    if belief.frozen:
        since = loss.since if loss is not None else started
        return Loss(since, polls=0, seen=seen, attributes=attributes)
    if loss is None or not loss.polls:
        return Loss(started, polls=1, seen=seen, attributes=attributes)
    since = min(loss.since, started)  # the clock may have been set back
    return Loss(since, polls=loss.polls + 1, seen=seen, attributes=attributes)


class _Look:
    """One entry under the eye of one answer."""

    def __init__(self, entry: Entry, shown: int, started: int, belief: Belief) -> None:
        missing = entry.marks.missing
        self._entry = entry
        self._shown = missing.seen if missing is not None else shown  # start of the last answer that listed it
        self._started = started
        self._belief = belief

    def at(self, row: Row, *, ambiguous: bool) -> Entry:
        """The entry after it was listed with this row."""
        entry = self._entry
        blank, now = self._held_back(row)
        if now == entry.now:
            now = entry.now
        elif now == entry.told:
            now = entry.told
        else:
            now = shared(now)
        since = self._since(now)
        marks = msgspec.structs.replace(
            entry.marks,
            missing=None,
            blank=blank,
            shown_at=self._shown_at(row),
            kin_since=self._kin_since(now, since.status),
        )
        if now is entry.now and since is entry.since and ambiguous is entry.ambiguous:
            return entry.with_marks(marks)
        marks = NO_MARKS if marks == NO_MARKS else marks
        return msgspec.structs.replace(entry, now=now, since=since, ambiguous=ambiguous, marks=marks)

    def _held_back(self, row: Row) -> tuple[Loss | None, Row]:
        """What is lost and not believed, and the row with it put back."""
        now = self._entry.now
        if self._belief.suspicion is None or not turned_unknown(now, row):
            return None, row
        lost = tuple(name for name in ATTRIBUTES if known(name, word(now, name)) and not known(name, word(row, name)))
        loss = _counted(self._entry.marks.blank, self._shown, self._started, self._belief, lost)
        if self._belief.in_loss(loss, self._started):
            return None, row
        return loss, msgspec.structs.replace(row, **{name: word(now, name) for name in lost})

    def _since(self, now: Row) -> Since:
        entry = self._entry
        if now is entry.now and self._started >= max(entry.since.quality_rating, entry.since.status, entry.since.tier):
            return entry.since
        since = Since(
            self._since_of(QUALITY, now, entry.since.quality_rating, entry.told_since.quality_rating),
            self._since_of(STATE, now, entry.since.status, entry.told_since.status),
            self._since_of(TIER, now, entry.since.tier, entry.told_since.tier),
        )
        return entry.told_since if since == entry.told_since else since

    def _since_of(self, attribute: str, now: Row, since: int, told_since: int) -> int:
        text, was = word(now, attribute), word(self._entry.now, attribute)
        if text == was or same(attribute, text, was):
            return min(since, self._started)  # the clock may have been set back
        told = word(self._entry.told, attribute)
        if known(attribute, text) and same(attribute, text, told):
            return min(told_since, self._started)
        return self._started

    def _kin_since(self, now: Row, since: int) -> int:
        """Since when the status has been of one kind, where it was another word of it before; else 0."""
        entry = self._entry
        kin = kin_of(now.status)
        told_kin = kin_of(entry.told.status)
        if not kin:
            return entry.marks.kin_since if told_kin else 0  # what is told may come back, and was never gone then
        if kin_of(entry.now.status) is kin:
            began = entry.marks.kin_since or entry.since.status
        elif told_kin is kin:
            began = entry.marks.kin_since or entry.told_since.status
        else:
            return 0
        return began if began < since else 0

    def _shown_at(self, row: Row) -> dict[str, int] | None:
        """For what has been told and this answer does not show: when it was shown last."""
        entry = self._entry
        if row == entry.told:
            return None
        earlier = entry.marks.shown_at or {}
        shown = {
            name: earlier.get(name, self._shown)
            for name in ATTRIBUTES
            if (told := word(entry.told, name)) != word(row, name)
            and known(name, told)
            and not same(name, told, word(row, name))
        }
        return shown or None
