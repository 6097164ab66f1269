"""
The watch itself, made and joined: who polls the accounts, where decisions become facts, and which apps there are.

Part of the composition root.
"""

import random
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import structlog

from monitor.clock import wall_clock
from monitor.daemon import conversion
from monitor.daemon.accounts import Accounts
from monitor.daemon.holding import Holding
from monitor.daemon.vendors import Vendors
from monitor.fleet.fleet import Fleet
from monitor.fleet.hints import hint
from monitor.http.certificates import Certificates
from monitor.metrics.exposition import Exposition
from monitor.metrics.instruments import Instruments
from monitor.polling.ledger import Ledger
from monitor.polling.polling import Polling
from monitor.roster.roster import Roster
from monitor.settings.model import Settings
from monitor.store.store import Store


class Watch(NamedTuple):
    """Its parts."""

    polling: Polling
    ledger: Ledger
    vendors: Vendors
    roster: Roster
    accounts: Accounts


def watch_of(
    settings: Callable[[], Settings],
    *,
    holding: Holding,
    store: Store,
    fleet: Fleet,
    exposition: Exposition,
    instruments: Instruments,
    certificates: Certificates,
    environ: Mapping[str, str],
    on_recorded: Callable[[], None],
    log: structlog.typing.FilteringBoundLogger,
) -> Watch:
    """
    Make it; nothing is polled yet.

    Args:
        settings: Those in force.
        holding: Which accounts are this process's to watch.
        store: What lasts.
        fleet: What is known.
        exposition: The text of `/metrics`.
        instruments: Our own metrics.
        certificates: Whom calls to the vendor believe.
        environ: For the proxies.
        on_recorded: Called when events were recorded.
        log: For all of them.
    """
    polling = Polling(fleet=fleet, instruments=instruments, now=wall_clock, monotonic=time.monotonic, log=log)
    ledger = Ledger(
        fleet=fleet,
        store=store,
        exposition=exposition,
        instruments=instruments,
        routes=conversion.routes_of(settings()),
        on_recorded=on_recorded,
        on_shown=polling.shown,
        now=wall_clock,
        log=log,
    )
    vendors = Vendors(
        polling=polling,
        fleet=fleet,
        ledger=ledger,
        instruments=instruments,
        certificates=certificates,
        environ=environ,
        now=wall_clock,
        monotonic=time.monotonic,
        random=random.random,
        log=log,
        acts_for=holding.acts_for,
    )
    roster = Roster(
        [conversion.sources_of(account) for account in holding.restricted(settings()).accounts],
        store=store,
        tell=ledger.tell,
        on_change=polling.set_apps,
        instruments=instruments,
        now=wall_clock,
        monotonic=time.monotonic,
        log=log,
        hint=lambda hint_id: hint(hint_id, settings().people.language),
    )
    accounts = Accounts(
        settings=settings,
        watched=holding.restricted,
        store=store,
        fleet=fleet,
        ledger=ledger,
        vendors=vendors,
        roster=roster,
        monotonic=time.monotonic,
    )
    return Watch(polling, ledger, vendors, roster, accounts)
