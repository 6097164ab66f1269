"""The list behind an address, asked of a real server."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from monitor import __version__
from monitor.fleet.app import App
from monitor.roster.errors import RosterError
from monitor.roster.url import AppsUrl


class Crm:
    """Answers each request with the next of the answers it was given, and keeps the requests."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.requests: list[str] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            self.requests.append(request.decode())
            writer.write(self.answers.pop(0))
            await writer.drain()
        finally:
            writer.close()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Crm"]:
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def answer(body: object, status: str = "200 OK", **headers: str) -> bytes:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


async def problems_of(*answers: bytes) -> list[str]:
    async with Crm(*answers).running() as crm:
        with pytest.raises(RosterError) as caught:
            await AppsUrl(crm.origin + "/apps?key=hush", bearer_token="secret").read("main")
        return [problem.replace(crm.origin, "ORIGIN") for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("body", "apps"),
    [
        pytest.param(["k1", " k2 "], [App("main", "k1"), App("main", "k2")], id="appkeys"),
        pytest.param(
            [{"appkey": "k1", "name": "Shop", "interval": "30s", "labels": {"team": "emea"}}],
            [App("main", "k1", "Shop", 30_000, (("team", "emea"),))],
            id="objects",
        ),
        pytest.param(
            [{"appkey": "k1", "label_team": "emea"}], [App("main", "k1", labels=(("team", "emea"),))], id="flat"
        ),
        pytest.param([{"appkey": "k1", "name": None, "labels": None}], [App("main", "k1")], id="nulls are nothing"),
        pytest.param([], [], id="none"),
        pytest.param(b'\xef\xbb\xbf["k1"]', [App("main", "k1")], id="a BOM"),
    ],
)
async def test_an_array_is_read(body, apps):
    async with Crm(answer(body)).running() as crm:
        assert await AppsUrl(f"{crm.origin}/apps").read("main") == apps


async def test_the_bearer_token_is_sent():
    async with Crm(answer([])).running() as crm:
        await AppsUrl(f"{crm.origin}/apps?key=1", bearer_token="secret").read("main")

        assert crm.requests[0].startswith("GET /apps?key=1 ")
        assert "Authorization: Bearer secret\r\n" in crm.requests[0]


async def test_who_asks_is_said():
    async with Crm(answer([])).running() as crm:
        await AppsUrl(f"{crm.origin}/apps").read("main")

        assert f"\r\nUser-Agent: number-monitor/{__version__}\r\n" in crm.requests[0]


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        pytest.param(
            {"apps": []}, ["ORIGIN answers an object where a JSON array of apps was expected"], id="an object"
        ),
        pytest.param(b"<html>", ["ORIGIN does not answer JSON"], id="a page"),
        pytest.param(b"[" * 100_000, ["ORIGIN does not answer JSON"], id="a tower of brackets"),
        pytest.param(
            ["k1", 7, None, {"appkey": 8}, {"name": "x"}, {"appkey": "k2", "intervall": "30s"}, {"appkey": "k1"}],
            [
                "ORIGIN, item 2: a number where an appkey or an object was expected",
                "ORIGIN, item 3: null where an appkey or an object was expected",
                "ORIGIN, item 4: 'appkey' is a number where text was expected; write it in quotes",
                "ORIGIN, item 5: the appkey is missing",
                "ORIGIN, item 6: 'intervall' is not known; did you mean 'interval'?",
                "ORIGIN, item 7: appkey 'k1' is in item 1 already; delete one of the two",
            ],
            id="items",
        ),
        pytest.param(
            [{"appkey": "k1", "labels": ["team"]}, {"appkey": "k2", "labels": {"a b": "c", "d": True}}],
            [
                "ORIGIN, item 1: 'labels' is an array where an object was expected",
                "ORIGIN, item 2: 'label_a b' is no label: write label_ and letters, digits or underscores",
                "ORIGIN, item 2: 'label_d' is true or false where text was expected; write it in quotes",
            ],
            id="labels",
        ),
    ],
)
async def test_every_fault_of_an_answer_is_told_at_once(body, problems):
    assert await problems_of(answer(body)) == problems


