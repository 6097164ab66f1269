"""Alertmanagers as a sink: the present state of numbers in trouble, as alerts."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from monitor.settings.match import AlertMatch
from monitor.settings.scalars import MappingOrNothing, OneOrMore, Text, Unfit, one_of, text
from monitor.settings.secret import Secret
from monitor.settings.section import FILE_TWIN, FileTwin, SecretUrl, Section
from monitor.settings.sinks import HeaderText, Password, SinkName, Timeout

#: Labels of an alert that say what it is about.
OUR_LABELS = ("alertname", "severity", "attribute", "account", "appkey", "waba_id", "number")

_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _label(name: object) -> str:
    read = text(name)
    if not _LABEL.fullmatch(read) or read.startswith("__"):
        raise Unfit("expected letters, digits and underscores: no digit and no two underscores at its beginning")
    if read in OUR_LABELS:
        raise Unfit(f"is a label that alerts have anyway, as {one_of(OUR_LABELS)}")
    return read


def _peer(url: Secret) -> Secret:
    parts = urlsplit(url.reveal())
    if parts.query or parts.fragment:
        raise Unfit("expected the URL of an Alertmanager without ? or #: paths are appended to it")
    return Secret(url.reveal().rstrip("/"))


def _not_beside_user(token: Secret | None, info: ValidationInfo) -> Secret | None:
    if token is not None and (info.data.get("user") is not None or info.data.get("password") is not None):
        raise Unfit("is given beside user and password; give one of the two")
    return token


class AlertmanagerSink(Section):
    """All peers of one Alertmanager: each of them is told."""

    name: SinkName
    type: Literal["alertmanager"] = "alertmanager"
    urls: Annotated[
        tuple[Annotated[SecretUrl, AfterValidator(_peer)], ...], FileTwin.LINES, OneOrMore, Field(min_length=1)
    ]
    user: Text | None = None
    password: Password = Field(default=None, validate_default=True)
    bearer_token: Annotated[HeaderText | None, FILE_TWIN, AfterValidator(_not_beside_user)] = None
    labels: Annotated[Mapping[Annotated[str, BeforeValidator(_label)], Text], MappingOrNothing] = {}  #: of every alert
    match: AlertMatch = AlertMatch()
    proxy: Annotated[SecretUrl | None, FILE_TWIN] = None
    timeout_ms: Timeout = Field(default=15_000, alias="timeout")
