"""The sink for Alertmanager, against receivers on sockets: the present state, refreshed, and what is over."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from monitor.delivery.endpoint import Endpoint
from monitor.delivery.sink import Refused, Unavailable
from monitor.delivery.sinks.alertmanager import AlertmanagerSink
from monitor.fleet.answer import Answer
from monitor.fleet.app import App
from monitor.fleet.fleet import Fleet
from monitor.fleet.match import Match
from monitor.http.transport import open_transport
from tests.delivery.fakes import Clock, capturing, instruments
from tests.delivery.receiver import CLOSE, HANG, Received, Receiver, answer
from tests.delivery.turns import Turns
from tests.fleet.making import NUMBER, START, WABA, Watch, row, rows

OK = answer("200 OK")
PAGES = "https://numbers.example.com/monitor/"


@dataclass
class Opened:
    """A sink that has been started."""

    sink: AlertmanagerSink
    turns: Turns
    logged: Any
    samples: Callable[[], list[str]]

    def told(self) -> list[tuple[str, str]]:
        return [(call.method_name, call.kwargs["event"]) for call in self.logged.calls]

    def count(self, name: str, **labels: str) -> float:
        """The sink's own sample."""
        spelled = ",".join(f'{key}="{value}"' for key, value in sorted({"sink": "am", **labels}.items()))
        (line,) = [line for line in self.samples() if line.startswith(f"number_monitor_{name}{{{spelled}}} ")]
        return float(line.rpartition(" ")[2])


Opener = Callable[..., Opened]


@pytest.fixture
async def peers() -> AsyncIterator[list[Receiver]]:
    async with Receiver() as one, Receiver() as other:
        yield [one, other]


@pytest.fixture
async def receiver(peers: list[Receiver]) -> Receiver:
    """The first of the peers, for tests that need no other."""
    return peers[0]


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
async def alerting(peers: list[Receiver], watch: Watch) -> AsyncIterator[Opener]:
    """Starts sinks that alert on the watched fleet."""
    async with AsyncExitStack() as opened:

        def opener(*, fleet: Any = None, peers: list[Receiver] = peers[:1], start: bool = True, **more: Any) -> Opened:
            clock = Clock()
            clock.seconds = START / 1000 + 3600
            turns, (log, logged), (made, samples) = Turns(clock), capturing(), instruments()
            endpoints = [
                Endpoint(peer.url, transport=open_transport(proxy=None, connections=1), now=clock.now) for peer in peers
            ]
            plain: dict[str, Any] = {"match": Match(), "labels": {}, "external_url": None, "limit": 30.0}
            sink = AlertmanagerSink(
                "am",
                endpoints,
                fleet=fleet if fleet is not None else watch.fleet,
                now=clock.now,
                log=log,
                instruments=made,
                pause=turns,
                **{**plain, **more},
            )
            opened.push_async_callback(sink.stop)
            if start:
                sink.start()
            return Opened(sink, turns, logged, samples)

        yield opener


def alerts(request: Received) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(request.body)
    return found


def brief(request: Received) -> list[tuple[str, str, str]]:
    """Of each alert its name, when it began and when it ends."""
    return [(each["labels"]["alertname"][7:], each["startsAt"], each["endsAt"]) for each in alerts(request)]


def numbers(request: Received) -> list[str]:
    return [each["labels"]["number"] for each in alerts(request)]


async def test_what_is_wrong_is_one_post_of_alerts_as_the_api_wants_them(receiver, watch, alerting):
    watch.answers(row(quality_rating="RED"), *rows(3)[1:])

    await alerting(external_url=PAGES, labels={"cluster": "eu"}).turns.reached()

    (request,) = receiver.requests
    assert request.line.startswith("POST ")
    assert request.headers["content-type"] == "application/json"
    assert alerts(request) == [
        {
            "labels": {
                "alertname": "NXCloudNumberQualityRed",
                "severity": "critical",
                "attribute": "quality_rating",
                "account": "main",
                "appkey": "a",
                "waba_id": WABA,
                "number": NUMBER,
                "cluster": "eu",
            },
            "annotations": {
                "summary": f"{NUMBER} is RED",
                "description": "shop-a · GLORY TEST · GLORY JACK · Quality is low: stop marketing templates from this "
                "number today, keep replies running, review opt-in and the templates of the last 7 days, then resume "
                "in small batches.",
            },
            "startsAt": "2023-11-14T22:13:20.000Z",
            "endsAt": "2023-11-14T23:17:20.000Z",
            "generatorURL": f"https://numbers.example.com/monitor/numbers/main/a/{WABA}/%2B8613800000001",
        }
    ]


