"""A little fleet to render: the tests' own way to say what is known of an app."""

from collections.abc import Mapping

from monitor.fleet.answer import Failure, FailureReason, Row
from monitor.fleet.app import App
from monitor.fleet.scales import Severity
from monitor.fleet.snapshot import Entry, Since, Snapshot, Suspicion, SuspicionReason

STARTED = 1_795_420_812_345
SUSPICION = Suspicion(reason=SuspicionReason.EMPTY, since=STARTED, polls=1)
TIMED_OUT = Failure(started=STARTED, reason=FailureReason.TIMEOUT, code="", text="no answer within 10 s")
SHOP_ONE = App("main", "jh42", "shop-one", labels=(("plan", "vip"), ("team", "emea")))
SHOP_TWO = App("main", "jh43")

USUAL: Mapping[str, str] = {
    "number": "+8613800000001",
    "waba_id": "116960000086404",
    "waba_name": "GLORY TEST",
    "verified_name": "GLORY JACK",
    "quality_rating": "GREEN",
    "status": "CONNECTED",
    "tier": "TIER_10K",
    "name_status": "APPROVED",
    "code_verification_status": "VERIFIED",
    "register_status": "5",
}


def entry(severity: Severity = Severity.OK, **words: str) -> Entry:
    row = Row(**{**USUAL, **words})
    since = Since(STARTED, STARTED, STARTED)
    return Entry(row, row, since, since, STARTED, severity)


def known(*entries: Entry, last_success: int | None = STARTED, **fields: object) -> Snapshot:
    keyed = {(one.now.waba_id, one.now.number): one for one in entries}
    return Snapshot(entries=keyed, last_success=last_success, **fields)  # type: ignore[arg-type] # fields as given
