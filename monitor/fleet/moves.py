"""
Where else a number lives: an entry that is gone, or MIGRATED, DELETED or DISCONNECTED, is no outage while another
entry of the same number in the account can send.

Pure.  A number masked by the vendor is never matched; an ambiguous entry is no place to have moved to.
"""

from monitor.fleet.attributes import LEFT_WORDS, STATE, canonical, known
from monitor.fleet.draft import Draft
from monitor.fleet.policy import Policy
from monitor.fleet.scales import can_send
from monitor.fleet.siblings import Place
from monitor.fleet.snapshot import Entry, EntryKey


def has_left(status: str) -> bool:
    """Whether a status may mean that the number lives elsewhere."""
    return canonical(STATE, status) in LEFT_WORDS


def place_of(draft: Draft, key: EntryKey) -> Place | None:
    """An entry of the number elsewhere in the account that can send; None: there is none."""
    places = [place for place in draft.places(key) if can_serve(place.entry, draft.policy)]
    return min(places, key=lambda place: (place.app.appkey, place.entry.now.waba_id), default=None)


def can_serve(entry: Entry, policy: Policy) -> bool:
    """
    Whether an entry can send: *now*, or, where that is unknown or has a dwell to hold first, as told.

    Otherwise a blip at the new place would be an outage at the old one.
    """
    if entry.ambiguous:
        return False
    status = entry.now.status
    if can_send(status):
        return True
    doubtful = not known(STATE, status) or policy.dwell.get((STATE, canonical(STATE, status)), 0) > 0
    return doubtful and can_send(entry.told.status)


def place_facts(place: Place | None) -> dict[str, object]:
    """Where the number lives now, for an event's data."""
    if place is None:
        return {}
    where = {"appkey": place.app.appkey, "app_name": place.app.name, "waba_id": place.entry.now.waba_id}
    return {"moved_to": where}