async def test_the_texts_are_in_the_language_of_the_people(receiver, watch, alerting):
    watch.answers(row(status="BANNED"))

    await alerting(language="zh-CN").turns.reached()

    (alert,) = alerts(receiver.requests[0])
    assert alert["annotations"]["summary"] == f"{NUMBER}：status 为 BANNED"  # noqa: RUF001  # Chinese punctuation
    assert "号码已被封禁" in alert["annotations"]["description"]


async def test_where_our_pages_cannot_be_seen_alerts_link_to_nothing(receiver, watch, alerting):
    watch.answers(row(status="BANNED"))

    await alerting().turns.reached()

    assert "generatorURL" not in alerts(receiver.requests[0])[0]


async def test_labels_of_the_configuration_replace_none_of_ours(receiver, watch, alerting):
    watch.answers(row(status="BANNED"))

    await alerting(labels={"severity": "page", "team": "emea"}).turns.reached()

    labels = alerts(receiver.requests[0])[0]["labels"]
    assert (labels["severity"], labels["team"]) == ("critical", "emea")


async def test_text_that_is_no_unicode_is_sent_as_such(receiver, watch, alerting):
    watch.polled(Answer(START, b"1", (row(status="BANNED", verified_name="bad \ud800 name"),)))

    await alerting().turns.reached()

    assert "bad \ufffd name" in alerts(receiver.requests[0])[0]["annotations"]["description"]


async def test_a_lowered_tier_is_one_alert_since_the_first_number_that_dropped(receiver, watch, alerting):
    watch.answers(*rows(3))
    first, *others = rows(3, tier="TIER_1K")
    watch.answers(first, *rows(3)[1:])
    watch.answers(first, *others)

    await alerting().turns.reached()

    (alert,) = alerts(receiver.requests[0])
    assert (alert["labels"]["alertname"], alert["startsAt"]) == ("NXCloudTierLowered", "2023-11-14T22:14:20.000Z")
    assert alert["annotations"]["summary"] == f"WABA {WABA} is TIER_1K"


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        (Match(), ["+8613800000001", "+8613800000002"]),
        (Match(severity=("critical",)), ["+8613800000001"]),
        (Match(attribute=("status",)), ["+8613800000002"]),
        (Match(number=("*2",)), ["+8613800000002"]),
        (Match(appkey=("b*",)), []),
        (Match(labels=(("team", ("emea",)),)), ["+8613800000001", "+8613800000002"]),
        (Match(labels=(("team", ("apac",)),)), []),
    ],
)
async def test_only_what_matches_is_sent(receiver, alerting, match, expected):
    watch = Watch()
    watch.fleet.update(App("main", "a", labels=(("team", "emea"),)))
    watch.answers(row(quality_rating="RED"), row("+8613800000002", status="RATE_LIMITED"))

    await alerting(fleet=watch.fleet, match=match).turns.reached()

    assert numbers(receiver.requests[0]) == expected


async def test_every_minute_it_is_sent_again_with_its_end_four_minutes_ahead(receiver, watch, alerting):
    watch.answers(row(quality_rating="RED"))
    opened = alerting()

    await opened.turns.pass_by()
    await opened.turns.pass_by()

    began = "2023-11-14T22:13:20.000Z"
    ends = ["2023-11-14T23:17:20.000Z", "2023-11-14T23:18:20.000Z", "2023-11-14T23:19:20.000Z"]
    assert [brief(request) for request in receiver.requests] == [[("NumberQualityRed", began, each)] for each in ends]
    assert (opened.turns.waits, opened.count("deliveries_total")) == ([60.0] * 3, 3)


