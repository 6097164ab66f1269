"""
Render the sample lines of one app: one finished text per family.  Pure.

The lines are the same in both text formats; what stands above them is `families`' and what joins them `exposition`'s.
"""

from collections.abc import Callable, Collection, Mapping
from math import inf

import msgspec

from monitor.fleet.app import App
from monitor.fleet.masking import FULL, Masking
from monitor.fleet.scales import quality_value, status_value, tier_limit
from monitor.fleet.snapshot import Entry, EntryKey, Snapshot
from monitor.metrics.families import APP_FAMILIES, NUMBER_FAMILIES
from monitor.metrics.labels import identity, label_names, value


class AppLines(msgspec.Struct, frozen=True, gc=False):
    """The line of an app in each of `APP_FAMILIES`; empty where it has no sample."""

    up: bytes
    numbers: bytes
    suspect: bytes
    last_success: bytes
    failure: bytes
    info: bytes


def number_texts(
    app: App, entries: Mapping[EntryKey, Entry], series: Collection[str], masking: Masking = FULL
) -> tuple[bytes, ...]:
    """
    Render the entries once per family.

    Args:
        app: Whose entries they are; its name is a label of the family `info`.
        entries: All that are exposed, each under its identity.
        series: Which of `NUMBER_FAMILIES`; the order of the result.
        masking: How numbers are shown.
    """
    if masking.is_on:
        entries = _masked(entries, masking)
    head = f'{{account="{identity(app.account)}",appkey="{identity(app.appkey)}",waba_id="'
    waba_ids = _Memo(identity)
    labelled = [
        (f'{head}{waba_ids[waba_id]}",number="{identity(number)}"', entry)
        for (waba_id, number), entry in entries.items()
    ]
    return tuple(_RENDER[one](NUMBER_FAMILIES[one].name, labelled, app) for one in series)


def _masked(entries: Mapping[EntryKey, Entry], masking: Masking) -> Mapping[EntryKey, Entry]:
    """
    The entries under the identities that are shown.

    Two that look alike there are one sample, the worst in each value: as with rows that the vendor masks.
    """
    shown: dict[EntryKey, Entry] = {}
    for (waba_id, _number), entry in entries.items():
        masked = masking.entry(entry)
        key = (waba_id, masked.now.number)
        shown[key] = _worst(shown[key], masked) if key in shown else masked
    return shown


def _worst(one: Entry, other: Entry) -> Entry:
    now = msgspec.structs.replace(
        one.now,
        quality_rating=max(one.now.quality_rating, other.now.quality_rating, key=quality_value),
        status=max(one.now.status, other.now.status, key=status_value),
        tier=min(one.now.tier, other.now.tier, key=_limit),
    )
    return msgspec.structs.replace(one, now=now, severity=max(one.severity, other.severity))


def _limit(word: str) -> float:
    """The limit of a tier; one that is not stated counts as the highest of all."""
    limit = tier_limit(word)
    return inf if limit is None else limit


class _Memo(dict[str, str]):
    """What a function makes of each word; the entries of an app share nearly all of their words."""

    def __init__(self, function: Callable[[str], str]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, word: str) -> str:
        made = self[word] = self._function(word)
        return made


def app_lines(app: App, snapshot: Snapshot, *, withdrawn: bool, info: bytes | None) -> AppLines:
    """
    Render what is said of the app as a whole.

    Args:
        app: The app.
        snapshot: What is known of it.
        withdrawn: Whether its number series are withheld because they are too old.
        info: Its finished info line, or None to render that too.
    """
    labels = _app_labels(app)
    return AppLines(
        up=_line("up", labels, None if snapshot.up is None else str(int(snapshot.up))),
        numbers=_line("numbers", labels, _numbers(snapshot, withdrawn=withdrawn)),
        suspect=_line("suspect", labels, str(int(snapshot.suspect))),
        last_success=_line("last_success", labels, _seconds(snapshot.last_success)),
        failure=_failure_line(labels, snapshot),
        info=_info_line(app, labels) if info is None else info,
    )


def last_success_line(app: App, at: int) -> bytes:
    """The one line that an unchanged answer moves; `at` is milliseconds since 1970."""
    return _line("last_success", _app_labels(app), _seconds(at))


_Labelled = Collection[tuple[str, Entry]]  # the labels up to where further ones or the brace follow


def _quality_ratings(name: str, labelled: _Labelled, _: App) -> bytes:
    return "".join(
        [f"{name}{labels}}} {quality_value(entry.now.quality_rating)}\n" for labels, entry in labelled]
    ).encode()


def _statuses(name: str, labelled: _Labelled, _: App) -> bytes:
    return "".join([f"{name}{labels}}} {status_value(entry.now.status)}\n" for labels, entry in labelled]).encode()


def _tiers(name: str, labelled: _Labelled, _: App) -> bytes:
    figures = _Memo(_tier_figure)
    limited = [(labels, figures[entry.now.tier]) for labels, entry in labelled]
    return "".join([f"{name}{labels}}} {figure}\n" for labels, figure in limited if figure]).encode()


def _tier_figure(word: str) -> str:
    limit = tier_limit(word)
    if limit is None:
        return ""
    return "+Inf" if limit == inf else str(int(limit))


def _severities(name: str, labelled: _Labelled, _: App) -> bytes:
    return "".join([f"{name}{labels}}} {entry.severity:d}\n" for labels, entry in labelled]).encode()


def _infos(name: str, labelled: _Labelled, app: App) -> bytes:
    values = _Memo(value)
    own = f',app_name="{value(app.name)}",waba_name="'
    return "".join(
        [
            f'{name}{labels}{own}{values[row.waba_name]}",verified_name="{values[row.verified_name]}"'
            f',name_status="{values[row.name_status]}",code_verification_status="{values[row.code_verification_status]}"'
            f',register_status="{values[row.register_status]}"}} 1\n'
            for labels, row in ((labels, entry.now) for labels, entry in labelled)
        ]
    ).encode()


_RENDER: Mapping[str, Callable[[str, _Labelled, App], bytes]] = {
    "quality_rating": _quality_ratings,
    "status": _statuses,
    "tier": _tiers,
    "severity": _severities,
    "info": _infos,
}


def _app_labels(app: App) -> str:
    return f'{{account="{identity(app.account)}",appkey="{identity(app.appkey)}"'


def _line(field: str, labels: str, figure: str | None) -> bytes:
    return b"" if figure is None else f"{APP_FAMILIES[field].name}{labels}}} {figure}\n".encode()


def _numbers(snapshot: Snapshot, *, withdrawn: bool) -> str | None:
    if withdrawn or (snapshot.last_success is None and not snapshot.entries):
        return None
    return str(len(snapshot.entries))


def _seconds(at: int | None) -> str | None:
    if at is None:
        return None
    seconds, milliseconds = divmod(at, 1000)
    return f"{seconds}.{milliseconds:03d}" if milliseconds else str(seconds)


def _failure_line(labels: str, snapshot: Snapshot) -> bytes:
    if snapshot.failure is None:
        return b""
    reason, code = value(snapshot.failure.reason), value(snapshot.failure.code)
    return f'{APP_FAMILIES["failure"].name}{labels},reason="{reason}",code="{code}"}} 1\n'.encode()


def _info_line(app: App, labels: str) -> bytes:
    names = label_names(name for name, _ in app.labels)
    own = "".join(f',{names[name]}="{value(text)}"' for name, text in app.labels)
    return f'{APP_FAMILIES["info"].name}{labels},app_name="{value(app.name)}"{own}}} 1\n'.encode()
