"""
The public form of an event: a CloudEvent 1.0 in JSON, the same bytes wherever it goes.

Its id is made of what happened, not of when it was written: the same transition has the same id for ever.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid5

import msgspec

from monitor.fleet.event import Event
from monitor.fleet.moment import iso

_SURROGATE = re.compile(r"[\ud800-\udfff]")
SEQUENCE_DIGITS = 20  #: so that sequences sort as text


def body(event: Event, *, id: str, sequence: int) -> bytes:  # noqa: A002 - the CloudEvents name
    """
    The event as one line of JSON, UTF-8, without a line feed.

    Args:
        event: What happened; text that is no valid Unicode gets U+FFFD in its place.
        id: From `event_id`.
        sequence: Its place among all recorded events; 0 for one that only tries a sink.
    """
    envelope = {
        "specversion": "1.0",
        "id": id,
        "source": source(event),
        "type": event.type,
        "subject": event.subject,
        "time": iso(event.time),
        "sequence": f"{sequence:0{SEQUENCE_DIGITS}d}",
        "datacontenttype": "application/json",
        "data": event.data,
    }
    try:
        return msgspec.json.encode(envelope)
    except UnicodeEncodeError:
        return msgspec.json.encode(_valid(envelope))


def source(event: Event) -> str:
    """Where it happened: `/accounts/main/apps/jh42xxxd434`, or the account alone; names are percent-encoded."""
    account = f"/accounts/{_segment(event.account)}"
    return f"{account}/apps/{_segment(event.appkey)}" if event.appkey else account


def identity(event: Event) -> tuple[str, ...]:
    """What an event is counted by: (source, waba_id, subject, attribute or else type)."""
    return (source(event), event.waba_id, event.subject, event.attribute or event.type)


def event_id(store_id: str, identity: tuple[str, ...], count: int) -> str:
    """
    The id of an identity's count-th event.

    Args:
        store_id: The store's random UUID: two installations never make the same id.
        identity: From `identity`.
        count: 1 for the first; it goes on after a removal.

    Returns:
        A UUIDv5, in lower case with dashes.
    """
    try:
        named = msgspec.json.encode([identity, count])
    except UnicodeEncodeError:
        named = msgspec.json.encode([_valid(identity), count])
    return str(uuid5(_namespace(store_id), named.decode()))


@lru_cache(maxsize=8)
def _namespace(store_id: str) -> UUID:
    return UUID(store_id)


@lru_cache(maxsize=10_000)  # an app's events share them
def _segment(name: str) -> str:
    return quote(name, safe="", errors="replace")


def _valid(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The same value with text that can be written as UTF-8."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {_valid(key): _valid(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_valid(item) for item in value]
    return value