async def test_with_nothing_wrong_the_peers_are_asked_all_the_same(receiver, watch, alerting):
    watch.answers(row())

    opened = alerting()
    await opened.turns.reached()

    assert [alerts(request) for request in receiver.requests] == [[]]
    assert opened.count("deliveries_total") == 1


async def test_what_is_over_is_sent_as_such_for_five_minutes_and_then_no_more(receiver, watch, alerting):
    watch.answers(row(quality_rating="RED"))
    opened = alerting()
    await opened.turns.reached()

    watch.answers(row())
    for _ in range(7):
        await opened.turns.pass_by()

    over = ("NumberQualityRed", "2023-11-14T22:13:20.000Z", "2023-11-14T23:14:20.000Z")
    assert [brief(request) for request in receiver.requests[1:]] == [[over]] * 5 + [[]] * 2


async def test_what_is_back_within_that_time_is_firing_alone(receiver, watch, alerting):
    watch.answers(row(quality_rating="RED"))
    opened = alerting()
    await opened.turns.reached()
    watch.answers(row())
    await opened.turns.pass_by()

    watch.answers(row(quality_rating="RED"))
    await opened.turns.pass_by()

    assert brief(receiver.requests[-1]) == [
        ("NumberQualityRed", "2023-11-14T22:15:20.000Z", "2023-11-14T23:19:20.000Z")
    ]


async def test_from_red_to_yellow_one_is_over_and_the_other_fires(receiver, watch, alerting):
    watch.answers(row(quality_rating="RED"))
    opened = alerting()
    await opened.turns.reached()

    watch.answers(row(quality_rating="YELLOW"))
    await opened.turns.pass_by()

    assert brief(receiver.requests[-1]) == [
        ("NumberQualityYellow", "2023-11-14T22:14:20.000Z", "2023-11-14T23:18:20.000Z"),
        ("NumberQualityRed", "2023-11-14T22:13:20.000Z", "2023-11-14T23:14:20.000Z"),
    ]


async def test_an_app_that_left_ends_its_alerts(receiver, watch, alerting):
    watch.answers(row(quality_rating="RED"))
    opened = alerting()
    await opened.turns.reached()

    watch.loses("a")
    await opened.turns.pass_by()

    assert brief(receiver.requests[-1])[0][2] == "2023-11-14T23:14:20.000Z"


async def test_a_vendor_that_cannot_be_reached_ends_nothing(receiver, watch, alerting):
    watch.answers(row(quality_rating="RED"))
    opened = alerting()
    await opened.turns.reached()

    for _ in range(5):
        watch.fails()
        await opened.turns.pass_by()

    assert brief(receiver.requests[-1])[0][2] == "2023-11-14T23:22:20.000Z"


async def test_after_a_restart_what_lasts_is_sent_since_when_it_began(receiver, watch, alerting):
    watch.answers(row(quality_rating="RED"))
    await alerting().turns.reached()

    await alerting().turns.reached()

    one, other = map(brief, receiver.requests)
    assert one == other


async def test_a_clock_that_was_set_back_makes_no_alert_end_before_it_begins(receiver, watch, alerting):
    watch.answers(row(quality_rating="RED"))
    opened = alerting(start=False)
    opened.turns.clock.seconds = START / 1000 - 3600

    opened.sink.start()
    await opened.turns.reached()

    ((_, began, ends),) = brief(receiver.requests[0])
    assert began == ends == "2023-11-14T21:17:20.000Z"


async def test_a_change_is_sent_at_once_and_alone(receiver, watch, alerting):
    watch.answers(*rows(3), row("+8613800000009", quality_rating="RED"))
    opened = alerting()
    await opened.turns.reached()
    watch.answers(row(status="BANNED"), *rows(3)[1:], row("+8613800000009", quality_rating="RED"))

    await opened.turns.after(opened.sink.wake)
    await opened.turns.pass_by()

    assert [numbers(request) for request in receiver.requests] == [["+8613800000009"], [NUMBER]]
    assert opened.turns.waits == [60.0, 1.0, 59.0]


