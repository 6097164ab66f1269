"""The simulator's own paths over a real socket."""

import json

import pytest

from monitor.simulator.faults import AnyFault
from monitor.simulator.row import FIELDS
from tests.simulator.caller import Answer, exchange
from tests.simulator.conftest import Vendor


async def patch(vendor: Vendor, number: str, body: bytes) -> Answer:
    """Change a number."""
    return await exchange(vendor.base_url, "PATCH", f"/numbers/{number}", body=body)


@pytest.mark.parametrize(
    "number", ["8613800000001", "+8613800000001", "%2B8613800000001", "%2B86%20138%200000%200001", "86-138-0000-0001"]
)
async def test_a_number_is_changed_whatever_way_it_is_written(vendor, number):
    answer = await patch(vendor, number, b'{"quality_rating": "RED"}')

    assert answer.status == 200
    assert (await vendor.ask()).json["data"][0]["quality_rating"] == "RED"


async def test_a_change_answers_with_the_number_as_it_is_now(vendor):
    answer = await patch(vendor, "8613800000001", b'{"status": "BANNED", "quality_rating": "RED"}')

    assert answer.json == {
        "number": "+8613800000001",
        "appkeys": [vendor.world.appkeys[0]],
        "pinned": ["quality_rating", "status"],
        "row": vendor.world.rows(vendor.world.appkeys[0])[0],
    }


async def test_every_field_of_a_row_can_be_changed(vendor):
    row = dict.fromkeys(vendor.world.rows(vendor.world.appkeys[0])[0], "x")

    await patch(vendor, "8613800000001", json.dumps(row).encode())

    assert (await vendor.ask()).json["data"][0] == row


@pytest.mark.parametrize(
    ("number", "body", "status", "sentence"),
    [
        ("8613999999999", b"{}", 404, "no number '8613999999999' here; GET /numbers lists those there are\n"),
        ("%ff", b"{}", 404, "no number '\ufffd' here; GET /numbers lists those there are\n"),
        (
            "8613800000001",
            b'{"quality": "RED", "tier": 1}',
            422,
            f"a row has no field 'quality', 'tier'; it has {', '.join(FIELDS)}\n",
        ),
        ("8613800000001", b"RED", 422, 'the body is a JSON object of fields, {"quality_rating": "RED"} say\n'),
        ("8613800000001", b'["RED"]', 422, 'the body is a JSON object of fields, {"quality_rating": "RED"} say\n'),
    ],
)
async def test_a_change_that_cannot_be_made_is_refused_with_a_sentence(vendor, number, body, status, sentence):
    answer = await patch(vendor, number, body)

    assert (answer.status, answer.body.decode()) == (status, sentence)


async def test_one_number_can_be_looked_at(vendor):
    answer = await exchange(vendor.base_url, "GET", "/numbers/8613800000001")

    assert answer.json == {**vendor.world.show("+8613800000001"), "appkeys": [vendor.world.appkeys[0]]}


@pytest.mark.parametrize(("query", "shown", "total"), [("", 6, 6), ("?limit=2", 2, 6), ("?limit=0", 0, 6)])
async def test_the_numbers_are_listed(vendor, query, shown, total):
    answer = await exchange(vendor.base_url, "GET", f"/numbers{query}")

    assert (len(answer.json["items"]), answer.json["total"]) == (shown, total)


async def test_the_numbers_of_an_app_are_listed(vendor):
    answer = await exchange(vendor.base_url, "GET", f"/numbers?appkey={vendor.world.appkeys[1]}")

    assert [item["number"] for item in answer.json["items"]] == list(vendor.world.listed(vendor.world.appkeys[1]))


async def test_a_limit_is_a_count(vendor):
    answer = await exchange(vendor.base_url, "GET", "/numbers?limit=-1")

    assert (answer.status, answer.body) == (422, b"limit is a count, not '-1'\n")


