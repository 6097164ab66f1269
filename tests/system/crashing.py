"""
A daemon that is killed at random moments while its numbers change and its receivers fail a third of what they get.

Real processes, real sockets, SIGKILL.  What the vendor answered, what the store holds and what arrived is kept;
`evidence` says what is wrong with it.
"""

import asyncio
import json
import re
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from itertools import chain, cycle
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from monitor.fleet.number import normalise
from monitor.simulator.lives import STILL
from monitor.simulator.server import Call, Simulator
from monitor.simulator.world import World
from monitor.store.store import Store
from tests.delivery.receiver import CLOSE, HANG, TAKEN, Receiver, answer
from tests.system.evidence import (
    Answered,
    Attempt,
    Mention,
    Recorded,
    States,
    arrived_whole,
    changes_recorded_once,
    in_order,
    numbered_without_gaps,
    open_incidents,
    people_know,
    written_to_stdout,
)
from tests.system.running import Running

ACCOUNTS = ("east", "north", "west")
APPS, NUMBERS = 10, 3  #: apps of an account, numbers of an app: too few of a WABA to be told as a group
RENAMED = 15  #: names that change in a life, beside one rating
HEALTHY = "GREEN"
RATINGS = (HEALTHY, "YELLOW", "RED")
HELD_STILL = 3  #: of every so many numbers one keeps its rating: nothing may be told of it
IN_ITS_START = 0.15  #: of the kills, at most 0.8 s after its start; the others
LONGEST_LIFE = 1.8  #: seconds from when it watches
FAILING = (answer("500 Internal Server Error"), CLOSE, HANG)  #: a third of all answers
OK = answer("200 OK", body=b"ok")  #: what Slack says
CALM = 240.0  #: seconds in which everything must have arrived after the last kill

_SAYS = re.compile(r"(\+\d{7,15}) \([^)]*\) (is|got worse:|improved to) ([A-Z]+)")
_ACCOUNT = re.compile(r"account (\w+)")


