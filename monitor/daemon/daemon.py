"""
The composition root: builds every part, starts them in order, joins them, and stops them in the reverse order.

Nothing knows it.  What a signal or a probe asks of the running daemon ends here, in one short method each, and is
handed to the part that can do it; what people and programs ask of it is for `orders`.
"""

import asyncio
import os
import random
import socket
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import AsyncExitStack
from functools import partial

import structlog
from starlette.applications import Starlette

from monitor import __version__
from monitor.clock import wall_clock
from monitor.daemon import conversion
from monitor.daemon.collector import left_alone
from monitor.daemon.holding import Holding
from monitor.daemon.housekeeping import Housekeeping
from monitor.daemon.introspection import Introspection
from monitor.daemon.orders import Orders
from monitor.daemon.outlets import Outlets
from monitor.daemon.receivers import Receivers
from monitor.daemon.reloading import Reloading
from monitor.daemon.site import Site
from monitor.daemon.watch import watch_of
from monitor.daemon.watch_view import Watching
from monitor.daemon.whole_fleet import Whole
from monitor.delivery.dispatcher import Dispatcher
from monitor.fleet.answer import FailureReason
from monitor.fleet.event import EVENT_TYPES
from monitor.fleet.fleet import Fleet
from monitor.fleet.masking import FULL, Masking
from monitor.http.certificates import Certificates
from monitor.metrics.exposition import Exposition
from monitor.metrics.instruments import Instruments, Registry
from monitor.settings.model import Settings
from monitor.store.masked import MaskedRecords
from monitor.store.opening import open_or_begin_anew
from monitor.store.snapshots import Restored
from monitor.store.store import Store
from monitor.web.application import application
from monitor.web.listeners import Listeners
from monitor.web.pages.frame import Templates

STOP_WITHIN = 7.5  #: seconds that stopping takes at most: 8 are promised
LAST_DELIVERIES = 2.0  #: seconds of them that a delivery under way gets: what is not delivered stays due
READY_AFTER = 60.0  #: seconds after which an empty store no longer keeps us from being ready

ATTRIBUTES = ("quality_rating", "status", "tier", "name_status", "code_verification_status", "register_status")


