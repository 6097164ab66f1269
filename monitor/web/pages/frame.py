"""
What every page for people has in common: its language, its times, its policy, and how it is made.

Server-rendered and whole without JavaScript; style and script are our own files.  Everything that came from the vendor
is escaped by the templates (`autoescape`), and what cannot be seen in it is written out (`seen`).  A long page is
rendered in turns, so that nothing holds the event loop.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from http import HTTPStatus
from pathlib import Path
from typing import Any

import jinja2
import msgspec
from isal import igzip
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from monitor.fleet.masking import Masking
from monitor.fleet.moment import iso
from monitor.fleet.policy import Language
from monitor.views.escape import terminal
from monitor.web.catalogue import Translate, translator
from monitor.web.negotiation import language_of, wants_gzip
from monitor.web.pages import wording, words
from monitor.web.pages.assets import Assets
from monitor.web.paths import to_root

TEMPLATES = Path(__file__).parent / "templates"
TURN = 30  #: pieces of a page that are rendered between two returns to the loop: a row of a table is one, and 0.2 ms
MEDIA_TYPE = "text/html; charset=utf-8"

#: Our own files, the icon inside the page, our own forms; nothing else.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

_ICONS: Mapping[str, str] = {"critical": "b3141d", "warning": "c77700", "ok": "1a6b35", "unknown": "7a828a"}


class Templates:
    """
    The pages' templates, for the daemon's life.

    Making one ready takes longer than anything may hold the loop: it is done in a thread when a page is first asked
    for.  That of errors is ready from the start.
    """

    def __init__(self) -> None:
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters["seen"] = terminal
        self._environment.filters["grouped"] = "{:,}".format
        self._ready: dict[str, jinja2.Template] = {}
        self.error = self._make_ready("error.html")

    async def get(self, name: str) -> jinja2.Template:
        """A template that is ready to be rendered, with all that it is made of."""
        if name not in self._ready:
            self._ready[name] = await asyncio.to_thread(self._make_ready, name)
        return self._ready[name]

    def _make_ready(self, name: str) -> jinja2.Template:
        for part in ("layout.html", "parts.html"):
            self._environment.get_template(part)
        return self._environment.get_template(name)


class Speech(msgspec.Struct, frozen=True):
    """The language of a page, how it says things, and how it shows numbers."""

    language: Language
    say: Translate
    masking: Masking


class Frame:
    """Makes pages."""

    def __init__(
        self,
        *,
        templates: Templates,
        assets: Assets,
        language: Language | None,
        zone: tzinfo,
        masking: Masking,
        version: str,
        now: Callable[[], int],
    ) -> None:
        """
        Args:
            templates: What pages are made of.
            assets: The pages' files.
            language: Of all that is not the vendor's; None: the reader's browser says which.
            zone: In which people read times.
            masking: How numbers are shown.
            version: Of number-monitor.
            now: Wall clock, ms since 1970.
        """
        self._assets = assets
        self._language = language
        self._zone = zone
        self._masking = masking
        self._version = version
        self._now = now
        self._templates = templates

    @property
    def zone(self) -> tzinfo:
        """In which people read times."""
        return self._zone

    def speech(self, request: Request) -> Speech:
        """In which language a request is answered."""
        language = self._language or language_of(request.headers.get("accept-language", ""))
        return Speech(language, translator(language), self._masking)

    async def page(self, request: Request, template: str, now: int, **facts: object) -> Response:
        """A page of what a template needs beside what all need; `now` is the moment that its ages are counted from."""
        context = self._context(request, self.speech(request), now, facts)
        pieces: list[str] = []
        for piece in (await self._templates.get(template)).generate(context):
            pieces.append(piece)
            if len(pieces) % TURN == 0:
                await asyncio.sleep(0)
        return _response(request, "".join(pieces))

    def error(self, request: Request, status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
        """
        A plain page, in English as the sentences of errors are, that says what is wrong.

        Whoever has shown no password where one is needed does not learn what runs here: neither by the version nor by
        the style, which he could not have either.
        """
        speech = Speech("en", translator("en"), self._masking)
        facts = {"mood": "unknown", "phrase": HTTPStatus(status).phrase, "sentence": sentence}
        context = self._context(request, speech, self._now(), facts)
        if request.scope.get("is_stranger", False):
            context |= {"version": "", "style": ""}
        page = _response(request, self._templates.error.render(context))
        page.status_code = status
        page.headers.update({**(headers or {}), "content-security-policy": POLICY})
        return page

    def in_zone(self, at: int, form: str = "%Y-%m-%d %H:%M:%S %Z") -> str:
        """A moment, ms since 1970, as people in the zone read it."""
        return datetime.fromtimestamp(at / 1000, UTC).astimezone(self._zone).strftime(form)

    def _context(self, request: Request, speech: Speech, now: int, facts: Mapping[str, object]) -> dict[str, Any]:
        def say(text: str, **words: object) -> Markup:
            return Markup(speech.say(text)).format(**words)  # noqa: S704  # ours, and it escapes the words

        return {
            **facts,
            "root": to_root(request),
            "style": self._assets.path("style.css"),
            "script": self._assets.path("live.js"),
            "icons": _ICONS,
            "symbols": words.SYMBOLS,
            "language": speech.language,
            "say": say,
            "version": self._version,
            "made": now,
            "ago": lambda at: self._time(at, wording.age(now - at, speech.say), "ago"),
            "moment": lambda at: self._time(at, self.in_zone(at), "at"),
            "clock": lambda at: self._time(at, self._short(at, now), "at"),
            "units": "|".join(speech.say(f"{{amount}} {unit}") for unit in ("d", "h", "min", "s")),
        }

    def _short(self, at: int, now: int) -> str:
        """`07:12` of today, `Nov 20, 07:12` as `11-20 07:12` of another day."""
        same_day = self.in_zone(at, "%Y-%m-%d") == self.in_zone(now, "%Y-%m-%d")
        return self.in_zone(at, "%H:%M:%S" if same_day else "%m-%d %H:%M")

    def _time(self, at: int, text: str, kind: str) -> Markup:
        title = self.in_zone(at)
        return Markup('<time class="{}" datetime="{}" title="{}">{}</time>').format(kind, iso(at), title, text)


def _response(request: Request, html: str) -> Response:
    headers = {"content-security-policy": POLICY, "vary": "accept-encoding, accept-language"}
    body = html.encode()
    if wants_gzip(request.headers.get("accept-encoding", "")):
        body = igzip.compress(body, 1)
        headers["content-encoding"] = "gzip"
    return Response(body, headers=headers, media_type=MEDIA_TYPE)
