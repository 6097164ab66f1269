"""
The paths of an entry's and of an app's page: what links to them and what answers there agree on them.

Pure.  Accounts, appkeys, WABAs and numbers may hold anything: slashes, percent signs, dots, any script.
"""

from urllib.parse import quote

NO_WABA = "-"  #: stands for an empty waba_id

_MARK = "~"  # before what a path would swallow, or would read as an empty waba_id: browsers read %2E as a dot, too
_SWALLOWED = frozenset({".", "..", NO_WABA})


def entry_path(account: str, appkey: str, waba_id: str, number: str) -> str:
    """The path of an entry's page, without a leading slash."""
    place = (_marked(waba_id) if waba_id else NO_WABA, _marked(number))
    return "/".join(["numbers", *map(encoded, (account, appkey, *place))])


def app_path(account: str, appkey: str) -> str:
    """The path of an app's page, likewise."""
    return "/".join(["apps", encoded(account), encoded(_marked(appkey))])


def appkeys_meant(appkey: str) -> list[str]:
    """The appkeys that this segment of a page's path may mean, the likeliest first."""
    return _meant(appkey)


def entries_meant(waba_id: str, number: str) -> list[tuple[str, str]]:
    """The entries that these segments of a page's path may mean, (waba_id, number) each, the likeliest first."""
    wabas = ["", NO_WABA] if waba_id == NO_WABA else _meant(waba_id)
    return [(waba, text) for waba in wabas for text in _meant(number)]


def encoded(text: str) -> str:
    """A segment of a path, every character that could mean something there percent-encoded."""
    return quote(text, safe="", errors="replace")


def _marked(text: str) -> str:
    return f"{_MARK}{text}" if text in _SWALLOWED or text.startswith(_MARK) else text


def _meant(text: str) -> list[str]:
    """The text without the mark; and as it is, for whoever wrote the path by hand."""
    return [text.removeprefix(_MARK), text] if text.startswith(_MARK) else [text]
