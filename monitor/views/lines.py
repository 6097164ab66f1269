"""
A number as a line of a page: how it is written, where its page is, which app it belongs to.

Pure.  Every page takes what it shows of a number, and every link to one, from here.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from monitor.fleet.app import App
from monitor.fleet.snapshot import Entry
from monitor.views.entry_path import app_path, entry_path


class NumberLine(msgspec.Struct, frozen=True):
    """What identifies an entry to people."""

    number: str
    path: str  #: of its page, without a leading slash
    name: str  #: verified; may be empty
    waba_id: str
    waba_name: str
    app: str  #: its name, else its appkey
    app_path: str
    account: str


class Subject(msgspec.Struct, frozen=True):
    """Whom an event is about, as a list of events shows it."""

    text: str
    path: str  #: of its page; empty where it has none
    app: str  #: the app's name, else its appkey; empty for what concerns the whole account, and where `text` says it
    app_path: str
    account: str


def number_line(app: App, entry: Entry) -> NumberLine:
    """An entry's line."""
    row = entry.now
    return NumberLine(
        number=row.number,
        path=entry_path(app.account, app.appkey, row.waba_id, row.number),
        name=row.verified_name,
        waba_id=row.waba_id,
        waba_name=row.waba_name,
        app=app.name or app.appkey,
        app_path=app_path(app.account, app.appkey),
        account=app.account,
    )


def subject(event: Mapping[str, Any]) -> Subject:
    """Whom a CloudEvent of ours is about; what it does not say is left out."""
    data = event.get("data") or {}
    account, appkey, number = (str(data.get(name) or "") for name in ("account", "appkey", "number"))
    text = str(event.get("subject") or "")
    app = str(data.get("app_name") or appkey)
    home = app_path(account, appkey) if account and appkey else ""
    if number and home:
        path = entry_path(account, appkey, str(data.get("waba_id") or ""), number)
    else:
        path = home if text == appkey else ""
    if text == appkey:
        return Subject(text=app, path=home, app="", app_path="", account=account)
    return Subject(text=text, path=path, app=app, app_path=home, account=account)
