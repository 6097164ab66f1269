"""Apps, entries, events and decisions, as small as a test of the store needs them."""

from collections.abc import Iterable, Mapping

from monitor.fleet.answer import Row
from monitor.fleet.app import App
from monitor.fleet.decision import Decision, Why
from monitor.fleet.event import Event
from monitor.fleet.snapshot import AccountState, Entry, EntryKey, Gone, Since, Snapshot
from monitor.store.history import StoredEvent
from monitor.store.outbox import Due
from monitor.store.recorder import Recorded

NOW = 1_800_000_000_000  # 15 January 2027, 08:00:00 UTC
SHOP = App("main", "jh42xxxd434", "shop-one")
NUMBER = "+8613800000001"
WABA = "116960000086404"
NOBODY = AccountState()


def row(number: str = NUMBER, quality: str = "GREEN", waba_id: str = WABA) -> Row:
    return Row(
        number, waba_id, "GLORY TEST", "GLORY JACK", quality, "CONNECTED", "TIER_10K", "APPROVED", "VERIFIED", "5"
    )


def entry(number: str = NUMBER, quality: str = "GREEN", waba_id: str = WABA) -> Entry:
    now = row(number, quality, waba_id)
    since = Since(NOW, NOW, NOW)
    return Entry(now, now, since, since, NOW)


def tombstone(number: str = NUMBER, gone_at: int = NOW) -> Gone:
    return Gone(entry(number), gone_at)


def entries(*each: Entry) -> Mapping[EntryKey, Entry]:
    return {(one.now.waba_id, one.now.number): one for one in each}


def graves(*each: Gone) -> Mapping[EntryKey, Gone]:
    return {(one.entry.now.waba_id, one.entry.now.number): one for one in each}


def event(subject: str = NUMBER, *, app: App = SHOP, type: str = "number.degraded", time: int = NOW) -> Event:  # noqa: A002
    return Event(
        type, time, "critical", app.account, subject, app.appkey, WABA, "quality_rating", data={"number": subject}
    )


def decision(
    before: Snapshot,
    after: Snapshot | None,
    *events: Event,
    app: App = SHOP,
    account_before: AccountState = NOBODY,
    account_after: AccountState | None = None,
) -> Decision:
    return Decision(app, before, after, None, account_before, account_after or account_before, events, Why.BELIEVED)


def telling(*events: Event, before: Snapshot = Snapshot(), app: App = SHOP) -> Decision:  # noqa: B008 - a frozen value
    """A decision that changes nothing but tells these events."""
    return decision(before, before, *events, app=app)


def to(*sinks: str):
    """Routes that send every event to these sinks."""
    return lambda _event: sinks


def sequences(found: Iterable[Due | Recorded | StoredEvent]) -> list[int]:
    return [each.sequence for each in found]
