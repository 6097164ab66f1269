"""
What an event tells, in the few words that fit into a cell of a table.  Pure.

The words are the event's own: attributes, states, reasons and counts as its `data` has them.
"""

from collections.abc import Callable, Mapping
from typing import Any

Data = Mapping[str, Any]  # an event's `data`


def summary(event: Mapping[str, Any]) -> str:
    """`status CONNECTED -> BANNED`, or what else an event of its type is about; empty when nothing is."""
    data = event["data"]
    words = _OF_TYPE.get(str(event["type"]), _change)(data)
    return " ".join(words.split())


def _change(data: Data) -> str:
    if not data.get("attribute") and data.get("after") is None:
        return ""
    before, after = (_word(data.get(name)) for name in ("before", "after"))
    return f"{data.get('attribute') or ''} {before} -> {after}"


def _word(value: object) -> str:
    return "none" if value in (None, "") else str(value)


def _added(data: Data) -> str:
    state = data.get("state") or {}
    return " ".join(str(state.get(name) or "") for name in ("quality_rating", "status"))


def _moved(data: Data) -> str:
    place = data.get("moved_to") or {}
    home = place.get("app_name") or place.get("appkey")
    return f"to {home}" if home else ""


def _reason(data: Data) -> str:
    return f"{data.get('reason') or ''} {data.get('code') or ''}"


def _streak(data: Data) -> str:
    return f"after {_counted(data, 'failures', 'failed poll')}" if data.get("failures") else ""


def _baseline(data: Data) -> str:
    return f"{_counted(data, 'numbers', 'number')}, {data.get('degraded_count') or 0} in trouble"


def _left(data: Data) -> str:
    return _counted(data, "numbers", "number")


def _lost(data: Data) -> str:
    return f"{data.get('reason') or ''}: {data.get('missing') or 0} missing, {data.get('unknown') or 0} unknown"


def _failing(data: Data) -> str:
    return f"{_reason(data).strip()}: {data.get('failing') or 0} of {_counted(data, 'apps', 'app')}"


def _suspect(data: Data) -> str:
    return f"{data.get('suspect') or 0} of {_counted(data, 'apps', 'app')}"


def _list(data: Data) -> str:
    return f"{data.get('source') or ''} {data.get('before') or 0} -> {data.get('after') or 0} apps"


def _unmapped(data: Data) -> str:
    return f"{data.get('attribute') or ''} {data.get('word') or ''}"


def _counted(data: Data, name: str, noun: str) -> str:
    count = data.get(name) or 0
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


#: The types that tell something other than a change of an attribute.
_OF_TYPE: Mapping[str, Callable[[Data], str]] = {
    "number.added": _added,
    "number.removed": _reason,
    "number.moved": _moved,
    "app.baseline": _baseline,
    "app.unreachable": _reason,
    "app.recovered": _streak,
    "app.suspect": _lost,
    "app.trusted": _lost,
    "app.removed": _left,
    "account.unreachable": _failing,
    "account.recovered": _failing,
    "account.suspect": _suspect,
    "account.trusted": _suspect,
    "app_list.held": _list,
    "app_list.accepted": _list,
    "vendor.unmapped": _unmapped,
}
