"""
From the configuration to receivers: each sink as its `type` says.

Part of the composition root.  Nothing is sent here; whoever asks for a receiver closes it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

import aiohttp
from apscheduler.triggers.cron import CronTrigger

from monitor.daemon.conversion import event_match_of
from monitor.delivery.endpoint import Endpoint
from monitor.delivery.people.maintenance import RecurringWindow, SingleWindow
from monitor.delivery.people.notice import NoticeSink
from monitor.delivery.people.rules import Rules, Window
from monitor.delivery.sinks.apprise import AppriseMissing, AppriseSink, UnusableAddress
from monitor.delivery.sinks.chat import ChatSink, Service
from monitor.delivery.sinks.dingtalk import DingTalk
from monitor.delivery.sinks.email import EmailSink
from monitor.delivery.sinks.feishu import Feishu
from monitor.delivery.sinks.pagerduty import PagerDutySink
from monitor.delivery.sinks.slack import Slack
from monitor.delivery.sinks.webhook import CONCURRENCY, WebhookSink
from monitor.delivery.sinks.wecom import WeCom
from monitor.http.certificates import Certificates, UnreadableCertificates
from monitor.http.proxy import UnusableProxy, credentials, proxy_for
from monitor.http.transport import open_transport
from monitor.settings import alertmanager as alerting
from monitor.settings import people_sinks as people
from monitor.settings import sinks
from monitor.settings.heartbeat import Heartbeat
from monitor.settings.maintenance import MaintenanceWindow
from monitor.settings.model import Settings
from monitor.settings.secret import Secret

ALERTS = "/api/v2/alerts"
PAGES = "/v2/enqueue"
CHANGES = "/v2/change/enqueue"


class UnusableSink(Exception):
    """A sink cannot be made as it is configured; the message is one line without a secret."""


class Receivers:
    """Makes what the configuration names."""

    def __init__(
        self, environ: Mapping[str, str], now: Callable[[], int], certificates: Certificates | None = None
    ) -> None:
        """
        Args:
            environ: For the proxies.
            now: Wall clock, milliseconds since 1970.
            certificates: For all receivers; None: each reads its own.
        """
        self._environ = environ
        self._now = now
        self._certificates = certificates

    def webhook(self, sink: sinks.WebhookSink) -> WebhookSink:
        """
        A program.

        Raises:
            UnusableSink: As its message says.
        """
        secrets = [secret for secret in (sink.secret, sink.previous_secret) if secret is not None]
        headers = {name: value.reveal() for name, value in sink.headers.items()}
        endpoint = self._endpoint(sink.name, sink.url.reveal(), sink.proxy, headers=headers, connections=CONCURRENCY)
        keys = [sinks.signing_key(secret) for secret in secrets]
        return WebhookSink(sink.name, endpoint, keys=keys, now=self._now, limit=sink.timeout_ms / 1000)

    def for_people(self, sink: people.ForPeople) -> NoticeSink:
        """
        A place where people read.

        Raises:
            UnusableSink: As its message says.
        """
        limit = sink.timeout_ms / 1000
        match sink:
            case people.EmailSink():
                return _mail(sink, self._now)
            case people.PagerDutySink():
                key = sink.routing_key.reveal()
                paths = (PAGES, CHANGES)
                pages, changes = (self._endpoint(sink.name, sink.base_url + path, sink.proxy, [key]) for path in paths)
                return PagerDutySink(sink.name, pages, changes, routing_key=key, limit=limit)
            case people.AppriseSink():
                try:
                    return AppriseSink(sink.name, url=sink.url.reveal(), limit=limit)
                except (AppriseMissing, UnusableAddress) as error:
                    raise UnusableSink(f"sink {sink.name}: {error}") from None
            case people.Robot():
                return self._robot(sink)
        raise TypeError(f"no receiver for a sink of {type(sink).__name__}")

    def peers(self, sink: alerting.AlertmanagerSink) -> Sequence[Endpoint]:
        """
        Every peer of an Alertmanager.

        Raises:
            UnusableSink: As its message says.
        """
        headers: dict[str, str] = {}
        if sink.bearer_token is not None:
            headers["Authorization"] = f"Bearer {sink.bearer_token.reveal()}"
        elif sink.user is not None and sink.password is not None:
            headers["Authorization"] = aiohttp.encode_basic_auth(sink.user, sink.password.reveal())
        return [self._endpoint(sink.name, url.reveal() + ALERTS, sink.proxy, headers=headers) for url in sink.urls]

    def heartbeat(self, heartbeat: Heartbeat) -> Endpoint:
        """
        What is called while all is well.

        Raises:
            UnusableSink: As its message says.
        """
        return self._endpoint("", heartbeat.url.reveal(), heartbeat.proxy)

    def check(self, sink: sinks.WebhookSink | people.ForPeople | alerting.AlertmanagerSink) -> None:
        """
        See whether a receiver could be made, without making it.

        Raises:
            UnusableSink: As its message says.
        """
        proxy: Secret | None = getattr(sink, "proxy", None)
        for url in _urls(sink):
            self._proxy(sink.name, url, proxy)
        if isinstance(sink, people.AppriseSink):
            self.for_people(sink)

    def faults(self, settings: Settings) -> Iterator[str]:
        """Why sinks and the heartbeat cannot be made as configured, a line each."""
        for place, sink in enumerate(settings.events.sinks):
            try:
                self.check(sink)
            except UnusableSink as error:
                yield f"events.sinks[{place}]: {error}"
        if settings.events.heartbeat is not None:
            try:
                self.check_heartbeat(settings.events.heartbeat)
            except UnusableSink as error:
                yield str(error)

    def check_heartbeat(self, heartbeat: Heartbeat) -> None:
        """
        See whether the heartbeat could be sent.

        Raises:
            UnusableSink: As its message says.
        """
        self._proxy("", heartbeat.url.reveal(), heartbeat.proxy)

    def _robot(self, sink: people.Robot) -> NoticeSink:
        secret = sink.secret.reveal() if isinstance(sink, people.SignedRobot) and sink.secret is not None else None
        endpoint = self._endpoint(sink.name, sink.url.reveal(), sink.proxy, [secret] if secret else [])
        service = self._service(sink, secret)
        return ChatSink(sink.name, service, endpoint, at=sink.at, at_on=sink.at_on, limit=sink.timeout_ms / 1000)

    def _service(self, sink: people.Robot, secret: str | None) -> Service:
        match sink:
            case people.SlackSink():
                return Slack()
            case people.WeComSink():
                return WeCom()
            case people.DingTalkSink():
                return DingTalk(self._now, secret)
        return Feishu(self._now, secret)

    def _endpoint(
        self,
        name: str,
        url: str,
        proxy: Secret | None,
        hidden: Sequence[str] = (),
        *,
        headers: Mapping[str, str] | None = None,
        connections: int = 1,
    ) -> Endpoint:
        way = self._proxy(name, url, proxy)
        try:
            tls = None if self._certificates is None else self._certificates.context()
            transport = open_transport(proxy=way, connections=connections, tls=tls)
        except UnreadableCertificates as error:
            raise UnusableSink(f"sink {name}: {error}") from None
        secrets = [*hidden, *(credentials(way) if way is not None else ())]
        return Endpoint(url, transport=transport, now=self._now, headers=headers, secrets=secrets)

    def _proxy(self, name: str, url: str, proxy: Secret | None) -> str | None:
        try:
            return proxy_for(url, proxy.reveal() if proxy is not None else None, self._environ)
        except UnusableProxy as error:
            raise UnusableSink(f"{f'sink {name}' if name else 'events.heartbeat'}: {error}") from None


def rules_of(sink: people.ForPeople, windows: Sequence[Window]) -> Rules:
    """What a sink for people wants to hear of, and when."""
    return Rules(
        match=event_match_of(sink.match), settle=sink.settle_ms, remind_every=sink.remind_every_ms, windows=windows
    )


def window_of(window: MaintenanceWindow, zone: ZoneInfo) -> Window:
    """A maintenance window; `zone`: that of people."""
    match = event_match_of(window.match)
    at = window.at_ms(zone)
    if at is not None:
        return SingleWindow(match, at, window.duration_ms)
    own = window.zone(zone)
    if window.cron is not None:
        return RecurringWindow(match, CronTrigger.from_crontab(window.cron, timezone=own), window.duration_ms)
    if window.start is None:
        raise ValueError("a maintenance window without a beginning")
    days = ",".join(window.weekdays)
    trigger = CronTrigger(
        day_of_week=days, hour=window.start.hour, minute=window.start.minute, second=window.start.second, timezone=own
    )
    return RecurringWindow(match, trigger, window.duration_ms)


def _mail(sink: people.EmailSink, now: Callable[[], int]) -> EmailSink:
    try:
        return EmailSink(
            sink.name,
            host=sink.host,
            port=sink.port,
            tls=sink.tls,
            user=sink.user,
            password=sink.password.reveal() if sink.password is not None else None,
            sender=sink.sender,
            recipients=sink.to,
            now=now,
            limit=sink.timeout_ms / 1000,
        )
    except ValueError as error:
        raise UnusableSink(f"sink {sink.name}: {error}") from None


def _urls(sink: sinks.WebhookSink | people.ForPeople | alerting.AlertmanagerSink) -> Sequence[str]:
    match sink:
        case sinks.WebhookSink() | people.Robot():
            return [sink.url.reveal()]
        case people.PagerDutySink():
            return [sink.base_url]
        case alerting.AlertmanagerSink():
            return [url.reveal() for url in sink.urls]
    return []
