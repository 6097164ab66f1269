"""
Numbers in trouble as alerts: which alert each state is, and what identifies it.

Pure.  One table names the alerts of the `alertmanager` sink and of the Prometheus rules: whoever uses both gets one
alert of each.  An alert is about what has been *told*; what identifies it holds as long as it lasts, so that a number
that goes from RED to YELLOW ends one alert and begins another.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

from monitor.fleet.answer import Row
from monitor.fleet.app import App
from monitor.fleet.attributes import LEVELS, LIMITED_WORDS, PENDING_WORDS, QUALITY, STATE, TIER, canonical, known, word
from monitor.fleet.hints import level_hint, persisting_hint
from monitor.fleet.scales import QUALITY_SEVERITY, STATUS_SEVERITY, Severity
from monitor.fleet.snapshot import Entry

AlertSeverity = Literal["warning", "critical"]

TIER_LOWERED = "NXCloudTierLowered"
IN_TROUBLE = "NXCloudNumberInTrouble"  #: a state that is healthy but for a `severity` rule of the configuration

#: By (attribute, documented word); assumed equivalents of a word share its alert.
NAMES: Mapping[tuple[str, str], str] = {
    (QUALITY, "YELLOW"): "NXCloudNumberQualityYellow",
    (QUALITY, "RED"): "NXCloudNumberQualityRed",
    (STATE, "FLAGGED"): "NXCloudNumberFlagged",
    (STATE, "RATE_LIMITED"): "NXCloudNumberRateLimited",
    (STATE, "RESTRICTED"): "NXCloudNumberRestricted",
    (STATE, "PENDING"): "NXCloudNumberPending",
    (STATE, "UNVERIFIED"): "NXCloudNumberUnverified",
    (STATE, "DISCONNECTED"): "NXCloudNumberDisconnected",
    (STATE, "MIGRATED"): "NXCloudNumberMigrated",
    (STATE, "DELETED"): "NXCloudNumberDeleted",
    (STATE, "BANNED"): "NXCloudNumberBanned",
}

#: How bad each state is by itself.
SEVERITIES: Mapping[tuple[str, str], Severity] = {
    **{(QUALITY, text): severity for text, severity in QUALITY_SEVERITY.items()},
    **{(STATE, text): severity for text, severity in STATUS_SEVERITY.items()},
}


class Alert(msgspec.Struct, frozen=True, gc=False):
    """One thing that is wrong now."""

    name: str  #: `NXCloudNumberQualityRed`
    severity: AlertSeverity
    attribute: str  #: quality_rating, status or tier
    account: str
    waba_id: str  #: empty when the vendor gives none
    since: int  #: when it became so, milliseconds since 1970
    word: str  #: the vendor's for what it is now
    hint_id: str  #: of `hints`
    appkey: str = ""  #: empty for a tier, which is the WABA's
    number: str = ""  #: likewise
    app_name: str = ""
    waba_name: str = ""
    verified_name: str = ""

    @property
    def labels(self) -> dict[str, str]:
        """What identifies it, to Alertmanager and to rules; a label without a value is left out, as they do."""
        labels = {
            "alertname": self.name,
            "severity": self.severity,
            "attribute": self.attribute,
            "account": self.account,
            "appkey": self.appkey,
            "waba_id": self.waba_id,
            "number": self.number,
        }
        return {name: value for name, value in labels.items() if value}

    @property
    def identity(self) -> tuple[str, ...]:
        """The values of the labels: two alerts with the same are one."""
        return (self.name, self.severity, self.account, self.appkey, self.waba_id, self.number)


def alerts_of(app: App, entry: Entry) -> list[Alert]:
    """
    What is wrong with an entry, as told: after `severity` and `ignore` rules and moves.

    An alert about a tier is the same for all numbers of a WABA.  An entry that is gone has none: that is an event.
    """
    if entry.severity < Severity.WARNING and TIER not in entry.marks.bad:
        return []
    troubled = _troubled(entry)
    own = {attribute: _own_severity(entry, attribute) for attribute in troubled}
    worst = max(own.values(), default=Severity.OK)
    alerts = [
        # The worst state is what makes the number as bad as it is told; a rule may have changed how bad that is.
        _alert(app, entry, attribute, entry.severity if severity is worst else min(severity, entry.severity))
        for attribute, severity in own.items()
    ]
    if TIER in entry.marks.bad:
        alerts.append(_tier_alert(app, entry))
    return alerts


def name_of(attribute: str, text: str) -> str:
    """The alert for a word of quality_rating or status."""
    return NAMES.get((attribute, canonical(attribute, text)), IN_TROUBLE)


def _troubled(entry: Entry) -> list[str]:
    """
    The levels that are wrong: those whose incidents the entry keeps open.

    No incident is about an ambiguous entry, nor yet about a state that a changed rule has made trouble: there the
    tables say it.
    """
    if entry.severity < Severity.WARNING:
        return []
    bad = [attribute for attribute in LEVELS if attribute in entry.marks.bad]
    if bad and not entry.ambiguous:
        return bad
    return [attribute for attribute in LEVELS if _own_severity(entry, attribute) >= Severity.WARNING]


def _own_severity(entry: Entry, attribute: str) -> Severity:
    """How bad a level is by the tables and by how long it has lasted."""
    text = canonical(attribute, word(_judged(entry), attribute))
    if attribute == STATE and entry.marks.persisted:
        return Severity.CRITICAL if text in LIMITED_WORDS else Severity.WARNING
    if attribute == STATE and text in PENDING_WORDS and _is_new(entry):
        return Severity.OK
    return SEVERITIES.get((attribute, text), Severity.UNKNOWN)


def _is_new(entry: Entry) -> bool:
    """Whether PENDING and UNVERIFIED are a new number's here, of whose ambiguous entries nothing was told."""
    return entry.marks.fresh or (entry.ambiguous and not known(STATE, entry.told.status))


def _alert(app: App, entry: Entry, attribute: str, severity: Severity) -> Alert:
    text = word(_judged(entry), attribute)
    since: int = getattr(entry.since if entry.ambiguous else entry.told_since, attribute)
    return Alert(
        name=name_of(attribute, text),
        severity=_spelled(severity),
        attribute=attribute,
        account=app.account,
        waba_id=entry.now.waba_id,
        since=since,
        word=text,
        hint_id=_hint_id(entry, attribute, canonical(attribute, text)),
        appkey=app.appkey,
        number=entry.now.number,
        app_name=app.name,
        waba_name=entry.now.waba_name,
        verified_name=entry.now.verified_name,
    )


def _hint_id(entry: Entry, attribute: str, text: str) -> str:
    if attribute == STATE and entry.marks.persisted:
        return persisting_hint(text)
    return level_hint(attribute, text)


def _tier_alert(app: App, entry: Entry) -> Alert:
    return Alert(
        name=TIER_LOWERED,
        severity="warning",
        attribute=TIER,
        account=app.account,
        waba_id=entry.now.waba_id,
        since=entry.marks.tier_dropped_at,
        word=entry.told.tier,
        hint_id="tier.lowered",
        waba_name=entry.now.waba_name,
    )


def _judged(entry: Entry) -> Row:
    """What is alerted on: as told; of an ambiguous entry, whose transitions nobody tells, as it is now."""
    return entry.now if entry.ambiguous else entry.told


def _spelled(severity: Severity) -> AlertSeverity:
    return "critical" if severity is Severity.CRITICAL else "warning"
