"""`GET /apps/…`: one app, its numbers, its last polls, when it is due, what its account can afford."""

import heapq
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from monitor.fleet.answer import FailureReason
from monitor.fleet.app import App
from monitor.fleet.fleet import Watched
from monitor.fleet.hints import failure_hint
from monitor.views.entry_path import app_path, appkeys_meant
from monitor.views.looking import looking
from monitor.views.order import listed, place
from monitor.views.tally import is_fresh, standing, tally
from monitor.web.collaborators import Known, Replicas, UnknownTargetError, Watch
from monitor.web.control import WriteGuard
from monitor.web.pages import wording, words
from monitor.web.pages.frame import Frame, Speech
from monitor.web.pages.happenings import Happenings
from monitor.web.pages.overview import A_PAGE
from monitor.web.pages.status import A_TURN, hint_of, number_row, turned
from monitor.web.paths import segment
from monitor.web.walk import in_turns

EVENTS = 20


class AppPage:
    """Makes it."""

    def __init__(
        self,
        frame: Frame,
        *,
        fleet: Known,
        happenings: Happenings,
        watch: Watch,
        guard: WriteGuard,
        replicas: Replicas,
        now: Callable[[], int],
    ) -> None:
        """
        Args:
            frame: Makes pages.
            fleet: What is known.
            happenings: What was told.
            watch: How apps are polled.
            guard: Whether a reader may have the app polled now.
            replicas: Who watches what.
            now: Wall clock, ms since 1970.
        """
        self._frame = frame
        self._fleet = fleet
        self._happenings = happenings
        self._watch = watch
        self._guard = guard
        self._replicas = replicas
        self._now = now

    async def get(self, request: Request) -> Response:
        """
        The page.

        Raises:
            UnknownTargetError: There is no such app.
            FilterError: There is no such page of it.
        """
        watched = self._watched(request)
        app, snapshot = watched.app, watched.snapshot
        asked = looking(request.query_params.multi_items())
        speech = self._frame.speech(request)
        now = self._now()
        pages = max(1, -(-len(snapshot.entries) // A_PAGE))
        page = min(asked.page, pages)
        worst = heapq.nsmallest(page * A_PAGE, listed([(app, snapshot)]), key=place)[(page - 1) * A_PAGE :]
        counted = tally(app, snapshot)
        shown = standing(snapshot, counted, fresh=is_fresh(snapshot, self._watch.interval(app), now))
        return await self._frame.page(
            request,
            "app.html",
            now,
            mood=words.MOODS[shown],
            standing=shown.value,
            words=words.STANDINGS[shown],
            name=app.name or app.appkey,
            app=app,
            path=app_path(*app.key),
            snapshot=snapshot,
            counted=counted,
            failure=_failure(watched, speech),
            suspicion=None if snapshot.suspicion is None else wording.suspicion(snapshot.suspicion, speech.say),
            rows=await in_turns((number_row(one, speech) for one in worst), A_TURN),
            page=page,
            pages=pages,
            turned=turned(asked),
            schedule=self._schedule(app, speech),
            watched_by=self._replicas.owner(app.account),
            may_write=self._guard.may(request),
            happenings=await self._happenings.recent(speech.say, limit=EVENTS, account=app.account, appkey=app.appkey),
        )

    def _watched(self, request: Request) -> Watched:
        account = segment(request, "account")
        for appkey in appkeys_meant(segment(request, "appkey")):
            watched = self._fleet.get((account, appkey))
            if watched is not None:
                return watched
        raise UnknownTargetError("There is no such app in this account now.")

    def _schedule(self, app: App, speech: Speech) -> dict[str, Any] | None:
        watch = self._watch.app(app)
        if watch is None:
            return None
        return {
            "interval": wording.age(watch.interval, speech.say),
            "wanted": wording.age(watch.wanted, speech.say),
            "stretched": watch.interval > watch.wanted,
            "next_poll": watch.next_poll,
            "apps": wording.count(watch.apps, "app", speech.say),
            "demand": f"{watch.demand:.3g}",
            "rate": f"{watch.rate:.3g}",
            "held_by": None if watch.held_by is None else words.HELD_BY[watch.held_by],
            "polls": [
                {
                    "at": poll.at,
                    "severity": "ok" if poll.outcome in words.OUTCOMES else "warning",
                    "outcome": words.OUTCOMES.get(poll.outcome) or words.REASONS[FailureReason(poll.outcome)],
                    "held_off": poll.held_off,
                    "size": poll.size,
                    "milliseconds": poll.milliseconds,
                }
                for poll in watch.polls
            ],
        }


def _failure(watched: Watched, speech: Speech) -> dict[str, Any] | None:
    failure = watched.snapshot.failure
    if failure is None:
        return None
    return {
        "words": words.REASONS[failure.reason],
        "reason": failure.reason.value,
        "code": failure.code,
        "text": speech.masking.words(failure.text),
        "hint": hint_of(failure_hint(failure.reason), speech),
    }