@pytest.mark.parametrize(
    ("body", "last"),
    [
        pytest.param([1] * 50_000, "and over 950 more of the kind", id="no apps"),
        pytest.param(["a"] * 50_000, "and over 950 more of the kind", id="the same"),
        pytest.param([{f"k{key}": "x" for key in range(50_000)}], "and over 950 more of the kind", id="fields"),
        pytest.param(["a"] * 100_001, " answers 100001 items: it is no list of apps", id="apps"),
    ],
)
async def test_a_huge_answer_is_refused_in_a_few_lines(body, last):
    problems = await problems_of(answer(body))

    assert len(problems) <= 51
    assert problems[-1].endswith(last)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        pytest.param(
            answer(b"", "401 Unauthorized"),
            "ORIGIN answers HTTP 401: check the bearer token of apps_url",
            id="a refused token",
        ),
        pytest.param(answer(b"", "500 Oops"), "ORIGIN answers HTTP 500 where 200 was expected", id="a server's error"),
        pytest.param(
            answer(b"", "302 Found", Location="https://elsewhere.example/apps"),
            "ORIGIN redirects to another host; write the final address into apps_url",
            id="a redirect to another host",
        ),
        pytest.param(
            answer(b"x", Content_Encoding="gzip"), "ORIGIN compresses its answer unasked", id="a compressed answer"
        ),
        pytest.param(b"nonsense\r\n\r\n", "ORIGIN broke off its answer or does not speak HTTP", id="no HTTP"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[",
            "ORIGIN broke off its answer or does not speak HTTP",
            id="a truncated answer",
        ),
        pytest.param(
            answer(b"x" * (8 * 1024 * 1024 + 1)),
            "ORIGIN answers more than 8 MiB: it is no list of apps",
            id="too large",
        ),
    ],
)
async def test_an_answer_that_is_none_is_told_in_plain_words(raw, problem):
    assert await problems_of(raw) == [problem]


async def test_a_redirect_within_the_host_is_followed():
    async with Crm(answer(b"", "301 Moved", Location="/apps/"), answer(["k1"])).running() as crm:
        assert await AppsUrl(f"{crm.origin}/apps").read("main") == [App("main", "k1")]


async def test_a_redirect_in_a_circle_is_given_up():
    circle = answer(b"", "301 Moved", Location="/apps")

    assert await problems_of(*[circle] * 4) == ["ORIGIN redirects in a circle; write the final address into apps_url"]


async def test_a_refused_connection_is_told_in_plain_words():
    async with Crm().running() as crm:
        origin = crm.origin

    with pytest.raises(RosterError) as caught:
        await AppsUrl(f"{origin}/apps").read("main")

    assert caught.value.problems == (f"{origin} cannot be connected to; check the name, the port and the certificate",)


async def test_a_server_that_never_answers_is_given_up():
    class Silent(Crm):
        async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await reader.read()
            finally:
                writer.close()

    async with Silent().running() as crm:
        with pytest.raises(RosterError, match=r"did not answer in time"):
            await AppsUrl(f"{crm.origin}/apps", deadline=0.01).read("main")


@pytest.mark.parametrize("address", ["ftp://crm.example/apps?key=hush", "http://[crm/apps?key=hush"])
async def test_an_address_that_is_none_is_told_without_its_query(address):
    with pytest.raises(RosterError) as caught:
        await AppsUrl(address).read("main")

    assert "hush" not in str(caught.value)


async def test_a_token_that_no_header_can_carry_is_told_without_it():
    with pytest.raises(RosterError) as caught:
        await AppsUrl("http://crm.example/apps", bearer_token="hush\nX: y").read("main")

    assert str(caught.value) == "http://crm.example: the bearer token holds characters that a header cannot carry"


def test_an_address_is_shown_without_what_may_be_secret():
    assert repr(AppsUrl("https://user:hush@crm.example:8443/apps/hush?key=hush", bearer_token="hush")) == (
        "AppsUrl(https://crm.example:8443)"
    )
