"""The page of the recorded events, and its files."""

import csv
import io
import re

import msgspec
import orjson
import pytest

from monitor.store.history import StoredEvent
from tests.web.fleets import HOUR, NOW, fleet_of, snapshot
from tests.web.pages.test_pages import Page, told


def event(sequence, number="+1", kind="number.degraded", account="main", at=NOW, **data):
    given = {"account": account, "appkey": "a", "number": number, "waba_id": "w", "severity": "critical", **data}
    body = {"id": f"id-{sequence}", "type": kind, "subject": number, "time": "2026-11-23T08:00:00.000Z", "data": given}
    return StoredEvent(sequence, f"id-{sequence}", at, kind, account, "a", orjson.dumps(body))


@pytest.fixture
def told_of(house, ask):
    """The whole page's events, by what is asked for."""

    async def told_of(**query):
        text = (await ask("/events", params=query)).text
        return re.findall(r'<span class="what"><a [^>]*><bdi>([^<]*)', text)

    return told_of


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["+3", "+2", "+1"]),
        ({"number": "+2"}, ["+2"]),
        ({"type": "number.recovered"}, ["+3"]),
        ({"account": "second"}, ["+2"]),
        ({"since": "30m"}, ["+3", "+2"]),
        ({"before": "2"}, ["+1"]),
        ({"number": "", "type": "", "since": ""}, ["+3", "+2", "+1"]),
    ],
)
async def test_events_are_found(house, told_of, query, expected):
    house.events.stored = [
        event(1, "+1", at=NOW - HOUR),
        event(2, "+2", account="second"),
        event(3, "+3", "number.recovered"),
    ]

    assert await told_of(**query) == expected


async def test_older_events_are_a_page_away(house, ask):
    house.events.stored = [event(sequence, f"+{sequence}") for sequence in range(1, 121)]

    first = Page((await ask("/events?account=main")).text)
    second = Page((await ask("/events", params={"account": "main", "before": "71"})).text)

    assert "?account=main&before=71" in first.links
    assert {"?account=main", "?account=main&before=21"} <= set(second.links)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"type": "number.eclipsed"}, "type: there is no"),
        ({"since": "yesterday"}, "since: "),
        ({"before": "x"}, "before: expected the sequence of an event"),
        ({"severity": "critical"}, "there is no filter"),
    ],
)
async def test_what_cannot_be_applied_is_said(ask, query, sentence):
    answer = await ask("/events", params=query)

    assert answer.status_code == 400
    assert sentence in answer.text


async def test_the_page_stands_while_the_store_is_gone(house, ask):
    house.events.gone = True

    answer = await ask("/events")

    assert (answer.status_code, "The store cannot be read now" in answer.text) == (200, True)


async def test_a_file_is_not_begun_while_the_store_is_gone(house, ask):
    house.events.gone = True

    assert (await ask("/events.csv")).status_code == 503


@pytest.mark.parametrize("count", [0, 1, 199, 200, 201, 450])
async def test_files_hold_all_that_fits(house, ask, count):
    house.events.stored = [event(sequence, before="GREEN", after="RED") for sequence in range(1, count + 1)]
    house.events.stored.append(event(9_999, account="second"))

    table = await ask("/events.csv?account=main")
    array = await ask("/events.json?account=main")

    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [row["id"] for row in rows] == [f"id-{sequence}" for sequence in range(count, 0, -1)]
    assert [one["id"] for one in array.json()] == [row["id"] for row in rows]
    assert table.headers["content-disposition"] == 'attachment; filename="number-monitor-events.csv"'
    assert {row["after"] for row in rows} <= {"RED"}


async def test_a_table_is_safe_to_open(house, ask):
    house.events.stored = [event(1, verified_name="=HYPERLINK(1)")]

    (row,) = csv.DictReader(io.StringIO((await ask("/events.csv")).text))

    assert row["verified_name"] == "'=HYPERLINK(1)"


async def test_the_settings_say_what_runs_here(house, ask):
    shown = " ".join(Page((await ask("/settings")).text).text.split())

    for said in ("number-monitor 1.2.3 · Python 3.14.0", "/data/number-monitor.db · 3.4 MB", "access_secret: '****"):
        assert said in shown
    assert "ops webhook 3" in shown


async def test_the_settings_say_what_is_wrong(house, ask):
    house.introspection.seen = msgspec.structs.replace(
        house.introspection.seen, problems=("accounts[0].nmae: unknown key",), store_works=False, sinks=None
    )

    text = (await ask("/settings")).text

    for said in ("accounts[0].nmae: unknown key", "The store does not work", "The store cannot be read now"):
        assert said in text


@pytest.mark.parametrize("path", ["/events", "/settings", "/apps/main/shop"])
async def test_every_page_speaks_chinese(house, ask, path):
    house.language, house.fleet = "zh-CN", fleet_of(("shop", snapshot()))
    house.events.stored = [told(1, attribute="quality_rating", before="YELLOW", after="RED")]

    page = Page((await ask(path)).text)

    assert page.languages == ["zh-CN"]
    assert not {"Events", "Settings", "Search", "Store", "Schedule"} & set(re.findall("[A-Za-z]+", page.text))
