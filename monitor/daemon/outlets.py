"""
The sinks as the configuration wants them: stdout, each configured one, and the heartbeat.

Part of the composition root.  A sink whose connection changed is made anew; one that only wants something else, or in
other words, goes on.
"""

from collections.abc import Callable

import structlog

from monitor.daemon import conversion
from monitor.daemon.receivers import Receivers, rules_of, window_of
from monitor.delivery.dispatcher import Dispatcher
from monitor.delivery.heartbeat import Heartbeat
from monitor.delivery.masked import MaskedSink, masked_digest
from monitor.delivery.people.desk import Worded
from monitor.delivery.people.digest import TIER, Trouble
from monitor.delivery.sink import Sink
from monitor.delivery.sinks.alertmanager import AlertmanagerSink
from monitor.delivery.sinks.log import LogSink
from monitor.delivery.words.wording import Wording
from monitor.fleet.attributes import LEVELS
from monitor.fleet.fleet import Fleet
from monitor.fleet.masking import Masking
from monitor.metrics.instruments import Instruments
from monitor.settings import alertmanager as alerting
from monitor.settings.heartbeat import Heartbeat as ConfiguredHeartbeat
from monitor.settings.match import EventMatch, PeopleMatch
from monitor.settings.model import Settings
from monitor.settings.people_sinks import ForPeople
from monitor.settings.sink_types import AnySink
from monitor.settings.sinks import WebhookSink


