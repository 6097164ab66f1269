"""
The sink for PagerDuty: each item of a notice as one event of the Events API v2.

An incident of ours is an alert of theirs, by its `dedup_key`: opening, changing and reminding trigger it, which only
adds to an alert that is open, and closing resolves it.  What is told once and is no critical matter, or is no trouble,
goes to the changes of the service, which call nobody and stand beside its incidents: as an alert nobody would ever
resolve it.  PagerDuty has an event when it answers 202.
Source: PagerDuty's "Events API v2 overview", "Send an alert event" and "Send a change event".
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from monitor.delivery.endpoint import Answer, Endpoint
from monitor.delivery.people.notice import Item, News, Notice
from monitor.delivery.sink import DeliveryError, Refused, Throttled, Unavailable
from monitor.fleet.moment import iso

PER_MINUTE = 60
LIMIT = 30.0  # seconds: a notice may be a hundred events
TAKEN = 202
LEAVE_ALONE = 60.0  # seconds after a 429: they ask for a few minutes, and say how long only now and then
LONGEST_KEY = 255  # characters
LONGEST_SUMMARY = 1024  # characters
CLIENT = "number-monitor"

#: Keys of event orchestrations begin so; those take no changes.
ORCHESTRATION = "R"

Kind = Literal["trigger", "resolve", "change"]


class _Refusal(msgspec.Struct):
    """As much of an answer as says why."""

    message: str = ""
    errors: list[str] = []


class _Progress:
    """How far the sending of a notice is."""

    def __init__(self, notice_id: str = "") -> None:
        self.notice_id = notice_id
        self.items = 0  # that PagerDuty has answered
        self.refusals: list[str] = []


class PagerDutySink:
    """
    One service; owns its endpoints.

    A send that breaks off goes on where it was when the same notice is given again; by then anything else may have
    been sent, in which case all of it is sent again, under the same keys, which changes nothing at PagerDuty.
    """

    per_minute = PER_MINUTE

    def __init__(
        self,
        name: str,
        alerts: Endpoint,
        changes: Endpoint,
        *,
        routing_key: str,
        limit: float = LIMIT,
    ) -> None:
        """
        Args:
            name: Of the sink.
            alerts: `…/v2/enqueue`; `aclose` closes both.
            changes: `…/v2/change/enqueue`.
            routing_key: The integration key of a service or of an orchestration.
            limit: Seconds that one send may take.
        """
        self.name = name
        self.limit = limit
        self._alerts = alerts
        self._changes = changes
        self._routing_key = routing_key
        self._progress = _Progress()

    def __repr__(self) -> str:
        return f"PagerDutySink({self.name!r}, {self._alerts.origin})"

    async def send(self, notice: Notice) -> str:
        """
        Send every item, in the notice's order: the worst first.

        One that is refused holds up no other.

        Returns:
            What PagerDuty said to the last one.

        Raises:
            Refused: Some were; the others were taken.
            Throttled, Unavailable, Gone: By an answer, or because none came; what is left waits.
        """
        if self._progress.notice_id != notice.id:
            self._progress = _Progress(notice.id)
        progress, said = self._progress, ""
        for item in notice.items[progress.items :]:
            try:
                said = await self._post(item, notice)
            except Refused as refusal:
                progress.refusals.append(str(refusal))
            progress.items += 1
        self._progress = _Progress()
        if progress.refusals:
            raise Refused(_counted(progress.refusals, len(notice.items)))
        return said

    async def aclose(self) -> None:
        """Close every connection."""
        await self._alerts.aclose()
        await self._changes.aclose()

    async def _post(self, item: Item, notice: Notice) -> str:
        kind = kind_of(item, is_test=notice.is_test, takes_changes=not self._routing_key.startswith(ORCHESTRATION))
        endpoint = self._changes if kind == "change" else self._alerts
        body = {"routing_key": self._routing_key, **_BODIES[kind](item, notice)}
        answer = await endpoint.post(msgspec.json.encode(body), content_type=b"application/json")
        if answer.status != TAKEN:
            raise _failure(endpoint, answer)
        return endpoint.said(answer)


def kind_of(item: Item, *, is_test: bool, takes_changes: bool) -> Kind:
    """
    What an item is to PagerDuty.

    Args:
        item: Which.
        is_test: It only tries the sink: whoever does wants to see an alert, and resolves it by hand.
        takes_changes: False: what would be a change is an alert, whose severity the orchestration's rules see.
    """
    if item.news is News.CLOSED:
        return "resolve"
    if is_test or not takes_changes:
        return "trigger"
    if item.news is News.ONCE:
        return "trigger" if item.severity == "critical" else "change"
    return "change" if item.severity == "info" else "trigger"


def dedup_key(incident: str) -> str:
    """The incident itself, or its SHA-256 where it is longer than PagerDuty's keys may be."""
    if len(incident) <= LONGEST_KEY:
        return incident
    return hashlib.sha256(incident.encode("utf-8", "replace")).hexdigest()


def _trigger(item: Item, notice: Notice) -> dict[str, Any]:
    payload = {
        **_payload(item, notice),
        "severity": item.severity,
        "component": item.facts.get("number"),
        "group": item.facts.get("waba_id") or notice.account,
        "class": item.facts.get("attribute") or item.facts.get("type"),
    }
    return {
        "event_action": "trigger",
        "dedup_key": dedup_key(item.incident),
        "payload": _given(payload),
        "links": _links(item),
        "client": CLIENT,
        **_given({"client_url": notice.url}),
    }


def _resolve(item: Item, _: Notice) -> dict[str, Any]:
    return {"event_action": "resolve", "dedup_key": dedup_key(item.incident)}


def _change(item: Item, notice: Notice) -> dict[str, Any]:
    return {"payload": _payload(item, notice), "links": _links(item)}


_BODIES: Mapping[Kind, Callable[[Item, Notice], dict[str, Any]]] = {
    "trigger": _trigger,
    "resolve": _resolve,
    "change": _change,
}


def _payload(item: Item, notice: Notice) -> dict[str, Any]:
    return {
        "summary": _cut(notice.title if notice.is_test else item.headline),  # the title says that it is a test
        "source": item.source or notice.account,
        "timestamp": iso(item.at),
        "custom_details": {**item.facts, "details": list(item.details)},
    }


def _links(item: Item) -> list[dict[str, str]]:
    return [{"href": item.url, "text": _cut(item.facts.get("number") or item.headline)}] if item.url else []


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_SUMMARY else f"{text[: LONGEST_SUMMARY - 1]}…"


def _failure(endpoint: Endpoint, answer: Answer) -> DeliveryError:
    """What an answer other than 202 means."""
    if answer.status == 429:
        return Throttled(endpoint.said(answer), after=answer.retry_after or LEAVE_ALONE)
    if answer.is_success:
        return Unavailable(f"{endpoint.said(answer)} (expected {TAKEN}: this is not PagerDuty)")
    failure = endpoint.failure(answer)
    if isinstance(failure, Refused) and (words := _words(answer)):
        return Refused(f"{endpoint.origin} answered HTTP {answer.status}: {endpoint.shown(words)}")
    return failure


def _words(answer: Answer) -> str:
    """Why PagerDuty refuses, in its own words; empty where they cannot be read."""
    try:
        refusal = msgspec.json.decode(answer.body, type=_Refusal)
    except msgspec.DecodeError:
        return ""
    return "; ".join(refusal.errors) or refusal.message


def _counted(refusals: list[str], items: int) -> str:
    if items == 1:
        return refusals[0]
    return f"{refusals[0]} ({len(refusals)} of {items} items were refused)"
