"""`GET /numbers/…`: one entry, its state and since when, and what was told of it."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from monitor.fleet.app import App
from monitor.fleet.masking import Masking
from monitor.fleet.number import is_masked
from monitor.fleet.snapshot import Entry, EntryKey
from monitor.views.entry_path import entries_meant
from monitor.views.filters import FilterError
from monitor.views.lines import number_line
from monitor.views.timeline import lanes
from monitor.web.collaborators import Known, UnknownTargetError
from monitor.web.pages import wording
from monitor.web.pages.drawing import RANGES, drawn, ticks, usual_range
from monitor.web.pages.frame import Frame, Speech
from monitor.web.pages.happenings import Happenings, Told
from monitor.web.pages.status import hint_of
from monitor.web.paths import segment

EVENTS = 200
MINUTE = 60_000

NAMES = {"quality_rating": "Quality rating", "status": "Status", "tier": "Messaging tier"}


class EntryPage:
    """Makes it."""

    def __init__(self, frame: Frame, *, fleet: Known, happenings: Happenings, now: Callable[[], int]) -> None:
        """
        Args:
            frame: Makes pages.
            fleet: What is known.
            happenings: What was told.
            now: Wall clock, ms since 1970.
        """
        self._frame = frame
        self._fleet = fleet
        self._happenings = happenings
        self._now = now

    async def get(self, request: Request) -> Response:
        """
        The page.

        Raises:
            UnknownTargetError: There is no such entry.
        """
        account, appkey, waba_id, number = (
            segment(request, name) for name in ("account", "appkey", "waba_id", "number")
        )
        watched = self._fleet.get((account, appkey))
        speech = self._frame.speech(request)
        entry = None if watched is None else found(watched.snapshot.entries, waba_id, number, speech.masking)
        if watched is None or entry is None:
            raise UnknownTargetError("No such number is listed in this app now.")
        shown = speech.masking.entry(entry)
        told = await self._happenings.told(
            speech.say, limit=EVENTS, number=entry.now.number, account=account, appkey=appkey, delivered=True
        )
        of_tier = await self._happenings.told(
            speech.say, limit=EVENTS, number=entry.now.waba_id, account=account, appkey=appkey
        )
        now = self._now()
        asked = _range(request.query_params.multi_items()) or usual_range(now - entry.first_seen)
        return await self._frame.page(
            request,
            "entry.html",
            now,
            mood=entry.severity.word,
            severity=entry.severity.word,
            line=number_line(watched.app, shown),
            snapshot=watched.snapshot,
            entry=entry,
            row=shown.now,
            quality=wording.quality(entry, speech.say),
            status=wording.status(entry, speech.say),
            hint=hint_of(wording.hint_id(entry), speech),
            notes=[speech.masking.words(note) for note in wording.notes(entry, watched.snapshot, speech.say)],
            details=wording.details(shown.now, speech.say),
            elsewhere=self._elsewhere(watched.app, entry, speech),
            happenings=None if told is None else [one.words for one in told],
            asked=asked,
            ranges=tuple(RANGES),
            names=NAMES,
            written=self._frame.in_zone,
            **self._history(entry, [*(told or ()), *(of_tier or ())], asked, now),
        )

    def _history(self, entry: Entry, told: list[Told], asked: str, now: int) -> dict[str, Any]:
        """The timeline: its lanes, and the moments below it."""
        length = RANGES[asked]
        begin = entry.first_seen if length is None else now - length
        begin = min(begin, now - MINUTE)
        found = lanes(entry, [(one.words.at, one.event) for one in told], begin, now)
        return {
            "lanes": [{"attribute": lane.attribute, "spans": drawn(lane, begin, now)} for lane in found],
            "ticks": ticks(begin, now, self._frame.zone, self._frame.in_zone),
        }

    def _elsewhere(self, app: App, entry: Entry, speech: Speech) -> list[dict[str, Any]]:
        if is_masked(entry.now.number):
            return []
        places = [(other, same) for other, same in self._fleet.find(entry.now.number, app.account) if same is not entry]
        return [
            {
                "line": number_line(other, speech.masking.entry(same)),
                "severity": same.severity.word,
                "quality": wording.quality(same, speech.say),
                "status": wording.status(same, speech.say),
            }
            for other, same in places
        ]


def found(entries: Mapping[EntryKey, Entry], waba_id: str, number: str, masking: Masking) -> Entry | None:
    """The entry that the segments of a path name, by its number or as that is shown."""
    meant = entries_meant(waba_id, number)
    whole = next((entries[key] for key in meant if key in entries), None)
    if whole is not None or not masking.is_on:
        return whole
    return next((entry for key, entry in entries.items() if (key[0], masking.number(key[1])) in meant), None)


def _range(asked: list[tuple[str, str]]) -> str | None:
    """The range of the timeline that is asked for, if any is."""
    for name, text in asked:
        if name != "range":
            raise FilterError(name, f"there is no filter {name!r} here; known is range")
        if text not in RANGES:
            raise FilterError(name, f"range: there is no {text!r}; known are {', '.join(RANGES)}")
        return text
    return None