class Outlets:
    """All sinks; the dispatcher has those that events are delivered to."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        *,
        fleet: Fleet,
        stdout: int,
        receivers: Receivers,
        healthy: Callable[[], str | None],
        instruments: Instruments,
        masking: Masking,
        elsewhere: Callable[[str], bool],
        now: Callable[[], int],
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        """
        Args:
            dispatcher: Delivers to them.
            fleet: What is known: what Alertmanager is told, and what people are reminded of.
            stdout: The file descriptor of the sink that is always there.
            receivers: Makes them.
            healthy: None while the heartbeat is to be sent, or why it is not.
            instruments: Our own metrics.
            masking: How numbers are shown to all of them.
            elsewhere: Whether an account is another process's to tell of.
            now: Wall clock, milliseconds since 1970.
            log: For receivers that fail.
        """
        self._dispatcher = dispatcher
        self._fleet = fleet
        self._stdout = stdout
        self._receivers = receivers
        self._healthy = healthy
        self._instruments = instruments
        self._masking = masking
        self._elsewhere = elsewhere
        self._now = now
        self._log = log
        self._connections: dict[str, AnySink] = {}
        self._alerting: dict[str, tuple[object, AlertmanagerSink]] = {}
        self._heartbeat: tuple[ConfiguredHeartbeat, Heartbeat] | None = None

    def check(self, settings: Settings) -> None:
        """
        See whether every sink could be made.

        Raises:
            UnusableSink: As its message says.
        """
        for sink in settings.events.sinks:
            self._receivers.check(sink)
        if settings.events.heartbeat is not None:
            self._receivers.check_heartbeat(settings.events.heartbeat)

    def open(self, settings: Settings) -> None:
        """Deliver to stdout and to the configured sinks; those that are paused stay so."""
        self._put_program(LogSink(self._stdout, now=self._now))
        self._put(settings)
        self._beat(settings)

    async def take_over(self, settings: Settings) -> None:
        """Deliver to the sinks of this configuration, and no other; those that were paused are tried again."""
        wanted = {sink.name for sink in settings.events.sinks if not isinstance(sink, alerting.AlertmanagerSink)}
        for name in self._connections.keys() - wanted:
            self._dispatcher.remove(name)
            del self._connections[name]
        await self._stop_alerting(settings)
        await self._stop_beating(settings)
        self._put(settings)
        self._beat(settings)
        for name in wanted:
            self._dispatcher.resume(name)

    def wake(self) -> None:
        """Something was recorded: deliver it at once."""
        self._dispatcher.wake()
        for _configured, sink in self._alerting.values():
            sink.wake()

    def take_over_deliveries(self) -> None:
        """Accounts of other processes are ours now: what they had to deliver is delivered at once."""
        self._dispatcher.take_over()
        for _configured, sink in self._alerting.values():
            sink.wake()

    async def stop(self) -> None:
        """End what the dispatcher does not have: alerts end by themselves unless a next daemon goes on."""
        for _configured, sink in self._alerting.values():
            await sink.stop()
        if self._heartbeat is not None:
            await self._heartbeat[1].stop()

    def lasting(self, trouble: Trouble) -> int | None:
        """
        Whether trouble that people know lasts, as far as is known.

        Returns:
            When that was last seen, milliseconds since 1970; None when it is over.
        """
        if self._elsewhere(trouble.account):  # whoever watches it looks again
            return self._now()
        if trouble.attribute in LEVELS:
            places = self._fleet.find(trouble.number, trouble.account)
            bad = [app.key for app, entry in places if trouble.attribute in entry.marks.bad]
        elif trouble.attribute == TIER:
            bad = [
                watched.app.key
                for watched in self._fleet.watched(trouble.account)
                for entry in watched.snapshot.entries.values()
                if entry.now.waba_id == trouble.waba_id and TIER in entry.marks.bad
            ]
        elif trouble.type == "account.unreachable":
            return self._now() if self._fleet.account(trouble.account).unreachable is not None else None
        else:
            return self._now()
        found = [watched for key in bad if (watched := self._fleet.get(key)) is not None]
        return max((watched.snapshot.last_success or 0 for watched in found), default=None)

    def _put_program(self, sink: Sink) -> None:
        self._dispatcher.put(MaskedSink(sink, self._masking) if self._masking.is_on else sink)

    def _worded(self, settings: Settings) -> Worded:
        """How people are told: what is told is gathered of the numbers themselves, and masked at the very end."""
        people = settings.people
        wording = Wording(language=people.language, zone=people.zone, external_url=settings.web.external_url)
        return lambda digest: wording.notice(masked_digest(digest, self._masking))

    def _put(self, settings: Settings) -> None:
        people = settings.people
        worded = self._worded(settings)
        windows = [window_of(window, people.zone) for window in settings.events.maintenance]
        for sink in settings.events.sinks:
            if isinstance(sink, alerting.AlertmanagerSink):
                self._put_alerting(sink, settings)
                continue
            connection = _connection(sink)
            is_new = self._connections.get(sink.name) != connection
            self._connections[sink.name] = connection
            if isinstance(sink, WebhookSink):
                if is_new:
                    self._put_program(self._receivers.webhook(sink))
                continue
            rules = rules_of(sink, windows)
            if is_new:
                receiver = self._receivers.for_people(sink)
                self._dispatcher.put_people(receiver, rules=rules, worded=worded, lasting=self.lasting)
            else:
                self._dispatcher.change_people(sink.name, rules=rules, worded=worded)

    def _put_alerting(self, sink: alerting.AlertmanagerSink, settings: Settings) -> None:
        if sink.name in self._alerting:
            return
        alertmanager = AlertmanagerSink(
            sink.name,
            self._receivers.peers(sink),
            fleet=self._fleet,
            match=conversion.alert_match_of(sink.match),
            labels=sink.labels,
            external_url=settings.web.external_url,
            now=self._now,
            log=self._log,
            instruments=self._instruments,
            limit=sink.timeout_ms / 1000,
            language=settings.people.language,
            masking=self._masking,
            elsewhere=self._elsewhere,
        )
        self._alerting[sink.name] = (_alerting_as(sink, settings), alertmanager)
        alertmanager.start()

    async def _stop_alerting(self, settings: Settings) -> None:
        """Those that are no more, or that are to be made anew."""
        wanted = {
            sink.name: _alerting_as(sink, settings)
            for sink in settings.events.sinks
            if isinstance(sink, alerting.AlertmanagerSink)
        }
        for name, (configured, sink) in list(self._alerting.items()):
            if wanted.get(name) != configured:
                del self._alerting[name]
                await sink.stop()
                self._instruments.remove_sink(name)

    def _beat(self, settings: Settings) -> None:
        wanted = settings.events.heartbeat
        if wanted is None or self._heartbeat is not None:
            return
        heartbeat = Heartbeat(
            self._receivers.heartbeat(wanted),
            every=wanted.every_ms / 1000,
            healthy=self._healthy,
            log=self._log,
            limit=wanted.timeout_ms / 1000,
        )
        self._heartbeat = (wanted, heartbeat)
        heartbeat.start()

    async def _stop_beating(self, settings: Settings) -> None:
        if self._heartbeat is not None and self._heartbeat[0] != settings.events.heartbeat:
            _configured, heartbeat = self._heartbeat
            self._heartbeat = None
            await heartbeat.stop()


def _connection(sink: WebhookSink | ForPeople) -> AnySink:
    """What a sink is beside what it wants to hear of: when that changes, it is made anew."""
    if isinstance(sink, WebhookSink):
        return sink.model_copy(update={"match": EventMatch()})
    alike: AnySink = sink.model_copy(update={"match": PeopleMatch(), "settle_ms": {}, "remind_every_ms": 0})  # type: ignore[assignment]  # the copy is of the sink's own class
    return alike


def _alerting_as(sink: alerting.AlertmanagerSink, settings: Settings) -> object:
    """All that an Alertmanager's sink is made of."""
    return (sink, settings.web.external_url, settings.people.language)
