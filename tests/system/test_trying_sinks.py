"""`sinks test` for sinks of every type: the receiver's own words, whether it takes the message or not."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from typer.testing import CliRunner, Result

from monitor.cli.program import program
from monitor.settings.sink_types import SINKS
from tests.delivery.receiver import answer
from tests.delivery.robots import said
from tests.system.places import Places

REFUSALS = {
    "webhook": (answer("422 Unprocessable", body=b"no such tenant"), "no such tenant"),
    "slack": (answer("404 Not Found", body=b"no_service"), "no_service"),
    "dingtalk": (said(errcode=310000, errmsg="keywords not in content"), "keywords not in content"),
    "feishu": (said(code=19021, msg="sign match fail"), "sign match fail"),
    "lark": (said(code=19024, msg="Key Words Not Found"), "Key Words Not Found"),
    "wecom": (said(errcode=93000, errmsg="invalid webhook url"), "invalid webhook url"),
    "pagerduty": (
        answer("400 Bad Request", body=b'{"status":"invalid event","errors":["\'routing_key\' is unknown"]}'),
        "'routing_key' is unknown",
    ),
    "alertmanager": (answer("401 Unauthorized", body=b"who are you?"), "who are you?"),
    "email": (b"", "554: 5.7.1 not from you"),
    "apprise": (answer("403 Forbidden"), "403"),
}
WORDS = {"slack": "ok", "dingtalk": '"errmsg": "ok"', "feishu": '"msg": "success"', "email": "queued as 4F1"}

every_type = pytest.mark.parametrize("kind", sorted(SINKS))


@pytest.fixture
async def places() -> AsyncIterator[Places]:
    async with Places() as places:
        yield places


async def tried(tmp_path, places: Places, kind: str) -> Result:
    """What `sinks test` comes to; it has a loop of its own, so it gets a thread."""
    path = tmp_path / "number-monitor.yml"
    accounts = [{"name": "main", "access_key": "abc", "access_secret": "hunter2", "apps": ["jh1"]}]
    path.write_text(json.dumps({"accounts": accounts, "events": {"sinks": [places.sink(kind)]}}))
    words = ["--config", str(path), "sinks", "test", kind]
    return await asyncio.to_thread(CliRunner().invoke, program, words, env={"NO_PROXY": "*"})


@every_type
async def test_what_is_taken_is_one_line_with_the_receivers_words(tmp_path, places, kind):
    result = await tried(tmp_path, places, kind)

    assert (result.exit_code, result.stderr, len(result.stdout.splitlines())) == (0, "", 1)
    assert result.stdout.startswith(f"sink {kind} took event ")
    assert WORDS.get(kind, "") in result.stdout


@every_type
async def test_what_is_refused_is_one_line_with_the_receivers_words_and_no_secret(tmp_path, places, kind):
    refusal, words = REFUSALS[kind]
    places.mail.sender_answer = "554 5.7.1 not from you"
    if kind != "email":
        places.answers(kind, refusal)

    result = await tried(tmp_path, places, kind)

    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (1, "", 1)
    assert result.stderr.startswith(f"sink {kind} did not take event ")
    assert words in result.stderr
    assert "hunter2" not in result.stderr
