"""
The daemon's own parts for one account, joined as `monitor.daemon.daemon` joins them, with clocks that can be set ahead.

A round of polls is then a minute for everything that is decided and a second for whoever waits.  Nothing is a copy:
client, budget, polling, ledger, store, dispatcher and exposition are the daemon's.
"""

import asyncio
import logging
import os
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import structlog

from benchmarks.configuration import write_configuration
from benchmarks.fleets import ACCOUNT
from monitor import __version__
from monitor.clock import wall_clock
from monitor.daemon import conversion
from monitor.daemon.daemon import ATTRIBUTES
from monitor.daemon.vendors import Vendors
from monitor.delivery.dispatcher import Dispatcher
from monitor.delivery.sinks.log import LogSink
from monitor.fleet.answer import FailureReason
from monitor.fleet.app import App
from monitor.fleet.event import EVENT_TYPES
from monitor.fleet.fleet import Fleet
from monitor.http.certificates import Certificates
from monitor.metrics.exposition import Exposition
from monitor.metrics.instruments import Instruments, Registry
from monitor.polling.account import AccountPolling
from monitor.polling.ledger import Ledger
from monitor.polling.polling import Polling
from monitor.settings.load import load
from monitor.settings.model import Settings
from monitor.store.store import Store

IN_FLIGHT = 50
INTERVAL = "1d"  #: long, so that the schedule polls nothing while we do


class Watch:
    """One account under watch."""

    def __init__(self, settings: Settings, store: Store, log: structlog.typing.FilteringBoundLogger) -> None:
        self.ahead = 0.0  #: seconds that our clocks are ahead
        self.settings = settings
        self.store = store
        self.registry = Registry()
        self.instruments = Instruments(
            self.registry,
            version=__version__,
            revision="",
            failure_reasons=[reason.value for reason in FailureReason],
            event_types=EVENT_TYPES,
            attributes=ATTRIBUTES,
        )
        self.fleet = Fleet()
        self.exposition = Exposition(number_series=settings.metrics.number_series)
        self.dispatcher = Dispatcher(
            store=store,
            instruments=self.instruments,
            now=self.now,
            monotonic=self.monotonic,
            random=random.random,
            log=log,
        )
        self.polling = Polling(
            fleet=self.fleet, instruments=self.instruments, now=self.now, monotonic=self.monotonic, log=log
        )
        self.ledger = Ledger(
            fleet=self.fleet,
            store=store,
            exposition=self.exposition,
            instruments=self.instruments,
            routes=conversion.routes_of(settings),
            on_recorded=self.dispatcher.wake,
            on_shown=self.polling.shown,
            now=self.now,
            log=log,
        )
        self.vendors = Vendors(
            polling=self.polling,
            fleet=self.fleet,
            ledger=self.ledger,
            instruments=self.instruments,
            certificates=Certificates({}),
            environ={},
            now=self.now,
            monotonic=self.monotonic,
            random=random.random,
            log=log,
        )

    def now(self) -> int:
        """Wall clock, ms."""
        return int((time.time() + self.ahead) * 1000)

    def monotonic(self) -> float:
        """Seconds."""
        return time.monotonic() + self.ahead

    @property
    def account(self) -> AccountPolling:
        """What polls the account's apps."""
        account = self.polling.account(ACCOUNT)
        assert account is not None
        return account

    async def first_round(self, apps: Collection[App]) -> None:
        """Give the schedule all apps, and wait until each was polled once."""
        await self.polling.set_apps(ACCOUNT, apps)
        while self.polling.untried():
            await asyncio.sleep(0.05)
        await self.round(apps)  # each is decided once more, as after any start, and waits for its calls

    async def round(self, apps: Iterable[App]) -> None:
        """Poll these apps, an interval later, so many at once as the budget lets through."""
        self.ahead += self.account.rules.interval / 1000
        due, waiting = self.now(), iter(list(apps))

        async def some() -> None:
            for app in waiting:
                await self.account.poll(app, due)

        await asyncio.gather(*(some() for _ in range(IN_FLIGHT)))


@asynccontextmanager
async def watching(
    base_url: str, *, credentials: tuple[str, str] = ("bench", "bench"), interval: str = INTERVAL
) -> AsyncIterator[Watch]:
    """Watch an account at this vendor, with a SQLite store on the disk; no app is known yet."""
    async with AsyncExitStack() as running:
        directory = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="number-monitor-bench-")))
        settings = load(write_configuration(directory, base_url, credentials=credentials, interval=interval), {})
        errors = structlog.make_filtering_bound_logger(logging.ERROR)
        log = structlog.wrap_logger(structlog.PrintLogger(sys.stderr), wrapper_class=errors)
        watch = Watch(settings, await Store.open(settings.store.url.reveal(), now=wall_clock), log)
        running.push_async_callback(watch.store.close)
        await watch.vendors.take_over(settings, conversion.policy_of(settings))
        running.push_async_callback(watch.vendors.close)
        watch.dispatcher.start()
        running.push_async_callback(watch.dispatcher.stop, limit=2.0)
        watch.dispatcher.put(LogSink(os.open(os.devnull, os.O_WRONLY), now=watch.now))
        watch.polling.start()
        running.push_async_callback(watch.polling.stop)
        yield watch
