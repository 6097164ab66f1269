"""
Three replicas that are killed, stopped, cut off from their store, and whose store is restarted, in random order, while
the numbers that they watch change.

Real processes, a real PostgreSQL, real signals.  What the vendor answered, what the store holds, what arrived and what
was shown meanwhile is kept; `evidence` and `replica_evidence` say what is wrong with it.
"""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from monitor.store.store import Store
from tests.delivery.receiver import Receiver
from tests.postgresql import PostgresqlServer
from tests.system.crashing import RATINGS
from tests.system.evidence import (
    Answered,
    Attempt,
    Recorded,
    States,
    arrived_whole,
    changes_recorded_once,
    in_order,
    numbered_without_gaps,
    written_to_stdout,
)
from tests.system.replica_evidence import (
    ANY,
    Disturbed,
    Recovery,
    Sight,
    Undisturbed,
    nothing_else_told,
    recoveries,
    within_budget,
)
from tests.system.replicas import APPS, RATE, SEATS, Seat, SharedVendor, Watch, drop_connections, owners

ACCOUNTS = ("east", "harbour", "island", "north", "south", "west")
CHANGE_EVERY = 0.5  #: seconds: of 180 numbers each has a change in 90 s on average
CALM = 120.0  #: seconds in which everything must have settled and arrived after the last disturbance
LINGERS = 8.0  # seconds after which every replica has noticed that the store is back
WAKES = 10.0  # seconds after which one that stood still is itself again

Strike = Callable[[Seat], Awaitable[None]]


class Pace(NamedTuple):
    """How long things last, in seconds."""

    of_replicas: tuple[float, float]  #: a round in which one replica is disturbed: from, to
    of_the_store: tuple[float, float]  #: one in which the store is
    stopped: float  #: a replica stands still
    cut_off: tuple[float, float]


FULL = Pace(of_replicas=(13.0, 18.0), of_the_store=(5.0, 7.0), stopped=120.0, cut_off=(4.0, 25.0))
QUICK = Pace(of_replicas=(7.0, 8.0), of_the_store=(2.0, 3.0), stopped=22.0, cut_off=(13.0, 14.0))

KILL, STOP, CUT_OFF = "kill -9", "stopped", "cut off from the store"
DROP, RESTART, CRASH = "all connections cut", "database restarted", "database crashed"
#: As often as each comes among so many rounds.
DECK = (KILL, STOP, CUT_OFF, DROP, CRASH, KILL, CUT_OFF, DROP, RESTART, KILL)


class Found(NamedTuple):
    """What is left when all is calm again."""

    seconds: float
    disturbances: list[Disturbed]
    answers: list[Answered]
    first: Mapping[str, States]
    recorded: list[Recorded]
    attempts: list[Attempt]
    shown: list[Mapping[str, Any]]  #: lines on stdout, of all replicas
    sights: Mapping[str, list[Sight]]
    changes: int  #: at the vendor
    wrong: list[str]  #: what else was noticed

    def problems(self) -> Iterator[str]:
        """Everything that is not as it must be, but for how long things took."""
        yield from numbered_without_gaps(self.recorded)
        yield from nothing_else_told(self.recorded, len(ACCOUNTS) * APPS)
        yield from changes_recorded_once(self.answers, self.recorded, self.first, Undisturbed(self.disturbances))
        yield from arrived_whole(self.recorded, self.attempts)
        yield from in_order(self.recorded, self.attempts)
        yield from written_to_stdout(self.recorded, self.shown)
        yield from within_budget(self.answers, RATE)
        yield from self.wrong

    def recoveries(self) -> list[Recovery]:
        """How long each account stood still after each disturbance that hit it."""
        return list(recoveries(self.disturbances, self.sights))


