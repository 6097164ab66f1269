import asyncio

import orjson
import pytest

from monitor.fleet.app import App
from monitor.fleet.scales import Severity
from monitor.store.deliveries import StoredDelivery
from monitor.store.errors import StoreUnavailable
from monitor.store.history import StoredEvent
from monitor.store.tables import DeliveryState
from monitor.views.filters import NumberFilter
from monitor.web import walk
from monitor.web.collaborators import OwnerSilentError, ReplicaSeen, StoppingError, TooSoonError, UnknownTargetError
from tests.web.fleets import HOUR, NOW, entry, failing, fleet_of, red, snapshot


def number(index):
    return f"+86138{index:08d}"


def told(sequence, kind="number.degraded", subject="+8613800000001", time=NOW, account="main", appkey="a"):
    body = {"specversion": "1.0", "type": kind, "subject": subject, "sequence": f"{sequence:020d}"}
    return StoredEvent(sequence, f"id-{sequence}", time, kind, account, appkey, orjson.dumps(body))


async def walked(ask, path, **params):
    """Every page of a list, from the first to the last."""
    pages = []
    while True:
        answer = (await ask(path, params=params)).json()
        pages.append(answer["items"])
        if answer["next"] is None:
            return pages
        params["cursor"] = answer["next"]


async def test_a_number_is_the_contracts_object(house, ask):
    app = App(account="main", appkey="a", name="shop-one", labels=(("team", "emea"),))
    house.fleet = fleet_of((app, snapshot(red())))

    answer = await ask("/api/v1/numbers")

    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["items"] == [
        {
            "account": "main",
            "appkey": "a",
            "app_name": "shop-one",
            "labels": {"team": "emea"},
            "waba_id": "116960000086404",
            "waba_name": "GLORY TEST",
            "number": "+8613800000001",
            "verified_name": "GLORY JACK",
            "quality_rating": "RED",
            "status": "CONNECTED",
            "tier": "TIER_10K",
            "tier_limit": 10000,
            "tier_unlimited": False,
            "name_status": "APPROVED",
            "code_verification_status": "VERIFIED",
            "register_status": "5",
            "severity": "critical",
            "since": {
                "quality_rating": "2026-11-23T07:00:00.000Z",
                "status": "2026-11-23T07:00:00.000Z",
                "tier": "2026-11-23T07:00:00.000Z",
            },
            "as_of": "2026-11-23T07:59:48.000Z",
        }
    ]


@pytest.mark.parametrize("path", ["/api/v1/numbers", "/api/v1/apps", "/api/v1/events", "/api/v1/deliveries"])
async def test_an_empty_list_has_nothing_next(ask, path):
    answer = (await ask(path)).json()

    assert (answer["items"], answer["next"]) == ([], None)


async def test_numbers_say_which_events_they_are_true_for(house, ask):
    house.events.stored = [told(41), told(42)]

    assert (await ask("/api/v1/numbers")).json()["events_cursor"] == "00000000000000000042"


async def test_numbers_are_answered_while_the_store_is_gone(house, ask):
    house.fleet = fleet_of(("a", snapshot(red())))
    house.events.gone = True

    answer = (await ask("/api/v1/numbers")).json()

    assert (len(answer["items"]), answer["events_cursor"]) == (1, None)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("size", [1, 4, 2000], ids=lambda size: f"slices of {size}")
async def test_a_walk_in_pages_meets_every_number_once(house, ask, monkeypatch, limit, size):
    monkeypatch.setattr(walk, "SLICE", size)
    house.fleet = fleet_of(
        *(
            (key, snapshot(*(entry(number(index), waba) for index in range(3))))
            for key, waba in zip("cab", "312", strict=True)
        )
    )

    pages = await walked(ask, "/api/v1/numbers", limit=limit)

    met = [(item["appkey"], item["number"]) for page in pages for item in page]
    assert met == [(key, number(index)) for key in "abc" for index in range(3)]
    assert all(len(page) == limit for page in pages[:-1])
    assert pages[-1]


