"""
Paths whose segments may hold anything: accounts, appkeys and numbers with slashes, percent signs or any script.

Routes are matched on the path as it is sent, brought to one spelling, so that an encoded slash never separates;
a handler decodes its own segments.  Links are relative, so that the pages work under any prefix of a proxy.
"""

from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

NO_WABA = "-"  #: stands for an empty waba_id

_MARK = "~"  # before what a path would swallow, or would read as an empty waba_id: browsers read %2E as a dot, too
_SWALLOWED = frozenset({".", "..", NO_WABA})


class EncodedPath:
    """Middleware: gives the routes the encoded path in one spelling, every segment quoted the same way."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its path encoded."""
        if scope["type"] == "http":
            sent = scope["raw_path"].decode("ascii", errors="replace")
            path = "/".join(_encoded(unquote(part)) for part in sent.split("/"))
            scope = {**scope, "path": path}
        await self._app(scope, receive, send)


def segment(request: Request, name: str) -> str:
    """The decoded segment of a route's path."""
    return unquote(request.path_params[name])


def entry_path(account: str, appkey: str, waba_id: str, number: str) -> str:
    """The path of an entry's page, without a leading slash."""
    place = (_marked(waba_id) if waba_id else NO_WABA, _marked(number))
    return "/".join(["numbers", *map(_encoded, (account, appkey, *place))])


def entries_meant(waba_id: str, number: str) -> list[tuple[str, str]]:
    """The entries that these segments of a page's path may mean, (waba_id, number) each, the likeliest first."""
    wabas = ["", NO_WABA] if waba_id == NO_WABA else _meant(waba_id)
    return [(waba, text) for waba in wabas for text in _meant(number)]


def _marked(text: str) -> str:
    return f"{_MARK}{text}" if text in _SWALLOWED or text.startswith(_MARK) else text


def _meant(text: str) -> list[str]:
    """The text without the mark; and as it is, for whoever wrote the path by hand."""
    return [text.removeprefix(_MARK), text] if text.startswith(_MARK) else [text]


def to_root(request: Request) -> str:
    """The relative way from this request's page to `/`: `./`, `../`, `../../` and so on."""
    return "../" * (request.scope["path"].count("/") - 1) or "./"


def _encoded(text: str) -> str:
    return quote(text, safe="")
