"""What goes out with its numbers masked: events to programs, alerts, and what people are told."""

from collections.abc import Sequence

import msgspec

from monitor.delivery.people.digest import Digest, Line, Trouble
from monitor.delivery.sink import Message, Sink
from monitor.fleet.alerts import Alert
from monitor.fleet.masking import Masking


class MaskedSink:
    """A sink for programs that is told masked numbers alone; owns the sink."""

    def __init__(self, sink: Sink, masking: Masking) -> None:
        self.name = sink.name
        self.batch = sink.batch
        self.concurrency = sink.concurrency
        self.limit = sink.limit
        self._sink = sink
        self._masking = masking

    async def send(self, messages: Sequence[Message]) -> str:
        """Send them masked; what the receiver said, and what it raises, are the sink's."""
        return await self._sink.send([masked_message(message, self._masking) for message in messages])

    async def aclose(self) -> None:
        """Close the sink."""
        await self._sink.aclose()


def masked_message(message: Message, masking: Masking) -> Message:
    """One event on its way, as it is shown: its order is kept by the number itself before it comes here."""
    if not masking.is_on:
        return message
    body = masking.event(message.body)
    return msgspec.structs.replace(message, body=body, subject=msgspec.json.decode(body, type=_About).subject)


class _About(msgspec.Struct):
    """As much of a CloudEvent as says whom it is about."""

    subject: str


def masked_alert(alert: Alert, masking: Masking) -> Alert:
    """An alert as it is shown; of a WABA it has no number."""
    if not masking.is_on:
        return alert
    return msgspec.structs.replace(
        alert,
        number=masking.number(alert.number),
        waba_name=masking.words(alert.waba_name, alert.number),
        verified_name=masking.words(alert.verified_name, alert.number),
    )


def masked_digest(digest: Digest, masking: Masking) -> Digest:
    """What people are to be told, as it is shown to them."""
    if not masking.is_on:
        return digest
    baseline = digest.baseline
    if baseline is not None:
        troubles = tuple(_trouble(trouble, masking) for trouble in baseline.degraded)
        baseline = msgspec.structs.replace(baseline, degraded=troubles)
    lines = tuple(_line(line, masking) for line in digest.lines)
    return msgspec.structs.replace(digest, lines=lines, baseline=baseline)


def _line(line: Line, masking: Masking) -> Line:
    incident = masking.incident(line.incident, line.troubles[0].number)
    return msgspec.structs.replace(
        line, incident=incident, troubles=tuple(_trouble(trouble, masking) for trouble in line.troubles)
    )


def _trouble(trouble: Trouble, masking: Masking) -> Trouble:
    number = trouble.number
    return msgspec.structs.replace(
        trouble,
        incident=masking.incident(trouble.incident, number),
        number=masking.number(number),
        numbers=tuple(map(masking.number, trouble.numbers)),
        waba_name=masking.words(trouble.waba_name, number),
        verified_name=masking.words(trouble.verified_name, number),
        word=masking.words(trouble.word, number),
        before=masking.words(trouble.before, number),
        text=masking.words(trouble.text, number),
        said={
            name: masking.number(text) if name == "seen_in" else masking.words(text, number)
            for name, text in trouble.said.items()
        },
    )
