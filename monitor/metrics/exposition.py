"""
The text of the fleet's metrics: rendered where something changed, streamed to every scrape.

Per app and family there is one finished, immutable text; a change replaces it, a scrape joins what is there into
pieces.  A scrape takes its list of texts when it begins, so it shows one moment however long it runs.
Both formats, text 0.0.4 and OpenMetrics 1.0, are written from the same sample lines.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec

from monitor.fleet.app import App
from monitor.fleet.masking import FULL, Masking
from monitor.fleet.snapshot import Entry, EntryKey, Snapshot
from monitor.metrics.families import APP_FAMILIES, COUNT_FAMILIES, NUMBER_FAMILIES
from monitor.metrics.lines import AppLines, app_lines, last_success_line, number_texts
from monitor.metrics.tally import Tally

PIECE = 256 * 1024  # bytes: large enough to be few, small enough to hold the loop for well under a millisecond

_NOTHING: Mapping[EntryKey, Entry] = {}


class Exposition:
    """All `nxcloud_*` metrics of the fleet as it was last shown."""

    def __init__(self, *, number_series: Collection[str], masking: Masking = FULL) -> None:
        """
        Nothing is shown yet.

        Args:
            number_series: Which of `families.NUMBER_FAMILIES` to expose.
            masking: How numbers are shown.
        """
        self._masking = masking
        self._series = _in_order(number_series)
        self._shown: dict[tuple[str, str], _Shown] = {}
        self._tallies: dict[str, Tally] = {}

    def select(self, number_series: Collection[str]) -> None:
        """Expose these number families from now on; each app's texts follow when it is next replaced."""
        self._series = _in_order(number_series)

    def replace(self, app: App, snapshot: Snapshot, *, withdrawn: bool = False) -> None:
        """
        Show this snapshot of the app from now on.

        Entries that are the same objects as before are not rendered again.

        Args:
            app: The app, new or known.
            snapshot: What is known of it.
            withdrawn: Its answers are too old: no number series, and its entries count nowhere.
        """
        before = self._shown.get(app.key)
        if before is None:
            self._tally(app.account).apps += 1
        entries = _NOTHING if withdrawn else snapshot.entries
        self._count(app.account, before.entries if before else _NOTHING, entries)
        self._shown[app.key] = _Shown(
            app=app,
            entries=entries,
            series=self._series,
            numbers=self._number_texts(app, entries, before),
            lines=app_lines(
                app,
                snapshot,
                withdrawn=withdrawn,
                info=before.lines.info if before and _same(app, before.app) else None,
            ),
        )

    def succeeded(self, key: tuple[str, str], last_success: int) -> None:
        """
        An unchanged answer of a settled app: only the time of the last success moves.

        Args:
            key: The app's (account, appkey); KeyError when it is not shown.
            last_success: Start of the answering call, milliseconds since 1970.
        """
        shown = self._shown[key]
        lines = msgspec.structs.replace(shown.lines, last_success=last_success_line(shown.app, last_success))
        self._shown[key] = msgspec.structs.replace(shown, lines=lines)

    def remove(self, key: tuple[str, str]) -> None:
        """The app has left: none of its series is shown any more.  An app that is not shown is no error."""
        shown = self._shown.pop(key, None)
        if shown is None:
            return
        account = shown.app.account
        self._count(account, shown.entries, _NOTHING)
        self._tallies[account].apps -= 1
        if self._tallies[account].apps == 0:
            del self._tallies[account]

    def pieces(self, *, openmetrics: bool) -> Iterator[bytes]:
        """
        The whole text as of this call, in pieces of about `PIECE` bytes that may end within a line.

        What changes between two pieces is not in it.  OpenMetrics' `# EOF` is left to whoever writes the last part.
        """
        shown = list(self._shown.values())
        counts = [tally.texts() for tally in self._tallies.values()]
        return _joined(_texts(self._series, shown, counts, openmetrics=openmetrics))

    def _number_texts(self, app: App, entries: Mapping[EntryKey, Entry], before: "_Shown | None") -> tuple[bytes, ...]:
        same = before is not None and before.app.name == app.name and before.series is self._series
        if before is not None and same and _all_same(before.entries, entries):
            return before.numbers
        return number_texts(app, entries, self._series, self._masking)

    def _tally(self, account: str) -> Tally:
        if account not in self._tallies:
            self._tallies[account] = Tally(account)
        return self._tallies[account]

    def _count(self, account: str, before: Mapping[EntryKey, Entry], after: Mapping[EntryKey, Entry]) -> None:
        if before is after:
            return
        tally = self._tallies[account]
        for key, entry in before.items():
            if after.get(key) is not entry:
                tally.count(entry.now, -1)
        for key, entry in after.items():
            if before.get(key) is not entry:
                tally.count(entry.now, 1)


class _Shown(msgspec.Struct, frozen=True, gc=False):
    """What is shown of one app; never changed, only replaced, so that a running scrape keeps what it began with."""

    app: App
    entries: Mapping[EntryKey, Entry]  #: the exposed ones: none while withdrawn
    series: tuple[str, ...]  #: the number families that were exposed when it was rendered,
    numbers: tuple[bytes, ...]  #: and the sample lines of each
    lines: AppLines


def _in_order(number_series: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in NUMBER_FAMILIES if name in number_series)


def _texts(
    series: Sequence[str], shown: Collection["_Shown"], counts: Collection[tuple[bytes, ...]], *, openmetrics: bool
) -> Iterator[bytes]:
    for name in series:
        yield NUMBER_FAMILIES[name].header(openmetrics=openmetrics)
        yield from [one.numbers[one.series.index(name)] for one in shown if name in one.series]
    for place, family in enumerate(COUNT_FAMILIES.values()):
        yield family.header(openmetrics=openmetrics)
        yield from [one[place] for one in counts]
    for field, family in APP_FAMILIES.items():
        yield family.header(openmetrics=openmetrics)
        yield from [getattr(one.lines, field) for one in shown]


def _same(app: App, before: App) -> bool:
    return app is before or (app.name == before.name and app.labels == before.labels)


def _all_same(before: Mapping[EntryKey, Entry], after: Mapping[EntryKey, Entry]) -> bool:
    if before is after:
        return True
    return len(before) == len(after) and all(before.get(key) is entry for key, entry in after.items())


def _joined(texts: Iterable[bytes]) -> Iterator[bytes]:
    waiting: list[bytes] = []
    size = 0
    for text in texts:
        waiting.append(text)
        size += len(text)
        if size >= PIECE:
            yield b"".join(waiting)
            waiting.clear()
            size = 0
    if waiting:
        yield b"".join(waiting)
