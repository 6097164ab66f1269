"""
Sinks that people read: chat rooms, mailboxes, pagers.

What all of them have is in `ForPeople`: they are told little and late enough that what they are told matters.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from monitor.settings.durations import UNITS, spelled
from monitor.settings.mail import Mailbox, MailHost, Port
from monitor.settings.match import PeopleMatch
from monitor.settings.scalars import BareUrl, Duration, MappingOrNothing, OneOrMore, State, Text, Unfit, got
from monitor.settings.secret import Secret
from monitor.settings.section import FILE_TWIN, SecretUrl, Section
from monitor.settings.sinks import Password, SinkName, Timeout

DEFAULT_SETTLE: Mapping[tuple[str, str], int] = {
    ("quality_rating", "YELLOW"): 30 * UNITS["m"],
    ("status", "RATE_LIMITED"): 30 * UNITS["m"],
    ("quality_rating", "RED"): 5 * UNITS["m"],
}
SHORTEST_REMINDER = 5 * UNITS["m"]
PAGERDUTY = "https://events.pagerduty.com"

_ROUTING_KEY = re.compile(r"[A-Za-z0-9]{32}")
_APPRISE_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://.+")


def _with_default_settle(settle: Mapping[tuple[str, str], int]) -> Mapping[tuple[str, str], int]:
    return {**DEFAULT_SETTLE, **settle}


def _reminder(value: int) -> int:
    if 0 < value < SHORTEST_REMINDER:
        raise Unfit(f"expected {spelled(SHORTEST_REMINDER)} at least, or 0s for never, got {spelled(value)!r}")
    return value


def _printable(name: str) -> str:
    if not name.isprintable():
        raise Unfit(f"expected one line, got {got(name)}")
    return name


def _routing_key(key: Secret) -> Secret:
    if not _ROUTING_KEY.fullmatch(key.reveal()):
        raise Unfit("expected the 32 letters and digits of an Events API v2 integration")
    return key


def _apprise_url(url: Secret) -> Secret:
    if not url.reveal().isprintable() or not _APPRISE_URL.fullmatch(url.reveal()):
        raise Unfit("expected a URL of apprise in one line, such as tgram://TOKEN/CHAT")
    return url


class ForPeople(Section):
    """What every sink for people has."""

    name: SinkName
    match: PeopleMatch = PeopleMatch()
    #: Trouble that is over before is not told.  By (attribute, word); what is given replaces state by state.
    settle_ms: Annotated[Mapping[State, Duration], MappingOrNothing, AfterValidator(_with_default_settle)] = Field(
        default=DEFAULT_SETTLE, alias="settle"
    )
    remind_every_ms: Annotated[Duration, AfterValidator(_reminder)] = Field(
        default=UNITS["d"], alias="remind_every"
    )  #: 0: never
    timeout_ms: Timeout = Field(default=15_000, alias="timeout")


class Robot(ForPeople):
    """What takes messages for a chat room by HTTP, and can mention members of it."""

    url: Annotated[SecretUrl, FILE_TWIN]
    proxy: Annotated[SecretUrl | None, FILE_TWIN] = None
    at: Annotated[tuple[Annotated[Text, AfterValidator(_printable)], ...], OneOrMore] = ()
    at_on: Literal["critical", "warning", "info"] = "critical"  #: when something new is this bad at least


class SignedRobot(Robot):
    """A robot that may be set to take signed messages alone."""

    secret: Annotated[Secret | None, FILE_TWIN] = None


class SlackSink(Robot):
    """An incoming webhook of Slack."""

    type: Literal["slack"] = "slack"


class WeComSink(Robot):
    """A group robot of WeCom."""

    type: Literal["wecom"] = "wecom"


class DingTalkSink(SignedRobot):
    """A group robot of DingTalk."""

    type: Literal["dingtalk"] = "dingtalk"


class FeishuSink(SignedRobot):
    """A group robot of Feishu."""

    type: Literal["feishu"] = "feishu"


class LarkSink(SignedRobot):
    """A group robot of Lark."""

    type: Literal["lark"] = "lark"


class EmailSink(ForPeople):
    """Mailboxes, by way of one SMTP server."""

    type: Literal["email"] = "email"
    host: MailHost
    port: Port = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    user: Text | None = None
    password: Password = Field(default=None, validate_default=True)
    sender: Mailbox = Field(alias="from")
    to: Annotated[tuple[Mailbox, ...], OneOrMore, Field(min_length=1)]
    timeout_ms: Timeout = Field(default=30_000, alias="timeout")


class PagerDutySink(ForPeople):
    """A service of PagerDuty."""

    type: Literal["pagerduty"] = "pagerduty"
    routing_key: Annotated[Secret, FILE_TWIN, AfterValidator(_routing_key)]
    base_url: BareUrl = PAGERDUTY
    proxy: Annotated[SecretUrl | None, FILE_TWIN] = None


class AppriseSink(ForPeople):
    """Any of the services that apprise knows."""

    type: Literal["apprise"] = "apprise"
    url: Annotated[Secret, FILE_TWIN, AfterValidator(_apprise_url)]
    timeout_ms: Timeout = Field(default=30_000, alias="timeout")
