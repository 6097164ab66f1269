"""The stream of events, read as it comes: the application called as a server calls it."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from monitor.store.store import Store
from monitor.web import listeners, stream
from tests.web.fleets import HOUR, NOW
from tests.web.test_api import told
from tests.web.test_with_store import degraded, store  # noqa: F401  # the fixture


class Reader:
    """One stream as its reader sees it."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.text = ""
        self.over = False
        self.takes = asyncio.Event()  # cleared: a reader that takes nothing
        self.takes.set()
        self._moved = asyncio.Condition()

    async def send(self, message):
        await self.takes.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.text += message["body"].decode()
            self.over = not message.get("more_body", False)
        async with self._moved:
            self._moved.notify_all()

    @property
    def ids(self):
        """The sequences of the events that came."""
        blocks = [block for block in self.text.split("\n\n") if "\ndata: " in block]
        return [int(block.partition("id: ")[2].partition("\n")[0]) for block in blocks]

    async def until(self, holds):
        async with asyncio.timeout(10), self._moved:
            await self._moved.wait_for(holds)


@asynccontextmanager
async def reading(house, query="", *, app=None, **headers):
    reader, gone = Reader(), asyncio.Event()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/api/v1/events/stream",
        "raw_path": b"/api/v1/events/stream",
        "query_string": query.encode(),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 40000),
        "server": ("127.0.0.1", 8620),
    }

    async def receive():
        await gone.wait()
        return {"type": "http.disconnect"}

    running = asyncio.create_task((app or house.application())(scope, receive, reader.send))
    try:
        await reader.until(lambda: reader.status)
        yield reader
    finally:
        gone.set()
        reader.takes.set()
        await asyncio.wait_for(running, 10)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(stream, "GATHER_SECONDS", 0)


async def record(house, *events):
    house.events.stored += events
    house.listeners.ring()


async def test_it_begins_with_where_it_begins_and_goes_on_with_what_happens(house):
    house.events.stored = [told(41)]

    async with reading(house) as reader:
        await record(house, told(42))
        await reader.until(lambda: reader.ids)

    body = house.events.stored[1].body.decode()
    assert reader.text == (f"retry: 3000\nid: 00000000000000000041\n\nid: 00000000000000000042\ndata: {body}\n\n")
    assert reader.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert (reader.headers["cache-control"], reader.headers["x-accel-buffering"]) == ("no-store", "no")


@pytest.mark.parametrize(
    ("query", "headers", "expected"),
    [
        pytest.param("", {"last_event_id": "2"}, [3, 4, 5], id="from the last that was seen"),
        pytest.param("", {"last_event_id": "00000000000000000004"}, [5], id="as it is written"),
        pytest.param("cursor=3", {}, [4, 5], id="from the numbers' cursor"),
        pytest.param("cursor=1", {"last_event_id": "4"}, [5], id="a browser that comes back"),
        pytest.param("cursor=1", {"last_event_id": ""}, [2, 3, 4, 5], id="a header that says nothing"),
        pytest.param("since=30m", {}, [2, 3, 4, 5], id="from a moment"),
        pytest.param("since=2h&account=other", {}, [4], id="an account"),
        pytest.param("cursor=0&appkey=b", {}, [5], id="an app"),
        pytest.param("cursor=0&type=app.baseline", {}, [3], id="a type"),
        pytest.param("cursor=0&number=8613800000002", {}, [2], id="a number"),
    ],
)
async def test_it_goes_on_from_where_it_is_asked_to(house, query, headers, expected):
    house.events.stored = [
        told(1, time=NOW - HOUR),
        told(2, subject="+8613800000002"),
        told(3, "app.baseline"),
        told(4, account="other"),
        told(5, appkey="b"),
    ]

    async with reading(house, query, **headers) as reader:
        await reader.until(lambda: len(reader.ids) >= len(expected))

    assert reader.ids == expected


