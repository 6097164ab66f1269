"""
The sink for Alertmanager: the present state of every number in trouble, as alerts of its API v2.

No event goes through here: what is wrong now is read from the fleet, sent to all peers, and sent again every minute
for as long as it lasts, as Alertmanager asks of its clients.  An alert ends four refreshes after the last one that was
sent, so that nobody is left with the alerts of a daemon that is gone; one that is over is sent as such for five
minutes, in case a peer missed it.  A start needs no memory: what lasts is sent again, what is over ends by itself.
What another process watches from now on is neither: that one sends it.  A process that is cut off from the store cannot
know whether one does: it goes on for a quarter of an hour, in which a store that was away for all is back, and then is
silent, since what it knows is old.
What has been told stays told while an app or the vendor cannot be reached: its alerts go on.

Peers share what they have only by gossip, so each of them is told; a refresh has succeeded when one has all of it.
Source: Alertmanager's "Sending alerts" and its api/v2 (a 400 means that the other alerts were taken).
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import msgspec
import structlog

from monitor.delivery.endpoint import Endpoint
from monitor.delivery.lane import Pause, pause
from monitor.delivery.masked import masked_alert
from monitor.delivery.sink import DeliveryError, Refused, Throttled, Unavailable
from monitor.delivery.sinks.alert_texts import annotations, generator_url, posted, trial_alert
from monitor.fleet.alerts import Alert, alerts_of
from monitor.fleet.fleet import Watched
from monitor.fleet.masking import FULL, Masking
from monitor.fleet.match import Match
from monitor.fleet.policy import Language
from monitor.fleet.snapshot import Entry
from monitor.metrics.instruments import Instruments

EVERY = 60.0  # seconds between two refreshes
LASTS = 4  # refreshes that an alert lives without another
RESOLVED_FOR = 300_000  # ms that an alert that is over is still sent
CUT_OFF_FOR = 900_000  # ms that alerts are sent of an account that may be another process's
AFTER_WAKE = 1.0  # seconds in which more may change, before what changed is sent
LIMIT = 15.0  # seconds that one POST may take
BATCH = 200  # alerts in one POST; to put more into JSON would hold up others
SLICE = 500  # entries looked at before others get their turn,
SLICE_ALERTS = 100  # or so many alerts found

Identity = tuple[str, ...]


class Watches(Protocol):
    """Who knows the present state: `monitor.fleet.fleet.Fleet`."""

    def watched(self) -> Iterator[Watched]:
        """All apps with what is known of them; it may change meanwhile."""


class _Ended(NamedTuple):
    """An alert that is over."""

    alert: Alert
    at: int


class _Peer:
    """One Alertmanager, and what was said of it."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.said = ""  # of its present trouble, in the log
        self.failure = ""  # of this refresh
        self.is_left_alone = False  # for the rest of this refresh


