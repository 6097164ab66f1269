"""From the configuration to receivers: every type of sink is made, and what cannot be is told by its name."""

import asyncio
from zoneinfo import ZoneInfo

import pytest

from monitor.daemon.receivers import Receivers, UnusableSink, rules_of, window_of
from monitor.delivery.people.maintenance import RecurringWindow, SingleWindow
from monitor.fleet.match import Match
from tests.daemon.test_conversion import HOOK, ROBOT, settings
from tests.delivery.receiver import Receiver

HOUR = 3_600_000
NIGHT = 1_800_028_800_000  # 16 January 2027, 00:00:00 in Shanghai
SHANGHAI = ZoneInfo("Asia/Shanghai")

PEOPLE = [
    ({"type": "slack", "url": "https://h.example/in"}, "ChatSink('one', Slack, https://h.example)"),
    ({"type": "wecom", "url": "https://h.example/in?key=k"}, "ChatSink('one', WeCom, https://h.example)"),
    (
        {"type": "dingtalk", "url": "https://h.example/in", "secret": "SEC"},
        "ChatSink('one', DingTalk, https://h.example)",
    ),
    ({"type": "feishu", "url": "https://h.example/in"}, "ChatSink('one', Feishu, https://h.example)"),
    ({"type": "lark", "url": "https://h.example/in"}, "ChatSink('one', Feishu, https://h.example)"),
    (
        {"type": "email", "host": "m.example", "from": "a@example.com", "to": "b@example.com"},
        "EmailSink('one', m.example:587)",
    ),
    ({"type": "pagerduty", "routing_key": "a" * 32}, "PagerDutySink('one', https://events.pagerduty.com)"),
    ({"type": "apprise", "url": "json://h.example/in"}, "AppriseSink('one', json://)"),
]


def one_sink(tmp_path, sink):
    (configured,) = settings(tmp_path, events={"sinks": [{"name": "one", **sink}]}).events.sinks
    return configured


def receivers(environ=None) -> Receivers:
    return Receivers(environ or {}, lambda: 0)


def test_a_webhook_is_made_as_it_is_configured(tmp_path):
    made = receivers().webhook(one_sink(tmp_path, {**HOOK, "timeout": "5s"}))

    assert (made.name, made.limit, repr(made)) == ("ops", 5.0, "WebhookSink('ops', https://h.example)")
    asyncio.run(made.aclose())


@pytest.mark.parametrize(("sink", "shown"), PEOPLE, ids=[sink["type"] for sink, _shown in PEOPLE])
def test_a_sink_for_people_is_made_by_its_type(tmp_path, sink, shown):
    made = receivers().for_people(one_sink(tmp_path, {**sink, "timeout": "7s"}))

    assert (repr(made), made.limit) == (shown, 7.0)
    asyncio.run(made.aclose())


def test_every_peer_of_an_alertmanager_is_asked_at_its_path(tmp_path):
    sink = {"type": "alertmanager", "urls": ["http://a.example:9093", "http://b.example:9093/am"]}

    peers = receivers().peers(one_sink(tmp_path, sink))

    assert [peer.origin for peer in peers] == ["http://a.example:9093", "http://b.example:9093"]
    for peer in peers:
        asyncio.run(peer.aclose())


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        pytest.param({"bearer_token": "tok"}, "Bearer tok", id="a token"),
        pytest.param({"user": "u", "password": "päss"}, "Basic dTpww6Rzcw==", id="a user"),
        pytest.param({}, None, id="nothing"),
    ],
)
async def test_a_peer_of_an_alertmanager_is_told_who_asks(tmp_path, given, sent):
    async with Receiver() as receiver:
        sink = {"type": "alertmanager", "urls": [f"http://127.0.0.1:{receiver.port}"], **given}
        (peer,) = receivers().peers(one_sink(tmp_path, sink))

        await peer.post(b"[]", content_type=b"application/json")
        await peer.aclose()

    assert receiver.requests[0].headers.get("authorization") == sent


@pytest.mark.parametrize("sink", [HOOK, ROBOT], ids=["program", "people"])
def test_a_proxy_that_cannot_be_used_is_told_with_its_sink(tmp_path, sink):
    configured = one_sink(tmp_path, sink)

    with pytest.raises(UnusableSink, match=rf"^sink {configured.name}: HTTPS_PROXY: expected http://HOST:PORT"):
        receivers({"HTTPS_PROXY": "socks5://p:1"}).check(configured)


def test_a_service_that_apprise_does_not_know_is_told_with_its_sink(tmp_path):
    with pytest.raises(UnusableSink, match=r"^sink one: "):
        receivers().check(one_sink(tmp_path, {"type": "apprise", "url": "nosuch://token/x"}))


def test_the_rules_of_a_sink_are_its_configuration(tmp_path):
    sink = one_sink(tmp_path, {**ROBOT, "match": {"number": "+86*"}, "settle": {"status.BANNED": "1m"}})
    rules = rules_of(sink, [])

    assert rules.match == Match(number=("+86*",), severity=("warning", "critical"))
    assert (rules.settle["status", "BANNED"], rules.settle["quality_rating", "RED"]) == (60_000, 300_000)
    assert rules.remind_every == 24 * HOUR


@pytest.mark.parametrize(
    ("window", "kind", "opens"),
    [
        ({"start": "02:00", "duration": "2h"}, RecurringWindow, NIGHT + 2 * HOUR),
        ({"start": "02:00", "weekdays": ["sat"], "duration": "2h"}, RecurringWindow, NIGHT + 2 * HOUR),
        ({"cron": "0 2 * * 6", "duration": "2h"}, RecurringWindow, NIGHT + 2 * HOUR),
        ({"start": "20:00", "timezone": "UTC", "duration": "2h"}, RecurringWindow, NIGHT + 4 * HOUR),
        ({"at": "2027-01-16T02:00", "duration": "2h"}, SingleWindow, NIGHT + 2 * HOUR),
    ],
    ids=["daily", "weekdays", "cron", "zone", "once"],
)
def test_a_maintenance_window_is_open_from_its_beginning_for_as_long_as_it_takes(tmp_path, window, kind, opens):
    (configured,) = settings(tmp_path, events={"maintenance": [window]}).events.maintenance

    made = window_of(configured, SHANGHAI)

    assert isinstance(made, kind)
    assert [made.open_until(at) for at in (opens - 1, opens, opens + 2 * HOUR - 1, opens + 2 * HOUR)] == [
        None,
        opens + 2 * HOUR,
        opens + 2 * HOUR,
        None,
    ]