async def test_a_walk_goes_on_where_it_was_though_the_last_number_has_gone(house, ask):
    house.fleet = fleet_of(("a", snapshot(*(entry(number(index)) for index in range(4)))))
    first = (await ask("/api/v1/numbers", params={"limit": 2})).json()
    house.fleet.replace(App(account="main", appkey="a"), snapshot(entry(number(0)), entry(number(3))))

    rest = await walked(ask, "/api/v1/numbers", cursor=first["next"])

    assert [item["number"] for page in rest for item in page] == [number(3)]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        pytest.param({}, ["+1", "+2", "+3", "+4"], id="no filter"),
        pytest.param({"account": "main"}, ["+1", "+2", "+3"], id="account"),
        pytest.param({"account": "nobody"}, [], id="an account that there is not"),
        pytest.param({"appkey": "b"}, ["+3"], id="appkey"),
        pytest.param({"waba_id": "w2"}, ["+2"], id="waba_id"),
        pytest.param({"waba_id": ""}, ["+4"], id="an empty waba_id"),
        pytest.param({"degraded": "true"}, ["+2", "+3"], id="in trouble"),
        pytest.param({"degraded": "false"}, ["+1", "+4"], id="not in trouble"),
        pytest.param({"since": "2h"}, ["+2"], id="changed lately"),
        pytest.param({"account": "main", "degraded": "1", "limit": "1"}, ["+2"], id="several"),
    ],
)
async def test_numbers_are_filtered(house, ask, params, expected):
    old = NOW - 48 * HOUR
    house.fleet = fleet_of(
        ("a", snapshot(entry("+1", "w1", since=old), red("+2", "w2"))),
        ("b", snapshot(entry("+3", "w1", since=old, severity=Severity.WARNING))),
        (App(account="other", appkey="c"), snapshot(entry("+4", "", since=old))),
    )

    answer = (await ask("/api/v1/numbers", params=params)).json()

    assert [item["number"] for item in answer["items"]] == expected


@pytest.mark.parametrize("given", ["+8613800000001", "8613800000001", " 8613800000001", "+86 138-0000-0001"])
async def test_a_number_is_found_however_it_is_written(house, ask, given):
    house.fleet = fleet_of(("a", snapshot(red(), red("+8613800000002"))))

    answer = (await ask("/api/v1/numbers", params={"number": given})).json()

    assert [item["number"] for item in answer["items"]] == ["+8613800000001"]


async def test_apps_are_walked_and_filtered(house, ask):
    house.fleet = fleet_of(*((key, snapshot(red())) for key in "ba"), ("c", failing()), ("d", snapshot(entry())))

    pages = await walked(ask, "/api/v1/apps", limit=1)
    degraded = await walked(ask, "/api/v1/apps", degraded="true")

    assert [[item["appkey"] for item in page] for page in pages] == [["a"], ["b"], ["c"], ["d"]]
    assert [item["appkey"] for item in degraded[0]] == ["a", "b"]


async def test_apps_of_a_waba_are_found(house, ask):
    house.fleet = fleet_of(
        ("a", snapshot(entry(waba_id="w1"))), ("b", snapshot(entry(waba_id="w2"), red(waba_id="w1")))
    )

    one = (await ask("/api/v1/apps", params={"waba_id": "w2"})).json()["items"]
    both = (await ask("/api/v1/apps", params={"waba_id": "w1"})).json()["items"]

    assert [[item["appkey"] for item in items] for items in (one, both)] == [["b"], ["a", "b"]]


async def test_a_failing_app_says_why(house, ask):
    house.fleet = fleet_of(("a", failing(text="the signature was refused; check access_secret")))

    app = (await ask("/api/v1/apps")).json()["items"][0]

    assert app["up"] is False
    assert app["failure"]["text"] == "the signature was refused; check access_secret"


async def test_events_come_as_they_were_told(house, ask):
    house.events.stored = [told(1), told(2)]

    answer = await ask("/api/v1/events")

    assert [item["sequence"] for item in answer.json()["items"]] == [f"{sequence:020d}" for sequence in (1, 2)]
    assert house.events.stored[0].body in answer.content


async def test_a_walk_in_pages_meets_every_event_once(house, ask):
    house.events.stored = [told(sequence) for sequence in range(1, 8)]

    pages = await walked(ask, "/api/v1/events", limit=3)

    assert [int(item["sequence"]) for page in pages for item in page] == list(range(1, 8))
    assert [len(page) for page in pages] == [3, 3, 1]


