"""
What only some types of events say and people want to know, in few texts that can be kept with a trouble.

Pure.  Everything else that an event says has a field of its own in a `Trouble`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

AT_FIRST_SIGHT = "at_first_sight"  #: said of what an app's first answer showed: it may have been so for long

_KEPT = ("reason", "apps", "failing", "suspect", "missing", "unknown", "word", "since")  # texts and counts, as they are


def said(data: Mapping[str, Any]) -> dict[str, str]:
    """
    Take out of an event's `data` what the wording asks for; what the event does not say is left out.

    Keys: reason, apps, failing, suspect, missing, unknown, word, since as in the data; moved_to (the app), or
    moved_to_waba where it is the same app; listed_before and listed_after (apps of a list); seen_in (the number of
    a word).
    """
    kept = {name: str(data[name]) for name in _KEPT if data.get(name) not in (None, "")}
    return {**kept, **_place(data), **_list(data), **_seen_in(data)}


def since(said: Mapping[str, str], otherwise: int) -> int:
    """When it began by what the event says, milliseconds since 1970; it is told only some failures later."""
    try:
        return round(datetime.fromisoformat(said["since"]).timestamp() * 1000)
    except (KeyError, ValueError, OverflowError):
        return otherwise


def _place(data: Mapping[str, Any]) -> dict[str, str]:
    place = data.get("moved_to")
    if not place:
        return {}
    if place["appkey"] == data.get("appkey"):
        return {"moved_to_waba": str(place["waba_id"])}
    return {"moved_to": str(place["app_name"] or place["appkey"])}


def _list(data: Mapping[str, Any]) -> dict[str, str]:
    if "appkeys" not in data:
        return {}
    return {"listed_before": str(data["before"]), "listed_after": str(data["after"])}


def _seen_in(data: Mapping[str, Any]) -> dict[str, str]:
    place = data.get("seen_in")
    return {"seen_in": str(place["number"])} if place else {}
