"""
Where else a number lives: an entry that is gone, or MIGRATED, DELETED or DISCONNECTED, is no outage while another
entry of the same number in the account can send.

Pure.  A number masked by the vendor is never matched.  An ambiguous entry is no place to have moved to, but ends no
move that has been told: what it is cannot be known.
"""

from monitor.fleet.attributes import LEFT_WORDS, STATE, canonical, known
from monitor.fleet.draft import Draft
from monitor.fleet.policy import Policy
from monitor.fleet.scales import can_send
from monitor.fleet.siblings import Place
from monitor.fleet.snapshot import Entry, EntryKey


def has_left(status: str) -> bool:
    """Whether a status may mean that the number lives elsewhere."""
    return status in LEFT_WORDS


def place_of(draft: Draft, key: EntryKey) -> Place | None:
    """An entry of the number elsewhere in the account that can send; None: there is none."""
    own = draft.entries.get(key)
    moved = own is not None and own.marks.moved
    places = [place for place in draft.places(key) if can_serve(place.entry, draft.policy, moved=moved)]
    return min(places, key=lambda place: (place.entry.ambiguous, *place.identity), default=None)


def can_serve(entry: Entry, policy: Policy, *, moved: bool) -> bool:
    """
    Whether an entry can send: *now*, or, where that is unknown or has a dwell to hold first, as told.

    Otherwise a blip at the new place would be an outage at the old one.

    Args:
        entry: The other place's.
        policy: The rules.
        moved: Whether a move is told already, which either row of an ambiguous entry may go on with.
    """
    status = entry.now.status
    if entry.ambiguous:
        return moved and (can_send(status) or can_send(entry.told.status))
    if can_send(status):
        return True
    doubtful = not known(STATE, status) or policy.dwell.get((STATE, canonical(STATE, status)), 0) > 0
    return doubtful and can_send(entry.told.status)


def place_facts(place: Place) -> dict[str, object]:
    """Where the number lives now, for an event's data."""
    where = {"appkey": place.app.appkey, "app_name": place.app.name, "waba_id": place.entry.now.waba_id}
    return {"moved_to": where}