async def test_events_go_on_from_the_cursor_of_the_numbers(house, ask):
    house.events.stored = [told(1)]
    cursor = (await ask("/api/v1/numbers")).json()["events_cursor"]
    house.events.stored.append(told(2))

    answer = (await ask("/api/v1/events", params={"cursor": cursor})).json()

    assert [int(item["sequence"]) for item in answer["items"]] == [2]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        pytest.param({"type": "app.baseline"}, [3], id="type"),
        pytest.param({"account": "other"}, [4], id="account"),
        pytest.param({"appkey": "b"}, [5], id="appkey"),
        pytest.param({"since": "30m"}, [2, 3, 4, 5], id="since a duration"),
        pytest.param({"since": "2026-11-23T08:00:00Z"}, [2, 3, 4, 5], id="since a moment"),
        pytest.param({"since": "2026-11-23T16:00:00+08:00"}, [2, 3, 4, 5], id="since a moment elsewhere"),
        pytest.param({"number": "8613800000002"}, [2], id="number"),
        pytest.param({"cursor": "99999999999999999999"}, [], id="a cursor beyond all"),
    ],
)
async def test_events_are_filtered(house, ask, params, expected):
    house.events.stored = [
        told(1, time=NOW - HOUR),
        told(2, subject="+8613800000002"),
        told(3, "app.baseline"),
        told(4, account="other"),
        told(5, appkey="b"),
    ]

    answer = (await ask("/api/v1/events", params=params)).json()

    assert [int(item["sequence"]) for item in answer["items"]] == expected


def sent(sequence, sink="ops", state=DeliveryState.DONE, tries=0, time=NOW):
    return StoredDelivery(
        sequence, sink, state, tries, NOW, "", f"id-{sequence}", "number.degraded", time, "main", "a", "+8613800000001"
    )


async def test_deliveries_say_what_went_where(house, ask):
    house.events.sent = [sent(41, time=NOW - HOUR), sent(42, state=DeliveryState.DEAD)]

    (item, _) = (await ask("/api/v1/deliveries")).json()["items"]

    assert (item["event_id"], item["sink"], item["state"], item["due"]) == ("id-42", "ops", "dead", None)


async def test_a_walk_in_pages_meets_every_delivery_once_the_newest_first(house, ask):
    house.events.sent = [sent(sequence, sink) for sequence in range(1, 4) for sink in ("mail", "ops")]

    pages = await walked(ask, "/api/v1/deliveries", limit=4)

    assert [(int(item["sequence"]), item["sink"]) for page in pages for item in page] == [
        *((3, "mail"), (3, "ops"), (2, "mail"), (2, "ops")),
        *((1, "mail"), (1, "ops")),
    ]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        pytest.param({"sink": "mail"}, [2], id="sink"),
        pytest.param({"failed": "true"}, [4, 3], id="failed"),
        pytest.param({"failed": "false"}, [2, 1], id="not failed"),
        pytest.param({"since": "30m"}, [4, 3, 2], id="since"),
        pytest.param({"account": "other"}, [], id="account"),
        pytest.param({"appkey": "a", "sink": "mail"}, [2], id="appkey"),
        pytest.param({"number": "8613800000001", "failed": "true"}, [4, 3], id="number"),
        pytest.param({"type": "number.moved"}, [], id="type"),
    ],
)
async def test_deliveries_are_filtered(house, ask, params, expected):
    house.events.sent = [
        sent(1, time=NOW - HOUR),
        sent(2, "mail"),
        sent(3, state=DeliveryState.DEAD),
        sent(4, state=DeliveryState.OPEN, tries=1),
    ]

    answer = (await ask("/api/v1/deliveries", params=params)).json()

    assert [int(item["sequence"]) for item in answer["items"]] == expected


@pytest.mark.parametrize(
    ("path", "named"),
    [
        pytest.param("/api/v1/numbers?degrade=true", "degraded", id="a slip of the pen"),
        pytest.param("/api/v1/numbers?limit=0", "limit", id="a limit of nothing"),
        pytest.param("/api/v1/numbers?limit=1001", "1000", id="a limit beyond the largest"),
        pytest.param("/api/v1/numbers?limit=ten", "ten", id="a limit that is no number"),
        pytest.param("/api/v1/numbers?degraded=perhaps", "perhaps", id="a truth that is none"),
        pytest.param("/api/v1/numbers?cursor=%F0%9F%98%80", "next", id="a cursor that is none"),
        pytest.param("/api/v1/numbers?cursor=W10", "next", id="a cursor of nothing"),
        pytest.param("/api/v1/apps?cursor=WzEsMl0", "next", id="a cursor of numbers"),
        pytest.param("/api/v1/numbers?account=a&account=b", "account", id="given twice"),
        pytest.param("/api/v1/events?type=number.degrated", "number.degraded", id="a type with a slip"),
        pytest.param("/api/v1/events?since=yesterday", "yesterday", id="a time that is none"),
        pytest.param("/api/v1/events?since=999999999999d", "since", id="a time before time"),
        pytest.param("/api/v1/events?cursor=-1", "cursor", id="a cursor below all"),
        pytest.param("/api/v1/deliveries?failing=1", "failed", id="a filter of deliveries with a slip"),
        pytest.param("/api/v1/deliveries?failed=perhaps", "perhaps", id="a failure that is none"),
        pytest.param("/api/v1/deliveries?cursor=42", "next", id="a sequence for a delivery"),
    ],
)
async def test_what_cannot_be_read_is_a_problem_that_names_it(ask, path, named):
    answer = await ask(path)

    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    problem = answer.json()
    assert (problem["type"], problem["title"], problem["status"]) == (
        "urn:number-monitor:problem:filter",
        "A filter cannot be applied",
        400,
    )
    assert named in problem["detail"]