async def test_more_than_a_page_comes_once_and_in_order(house):
    house.events.stored = [told(sequence) for sequence in range(1, 2 * stream.PAGE + 51)]

    async with reading(house, "cursor=0") as reader:
        await reader.until(lambda: len(reader.ids) >= 2 * stream.PAGE + 50)
        await record(house, told(251), told(252))
        await reader.until(lambda: len(reader.ids) >= 2 * stream.PAGE + 52)

    assert reader.ids == list(range(1, 253))


async def test_a_reader_that_takes_nothing_has_nothing_kept_for_it(house):
    async with reading(house) as reader:
        reader.takes.clear()
        for sequence in range(1, 1001):
            await record(house, told(sequence))
            await asyncio.sleep(0)
        held = len(reader.ids)
        reader.takes.set()
        await reader.until(lambda: len(reader.ids) >= 1000)

    assert held == 0
    assert reader.ids == list(range(1, 1001))


async def test_where_nothing_happens_a_comment_says_that_it_is_there(house, monkeypatch):
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0)

    async with reading(house) as reader:
        await reader.until(lambda: reader.text.count(": still here\n") >= 2)

    assert reader.ids == []


async def test_what_is_recorded_while_the_store_is_gone_comes_when_it_is_back(house, monkeypatch):
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0)

    async with reading(house) as reader:
        house.events.gone = True
        await record(house, told(1))
        await reader.until(lambda: reader.text.count(": still here\n") >= 2)
        house.events.gone = False
        await reader.until(lambda: reader.ids)

    assert reader.ids == [1]


async def test_it_ends_when_the_daemon_stops(house):
    async with reading(house) as reader:
        house.listeners.stop()
        await reader.until(lambda: reader.over)

    assert house.listeners.open == 0


async def test_a_reader_that_leaves_gives_its_place_back(house):
    async with reading(house), reading(house):
        opened = house.listeners.open

    assert (opened, house.listeners.open) == (2, 0)


@pytest.mark.parametrize(
    ("query", "headers", "status", "said"),
    [
        pytest.param("limit=3", {}, 400, "there is no filter 'limit'", id="a limit"),
        pytest.param("type=number.degrated", {}, 400, "number.degraded", id="a type with a slip"),
        pytest.param("", {"last_event_id": "abc"}, 400, "Last-Event-ID", id="an id that is none"),
        pytest.param("", {"accept": "application/json"}, 406, "text/event-stream", id="another form"),
    ],
)
async def test_what_cannot_be_streamed_is_a_problem(ask, query, headers, status, said):
    sent = {name.replace("_", "-"): value for name, value in headers.items()}

    answer = await ask(f"/api/v1/events/stream?{query}", headers=sent)

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert said in answer.json()["detail"]


async def test_there_are_only_so_many_at_once(house, ask, monkeypatch):
    monkeypatch.setattr(listeners, "AT_ONCE", 1)

    async with reading(house):
        answer = await ask("/api/v1/events/stream")

    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")


@pytest.mark.parametrize("broken", ["stopping", "the store"])
async def test_there_is_none_while_there_cannot_be(house, ask, broken):
    if broken == "stopping":
        house.listeners.stop()
    house.events.gone = broken == "the store"

    assert (await ask("/api/v1/events/stream")).status_code == 503


async def test_its_head_can_be_asked_for(ask):
    answer = await ask("/api/v1/events/stream", method="HEAD")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")


async def test_readers_that_come_and_go_miss_nothing_of_what_a_store_records(house, store: Store):  # noqa: F811
    house.events = store
    app = house.application()
    seen: list[int] = []

    async def write():
        for index in range(60):
            await store.tell([degraded(f"+86138{index:08d}")], lambda _: ())
            house.listeners.ring()

    writing = asyncio.create_task(write())
    while not seen or seen[-1] < 60:
        last = f"{seen[-1] if seen else 0:020d}"
        async with reading(house, app=app, last_event_id=last) as reader:
            await reader.until(lambda reader=reader: reader.ids)
        seen += reader.ids
    await writing

    assert seen == list(range(1, 61))