async def test_a_wake_after_which_nothing_has_changed_sends_nothing(receiver, watch, alerting):
    watch.answers(row(quality_rating="RED"))
    opened = alerting()
    await opened.turns.reached()

    await opened.turns.after(opened.sink.wake)
    await opened.turns.pass_by()

    assert len(receiver.requests) == 1


async def test_what_is_over_is_sent_at_once_and_again_with_the_next_refresh(receiver, watch, alerting):
    watch.answers(row(quality_rating="RED"))
    opened = alerting()
    await opened.turns.reached()
    watch.answers(row())

    await opened.turns.after(opened.sink.wake)
    await opened.turns.pass_by()
    await opened.turns.pass_by()

    _, first, second = map(brief, receiver.requests)
    assert first == second == [("NumberQualityRed", "2023-11-14T22:13:20.000Z", "2023-11-14T23:13:21.000Z")]


async def test_many_alerts_go_in_posts_of_200(receiver, watch, alerting):
    watch.answers(*rows(500, quality_rating="RED"))

    opened = alerting()
    await opened.turns.reached()

    assert [len(alerts(request)) for request in receiver.requests] == [200, 200, 100]
    assert len({number for request in receiver.requests for number in numbers(request)}) == 500
    assert opened.count("deliveries_total") == 1


async def test_every_peer_gets_all(peers, watch, alerting):
    watch.answers(row(quality_rating="RED"))

    await alerting(peers=peers).turns.reached()

    assert [brief(peer.requests[0])[0][0] for peer in peers] == ["NumberQualityRed"] * 2


@pytest.mark.parametrize(
    ("fails", "reason"),
    [
        (answer("500 Oops"), "unavailable"),
        (answer("404 Not Found"), "unavailable"),
        (answer("410 Gone"), "unavailable"),
        (answer("302 Found", "Location: http://elsewhere.example/"), "unavailable"),
        (answer("429 Slow Down"), "throttled"),
        (answer("400 Bad Request", body=b"label names"), "refused"),
        (CLOSE, "unavailable"),
    ],
)
async def test_a_peer_that_fails_keeps_the_other_from_nothing_and_is_said_once(peers, watch, alerting, fails, reason):
    watch.answers(row(quality_rating="RED"))
    peers[0].plan(fails, fails)
    opened = alerting(peers=peers)

    for _ in range(3):
        await opened.turns.pass_by()

    assert len(peers[1].taken) == 4
    assert opened.told() == [("warning", "alerts do not reach a peer"), ("info", "alerts reach the peer again")]
    assert f"127.0.0.1:{peers[0].port}" in opened.logged.calls[0].kwargs["reason"]
    assert opened.count("delivery_failures_total", reason=reason) == 2
    assert opened.count("deliveries_total") == 4


async def test_with_all_peers_away_nothing_counts_as_delivered_and_the_next_refresh_has_all(peers, watch, alerting):
    watch.answers(row(quality_rating="RED"))
    for peer in peers:
        await peer.stop()
    opened = alerting(peers=peers)
    await opened.turns.reached()
    before = opened.count("deliveries_total")

    for peer in peers:
        await peer.start()
    await opened.turns.pass_by()

    assert (before, opened.count("deliveries_total")) == (0, 1)
    assert [numbers(peer.requests[0]) for peer in peers] == [[NUMBER]] * 2


async def test_a_peer_that_hangs_is_given_up_for_this_refresh(peers, watch, alerting):
    watch.answers(*rows(500, quality_rating="RED"))
    peers[0].plan(HANG)

    opened = alerting(peers=peers, limit=0.5)
    await opened.turns.reached()

    assert (len(peers[0].requests), len(peers[1].requests)) == (1, 3)
    assert opened.count("delivery_failures_total", reason="timeout") == 1


async def test_a_batch_that_is_refused_keeps_no_other_from_being_sent(receiver, watch, alerting):
    watch.answers(*rows(500, quality_rating="RED"))
    receiver.plan(answer("400 Bad Request"))

    opened = alerting()
    await opened.turns.reached()

    assert len(receiver.taken) == 2
    assert opened.count("deliveries_total") == 0