async def test_the_apps_are_listed_as_a_roster_wants_them(vendor):
    answer = await exchange(vendor.base_url, "GET", "/apps")

    assert answer.json == [{"appkey": app.appkey, "name": app.name} for app in vendor.world.apps]


async def test_a_fault_is_turned_on_and_off(vendor):
    on = await exchange(vendor.base_url, "POST", "/faults", body=b'{"fault": "http", "status": 502}')
    failed = await vendor.ask()
    off = await exchange(vendor.base_url, "DELETE", "/faults")

    assert (on.status, failed.status, off.json) == (201, 502, [])
    assert (await vendor.ask()).status == 200


async def test_the_faults_that_are_on_are_listed(vendor):
    appkey = vendor.world.appkeys[0]
    await exchange(vendor.base_url, "POST", "/faults", body=b'{"fault": "code", "appkey": "%s"}' % appkey.encode())

    answer = await exchange(vendor.base_url, "GET", "/faults")

    assert answer.json == [{"fault": "code", "appkey": appkey, "calls": None, "code": 9001}]


async def test_the_faults_of_one_app_are_cleared(vendor):
    one, two = vendor.world.appkeys
    for appkey in (one, two):
        await exchange(
            vendor.base_url, "POST", "/faults", body=json.dumps({"fault": "hang", "appkey": appkey}).encode()
        )

    answer = await exchange(vendor.base_url, "DELETE", f"/faults?appkey={one}")

    assert [fault["appkey"] for fault in answer.json] == [two]


@pytest.mark.parametrize("fault", AnyFault.__args__)
async def test_every_fault_can_be_turned_on_by_its_word_alone(vendor, fault):
    body = json.dumps({"fault": fault.__struct_config__.tag}).encode()

    assert (await exchange(vendor.base_url, "POST", "/faults", body=body)).status == 201


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        (b'{"fault": "sulk"}', 422, "no such fault: Invalid value 'sulk' - at `$.fault`\n"),
        (b"{}", 422, "no such fault: Object missing required field `fault`\n"),
        (b"delay", 422, "no such fault: Expected `object`, got `null`\n"),
        (b'{"fault": "delay", "second": 1}', 422, "no such fault: Object contains unknown field `second`\n"),
        (b'{"fault": "delay", "seconds": -1}', 422, "no such fault: Expected `float` >= 0.0 - at `$.seconds`\n"),
        (b'{"fault": "delay", "calls": 0}', 422, "no such fault: Expected `int` >= 1 - at `$.calls`\n"),
        (
            b'{"fault": "throttled", "retry_after": "1\\r\\nX: y"}',
            422,
            "no such fault: Expected `str` matching regex '^[ -~]*\\\\Z' - at `$.retry_after`\n",
        ),
        (b'{"fault": "hang", "appkey": "jh00"}', 404, "no appkey 'jh00' here; GET /apps lists those there are\n"),
    ],
)
async def test_a_fault_that_does_not_exist_is_refused_with_a_sentence(vendor, body, status, sentence):
    answer = await exchange(vendor.base_url, "POST", "/faults", body=body)

    assert (answer.status, answer.body.decode()) == (status, sentence)


@pytest.mark.parametrize("path", ["/", "/number", "/numbers/1/2", "/faults/1", "/apps/1"])
async def test_a_path_that_does_not_exist_is_refused_with_a_sentence(vendor, path):
    answer = await exchange(vendor.base_url, "GET", path)

    assert answer.status == 404
    assert answer.body == b"no such path; there are /apps, /numbers, /numbers/{number} and /faults beside phoneList\n"


async def test_a_method_that_a_path_does_not_know_is_refused_with_those_it_knows(vendor):
    answer = await exchange(vendor.base_url, "PUT", "/faults")

    assert (answer.status, answer.headers["allow"]) == (405, "GET, POST, DELETE")
    assert answer.body == b"PUT is not for this path, but GET, POST, DELETE\n"
