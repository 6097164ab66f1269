"""What goes out with its numbers masked: messages to programs, alerts, what people are told."""

import json
import re

import msgspec
import pytest

from monitor.delivery.masked import MaskedSink, masked_alert, masked_digest, masked_message
from monitor.delivery.people.fact import fact_of
from monitor.delivery.people.trial import trial
from monitor.delivery.sink import Message
from monitor.fleet import cloudevent
from monitor.fleet.alerts import Alert
from monitor.fleet.event import EVENT_TYPES
from monitor.fleet.masking import FULL, KEY_BYTES, Masking
from monitor.fleet.sample import sample

MASKING = Masking(b"k" * KEY_BYTES)
NUMBER = "+8613800000001"
SHOWN = MASKING.number(NUMBER)
NOW = 1_795_420_800_000


def message(kind: str = "number.degraded") -> Message:
    event = sample(kind, number=NUMBER, at=NOW, language="en")
    return Message(1, "6f0c", cloudevent.body(event, id="6f0c", sequence=1), event.subject, event.time, 0)


class Kept:
    """A sink that keeps what it is given."""

    name = "ops"
    batch = 5
    concurrency = 2
    limit: float | None = 3.0

    def __init__(self) -> None:
        self.given: list[Message] = []
        self.closed = False

    async def send(self, messages):
        self.given += messages
        return "thanks"

    async def aclose(self) -> None:
        self.closed = True


async def test_a_masked_sink_is_as_the_sink_is_but_for_the_numbers():
    kept = Kept()
    sink = MaskedSink(kept, MASKING)

    said = await sink.send([message()])
    await sink.aclose()

    assert (sink.name, sink.batch, sink.concurrency, sink.limit, said, kept.closed) == (
        "ops",
        5,
        2,
        3.0,
        "thanks",
        True,
    )
    (given,) = kept.given
    assert given.subject == json.loads(given.body)["subject"] == SHOWN


def test_a_subject_that_is_no_number_stays():
    event = sample("app.unreachable", number=NUMBER, at=NOW, language="en")
    event = msgspec.structs.replace(event, subject="13800000000001")
    given = Message(1, "6f0c", cloudevent.body(event, id="6f0c", sequence=1), event.subject, event.time, 0)

    assert masked_message(given, MASKING).subject == "13800000000001"


def test_in_full_a_message_is_the_same_object():
    given = message()

    assert masked_message(given, FULL) is given


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_no_digest_shows_a_number(kind):
    digest = trial(fact_of(1, message(kind).body), NOW)

    shown = msgspec.json.encode(masked_digest(digest, MASKING)).decode()

    assert re.search(r"\+[0-9]{7}", shown) is None
    assert "13800000001" not in shown


def test_in_full_digests_and_alerts_are_the_same_objects():
    digest = trial(fact_of(1, message().body), NOW)
    alert = Alert("NXCloudNumberQualityRed", "critical", "quality_rating", "main", "1", NOW, "RED", "quality.red")

    assert masked_digest(digest, FULL) is digest
    assert masked_alert(alert, FULL) is alert


def test_an_alert_is_identified_by_what_is_shown():
    alert = Alert(
        *(
            "NXCloudNumberQualityRed",
            "critical",
            "quality_rating",
            "main",
            "1",
            NOW,
            "RED",
            "quality.red",
            "jh1",
            NUMBER,
        ),
        verified_name="Shop 138 0000 0001",
    )

    shown = masked_alert(alert, MASKING)

    assert (shown.labels["number"], shown.verified_name) == (SHOWN, f"Shop {SHOWN}")