class Ordeal:
    """Three replicas, from the first start to the last stop."""

    def __init__(
        self,
        directory: Path,
        server: PostgresqlServer,
        *,
        random: Random,
        pace: Pace = FULL,
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        """
        Args:
            directory: For the configurations.
            server: Has a database made, and is restarted.
            random: What happens when, and to whom.
            progress: Told what is done.
        """
        self._server = server
        self._database = server.create_database()
        self._random = random
        self._pace = pace
        self._progress = progress
        self._lives: dict[int, int] = {}
        self._seats = [Seat(number, directory, self._lives) for number in range(SEATS)]
        self._vendors = [SharedVendor(account, seed, self._lives) for seed, account in enumerate(ACCOUNTS)]
        self._numbers = [(vendor, number) for vendor in self._vendors for number in vendor.first]
        self._hook = Receiver()
        self._watch = Watch(self._seats, ACCOUNTS)
        self._disturbances: list[Disturbed] = []
        self._healing: list[asyncio.Task[None]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._changes = 0
        self._strikes: Mapping[str, Strike] = {KILL: self._kill, STOP: self._stop, CUT_OFF: self._cut_off}
        self._blows: Mapping[str, Callable[[], Awaitable[None]]] = {
            DROP: partial(asyncio.to_thread, drop_connections, self._server, self._database),
            RESTART: partial(self._restart, "fast"),
            CRASH: partial(self._restart, "immediate"),
        }

    async def run(self, rounds: int) -> Found:
        """Disturb them so often, then let all settle."""
        began = time.monotonic()
        async with self._world():
            for seat in self._seats:
                await seat.start()
            for seat in self._seats:
                await seat.watching()
            watching = self._beside(self._watch.run())
            await self._until(lambda: len(self._hook.taken) >= len(ACCOUNTS) * APPS, "every app is known")
            changing = self._beside(self._go_on_changing())
            waiting: list[str] = []
            for number in range(1, rounds + 1):
                if not waiting:
                    waiting = self._random.sample(DECK[:rounds], len(DECK[:rounds]))
                await self._round(number, *await self._next(waiting))
            await asyncio.gather(*self._healing)
            changing.cancel()
            await self._settle()
            await self._all_delivered()
            watching.cancel()
            for seat in self._seats:
                await seat.end(signal.SIGTERM)
            return await self._found(time.monotonic() - began)

    @asynccontextmanager
    async def _world(self) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._hook)
            for vendor in self._vendors:
                stack.push_async_callback(vendor.close)
            for seat in self._seats:
                stack.push_async_callback(seat.close)
                contents = {
                    "accounts": [await vendor.open(seat.number) for vendor in self._vendors],
                    "poll": {"interval": "5s"},
                    "web": {"listen": "127.0.0.1:0"},
                    "events": {"sinks": [{"name": "hook", "type": "webhook", "url": self._hook.url}]},
                }
                await seat.open(self._server, self._database, contents)
            stack.push_async_callback(self._stop_tasks)
            yield

    async def _round(self, number: int, what: str, victim: Seat | None) -> None:
        pace = self._pace.of_the_store if victim is None else self._pace.of_replicas
        until = time.monotonic() + self._random.uniform(*pace)
        self._progress(f"round {number}: {what}{'' if victim is None else f', replica {victim.number}'}")
        if victim is not None:
            await self._strikes[what](victim)
        else:
            began = time.time()
            await self._blows[what]()
            self._note(what, began, ANY, frozenset(ACCOUNTS), LINGERS)
        await asyncio.sleep(max(0.0, until - time.monotonic()))

    async def _next(self, waiting: list[str]) -> tuple[str, Seat | None]:
        """What is done now, and to whom: what waits longest of all that can be done."""
        for place, what in enumerate(waiting):
            if what in self._blows:
                return waiting.pop(place), None
            standing = what == STOP and any(seat.is_stopped for seat in self._seats)
            victim = None if standing else await self._victim()
            if victim is not None:
                return waiting.pop(place), victim
        return DROP, None

    async def _victim(self) -> Seat | None:
        """One that is sound, as long as another is; mostly one that watches something."""
        sound = [seat for seat in self._seats if seat.is_sound]
        if len(sound) < 2:
            return None
        whose = await self._owners()
        watching = [seat for seat in sound if seat in whose.values()]
        return self._random.choice(watching if watching and self._random.random() < 0.8 else sound)

    async def _kill(self, seat: Seat) -> None:
        """And start it again some seconds later."""
        life, hit, began = seat.life, await self._hit(seat), time.time()
        await seat.end(signal.SIGKILL)
        self._note(KILL, began, life, hit)
        await asyncio.sleep(self._random.uniform(1.0, 7.0))  # as long as whoever supervises it takes
        await seat.start()
        await seat.watching()

    async def _stop(self, seat: Seat) -> None:
        life, hit, began = seat.life, await self._hit(seat), time.time()
        seat.stop()
        self._note(STOP, began, life, hit, self._pace.stopped + WAKES)
        self._later(self._pace.stopped, partial(self._wake, seat))

    async def _wake(self, seat: Seat) -> None:
        self._progress(f"replica {seat.number} goes on")
        seat.wake()

    async def _cut_off(self, seat: Seat) -> None:
        seconds = self._random.uniform(*self._pace.cut_off)
        refused = self._random.random() < 0.5
        life, hit, began = seat.life, await self._hit(seat), time.time()
        await seat.cut_off(refused=refused)
        self._note(CUT_OFF, began, life, hit, seconds + LINGERS)
        self._later(seconds, seat.join)

    async def _restart(self, mode: str) -> None:
        await asyncio.to_thread(self._server.stop, mode)
        await asyncio.sleep(self._random.uniform(0.0, 2.0))  # as long as a server takes to come back
        await asyncio.to_thread(self._server.start)

    def _note(self, what: str, began: float, life: int, hit: frozenset[str], lingers: float = 0.0) -> None:
        self._disturbances.append(Disturbed(what, began, time.time(), lingers, life, hit))

    async def _hit(self, victim: Seat) -> frozenset[str]:
        """What stands still because of it: what it owns, and what is on its way from one to another."""
        whose = await self._owners()
        others = [seat for seat in self._seats if seat.is_sound and seat is not victim]
        return frozenset(account for account in ACCOUNTS if whose.get(account) not in others)

    async def _owners(self) -> Mapping[str, Seat | None]:
        return await asyncio.to_thread(owners, self._server, self._database, self._seats)

    def _later(self, seconds: float, heal: Callable[[], Awaitable[None]]) -> None:
        async def healed() -> None:
            await asyncio.sleep(seconds)  # as long as it is to last
            await heal()

        self._healing.append(self._beside(healed()))

    def _beside(self, doing: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        self._tasks.append(asyncio.create_task(doing))
        return self._tasks[-1]

    async def _stop_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _go_on_changing(self) -> None:
        while True:
            vendor, number = self._random.choice(self._numbers)
            self._changes += 1
            now = vendor.world.show(number)["row"]["quality_rating"]
            others = [rating for rating in RATINGS if rating != now]
            change = {"quality_rating": self._random.choice(others)}
            if self._random.random() < 0.5:
                change = {"verified_name": f"GLORY {self._changes}"}
            vendor.world.change(number, change)
            await asyncio.sleep(CHANGE_EVERY)

    async def _settle(self) -> None:
        """Every app is asked three times more by one and the same, and so is certain to have been recorded."""
        began = max([time.time(), *(each.ended + each.lingers for each in self._disturbances)])
        keys = [(vendor, appkey) for vendor in self._vendors for appkey in vendor.world.appkeys]

        def settled() -> bool:
            return all(_asked_by_one(vendor.answers, appkey, began) for vendor, appkey in keys)

        await self._until(settled, "every account has its owner")

    async def _all_delivered(self) -> None:
        reader = await Store.open_readonly(self._server.url(self._database))
        try:
            async with asyncio.timeout(CALM):
                while await self._left(reader):
                    await asyncio.sleep(0.5)
        finally:
            await reader.close()

    @staticmethod
    async def _left(reader: Any) -> bool:
        waiting = [await reader.waiting(sink, account, 0, 1) for sink in ("stdout", "hook") for account in ACCOUNTS]
        return any(waiting)

    @staticmethod
    async def _until(condition: Callable[[], bool], what: str) -> None:
        try:
            async with asyncio.timeout(CALM):
                while not condition():
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"{CALM:g} s were not enough until {what}") from None

    def _wrong(self) -> Iterator[str]:
        for vendor in self._vendors:
            yield from vendor.problems
        for seat in self._seats:
            yield from seat.problems

    async def _found(self, seconds: float) -> Found:
        reader = await Store.open_readonly(self._server.url(self._database))
        try:
            events = await reader.events(limit=10_000_000)
            backlog = await reader.backlog()
        finally:
            await reader.close()
        dead = [f"{each.dead} are given up for {name}" for name, each in backlog.items() if each.dead]
        taken = {id(request) for request in self._hook.taken}
        answers = [answer for vendor in self._vendors for answer in vendor.answers]
        return Found(
            seconds=seconds,
            disturbances=self._disturbances,
            answers=sorted(answers, key=lambda each: each.at),
            first={vendor.account: vendor.first for vendor in self._vendors},
            recorded=[Recorded(each.sequence, each.id, each.body) for each in events],
            attempts=[
                Attempt(each.headers["webhook-id"], each.body, id(each) in taken) for each in self._hook.requests
            ],
            shown=[line for seat in self._seats for line in seat.shown],
            sights=self._watch.sights,
            changes=self._changes,
            wrong=[*dead, *self._wrong()],
        )


def _asked_by_one(answers: list[Answered], appkey: str, since: float) -> bool:
    lives = [answer.life for answer in answers[-20 * APPS :] if answer.appkey == appkey and answer.at > since]
    return len(lives) >= 3 and len({*lives[-3:]}) == 1