async def test_no_path_of_a_peer_is_shown(receiver, watch, alerting):
    watch.answers(row(quality_rating="RED"))
    receiver.plan(answer("500 Oops", body=receiver.url.encode()))

    opened = alerting()
    await opened.turns.reached()

    assert "hunter2" not in repr(opened.logged.calls) + repr(opened.sink)


async def test_nothing_that_breaks_ends_it(receiver, watch, alerting):
    class Broken:
        def __init__(self) -> None:
            self.asked = 0

        def watched(self) -> Any:
            self.asked += 1
            if self.asked == 1:
                raise RuntimeError("broken")
            return watch.fleet.watched()

    watch.answers(row(quality_rating="RED"))
    opened = alerting(fleet=Broken())
    await opened.turns.reached()

    await opened.turns.pass_by()

    assert opened.told() == [("error", "alerting broke")]
    assert len(receiver.requests) == 1


async def test_others_get_their_turn_while_a_large_fleet_is_looked_at(watch, alerting, monkeypatch):
    slept: list[float] = []
    fleet = Fleet()
    watch.answers(*rows(2_500))
    opened = alerting(fleet=fleet, start=False)

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("monitor.delivery.sinks.alertmanager.asyncio.sleep", sleep)
    fleet.add(App("main", "a"), watch.snapshot())
    await opened.sink._look(START)

    assert slept == [0] * 5


async def test_it_ends_in_the_middle_of_a_refresh(receiver, watch, alerting):
    receiver.plan(HANG)
    opened = alerting()
    await receiver.has(1)

    await opened.sink.stop()

    assert opened.turns.waits == []


async def test_a_trial_is_one_alert_that_is_over_after_five_minutes_and_wakes_nobody(peers, watch, alerting):
    watch.answers(row(quality_rating="RED"))
    peers[0].plan(answer("200 OK", body=b"fine"))

    said = await alerting(peers=peers, start=False, labels={"team": "emea"}).sink.test()

    first, second = peers
    assert said == (
        f"http://127.0.0.1:{first.port} answered HTTP 200: fine; http://127.0.0.1:{second.port} answered HTTP 204"
    )
    ((alert,),) = map(alerts, first.requests)
    assert alert["labels"] == {"alertname": "NXCloudTest", "severity": "info", "test": "true", "team": "emea"}
    assert (alert["startsAt"], alert["endsAt"]) == ("2023-11-14T23:13:20.000Z", "2023-11-14T23:18:20.000Z")


async def test_a_trial_that_one_peer_takes_tells_of_the_other(peers, alerting):
    peers[1].plan(answer("400 Bad Request", body=b"no"))

    said = await alerting(peers=peers, start=False).sink.test()

    assert said.endswith(f"; http://127.0.0.1:{peers[1].port} answered HTTP 400: no")


@pytest.mark.parametrize(
    ("fails", "error"), [(answer("400 Bad Request"), Refused), (answer("500 Oops"), Unavailable), (HANG, Unavailable)]
)
async def test_a_trial_that_no_peer_takes_fails(receiver, alerting, fails, error):
    receiver.plan(fails)

    with pytest.raises(error):
        await alerting(start=False, limit=0.5).sink.test()


async def test_what_another_process_watches_from_now_on_is_neither_over_nor_sent(receiver, watch, alerting):
    elsewhere: set[str] = set()
    watch.answers(row(quality_rating="RED"))
    opened = alerting(elsewhere=elsewhere.__contains__)
    await opened.turns.reached()

    elsewhere.add("main")
    watch.fleet.forget("main")
    await opened.turns.pass_by()

    assert [len(alerts(request)) for request in receiver.requests] == [1, 0]


async def test_who_is_cut_off_goes_on_for_a_while_only_and_then_ends_nothing_either(receiver, watch, alerting):
    elsewhere = {"main"}
    watch.answers(row(quality_rating="RED"))
    opened = alerting(elsewhere=elsewhere.__contains__)
    await opened.turns.reached()
    for _ in range(20):
        await opened.turns.pass_by()
    assert [len(alerts(request)) for request in receiver.requests] == [1] * 15 + [0] * 6

    elsewhere.clear()
    await opened.turns.pass_by()
    assert len(alerts(receiver.requests[-1])) == 1