class Daemon:
    """number-monitor as a whole; :meth:`start`, then :meth:`stop`."""

    def __init__(
        self,
        settings: Settings,
        *,
        load: Callable[[], Settings],
        relog: Callable[[Settings], None],
        mask_log: Callable[[Callable[[str], str]], None],
        environ: Mapping[str, str],
        stdout: int,
        revision: str,
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        """
        Args:
            settings: What to run.
            load: Reads the configuration anew for a reload; raises SettingsError.
            relog: Takes over a changed log level and format.
            mask_log: Is given what masks the numbers in a line, where they are masked.
            environ: For the proxies.
            stdout: The file descriptor that gets the events.
            revision: The source revision, for the build's metric.
            log: Our own log.
        """
        self._relog = relog
        self._mask_log = mask_log
        self._environ = environ
        self._stdout = stdout
        self._log = log
        self._registry = Registry()
        self._instruments = Instruments(
            self._registry,
            version=__version__,
            revision=revision,
            failure_reasons=[reason.value for reason in FailureReason],
            event_types=EVENT_TYPES,
            attributes=ATTRIBUTES,
        )
        self._fleet = Fleet()
        self._listeners = Listeners()
        self._templates = Templates()
        self._reloading = Reloading(
            settings,
            load=load,
            check=self._check,
            take_over=self._take_over,
            instruments=self._instruments,
            now=wall_clock,
            log=log,
        )
        self._stop_by = 0.0
        self._ready_by = 0.0
        self._store_watched = False
        self._listed = False  # the roster has told which apps there are
        self._running = AsyncExitStack()

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where the web server listens, with the real ports."""
        return self._site.addresses

    async def start(self) -> None:
        """
        Start everything; what was started is stopped again when something cannot.

        Raises:
            StoreError: The store cannot be had.
            CannotListen: An address cannot be had.
            CannotCallOut: A proxy's address cannot be used, or certificates not be read.
            UnusableSink: A sink cannot be made.
        """
        try:
            with left_alone():
                await self._start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop everything within 8 s: no call starts, open ones get 5 s, what is decided is recorded."""
        self._stop_by = time.monotonic() + STOP_WITHIN
        await self._running.aclose()

    async def reload(self) -> str | None:
        """
        Take over the configuration as it is on disk now, here alone.

        Returns:
            Why the one in force is kept, a line a fault; None when it is not.
        """
        return await self._reloading.reload()

    def healthy(self) -> str | None:
        """None while the watch goes on, or why it does not."""
        return self._watch.polling.stuck()

    def ready(self) -> str | None:
        """None once there is something to show, or why not yet."""
        if self._watch.accounts.restored or time.monotonic() >= self._ready_by:
            return None
        if not self._listed:
            return "the lists of apps are being read"
        if not self._holding.settled:
            return "which accounts this process is to watch is being found out"
        untried = self._watch.polling.untried()
        return f"first round: {untried} of {self._fleet.count()} apps have not been asked yet" if untried else None

    async def _start(self) -> None:
        settings = self._reloading.settings
        self._warn(settings)
        self._ready_by = time.monotonic() + READY_AFTER
        self._log.info("opening store", store=str(settings.store.url))
        restored = await self._open_store(settings.store.url.reveal())
        self._masking = await self._masking_of(settings)
        self._build(settings)
        self._check(settings)
        await self._site.start()
        self._running.push_async_callback(self._site.stop)
        await self._watch.accounts.remember(restored)
        self._running.push_async_callback(self._stop_delivering)
        self._dispatcher.start()
        self._outlets.open(settings)
        self._watch.polling.start()
        self._running.push_async_callback(self._watch.vendors.close)
        self._running.push_async_callback(self._stop_answering_and_asking)
        self._running.push_async_callback(self._watch.roster.stop)
        await self._watch.accounts.begin()
        self._listed = True
        self._reloading.succeeded()
        self._housekeeping.start()
        self._running.push_async_callback(self._housekeeping.stop)
        self._holding.start()
        self._running.push_async_callback(self._holding.stop)
        self._whole.start()
        self._running.push_async_callback(self._whole.stop)
        self._orders.start()
        self._running.push_async_callback(self._orders.stop)
        self._log.info(
            "watching",
            version=__version__,
            accounts=len(settings.accounts),
            apps=self._fleet.count(),
            listen=", ".join(self._site.addresses),
            store=str(settings.store.url),
        )

    async def _masking_of(self, settings: Settings) -> Masking:
        """How numbers are shown until we stop: the metrics' labels, above all, must not change in between."""
        if settings.privacy.numbers == "full":
            return FULL
        masking = Masking(await self._store.masking_key())
        self._mask_log(masking.logged)
        return masking

    def _build(self, settings: Settings) -> None:
        certificates = Certificates(self._environ)
        certificates.context()  # read now: a turn of the loop would be long by it
        self._exposition = Exposition(number_series=settings.metrics.number_series, masking=self._masking)
        self._holding = Holding(
            self._store.ownership,
            name=f"process {os.getpid()} on {socket.gethostname()}",
            settings=lambda: self._reloading.settings,
            change=self._change_hands,
            flush=self._store.flush,
            instruments=self._instruments,
            monotonic=time.monotonic,
            log=self._log,
        )
        self._dispatcher = Dispatcher(
            store=self._store,
            instruments=self._instruments,
            now=wall_clock,
            monotonic=time.monotonic,
            random=random.random,
            log=self._log,
        )
        self._outlets = Outlets(
            self._dispatcher,
            fleet=self._fleet,
            stdout=self._stdout,
            receivers=Receivers(self._environ, wall_clock, certificates),
            healthy=lambda: self.healthy() or self._holding.cut_off(),
            instruments=self._instruments,
            masking=self._masking,
            elsewhere=self._holding.is_elsewhere,
            now=wall_clock,
            log=self._log,
        )
        self._watch = watch_of(
            lambda: self._reloading.settings,
            holding=self._holding,
            store=self._store,
            fleet=self._fleet,
            exposition=self._exposition,
            instruments=self._instruments,
            certificates=certificates,
            environ=self._environ,
            on_recorded=self._news,
            log=self._log,
        )
        self._watching = Watching(
            self._fleet, self._watch.polling, self._watch.roster, settings=lambda: self._reloading.settings
        )
        self._whole = Whole(
            self._fleet,
            self._store,
            holding=self._holding,
            configured=lambda: [account.name for account in self._reloading.settings.accounts],
            listeners=self._listeners,
            monotonic=time.monotonic,
            log=self._log,
        )
        self._orders = Orders(
            polling=self._watch.polling,
            roster=self._watch.roster,
            holding=self._holding,
            reload=self._reloading.reload,
            requests=self._store.requests,
            flush=self._store.flush,
            log=self._log,
        )
        self._housekeeping = Housekeeping(
            store=self._store,
            polling=self._watch.polling,
            look=self._reloading.look,
            retention=settings.store.retention_ms,
            now=wall_clock,
            log=self._log,
        )
        self._introspection = Introspection(
            reloading=self._reloading, store=self._store, addresses=lambda: self.addresses, started=wall_clock()
        )
        self._site = Site(settings, self._application)

    def _application(self, settings: Settings) -> Starlette:
        return application(
            fleet=self._whole,
            replicas=self._whole,
            events=MaskedRecords(self._store, self._masking) if self._masking.is_on else self._store,
            exposition=self._exposition,
            registry=self._registry,
            poller=self._orders,
            reloader=self._orders,
            accepter=self._orders,
            health=self,
            watch=self._watching,
            introspection=self._introspection,
            listeners=self._listeners,
            templates=self._templates,
            max_verdict_age=settings.verdict.max_age_ms,
            language=conversion.page_language_of(settings),
            zone=settings.people.zone,
            listen=settings.web.listen,
            admission=conversion.admission_of(settings),
            masking=self._masking,
            version=__version__,
            now=wall_clock,
            log=self._log,
        )

    async def _open_store(self, url: str) -> Restored:
        """Open the store, and say where it is not the one that was there; what it knows."""
        open_store = partial(
            Store.open,
            now=wall_clock,
            on_commit=self._instruments.store_commit_duration.observe,
            on_state=self._store_turned,
            alone=False,
        )
        self._store, restored, aside = await open_or_begin_anew(url, open_store, now=wall_clock)
        self._running.push_async_callback(self._store.close)
        if aside is not None:
            self._log.error("store was damaged", reason=aside)
        if self._store.was_copy:
            self._log.warning("store is a backup: from now on its events have ids and a sequence of their own")
        return restored

    def _check(self, settings: Settings) -> None:
        self._watch.vendors.check(settings)
        self._outlets.check(settings)

    async def _take_over(self, before: Settings, settings: Settings) -> None:
        for what, differs in (
            ("store", before.store.url != settings.store.url),
            ("web.listen", before.web.listen != settings.web.listen),
            ("privacy", before.privacy != settings.privacy),
        ):
            if differs:
                self._log.warning("changed, but takes a restart to come into force", key=what)
        self._relog(settings)
        self._warn(settings)
        self._site.take_over(before, settings)
        if before.metrics != settings.metrics:
            self._exposition.select(settings.metrics.number_series)
            await self._watch.accounts.show()
        await self._outlets.take_over(settings)
        self._watch.ledger.routes = conversion.routes_of(settings)
        async with self._holding.turn:
            await self._watch.accounts.take_over(settings)
            self._holding.reloaded()
        self._fleet.unsettle()  # the policy may be another
        self._housekeeping.retention = settings.store.retention_ms
        self._log.info("configuration reloaded", accounts=len(settings.accounts), apps=self._fleet.count())

    async def _change_hands(self, lost: Collection[str], gained: Collection[str]) -> None:
        with left_alone():
            await self._watch.accounts.change_hands(lost, gained)
        self._outlets.take_over_deliveries()

    def _warn(self, settings: Settings) -> None:
        """Of what is configured and no error, but is not done, or not safe."""
        for warning in settings.web_config.warnings:
            self._log.warning("web.config_file asks for what is not done", what=warning)
        for path in settings.exposed:
            self._log.warning("every user of this machine can read a secret: chmod o-r", file=str(path))

    def _store_turned(self, up: bool) -> None:
        self._instruments.store_up.set(up)
        if not self._store_watched:
            self._store_watched = up  # it is being opened: whoever opens it says what is wrong
        elif up:
            self._log.info("store works again")
        else:
            self._log.error("store does not work: what is seen is shown, nothing new is told until it does")

    async def _stop_delivering(self) -> None:
        left = self._stop_by - time.monotonic()
        limit = min(LAST_DELIVERIES, max(0.2, left))
        await asyncio.gather(self._outlets.stop(), self._dispatcher.stop(limit=limit))

    def _news(self) -> None:
        """Something was recorded."""
        self._outlets.wake()
        self._listeners.ring()

    async def _stop_answering_and_asking(self) -> None:
        self._listeners.stop()
        await asyncio.gather(self._site.stop(), self._watch.polling.stop())
