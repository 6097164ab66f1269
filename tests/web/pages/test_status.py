"""Searching the first page, its grid of apps, and the button that believes what is held back."""

import pytest

from monitor.fleet.app import App
from monitor.fleet.fleet import Fleet
from monitor.fleet.scales import Severity
from monitor.web.collaborators import HeldList, ReplicaSeen
from monitor.web.pages.overview import Survey
from tests.web.fakes import FakeWatch
from tests.web.fleets import HOUR, NOW, entry, failing, fleet_of, red, snapshot, suspect

YELLOW = entry("+8613900000002", severity=Severity.WARNING, quality_rating="YELLOW", verified_name="TEA HOUSE")
FINE = entry("+8613700000003", "777", verified_name="FINE")


@pytest.fixture
def read(house, ask):
    """The page's text, of two accounts with three numbers."""
    house.fleet = fleet_of(
        (App("main", "jh1", "shop-one"), snapshot(red())),
        (App("second", "jh2", "shop-two"), snapshot(YELLOW, FINE)),
    )

    async def read(**query):
        return (await ask("/", params=query)).text

    return read


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["+8613800000001", "+8613900000002"]),
        ({"q": "138-0000-0001"}, ["+8613800000001"]),
        ({"q": "tea house"}, ["+8613900000002"]),
        ({"q": "777"}, ["+8613700000003"]),
        ({"q": "shop-two"}, ["+8613900000002", "+8613700000003"]),
        ({"q": "shop-two", "show": "ok"}, ["+8613700000003"]),
        ({"show": "red"}, ["+8613800000001"]),
        ({"account": "second"}, ["+8613900000002"]),
        ({"account": "second", "show": "critical"}, []),
        ({"q": "nobody"}, []),
    ],
)
async def test_numbers_are_found(read, query, found):
    text = await read(**query)
    numbers = text.partition('<div id="numbers"')[2].partition('<div id="failing"')[0]

    assert [
        number for number in sorted(("+8613800000001", "+8613900000002", "+8613700000003")) if number in numbers
    ] == (sorted(found))
    assert ("Nothing found" in numbers) is (not found)


async def test_what_was_searched_for_stays_in_the_form(read):
    text = await read(q='a"b', show="red", account="second")

    assert 'value="a&#34;b"' in text
    assert '<option value="red" selected>' in text
    assert '<option value="second" selected>' in text


async def test_a_search_that_cannot_be_applied_is_said(ask):
    answer = await ask("/?show=blue")

    assert answer.status_code == 400
    assert "there is no &#39;blue&#39;" in answer.text


async def test_accounts_are_apart_with_the_worst_first(read):
    text = await read()

    assert text.index("<caption><bdi>main") < text.index("<caption><bdi>second")


async def test_few_apps_are_named_and_many_are_symbols(house, ask):
    house.fleet = fleet_of(*((App("main", f"jh{index:03d}", f"shop-{index:03d}"), snapshot()) for index in range(121)))

    many, few = (await ask("/")).text, (await ask("/?q=shop-00")).text

    assert ("grid dense" in many, "grid named" in many) == (True, False)
    assert few.count('class="tile unknown"') == 10
    assert "grid named" in few


async def test_a_grid_of_very_many_apps_has_pages(house, ask):
    house.fleet = fleet_of(*((App("main", f"jh{index:04d}"), snapshot(entry())) for index in range(700)))

    first, second = (await ask("/")).text, (await ask("/?apps=2")).text

    assert (first.count('class="tile ok"'), second.count('class="tile ok"')) == (600, 100)
    assert 'href="?apps=2#apps"' in first


@pytest.mark.parametrize("fleet", [fleet_of(("a", snapshot(entry()))), fleet_of()], ids=["some", "none"])
async def test_while_what_others_watch_is_being_read_nothing_is_called_fine(house, ask, fleet):
    house.fleet, house.replicas.unread = fleet, ["theirs"]

    text = (await ask("/")).text

    assert "<h1>What other processes watch is being read</h1>" in text
    assert "1 account that other processes watch not read yet" in text
    assert '<body class="unknown"' in text


async def test_while_what_others_watch_is_being_read_trouble_comes_first(house, ask):
    house.fleet, house.replicas.unread = fleet_of(("a", snapshot(red())), ("b", snapshot(entry("+2")))), ["theirs"]

    text = (await ask("/")).text

    assert "<h1>1 of 2 numbers needs attention</h1>" in text
    assert "1 account that other processes watch not read yet" in text


async def test_a_dead_source_is_never_shown_as_healthy(house, ask):
    house.fleet = fleet_of(("a", snapshot(entry(), last_success=NOW - HOUR)), ("b", snapshot(last_success=NOW - HOUR)))

    text = (await ask("/")).text

    assert "No app has answered lately" in text
    assert "No app has answered for 1 h. Everything below is how it was at" in text
    assert '<body class="critical"' in text
    assert 'class="tile ok"' not in text


