"""
`GET /metrics`: the fleet's finished text and our own metrics, streamed.

The loop is given back between pieces, so that a scrape of 100,000 numbers holds up nothing, nor one of 100 accounts,
whose own metrics are 9,000 samples.  A scrape that breaks midway is cut off rather than ended properly: half a scrape
must not look whole.
"""

import asyncio
from collections.abc import Iterator, Sequence
from http import HTTPStatus

from isal import isal_zlib
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.exposition import generate_latest as as_text
from prometheus_client.openmetrics.exposition import generate_latest as as_openmetrics
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from monitor.web.collaborators import Pieces
from monitor.web.negotiation import Format, metrics_format, wants_gzip

AT_ONCE = 8  #: scrapes under way; a further one is told to come back
PARTS = frozenset({"fleet", "daemon"})
SLICE = 200  #: samples of our own that are rendered without giving way to other tasks: a millisecond
_END = b"# EOF\n"
_GZIP_LEVEL = 1  # isal's levels are 0 to 3; 1 packs 256 KiB of this text a hundredfold in 0.2 ms
_GZIP_WINDOW = 31  # zlib's number for 32 KiB with a gzip header


class Metrics:
    """Answers scrapes."""

    def __init__(self, fleet: Pieces, registry: CollectorRegistry) -> None:
        """
        Args:
            fleet: The numbers' and apps' metrics (`nxcloud_*`).
            registry: Our own (`number_monitor_*`, `process_*`, `python_*`).
        """
        self._fleet = fleet
        self._registry = registry
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._turn = asyncio.Lock()

    async def get(self, request: Request) -> Response:
        """All metrics, or the part that `?part=` names."""
        parts = request.query_params.getlist("part")
        if len(parts) > 1 or not PARTS.issuperset(parts):
            return PlainTextResponse("part: expected fleet or daemon, once\n", HTTPStatus.BAD_REQUEST)
        form = metrics_format(",".join(request.headers.getlist("accept")))
        gzip = wants_gzip(",".join(request.headers.getlist("accept-encoding")))
        headers = {"content-type": form.value, "vary": "accept, accept-encoding", "cache-control": "no-store"}
        if gzip:
            headers["content-encoding"] = "gzip"
        if request.method == "HEAD":
            return Scrape(iter(()), headers, asyncio.Semaphore(), self._turn)
        if self._slots.locked():
            sentence = f"{AT_ONCE} scrapes are under way already; try again\n"
            return PlainTextResponse(sentence, HTTPStatus.SERVICE_UNAVAILABLE, {"retry-after": "1"})
        body = self._body(form, parts[0] if parts else None)
        return Scrape(packed(body) if gzip else body, headers, self._slots, self._turn)

    def _body(self, form: Format, part: str | None) -> Iterator[bytes]:
        if part != "daemon":
            yield from self._fleet.pieces(openmetrics=form is Format.OPENMETRICS)
        if part != "fleet":
            yield from self.own(form)
        if form is Format.OPENMETRICS:
            yield _END

    def own(self, form: Format) -> Iterator[bytes]:
        """The daemon's own, some samples a piece: several families together, or a part of a large one."""
        texts, samples = [], 0
        for family in self._registry.collect():
            for begin in range(0, max(1, len(family.samples)), SLICE):
                part = family.samples[begin : begin + SLICE]
                text = _text(_with(family, part), form)
                texts.append(text if begin == 0 else _without_head(text))
                samples += len(part)
                if samples >= SLICE:
                    yield b"".join(texts)
                    texts, samples = [], 0
        yield b"".join(texts)


class Scrape(Response):
    """A streamed answer that holds one of the places for scrapes until its last byte is written."""

    def __init__(
        self, pieces: Iterator[bytes], headers: dict[str, str], places: asyncio.Semaphore, turn: asyncio.Lock
    ) -> None:
        self.status_code = HTTPStatus.OK
        self.background = None
        self._pieces = pieces
        self._places = places
        self._turn = turn
        self.init_headers(headers)

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send piece by piece; the transport's own buffer sets the pace."""
        async with self._places:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            while (piece := await self._next()) is not None:
                if piece:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _next(self) -> bytes | None:
        """The next piece, one a turn of the loop for all scrapes together: eight at once would hold it eight times."""
        async with self._turn:
            piece = next(self._pieces, None)
            await asyncio.sleep(0)
        return piece


def _with(family: Metric, samples: Sequence[Sample]) -> Metric:
    """The family with these samples alone."""
    some = Metric(family.name, family.documentation, family.type, family.unit)
    some.samples = list(samples)
    return some


def _text(family: Metric, form: Format) -> bytes:
    alone = _Alone(family)
    if form is Format.OPENMETRICS:
        text: bytes = as_openmetrics(alone)  # type: ignore[no-untyped-call]  # the library's gap
        return text.removesuffix(_END)
    return as_text(alone)


class _Alone(Collector):
    """A family by itself, as prometheus-client wants to be given what it renders."""

    def __init__(self, family: Metric) -> None:
        self._family = family

    def collect(self) -> Iterator[Metric]:
        """It."""
        yield self._family


def _without_head(text: bytes) -> bytes:
    """Without HELP and TYPE, which a family has once."""
    while text.startswith(b"# "):
        text = text.partition(b"\n")[2]
    return text


def packed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same text in gzip, a piece for each piece: an empty one where the packer holds it back."""
    packer = isal_zlib.compressobj(_GZIP_LEVEL, isal_zlib.DEFLATED, _GZIP_WINDOW)
    for piece in pieces:
        yield packer.compress(piece)
    yield packer.flush()