class AlertmanagerSink:
    """All peers of one Alertmanager; owns their endpoints."""

    def __init__(
        self,
        name: str,
        endpoints: Sequence[Endpoint],
        *,
        fleet: Watches,
        match: Match,
        labels: Mapping[str, str],
        external_url: str | None,
        now: Callable[[], int],
        log: structlog.typing.FilteringBoundLogger,
        instruments: Instruments,
        every: float = EVERY,
        limit: float = LIMIT,
        language: Language = "en",
        masking: Masking = FULL,
        elsewhere: Callable[[str], bool] = lambda _account: False,
        pause: Pause = pause,
    ) -> None:
        """
        Args:
            name: Of the sink.
            endpoints: `…/api/v2/alerts` of each peer; `stop` closes them.
            fleet: What is known.
            match: Which alerts are sent: severity and attribute are the alert's.
            labels: Of every alert beside its own, which they cannot replace.
            external_url: Where our pages are seen; None: alerts link to nothing.
            now: Wall clock, milliseconds since 1970.
            log: For peers that fail: once each, until it is over or another thing.
            instruments: Our own metrics: a refresh that a peer has is one delivery.
            every: Seconds between two refreshes.
            limit: Seconds that one POST may take.
            language: Of the annotations.
            masking: How numbers are shown; `match` is of the numbers themselves.
            elsewhere: Whether an account is another process's to tell of.
            pause: Waits for an event, so many seconds at most.
        """
        self.name = name
        self._peers = [_Peer(endpoint) for endpoint in endpoints]
        self._fleet = fleet
        self._match = match
        self._labels = dict(labels)
        self._external_url = external_url
        self._now = now
        self._log = log.bind(sink=name)
        self._instruments = instruments
        self._every = round(every * 1000)
        self._limit = limit
        self._language = language
        self._masking = masking
        self._elsewhere = elsewhere
        self._pause = pause
        self._firing: dict[Identity, Alert] = {}  # as of the last look
        self._ended: dict[Identity, _Ended] = {}
        self._cut_off: dict[str, int] = {}  # accounts that may be another process's, though shown here: since when
        self._refreshed: int | None = None  # when everything was sent last
        self._woken = asyncio.Event()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"AlertmanagerSink({self.name!r}, {', '.join(peer.endpoint.origin for peer in self._peers)})"

    def start(self) -> None:
        """Send what is wrong now, and from then on."""
        self._instruments.add_sink(self.name)
        self._task = asyncio.create_task(self._run())

    def wake(self) -> None:
        """Something was told: what has changed is sent at once."""
        self._woken.set()

    async def stop(self) -> None:
        """Send nothing more, and let go of everything; what is firing ends by itself unless a next daemon goes on."""
        self._stopping.set()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await asyncio.gather(*(peer.endpoint.aclose() for peer in self._peers))

    async def test(self) -> str:
        """
        Send every peer one alert that tries it: of severity info, with the label `test`, over after five minutes.

        Returns:
            What each peer said.

        Raises:
            Refused, Throttled, Gone, Unavailable: The first failure, when no peer took it.
        """
        body = msgspec.json.encode([trial_alert(self._labels, self._now(), self._language)])
        outcomes = await asyncio.gather(*(self._tried(peer, body) for peer in self._peers))
        if all(isinstance(outcome, DeliveryError) for outcome in outcomes):
            raise next(outcome for outcome in outcomes if isinstance(outcome, DeliveryError))
        return "; ".join(str(outcome) for outcome in outcomes)

    async def _tried(self, peer: _Peer, body: bytes) -> str | DeliveryError:
        try:
            return await self._post(peer, body)
        except DeliveryError as error:
            return error
        except TimeoutError:
            return Unavailable(f"{peer.endpoint.origin} gave no answer in time")

    async def _run(self) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                await self._round()
            except Exception:  # noqa: BLE001  # the top of the task: the next round starts from the state again
                self._log.exception("alerting broke")
            await self._pause(self._woken, self._idle_seconds())
            if self._woken.is_set():
                await self._pause(self._stopping, AFTER_WAKE)

    def _idle_seconds(self) -> float:
        if self._refreshed is None:
            return self._every / 1000
        return max(0, min(self._refreshed + self._every - self._now(), self._every)) / 1000

    async def _round(self) -> None:
        """Look once; send everything when that is due, else what has changed since the last look."""
        now = self._now()
        is_due = self._refreshed is None or not self._refreshed <= now < self._refreshed + self._every
        firing = await self._look(now)
        new = [alert for identity, alert in firing.items() if is_due or identity not in self._firing]
        over = self._end(firing, now)
        self._firing = firing
        if is_due:
            self._refreshed = now
            over = list(self._ended.values())
        if is_due or new or over:
            await self._send(new, over, now)

    async def _look(self, now: int) -> dict[Identity, Alert]:
        """What is wrong now, and matches; others get their turn meanwhile."""
        found: dict[Identity, Alert] = {}
        looked = 0.0
        silent: dict[str, bool] = {}
        for watched in self._fleet.watched():
            account = watched.app.account
            if account not in silent:
                silent[account] = self._is_silent(account, now)
            if silent[account]:
                continue
            for entry in watched.snapshot.entries.values():
                alerts = alerts_of(watched.app, entry)
                looked += 1 / SLICE + len(alerts) / SLICE_ALERTS
                if looked >= 1:
                    looked = 0.0
                    await asyncio.sleep(0)
                for alert in alerts:
                    if not self._fits(watched, entry, alert):
                        continue
                    shown = masked_alert(alert, self._masking)
                    known = found.get(shown.identity)
                    if known is None or shown.since < known.since:
                        found[shown.identity] = shown
        self._cut_off = {account: since for account, since in self._cut_off.items() if account in silent}
        return found

    def _is_silent(self, account: str, now: int) -> bool:
        """Whether nothing is to be said of an account that is known still: another process does, perhaps for long."""
        if not self._elsewhere(account):
            self._cut_off.pop(account, None)
            return False
        return now - self._cut_off.setdefault(account, now) >= CUT_OFF_FOR

    def _fits(self, watched: Watched, entry: Entry, alert: Alert) -> bool:
        facts = {
            "account": watched.app.account,
            "appkey": watched.app.appkey,
            "waba_id": entry.now.waba_id,
            "number": entry.now.number,
            "severity": alert.severity,
            "attribute": alert.attribute,
        }
        return self._match.fits(facts, dict(watched.app.labels))

    def _end(self, firing: Mapping[Identity, Alert], now: int) -> list[_Ended]:
        """Those that are over since the last look; forgets what has been over long enough, or is back."""
        over = {key: _Ended(alert, now) for key, alert in self._firing.items() if key not in firing}
        kept = {key: ended for key, ended in self._ended.items() if 0 <= now - ended.at < RESOLVED_FOR}
        ended = {key: ended for key, ended in {**kept, **over}.items() if key not in firing}
        self._ended = {key: each for key, each in ended.items() if not self._elsewhere(each.alert.account)}
        return [self._ended[key] for key in over if key in self._ended]

    async def _send(self, firing: Sequence[Alert], over: Sequence[_Ended], now: int) -> None:
        """Send them to all peers; none of either is sent too, so that a peer that is away is known before it counts."""
        for peer in self._peers:
            peer.failure, peer.is_left_alone = "", False
        ends = now + LASTS * self._every
        alerts = [*((alert, ends) for alert in firing), *over]
        for start in range(0, max(len(alerts), 1), BATCH):
            body = msgspec.json.encode([self._posted(*each) for each in alerts[start : start + BATCH]])
            asked = [peer for peer in self._peers if not peer.is_left_alone]
            await asyncio.gather(*(self._deliver(peer, body) for peer in asked))
        for peer in self._peers:
            self._tell(peer)
        if any(not peer.failure for peer in self._peers):
            self._instruments.deliveries.labels(self.name).inc()

    def _posted(self, alert: Alert, ends: int) -> dict[str, Any]:
        return posted(
            {**self._labels, **alert.labels},
            annotations(alert, self._language),
            since=min(alert.since, ends),
            ends=ends,
            generator=generator_url(alert, self._external_url),
        )

    async def _deliver(self, peer: _Peer, body: bytes) -> None:
        try:
            await self._post(peer, body)
        except Refused as error:  # some alert of these; the others are taken, as will be those that follow
            self._failed(peer, "refused", str(error))
        except Throttled as error:
            self._failed(peer, "throttled", str(error), leave_alone=True)
        except TimeoutError:
            self._failed(peer, "timeout", f"{peer.endpoint.origin} gave no answer in time", leave_alone=True)
        except DeliveryError as error:
            self._failed(peer, "unavailable", str(error), leave_alone=True)

    async def _post(self, peer: _Peer, body: bytes) -> str:
        async with asyncio.timeout(self._limit):
            answer = await peer.endpoint.post(body, content_type=b"application/json")
        if not answer.is_success:
            raise peer.endpoint.failure(answer)
        return peer.endpoint.said(answer)

    def _failed(self, peer: _Peer, reason: str, text: str, *, leave_alone: bool = False) -> None:
        peer.failure, peer.is_left_alone = text, leave_alone
        self._instruments.delivery_failures.labels(self.name, reason).inc()

    def _tell(self, peer: _Peer) -> None:
        """Log a peer's trouble once, until it is another one or over."""
        trouble = peer.failure.partition(": ")[0]  # what follows are its own words, which may differ each time
        if trouble and trouble != peer.said:
            self._log.warning("alerts do not reach a peer", reason=peer.failure)
        if peer.said and not trouble:
            self._log.info("alerts reach the peer again", peer=peer.endpoint.origin)
        peer.said = trouble