@pytest.mark.parametrize(
    ("answered", "dot"),
    [((NOW, NOW), "dot ok"), ((NOW, NOW - HOUR), "dot warning"), ((NOW - HOUR, NOW - HOUR), "dot critical")],
    ids=["all", "some", "none"],
)
async def test_the_dot_beside_the_newest_answer_tells_whether_all_apps_answer(house, ask, answered, dot):
    house.fleet = fleet_of(
        *((name, snapshot(entry(), last_success=at)) for name, at in zip("ab", answered, strict=True))
    )

    assert f'class="{dot}"' in (await ask("/")).text


async def test_a_stuck_daemon_is_said(house, ask):
    house.health.sick = "the scheduler is stuck"

    assert "number-monitor itself is stuck: the scheduler is stuck" in (await ask("/")).text


async def test_apps_that_fail_for_the_same_are_one_case(house, ask):
    house.fleet = fleet_of(*((App("main", f"jh{index:02d}"), failing(entry())) for index in range(20)))

    text = (await ask("/")).text

    assert text.count('class="code">timeout<') == 1
    assert "and 8 more" in text


async def test_what_is_held_back_can_be_believed(house, ask):
    house.fleet = fleet_of((App("main", "a"), suspect(entry())))
    assert 'action="./accounts/main/accept"' in (await ask("/")).text

    answer = await ask("/accounts/main/accept", method="POST", headers={"origin": "http://127.0.0.1:8620"})

    assert (answer.status_code, answer.headers["location"]) == (303, "../../")
    assert house.accepter.accepted == [("main", "")]


async def test_a_list_of_apps_that_is_held_back_can_be_believed_too(house, ask):
    house.fleet, house.watch.held = fleet_of(("a", snapshot())), [HeldList("main", "url", 100, 3)]

    text = (await ask("/")).text

    assert "The list of apps from the address came back with 3 instead of 100." in text
    assert 'action="./accounts/main/accept"' in text


@pytest.mark.parametrize(
    "headers",
    [{"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}],
)
async def test_a_page_of_another_site_cannot_press_the_button(house, ask, headers):
    answer = await ask("/accounts/main/accept", method="POST", headers=headers)

    assert (answer.status_code, house.accepter.accepted) == (403, [])


async def test_whoever_may_not_write_gets_the_command_instead_of_the_button(house, ask):
    house.fleet = fleet_of(("a", suspect(entry())))

    text = (await ask("/", address="192.0.2.7")).text

    assert "number-monitor accept --account main" in text
    assert "<form method" not in text


@pytest.mark.parametrize(
    ("configured", "accepted", "expected"),
    [
        ("en", "zh-CN", "en"),
        ("zh-CN", "en", "zh-CN"),
        (None, "zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        (None, "de, en;q=0.5", "en"),
        (None, "", "en"),
    ],
)
async def test_the_language_is_the_configured_one_or_the_browsers(house, ask, configured, accepted, expected):
    house.language = configured

    answer = await ask("/", headers={"accept-language": accepted})

    assert f'<html lang="{expected}">' in answer.text
    assert "accept-language" in answer.headers["vary"]


async def test_a_page_is_packed_for_whoever_takes_it(ask):
    packed = await ask("/", headers={"accept-encoding": "gzip"})

    assert packed.headers["content-encoding"] == "gzip"
    assert "number-monitor" in packed.text


async def test_what_has_not_changed_is_not_counted_again():
    fleet = Fleet()
    app = App("main", "a")
    fleet.add(app, snapshot(entry()))
    survey = Survey(fleet, FakeWatch(), lambda: NOW)
    (first,) = (await survey.overview()).tiles

    fleet.seen(app.key, NOW)
    (unchanged,) = (await survey.overview()).tiles
    fleet.replace(app, snapshot(red()))
    (changed,) = (await survey.overview()).tiles

    assert unchanged.tally is first.tally
    assert changed.tally.critical == 1


async def test_who_watches_what_is_listed_where_several_processes_do(house, ask):
    alone = (await ask("/")).text
    house.replicas.processes = [
        ReplicaSeen("process 1 on pod-a", is_this=True, accounts=["main", "<b>"]),
        ReplicaSeen("process 1 on pod-b", is_this=False, accounts=[]),
    ]

    page = (await ask("/")).text

    assert "Who watches what" not in alone
    assert all(text in page for text in ("pod-a", "this one", "main", "&lt;b&gt;", "pod-b", "none: it stands by"))


async def test_an_app_that_another_process_watches_names_it_and_can_be_polled(house, ask):
    house.fleet = fleet_of((App("main", "jh1", "shop-one"), snapshot(red())))
    house.watch.is_elsewhere = True
    house.replicas.processes = [ReplicaSeen("process 1 on pod-b", is_this=False, accounts=["main"])]

    page = (await ask("/apps/main/jh1")).text

    assert "process 1 on pod-b" in page
    assert 'action="../../apps/main/jh1/poll"' in page
