"""
One list of apps that is read again and again: the last believed one, what is held back, and what others are told.

The believed list is kept in the store, so that a restart while the source is away loses no app and notices a list that
shrank meanwhile.  Events go out once: what the store could not record is told after a later read.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import msgspec
import structlog

from monitor.fleet.app import App
from monitor.fleet.event import Event, EventSeverity
from monitor.metrics.instruments import Instruments
from monitor.roster.errors import RosterError
from monitor.roster.guard import Apps, Guarded, News, Verdict, accept, judge
from monitor.store.errors import StoreError

READ_WITHIN = 30.0  # seconds: a file may lie on a disk that hangs
MOST_NAMED = 100  # appkeys that an event lists

Read = Callable[[], Awaitable[Sequence[App]]]
Tell = Callable[[Sequence[Event]], Awaitable[object]]


class Shelf(Protocol):
    """Where lists are kept: `monitor.store.store.Store`.  Both raise StoreError."""

    async def roster(self, account: str, source: str) -> bytes | None:
        """What was kept last; None or empty when nothing is."""

    async def save_roster(self, account: str, source: str, body: bytes) -> None:
        """Keep this instead."""


class Kept(msgspec.Struct, frozen=True):
    """What the store keeps of a list, as JSON."""

    apps: Apps
    told_held: bool = False  #: `app_list.held` was told and `app_list.accepted` was not yet


class ListState(msgspec.Struct, frozen=True):
    """How a list does, for those who look."""

    account: str
    source: str  #: config, file or url
    apps: int
    up: bool  #: the last read succeeded
    last_success: int | None  #: milliseconds since 1970 of the last believed read; stands still while one is held
    held: int | None  #: how many apps the list has that is held back; None: none is
    error: str  #: why the last read failed, in one line; empty while it is up


class WatchedList:
    """The file's or the URL's list of one account."""

    def __init__(
        self,
        account: str,
        source: str,
        read: Read,
        *,
        store: Shelf,
        tell: Tell,
        hint: Callable[[str], str],
        instruments: Instruments,
        now: Callable[[], int],
        monotonic: Callable[[], float],
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        """
        Args:
            account: Whose list it is.
            source: `file` or `url`: the label of the metrics and the store's key.
            read: Reads it once; raises RosterError.
            store: Keeps the last believed list.
            tell: Records events and has them delivered; raises StoreError.
            hint: The sentence for a hint's id.
            instruments: Our own metrics.
            now: Wall clock, milliseconds since 1970.
            monotonic: Seconds.
            log: For what is wrong with the list, said once.
        """
        self.account = account
        self.source = source
        self.read = read
        self._store = store
        self._tell = tell
        self._hint = hint
        self._instruments = instruments
        self._now = now
        self._monotonic = monotonic
        self._log = log.bind(account=account, source=source)
        self._state = Guarded()
        self._news = Verdict(self._state)  # the last that brought any: what the event is about
        self._told_held = False
        self._kept: Kept | None = None
        self._error: str | None = None  # None until the first read
        self._last_success: int | None = None

    @property
    def apps(self) -> Apps:
        """The last believed list."""
        return self._state.believed or ()

    def state(self) -> ListState:
        """How it does now."""
        return ListState(
            account=self.account,
            source=self.source,
            apps=len(self.apps),
            up=self._error == "",
            last_success=self._last_success,
            held=len(self._state.hold.apps) if self._state.hold else None,
            error=self._error or "",
        )

    async def restore(self) -> None:
        """Take up the list that the store has kept, if it can be read."""
        try:
            body = await self._store.roster(self.account, self.source)
            if body:
                self._kept = msgspec.json.decode(body, type=Kept)
                self._told_held = self._kept.told_held
                self._state = Guarded(self._kept.apps, holding=self._told_held)
        except (StoreError, msgspec.MsgspecError) as error:
            self._log.warning("last list of apps not restored", reason=str(error))

    async def look(self) -> Apps | RosterError:
        """Read the list, without making anything of it yet: what `take` wants.  May be cancelled."""
        try:
            async with asyncio.timeout(READ_WITHIN):
                return tuple(await self.read())
        except RosterError as error:
            return error
        except TimeoutError:
            return RosterError([f"the {self.source} could not be read within {READ_WITHIN:g} s: look at where it lies"])

    async def take(self, read: Apps | RosterError) -> None:
        """Judge what was read, tell what is new, keep what is believed."""
        up = not isinstance(read, RosterError)
        self._instruments.app_source_up.labels(self.account, self.source).set(up)
        if isinstance(read, RosterError):
            self._note_failure(read)
        else:
            if self._error:
                self._log.info("list of apps can be read again", apps=len(read))
            self._error = ""
            self._adopt(judge(self._state, read, self._monotonic()))
            if self._state.hold is None:
                self._last_success = self._now()
                self._instruments.app_source_last_success.labels(self.account, self.source).set(
                    self._last_success / 1000
                )
        await self._tell_and_keep()

    async def accept(self) -> bool:
        """Believe what is held back; False when nothing is."""
        verdict = accept(self._state)
        self._adopt(verdict)
        await self._tell_and_keep()
        return verdict.news is not None

    def _note_failure(self, error: RosterError) -> None:
        if str(error) != self._error:
            self._log.error("list of apps cannot be used", problems=error.problems, apps_kept=len(self.apps))
        self._error = str(error)

    def _adopt(self, verdict: Verdict) -> None:
        self._state = verdict.state
        if verdict.news is None:
            return
        self._news = verdict
        say = self._log.warning if verdict.news is News.HELD else self._log.info
        say(f"list of apps {verdict.news}", before=len(verdict.before), after=len(verdict.after))

    async def _tell_and_keep(self) -> None:
        try:
            if self._state.holding != self._told_held:
                await self._tell([self._event()])
                self._told_held = self._state.holding
            if self._state.believed is None:
                return
            kept = Kept(self._state.believed, self._told_held)
            if kept != self._kept:
                await self._store.save_roster(self.account, self.source, msgspec.json.encode(kept))
                self._kept = kept
        except StoreError as error:
            self._log.warning("list of apps not kept; tried again after the next read", reason=str(error))

    def _event(self) -> Event:
        held = self._state.holding
        severity: EventSeverity = "warning" if held else "info"
        listed = {app.appkey for app in self._news.after}
        missing = [app.appkey for app in self._news.before if app.appkey not in listed]
        kind = "app_list.held" if held else "app_list.accepted"
        return Event(
            type=kind,
            time=self._now(),
            severity=severity,
            account=self.account,
            subject=self.account,
            data={
                "account": self.account,
                "source": self.source,
                "severity": severity,
                "why": str(self._news.news),
                "before": len(self._news.before),
                "after": len(self._news.after),
                "missing": len(missing),
                "appkeys": missing[:MOST_NAMED],
                "hint_id": kind,
                "hint": self._hint(kind),
            },
        )
