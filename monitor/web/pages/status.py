"""`GET /`: how the whole fleet does, the worst first; and what is searched for in it."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from monitor.fleet.hints import HINTS, failure_hint, hint
from monitor.fleet.scales import QUALITY_SEVERITY, Severity
from monitor.views.entry_path import app_path, encoded
from monitor.views.escape import terminal
from monitor.views.lines import number_line
from monitor.views.looking import Looking, looking
from monitor.views.order import Listed
from monitor.views.tally import Standing, Tile
from monitor.web.collaborators import Health, Known, Replicas, Watch
from monitor.web.control import WriteGuard
from monitor.web.pages import wording, words
from monitor.web.pages.frame import Frame, Speech
from monitor.web.pages.happenings import Happenings
from monitor.web.pages.overview import QUALITIES, Found, Overview, Survey, by_account, find_numbers, find_tiles
from monitor.web.walk import in_turns

RECENT_EVENTS = 20
A_TURN = 20  #: lines of a table that are put in words between two returns to the loop
FEW = 12  #: apps that are named of those that fail for the same reason, or are held back


class StatusPage:
    """Makes it."""

    def __init__(
        self,
        frame: Frame,
        *,
        fleet: Known,
        happenings: Happenings,
        watch: Watch,
        health: Health,
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
            health: Whether the daemon goes on.
            guard: Whether a reader may accept what is held back.
            replicas: Who watches what.
            now: Wall clock, ms since 1970.
        """
        self._frame = frame
        self._survey = Survey(fleet, watch, now)
        self._happenings = happenings
        self._watch = watch
        self._health = health
        self._guard = guard
        self._replicas = replicas
        self._now = now

    async def get(self, request: Request) -> Response:
        """
        The page.

        Raises:
            FilterError: What is looked for cannot be.
        """
        asked = looking(request.query_params.multi_items())
        unread = len(self._replicas.unread)
        seen = await self._survey.overview()
        seen.unread = unread
        speech = self._frame.speech(request)
        found = await find_numbers(seen, asked, speech.masking)
        happenings = await self._happenings.recent(speech.say, limit=RECENT_EVENTS)
        groups = [
            (account, await in_turns((number_row(one, speech) for one in some), A_TURN))
            for account, some in by_account(found.numbers)
        ]
        grid = await find_tiles(seen, asked)
        tiles = await in_turns(_tile(tile, speech, with_account=len(seen.accounts) > 1) for tile in grid.tiles)
        return await self._frame.page(
            request,
            "status.html",
            self._now(),
            mood=wording.mood(seen),
            headline=wording.headline(seen, speech.say),
            facts=wording.facts(seen, self._now(), speech.say),
            banners=self._banners(seen, speech),
            seen=seen,
            bar=_bar(seen),
            counts=_counts(seen),
            asked=asked,
            shows=[(value, words.SHOWS[value]) for value in words.SHOWS],
            title=_title(asked, found, speech),
            found=found,
            groups=groups,
            grouped_accounts=len(seen.accounts) > 1,
            turned=turned(asked),
            failing=_failing(seen, speech),
            held=self._held(seen, speech),
            may_write=self._guard.may(request),
            grid=grid,
            tiles=tiles,
            legend=[
                {"standing": standing, "words": words.STANDINGS[standing], "count": count}
                for standing, count in seen.standings.items()
                if count
            ],
            happenings=happenings,
            replicas=self._replicas.seen(),
        )

    def _banners(self, seen: Overview, speech: Speech) -> list[tuple[str, str, int | None]]:
        """What must be known before anything else is believed: severity, sentence, and as of when all is."""
        banners: list[tuple[str, str, int | None]] = []
        stuck = self._health.healthy()
        if stuck is not None:
            banners.append(("critical", speech.say("number-monitor itself is stuck: {why}").format(why=stuck), None))
        if seen.is_lost and seen.newest is not None:
            age = wording.age(self._now() - seen.newest, speech.say)
            text = speech.say("No app has answered for {age}.").format(age=age)
            banners.append(("critical", text, seen.newest))
        return banners

    def _held(self, seen: Overview, speech: Speech) -> list[dict[str, Any]]:
        """What is held back, by account."""
        lists = self._watch.held_lists()
        apps = [tile for tile in seen.tiles if tile.snapshot.suspicion is not None]
        accounts = sorted({one.account for one in lists} | {tile.app.account for tile in apps})
        held = []
        for account in accounts:
            own = sorted((tile for tile in apps if tile.app.account == account), key=lambda tile: tile.name)
            held.append(
                {
                    "account": account,
                    "segment": encoded(account),
                    "lists": [
                        {"source": speech.say(words.SOURCES[one.source]), "before": one.apps, "held": one.held}
                        for one in lists
                        if one.account == account
                    ],
                    "apps": [_suspect(tile, speech) for tile in own[:FEW]],
                    "more": max(0, len(own) - FEW),
                }
            )
        return held