class Victim(Running):
    """The daemon; what it was writing when it was killed is no line."""

    async def _read_events(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            if line.endswith(b"\n"):
                self.events.append(json.loads(line))


class Vendor:
    """The vendor of one account; what it answered is kept."""

    def __init__(self, account: str, seed: int) -> None:
        self.account = account
        self.life = 0  #: of the daemon that asks
        self.answers: list[Answered] = []
        self.world = World.of(apps=APPS, numbers=APPS * NUMBERS, seed=seed, script=STILL)
        self.first = self.all_states()
        self._simulator = Simulator(self.world, on_call=self._called)

    def states(self, appkey: str) -> States:
        """What an app's numbers are now."""
        return {
            normalise(row["display_phone_number"]): {
                "verified_name": row["verified_name"],
                "quality_rating": row["quality_rating"],
            }
            for row in self.world.rows(appkey)
        }

    def all_states(self) -> States:
        """What all its numbers are now."""
        return {number: state for appkey in self.world.appkeys for number, state in self.states(appkey).items()}

    def has_answered_all(self, life: int, times: int) -> bool:
        """Whether every app was asked for so often in a life."""
        asked = [answer.appkey for answer in self.answers if answer.life == life]
        return all(asked.count(appkey) >= times for appkey in self.world.appkeys)

    async def start(self) -> dict[str, Any]:
        """Answer from now on; the account's configuration."""
        return {
            "name": self.account,
            "base_url": await self._simulator.start(),
            "access_key": self.world.access_key,
            "access_secret": self.world.access_secret,
            "apps": list(self.world.appkeys),
            "rate_limit": 100,
        }

    async def stop(self) -> None:
        """Close everything."""
        await self._simulator.stop()

    def _called(self, call: Call) -> None:
        if call.code == 0:
            self.answers.append(Answered(self.account, call.appkey, self.life, self.states(call.appkey)))


class Found(NamedTuple):
    """What is left when all is calm again."""

    kills: int
    kills_in_start: int
    seconds: float
    answers: list[Answered]
    first: dict[str, States]  #: by account
    recorded: list[Recorded]
    attempts: list[Attempt]
    shown: list[Mapping[str, Any]]  #: lines on stdout
    messages: int  #: that people have; and
    messages_failed: int  #: those whose call failed
    mentions: list[Mention]
    left: list[str]  #: what is waiting or given up

    @property
    def open_incidents(self) -> int:
        """How many are open after the last event."""
        return len(open_incidents(self.recorded))

    def problems(self) -> Iterator[str]:
        """Everything that is not as it must be."""
        yield from numbered_without_gaps(self.recorded)
        yield from changes_recorded_once(self.answers, self.recorded, self.first)
        yield from arrived_whole(self.recorded, self.attempts)
        yield from in_order(self.recorded, self.attempts)
        yield from written_to_stdout(self.recorded, self.shown)
        yield from people_know(self.recorded, self.mentions)
        yield from self.left


class Crashes:
    """One daemon after the other, on one store."""

    def __init__(self, directory: Path, *, random: Random, progress: Callable[[int], None] = lambda _: None) -> None:
        """
        Args:
            directory: For the configuration and the store.
            random: When each is killed, what changes, which calls fail.
            progress: Told after each kill how many there were.
        """
        self._directory = directory
        self._random = random
        self._progress = progress
        self._vendors = [Vendor(account, seed) for seed, account in enumerate(ACCOUNTS)]
        self._hook, self._room = Receiver(), Receiver()
        self._shown: list[Mapping[str, Any]] = []
        self._names = 0
        self._all = numbers = [(vendor, number) for vendor in self._vendors for number in vendor.first]
        self._rated = [each for place, each in enumerate(numbers) if place % HELD_STILL]
        random.shuffle(self._rated)
        self._to_rate = cycle(self._rated)

    async def run(self, kills: int) -> Found:
        """Kill it so often, then let everything arrive."""
        began = time.monotonic()
        async with self._world() as path:
            await self._know_everything(path)
            self._fail_a_third()
            in_start = 0
            for kill in range(kills):
                in_start += await self._live_and_die(path)
                self._progress(kill + 1)
            await self._calm_down(path)
            return await self._found(kills, in_start, time.monotonic() - began)

    @asynccontextmanager
    async def _world(self) -> AsyncIterator[Path]:
        async with self._hook, self._room:
            accounts = [await vendor.start() for vendor in self._vendors]
            sinks: list[dict[str, Any]] = [
                {"name": "hook", "type": "webhook", "url": self._hook.url, "timeout": "1s"},
                {
                    "name": "room",
                    "type": "slack",
                    "url": self._room.url,
                    "timeout": "1s",
                    "settle": {"quality_rating.RED": "0s", "quality_rating.YELLOW": "0s"},
                },
            ]
            contents = {
                "accounts": accounts,
                "poll": {"interval": "5s"},
                "web": {"listen": "127.0.0.1:0"},
                "events": {"sinks": sinks},
            }
            path = self._directory / "number-monitor.yml"
            path.write_text(json.dumps(contents))
            try:
                yield path
            finally:
                for vendor in self._vendors:
                    await vendor.stop()

    async def _know_everything(self, path: Path) -> None:
        """The first life sees every app in good health."""
        self._room.plan(*[OK] * 1_000)
        daemon = await self._begin(path)
        await self._until(lambda: all(vendor.has_answered_all(1, 1) for vendor in self._vendors))
        await self._until(lambda: len(self._hook.taken) >= len(self._vendors) * APPS)
        await self._end(daemon, signal.SIGTERM)
        for vendor in self._vendors:
            vendor.answers.clear()

    async def _live_and_die(self, path: Path) -> bool:
        """Whether it was killed in its start."""
        daemon = await self._begin(path)
        in_start = self._random.random() < IN_ITS_START
        if not in_start:
            await daemon.watching()
        left = self._random.uniform(0, 0.8 if in_start else LONGEST_LIFE)
        for _ in range(3):
            self._change()
            await asyncio.sleep(left / 3)  # its life, not a wait for something
        await self._end(daemon, signal.SIGKILL)
        return in_start

    async def _calm_down(self, path: Path) -> None:
        """Nothing fails any more: one life sees everything, another, which has told nobody yet, tells the rest."""
        self._hook.recover()
        self._room.recover()
        self._room.plan(*[OK] * 1_000)
        self._give_every_sink_news()
        daemon = await self._begin(path)
        life = self._vendors[0].life
        await self._until(lambda: all(vendor.has_answered_all(life, 2) for vendor in self._vendors))
        await self._end(daemon, signal.SIGTERM)
        daemon = await self._begin(path)
        async with asyncio.timeout(CALM):
            while await self._left():
                await asyncio.sleep(0.5)
        await self._end(daemon, signal.SIGTERM)

    def _give_every_sink_news(self) -> None:
        """Something that programs and people are told of each account: its arrival makes all that was put off due."""
        for vendor in self._vendors:
            now = vendor.all_states()
            rated = (number for whose, number in self._rated if whose is vendor)
            healthy = [number for number in rated if now[number]["quality_rating"] == HEALTHY]
            vendor.world.change(healthy[0], {"quality_rating": "RED"})

    def _change(self) -> None:
        for vendor, number in self._random.sample(self._all, RENAMED // 3):
            self._rename(vendor, number)
        if self._random.random() < 1 / 3:
            vendor, number = next(self._to_rate)
            now = vendor.world.show(number)["row"]["quality_rating"]
            others = [rating for rating in RATINGS if rating != now]
            vendor.world.change(number, {"quality_rating": self._random.choice(others)})

    def _rename(self, vendor: Vendor, number: str) -> None:
        self._names += 1
        vendor.world.change(number, {"verified_name": f"GLORY {self._names}"})

    def _fail_a_third(self) -> None:
        for receiver, success in ((self._hook, TAKEN), (self._room, OK)):
            receiver.recover()
            receiver.plan(
                *(self._random.choice((success, success, self._random.choice(FAILING))) for _ in range(50_000))
            )

    async def _begin(self, path: Path) -> Victim:
        for vendor in self._vendors:
            vendor.life += 1
        return await Victim.start(path)

    async def _end(self, daemon: Victim, how: signal.Signals) -> None:
        await daemon.end(how)
        self._shown += daemon.events
        broken = [line for line in daemon.log if "Traceback" in line or '"exception"' in line]
        assert not broken, broken

    @staticmethod
    async def _until(condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(CALM):
            while not condition():
                await asyncio.sleep(0.05)

    async def _left(self) -> list[str]:
        """What is waiting or given up; first looks aside, which people are told of a minute later."""
        reader = await Store.open_readonly(self._url)
        try:
            dead = [
                f"{each.dead} are given up for {sink}" for sink, each in (await reader.backlog()).items() if each.dead
            ]
            waiting = [
                f"event {row.sequence} waits for {sink}"
                for sink in ("stdout", "hook", "room")
                for account in ACCOUNTS
                for row in await reader.waiting(sink, account, 0, 10_000)
                if sink != "room" or b'"type":"app.baseline"' not in row.body
            ]
        finally:
            await reader.close()
        return dead + waiting

    @property
    def _url(self) -> str:
        return f"sqlite:///{self._directory / 'number-monitor.db'}"

    async def _found(self, kills: int, in_start: int, seconds: float) -> Found:
        reader = await Store.open_readonly(self._url)
        try:
            events = await reader.events(limit=10_000_000)
        finally:
            await reader.close()
        taken = {id(request) for request in self._hook.taken}
        return Found(
            kills=kills,
            kills_in_start=in_start,
            seconds=seconds,
            answers=list(chain.from_iterable(vendor.answers for vendor in self._vendors)),
            first={vendor.account: vendor.first for vendor in self._vendors},
            recorded=[Recorded(each.sequence, each.id, each.body) for each in events],
            attempts=[
                Attempt(each.headers["webhook-id"], each.body, id(each) in taken) for each in self._hook.requests
            ],
            shown=self._shown,
            messages=len(self._room.taken),
            messages_failed=len(self._room.requests) - len(self._room.taken),
            mentions=list(chain.from_iterable(_mentions(each.body) for each in self._room.taken)),
            left=await self._left(),
        )


def _mentions(body: bytes) -> Iterable[Mention]:
    """What a message says of numbers, each account by itself."""
    text = "\n".join(_texts(json.loads(body)["blocks"]))
    found = _ACCOUNT.findall(text)
    for number, _verb, word in _SAYS.findall(text):
        yield Mention(found[-1], number, f"is {word}")


def _texts(blocks: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for block in blocks:
        yield from (each["text"] for each in [block.get("text"), *block.get("elements", [])] if each)
