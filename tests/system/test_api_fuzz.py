"""
The API of the real daemon, asked whatever its own description allows and forbids.

schemathesis reads `/api/openapi.json` and makes requests of it, right ones and wrong ones.  No answer is a server's
error, none has a status, form, header or body that is not described, nothing wrong is taken, nothing right refused, and
nothing answered without the password.  The fleet is a filled one, with numbers in trouble, events, and deliveries that
fail.
"""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import bcrypt
import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS
from schemathesis.config import SchemathesisConfig

from monitor.simulator.lives import STILL
from monitor.simulator.server import Simulator
from monitor.simulator.world import World
from monitor.web.openapi import Entry, description
from tests.system.running import PATIENCE, Running, configuration, eventually

#: A stream has no end, and is tried elsewhere; a reload while requests are answered lets go of their connections.
LEFT_OUT = ["stream", "reload"]

USER, PASSWORD = "ops", "let me in"

asked = settings(
    max_examples=40, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    """Where a daemon answers that has something of everything; it lives in a loop of its own."""
    found: Future[str] = Future()
    over = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_watch(tmp_path_factory.mktemp("daemon"), found, over)))
    thread.start()
    try:
        yield found.result(PATIENCE)
    finally:
        over.set()
        thread.join()


async def _watch(folder: Path, found: "Future[str]", over: threading.Event) -> None:
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    (folder / "web.config.yml").write_text(f"basic_auth_users: {{{USER}: {hashed}}}\n")
    simulator = Simulator(World.of(apps=3, numbers=12, script=STILL))
    try:
        path = configuration(
            folder,
            base_url=await simulator.start(),
            access_key=simulator.world.access_key,
            access_secret=simulator.world.access_secret,
            apps=list(simulator.world.appkeys),
            web={"listen": "127.0.0.1:0", "config_file": "web.config.yml", "writers": [USER]},
            events={"sinks": [{"name": "ops", "type": "webhook", "url": "http://127.0.0.1:9/"}]},
        )
        daemon = await Running.start(path)
        try:
            address = await daemon.ready()
            simulator.world.change(simulator.world.numbers[0], {"quality_rating": "RED"})
            simulator.world.change(simulator.world.numbers[5], {"status": "BANNED", "verified_name": "<b>\x1b[1m"})
            await eventually(lambda: len(daemon.told("number.degraded")) == 2)
            found.set_result(address)
            await asyncio.to_thread(over.wait)
        finally:
            await daemon.end()
    except Exception as error:  # noqa: BLE001  # whoever waits for the address is told
        found.set_exception(error)
    finally:
        await simulator.stop()


def described(mode: str) -> schemathesis.BaseSchema:
    """The description, as a daemon with users serves it."""
    password = {"basic": {"username": USER, "password": PASSWORD}}
    config = SchemathesisConfig.from_dict({"generation": {"mode": mode, "deterministic": True}, "auth": password})
    document = description("1.2.3", Entry(limits=False))
    return schemathesis.openapi.from_dict(document, config=config).exclude(operation_id=LEFT_OUT)


@pytest.fixture(scope="module")
def places(address):
    """What there is."""
    answer = httpx.get(f"{address}/api/v1/numbers", auth=(USER, PASSWORD), trust_env=False)
    return answer.json()["items"][0]


@described("all").parametrize()
@asked
def test_what_is_described_is_answered_as_described_and_what_is_not_is_refused(case, address):
    case.call_and_validate(base_url=address, excluded_checks=_unfit(case))


@described("positive").include(path_regex="{").parametrize()
@asked
def test_what_there_is_is_answered_as_described(case, address, places):
    case.path_parameters = {name: places[name] for name in case.path_parameters}

    answer = case.call_and_validate(base_url=address, excluded_checks=_unfit(case))

    assert answer.status_code in {200, 202, 404, 429}


def _unfit(case):
    """
    The checks that a description cannot say enough for.

    A cursor is what another answer gave: one that was made up may be refused.  So is a question whose body and query
    name different accounts or apps.
    """
    query, body = case.query or {}, case.body if isinstance(case.body, dict) else {}
    is_agreed = all(body.get(name) in (None, query[name]) for name in query.keys() & {"account", "appkey"})
    return [] if is_agreed and "cursor" not in query else [CHECKS.get_one("positive_data_acceptance")]
