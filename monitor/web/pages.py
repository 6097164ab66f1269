"""
The pages for people: `/`, an entry's page, and the page of an error.

Server-rendered, whole without JavaScript and without any other file: the style is part of the page, and the policy
sent along allows that one style and nothing else.  Everything that came from the vendor is escaped by the templates
(`autoescape`), and what cannot be seen in it is written out (`seen`).
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from http import HTTPStatus
from pathlib import Path
from typing import Any

import jinja2
import orjson
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from monitor.fleet.app import App
from monitor.fleet.fleet import Fleet
from monitor.fleet.hints import HINTS, hint
from monitor.fleet.moment import iso
from monitor.fleet.number import is_masked
from monitor.fleet.policy import Language
from monitor.fleet.scales import QUALITY_SEVERITY, Severity
from monitor.fleet.snapshot import Entry, Snapshot
from monitor.store.errors import StoreError
from monitor.views.entry_path import entries_meant, entry_path
from monitor.views.escape import terminal
from monitor.views.order import Listed
from monitor.web import wording
from monitor.web.catalogue import translator
from monitor.web.collaborators import EventLog, UnknownTargetError
from monitor.web.overview import QUALITIES, overview
from monitor.web.paths import segment, to_root

TEMPLATES = Path(__file__).parent / "templates"
RECENT_EVENTS = 20  #: on the first page
ENTRY_EVENTS = 100  #: on an entry's page

_ICONS: Mapping[str, str] = {"critical": "b3141d", "warning": "c77700", "ok": "1a6b35", "unknown": "7a828a"}


class Pages:
    """Renders them."""

    def __init__(
        self,
        *,
        fleet: Fleet,
        events: EventLog,
        language: Language,
        zone: tzinfo,
        version: str,
        now: Callable[[], int],
    ) -> None:
        """
        Args:
            fleet: What is known.
            events: What was told.
            language: Of all that is not the vendor's; the page of an error is in English.
            zone: In which people read times.
            version: Of number-monitor.
            now: Wall clock, ms since 1970.
        """
        self._fleet = fleet
        self._events = events
        self._language: Language = language
        self._say = translator(language)
        self._zone = zone
        self._version = version
        self._now = now
        self._style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
        self._policy = _policy(self._style)
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["seen"] = terminal

    async def first(self, request: Request) -> Response:
        """The state of the whole fleet."""
        seen = await overview(self._fleet)
        happenings = await self._happenings(limit=RECENT_EVENTS)
        now = self._now()
        return self._page(
            request,
            "first.html",
            now,
            mood=wording.mood(seen),
            headline=wording.headline(seen, self._say),
            facts=wording.facts(seen, now, self._say),
            seen=seen,
            qualities=[(word, QUALITY_SEVERITY.get(word, Severity.UNKNOWN).word) for word in QUALITIES.values()],
            trouble=[self._trouble(one) for one in seen.worst],
            failing=[_failing(app, snapshot) for app, snapshot in seen.failing],
            suspect=[self._suspect(app, snapshot) for app, snapshot in seen.suspect],
            happenings=happenings,
        )

    async def entry(self, request: Request) -> Response:
        """One entry: its state, since when, what was told of it."""
        account, appkey, waba_id, number = (
            segment(request, name) for name in ("account", "appkey", "waba_id", "number")
        )
        watched = self._fleet.get((account, appkey))
        entries = watched.snapshot.entries if watched is not None else {}
        entry = next((entries[key] for key in entries_meant(waba_id, number) if key in entries), None)
        if watched is None or entry is None:
            raise UnknownTargetError("No such number is listed in this app now.")
        happenings = await self._happenings(limit=ENTRY_EVENTS, number=entry.now.number, account=account, appkey=appkey)
        return self._page(
            request,
            "entry.html",
            self._now(),
            mood=entry.severity.word,
            severity=entry.severity.word,
            app=watched.app,
            snapshot=watched.snapshot,
            entry=entry,
            row=entry.now,
            quality=wording.quality(entry, self._say),
            status=wording.status(entry, self._say),
            hint=self._hint(entry),
            notes=wording.notes(entry, watched.snapshot, self._say),
            details=wording.details(entry.now, self._say),
            elsewhere=self._elsewhere(watched.app, entry),
            happenings=happenings,
        )

    def error(self, request: Request, status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
        """A plain page that says what is wrong."""
        page = self._page(
            request,
            "error.html",
            self._now(),
            language="en",  # as the sentences of errors are, which programs read too
            mood="unknown",
            phrase=HTTPStatus(status).phrase,
            sentence=sentence,
        )
        page.status_code = status
        page.headers.update({**(headers or {}), "content-security-policy": self._policy})
        return page

    def _page(
        self, request: Request, template: str, now: int, *, language: Language | None = None, **facts: object
    ) -> Response:
        language = language or self._language
        say = translator(language)
        html = self._templates.get_template(template).render(
            **facts,
            root=to_root(request),
            style=Markup(self._style),  # noqa: S704  # our own file, and the policy's hash is of these very bytes
            icons=_ICONS,
            symbols=wording.SYMBOLS,
            language=language,
            say=lambda text, **words: Markup(say(text)).format(**words),  # noqa: S704  # ours, and it escapes the words
            version=self._version,
            made=now,
            ago=lambda at: self._time(at, wording.age(now - at, say)),
            moment=lambda at: self._time(at, self._in_zone(at)),
        )
        return HTMLResponse(html, headers={"content-security-policy": self._policy})

    async def _happenings(
        self, limit: int, *, number: str | None = None, account: str | None = None, appkey: str | None = None
    ) -> list[wording.Happening] | None:
        """The newest events that are asked for, in words; None when the store cannot be read."""
        try:
            found = await self._events.events(
                number=number, account=account, appkey=appkey, limit=limit, newest_first=True
            )
        except StoreError:
            return None
        return [wording.happening(event.time, orjson.loads(event.body), self._say) for event in found]

    def _trouble(self, one: Listed) -> dict[str, Any]:
        app, entry = one.app, one.entry
        return {
            "severity": entry.severity.word,
            "number": entry.now.number,
            "name": entry.now.verified_name,
            "path": _path(app, entry),
            "quality": wording.quality(entry, self._say),
            "status": wording.status(entry, self._say),
            "since": wording.bad_since(entry),
            "app": app.name or app.appkey,
            "account": app.account,
            "hint": self._hint(entry),
        }

    def _elsewhere(self, app: App, entry: Entry) -> list[dict[str, Any]]:
        if is_masked(entry.now.number):
            return []
        places = [
            (other, found) for other, found in self._fleet.find(entry.now.number, app.account) if found is not entry
        ]
        return [
            {
                "path": _path(other, found),
                "app": other.name or other.appkey,
                "quality": wording.quality(found, self._say),
                "status": wording.status(found, self._say),
            }
            for other, found in places
        ]

    def _suspect(self, app: App, snapshot: Snapshot) -> dict[str, Any]:
        suspicion = snapshot.suspicion
        assert suspicion is not None, "only suspect apps are listed"
        return {
            "name": app.name or app.appkey,
            "account": app.account,
            "what": wording.suspicion(suspicion, self._say),
            "since": suspicion.since,
        }

    def _hint(self, entry: Entry) -> str:
        hint_id = wording.hint_id(entry)
        if hint_id is None or hint_id not in HINTS:
            return ""
        return hint(hint_id, self._language)

    def _in_zone(self, at: int) -> str:
        return datetime.fromtimestamp(at / 1000, UTC).astimezone(self._zone).strftime("%Y-%m-%d %H:%M:%S %Z")

    def _time(self, at: int, text: str) -> Markup:
        title = self._in_zone(at)
        return Markup('<time datetime="{}" title="{}">{}</time>').format(iso(at), title, text)


def _policy(style: str) -> str:
    """The pages' Content-Security-Policy: this one style, the icon inside the page, nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _path(app: App, entry: Entry) -> str:
    return entry_path(app.account, app.appkey, entry.now.waba_id, entry.now.number)


def _failing(app: App, snapshot: Snapshot) -> dict[str, Any]:
    failure = snapshot.failure
    assert failure is not None, "only failing apps are listed"
    return {
        "name": app.name or app.appkey,
        "appkey": app.appkey,
        "account": app.account,
        "reason": failure.reason.value,
        "code": failure.code,
        "text": failure.text,
        "since": snapshot.failing_since,
        "last_success": snapshot.last_success,
    }
