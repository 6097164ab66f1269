"""
A vendor whose answers change when they are told to: the simulator, strict about signatures, in a process of its own.

It is told through a pipe, so that changing and rendering the next answers costs the measured process nothing.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from monitor.simulator.faults import Delay
from monitor.simulator.lives import Script
from monitor.simulator.server import Simulator
from monitor.simulator.world import World

RATINGS = ("GREEN", "YELLOW")

Command = tuple[str, tuple[float, ...]]


class ChangingVendor:
    """The simulator's process."""

    def __init__(self, pipe: "Connection[Command, Any]") -> None:
        self._pipe = pipe
        self.base_url, self.access_key, self.access_secret, self.appkeys = self._pipe.recv()

    def change(self, turn: int, *, numbers: int, apps: float = 1.0) -> None:
        """
        Give some numbers another quality rating; the answers are ready when this returns.

        Args:
            turn: One more than last time.
            numbers: So many of an app.
            apps: This share of them, other ones each turn; when all had their turn, the ratings are the other ones.
        """
        self._tell("change", turn, numbers, apps)

    def move(self, seconds: float) -> None:
        """Set its wall clock ahead."""
        self._tell("move", seconds)

    def _tell(self, name: str, *arguments: float) -> None:
        self._pipe.send((name, arguments))
        self._pipe.recv()


@contextmanager
def changing_vendor(apps: int, numbers: int, *, delay: float = 0.0) -> Iterator[ChangingVendor]:
    """
    Run a simulator whose numbers stay as they are until they are told to change.

    Args:
        apps: How many.
        numbers: How many in all.
        delay: Seconds that every answer takes.
    """
    context = get_context("spawn")
    ours, its = context.Pipe()
    process = context.Process(target=_serve, args=(its, apps, numbers, delay), daemon=True)
    process.start()
    its.close()
    try:
        yield ChangingVendor(ours)
    finally:
        ours.close()
        process.join()


def _serve(pipe: "Connection[Any, Command]", apps: int, numbers: int, delay: float) -> None:
    asyncio.run(_answer(pipe, World.of(apps, numbers, script=Script()), delay))


async def _answer(pipe: "Connection[Any, Command]", world: World, delay: float) -> None:
    clock = _Clock()
    simulator = Simulator(world, now=clock.now)
    if delay:
        simulator.faults.add(Delay(seconds=delay))
    base_url = await simulator.start()
    told = _Told(world)
    for appkey in world.appkeys:
        world.answer(appkey)
    commands: dict[str, Callable[..., None]] = {"change": told.change, "move": clock.move}
    ended = asyncio.Event()

    def heard() -> None:
        try:
            name, arguments = pipe.recv()
        except (EOFError, ConnectionResetError):
            ended.set()
            return
        commands[name](*arguments)
        pipe.send(None)

    pipe.send((base_url, world.access_key, world.access_secret, world.appkeys))
    asyncio.get_running_loop().add_reader(pipe.fileno(), heard)
    await ended.wait()
    asyncio.get_running_loop().remove_reader(pipe.fileno())
    await simulator.stop()


class _Clock:
    """The wall clock, which can be set ahead."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> int:
        return int((time.time() + self._ahead) * 1000)

    def move(self, seconds: float) -> None:
        self._ahead += seconds


class _Told:
    """Changes what it is told to."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._numbers = {appkey: world.listed(appkey) for appkey in world.appkeys}

    def change(self, turn: int, numbers: int, share: float) -> None:
        every = round(1 / share)
        rating = RATINGS[turn // every % 2]
        for index, (appkey, listed) in enumerate(self._numbers.items()):
            if index % every == turn % every:
                for number in listed[:numbers]:
                    self._world.change(number, {"quality_rating": rating})
                self._world.answer(appkey)