def number_row(one: Listed, speech: Speech) -> dict[str, Any]:
    """What a line of a table of numbers shows."""
    entry, snapshot = speech.masking.entry(one.entry), one.snapshot
    in_doubt = snapshot.failure is not None or snapshot.suspect
    return {
        "line": number_line(one.app, entry),
        "severity": entry.severity.word,
        "quality": wording.quality(entry, speech.say),
        "status": wording.status(entry, speech.say),
        "since": wording.bad_since(entry)
        if entry.severity >= Severity.WARNING
        else max(entry.since.quality_rating, entry.since.status),
        "hint": hint_of(wording.hint_id(entry), speech),
        "as_of": snapshot.last_success if in_doubt else None,
    }


def hint_of(hint_id: str | None, speech: Speech) -> str:
    """The advice of this id in the reader's language; empty where there is none."""
    return hint(hint_id, speech.language) if hint_id is not None and hint_id in HINTS else ""


def _suspect(tile: Tile, speech: Speech) -> dict[str, Any]:
    suspicion = tile.snapshot.suspicion
    assert suspicion is not None, "only suspect apps are listed"
    return {
        "name": tile.name,
        "path": app_path(*tile.app.key),
        "what": wording.suspicion(suspicion, speech.say),
        "since": suspicion.since,
    }


def _failing(seen: Overview, speech: Speech) -> list[dict[str, Any]]:
    """Apps that fail, those together that fail for the same; the longest first."""
    cases: dict[tuple[str, str, str], list[Tile]] = {}
    for tile in seen.tiles:
        failure = tile.snapshot.failure
        if failure is not None:
            cases.setdefault((tile.app.account, failure.reason, failure.code), []).append(tile)
    told = [_case(sorted(tiles, key=_failing_since), speech) for tiles in cases.values()]
    return sorted(told, key=lambda case: (case["since"] or 0, case["account"]))


def _case(tiles: list[Tile], speech: Speech) -> dict[str, Any]:
    first = tiles[0].snapshot
    failure = first.failure
    assert failure is not None, "only failing apps are listed"
    answers = [tile.snapshot.last_success for tile in tiles if tile.snapshot.last_success is not None]
    return {
        "account": tiles[0].app.account,
        "words": words.REASONS[failure.reason],
        "reason": failure.reason.value,
        "code": failure.code,
        "hint": hint_of(failure_hint(failure.reason), speech),
        "text": speech.masking.words(failure.text),
        "apps": [(tile.name, app_path(*tile.app.key)) for tile in tiles[:FEW]],
        "more": max(0, len(tiles) - FEW),
        "since": first.failing_since,
        "last_success": min(answers, default=None),
    }


def _failing_since(tile: Tile) -> tuple[int, str]:
    return tile.snapshot.failing_since or 0, tile.name


def _bar(seen: Overview) -> list[dict[str, Any]]:
    """The shares of the ratings, the worst at the left."""
    parts, begin = [], 0.0
    for value in (3, 2, 0, 1):
        width = 100 * seen.ratings[value] / max(seen.numbers, 1)
        if width:
            parts.append({"severity": _rated(value), "x": f"{begin:.3f}", "width": f"{width:.3f}"})
        begin += width
    return parts


def _counts(seen: Overview) -> list[dict[str, Any]]:
    shows: Mapping[int, str] = {1: "green", 2: "yellow", 3: "red", 0: "unrated"}
    rated = [
        {"count": seen.ratings[value], "word": word, "severity": _rated(value), "show": shows[value]}
        for value, word in QUALITIES.items()
    ]
    return [*rated, {"count": seen.silenced, "word": "cannot send", "severity": "critical", "show": "silent"}]


def _rated(value: int) -> str:
    return QUALITY_SEVERITY.get(QUALITIES[value], Severity.UNKNOWN).word


def _title(asked: Looking, found: Found, speech: Speech) -> str:
    if asked.is_any:
        return speech.say("Numbers that need attention")
    return speech.say("Found: {numbers}").format(numbers=wording.count(found.all, "number", speech.say))


def _tile(tile: Tile, speech: Speech, *, with_account: bool) -> dict[str, Any]:
    counted = tile.tally
    numbers = wording.count(counted.numbers, "number", speech.say)
    if tile.standing is Standing.LOST:
        tail = speech.say("no answer")
    elif counted.attention:
        tail = speech.say("{some} of {all}").format(some=f"{counted.attention:,}", all=f"{counted.numbers:,}")
    else:
        tail = numbers
    return {
        "name": tile.name,
        "path": app_path(*tile.app.key),
        "standing": tile.standing.value,
        "tail": f"{tail} · {terminal(tile.app.account)}" if with_account else tail,
    }


def turned(asked: Looking) -> Callable[[str, int], str]:
    """Gives the query of the same page with another page of its numbers or apps."""

    def to(what: str, page: int) -> str:
        other = msgspec.structs.replace(asked, **{"page" if what == "numbers" else "apps": page})
        given = {name: value for name, value in msgspec.structs.asdict(other).items() if value not in {"", 1}}
        return f"?{urlencode(given)}"

    return to