@pytest.mark.parametrize("path", ["/api/v1/events", "/api/v1/deliveries"])
async def test_what_was_recorded_is_a_problem_while_the_store_is_gone(house, ask, path):
    house.events.gone = True

    answer = await ask(path)

    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert answer.json()["detail"] == "the store cannot be read: disk I/O error; polling goes on"


@pytest.mark.parametrize("path", ["/api", "/api/v1", "/api/v1/number", "/api/v1/numbers/", "/api/v2/numbers"])
async def test_what_is_not_there_is_a_problem(ask, path):
    answer = await ask(path)

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_a_list_cannot_be_posted_to(ask):
    answer = await ask("/api/v1/numbers", method="POST")

    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")


async def test_what_breaks_is_a_problem_without_a_trace(house):
    house.fleet = None
    async with house.client(raise_app_exceptions=False) as client:
        answer = await client.get("/api/v1/numbers")

    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json()["detail"] == "Something broke while this was answered; the log says what."
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_poll_now_answers_with_its_outcome(house, ask):
    house.fleet = fleet_of(("a", snapshot(red())))

    answer = await ask("/api/v1/apps/main/a/poll", method="POST")

    assert answer.status_code == 200
    assert answer.json()["outcome"] == "answered"
    assert answer.json()["app"]["appkey"] == "a"
    assert house.poller.asked == [("main", "a")]


async def test_a_poll_now_that_fails_says_why(house, ask):
    house.fleet = fleet_of(("a", failing(text="timed out")))

    answer = (await ask("/api/v1/apps/main/a/poll", method="POST")).json()

    assert (answer["outcome"], answer["app"]["failure"]["text"]) == ("failed", "timed out")


async def test_a_poll_now_that_takes_long_is_left_running(house, ask, monkeypatch):
    monkeypatch.setattr("monitor.web.asking.POLL_SECONDS", 0)
    house.fleet = fleet_of(("a", snapshot(red())))
    house.poller.hold.clear()

    answer = await ask("/api/v1/apps/main/a/poll", method="POST")
    house.poller.hold.set()
    await asyncio.sleep(0)

    assert (answer.status_code, answer.json()) == (202, {"outcome": "running"})


@pytest.mark.parametrize(
    ("error", "status"),
    [
        pytest.param(TooSoonError(3.2), 429, id="asked for just now"),
        pytest.param(UnknownTargetError("account 'main' has no app 'a'"), 404, id="left meanwhile"),
        pytest.param(StoppingError("number-monitor is stopping"), 503, id="stopping"),
    ],
)
async def test_a_poll_now_may_be_refused(house, ask, error, status):
    house.fleet = fleet_of(("a", snapshot(red())))
    house.poller.error = error

    answer = await ask("/api/v1/apps/main/a/poll", method="POST")

    assert (answer.status_code, answer.json()["detail"]) == (status, str(error))
    assert answer.headers.get("retry-after") == ("4" if status == 429 else None)


async def test_an_app_that_there_is_not_is_not_polled(house, ask):
    answer = await ask("/api/v1/apps/main/nobody/poll", method="POST")

    assert (answer.status_code, answer.json()["detail"]) == (404, "account 'main' has no app 'nobody'")
    assert house.poller.asked == []


@pytest.mark.parametrize("appkey", ["a/b", "50%", "100%2F", "商店", "a b?c#d", "+1"])
async def test_any_appkey_can_be_polled(house, ask, appkey):
    house.fleet = fleet_of((appkey, snapshot(red())))
    encoded = "".join(f"%{byte:02x}" for byte in appkey.encode())

    answer = await ask(f"/api/v1/apps/main/{encoded}/poll", method="POST")

    assert (answer.status_code, house.poller.asked) == (200, [("main", appkey)])


async def test_what_is_held_back_can_be_accepted(house, ask):
    answer = await ask("/api/v1/accounts/main/accept", method="POST")

    assert (answer.status_code, answer.json()) == (200, {"accepted": 2})
    assert house.accepter.accepted == [("main", "")]


async def test_an_account_that_there_is_not_cannot_be_accepted(ask):
    answer = await ask("/api/v1/accounts/nobody/accept", method="POST")

    assert (answer.status_code, answer.json()["detail"]) == (404, "there is no account 'nobody'")


async def test_a_walk_over_a_large_fleet_gives_the_loop_back(house):
    house.fleet = fleet_of(
        *((f"app-{app}", snapshot(*(entry(number(index)) for index in range(200)))) for app in range(50))
    )
    ticks: list[None] = []

    async def tick():
        while True:
            ticks.append(None)
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    found, more = await walk.numbers(house.fleet, NumberFilter(degraded=True))
    ticking.cancel()

    assert (found, more) == ([], None)
    assert len(ticks) >= 10_000 / walk.SLICE - 1


@pytest.mark.parametrize(
    "path",
    ["/api/v1/numbers", "/api/v1/apps", "/api/v1/numbers/+8613800000001/verdict", "/", "/apps/main/a", "/events"],
)
async def test_before_anything_is_shown_it_is_seen_what_other_processes_have_recorded(house, ask, path):
    house.replicas.look = lambda: house.fleet.add(App("main", "a"), snapshot(red()))

    assert ((await ask(path)).status_code, house.replicas.looks) == (200, [False])
    assert house.fleet.count() == 1


async def test_after_a_poll_now_it_is_seen_what_came_of_it(house, ask):
    house.fleet = fleet_of(("a", snapshot(red())))

    await ask("/api/v1/apps/main/a/poll", method="POST")

    assert house.replicas.looks == [False, True]


@pytest.mark.parametrize(("as_of", "cursor"), [(3, 3), (9, 7), (None, 7)])
async def test_numbers_are_true_for_no_event_of_another_process_that_is_not_shown_yet(house, ask, as_of, cursor):
    house.events.stored = [told(7)]
    house.replicas.as_of = as_of

    assert (await ask("/api/v1/numbers")).json()["events_cursor"] == f"{cursor:020d}"


@pytest.mark.parametrize("path", ["/api/v1/numbers", "/api/v1/apps?account=main"])
async def test_before_what_others_watch_is_read_nothing_is_listed_rather_than_a_part(house, ask, path):
    house.fleet, house.replicas.unread = fleet_of(("a", snapshot(red()))), ["theirs", "others"]

    answer = await ask(path)

    assert (answer.status_code, answer.json()["type"]) == (503, "urn:number-monitor:problem:not-ready")
    assert (
        answer.json()["detail"] == "not all can be listed yet: what other processes watch is being read: theirs, others"
    )


async def test_before_what_others_watch_is_read_nobody_knows_that_there_is_no_such_app(house, ask):
    house.replicas.unread = ["theirs"]

    page, poll = await ask("/apps/theirs/b"), await ask("/api/v1/apps/theirs/b/poll", method="POST")

    assert (page.status_code, poll.status_code) == (503, 503)


async def test_an_app_says_who_watches_it(house, ask):
    house.fleet = fleet_of(("a", snapshot(red())))
    alone = (await ask("/api/v1/apps")).json()["items"][0]["watched_by"]
    house.replicas.processes = [ReplicaSeen("process 1 on pod-b", is_this=False, accounts=["main"])]

    assert (alone, (await ask("/api/v1/apps")).json()["items"][0]["watched_by"]) == (None, "process 1 on pod-b")


async def test_an_owner_that_does_not_answer_is_a_problem_of_its_own(house, ask):
    house.accepter.error = OwnerSilentError("no process that watches account 'main' answers at this moment")

    answer = await ask("/api/v1/accounts/main/accept", method="POST")

    assert (answer.status_code, answer.json()["type"]) == (504, "urn:number-monitor:problem:owner")


async def test_of_an_account_that_another_process_watches_that_one_knows_the_apps(house, ask):
    house.replicas.processes = [ReplicaSeen("process 1 on pod-b", is_this=False, accounts=["main"])]
    house.poller.error = StoreUnavailable("the store is away")

    answer = await ask("/api/v1/apps/main/unread/poll", method="POST")

    assert (answer.status_code, answer.json()["detail"]) == (503, "the store is away")
