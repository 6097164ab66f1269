"""
One account, its vendor, and what goes wrong between them: a fault of the shared daemon has an account of its own.

Two apps of twelve numbers, all healthy until they are changed.  A fault strikes the first app, or the whole account.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from monitor.simulator.faults import Fault
from monitor.simulator.lives import STILL
from monitor.simulator.server import Simulator
from monitor.simulator.world import World
from tests.chaos.promise import Promise

APPS, NUMBERS = 2, 12  #: apps of an account, numbers of an app: enough that half of them can be missed

Shows = Literal["down", "held", "up"]  #: an app that fails; one whose answers are held back; one in good order


class Source:
    """The vendor of one account, as it is when nothing is wrong with it."""

    def __init__(self, account: str, seed: int, directory: Path) -> None:
        """
        Args:
            account: Its name.
            seed: Of its numbers.
            directory: For what it has to write.
        """
        self.account = account
        self.directory = directory
        self.world = World.of(apps=APPS, numbers=APPS * NUMBERS, seed=seed, script=STILL)
        self.struck, self.spared = self.world.appkeys
        self.simulator = Simulator(self.world)
        self.base_url = ""

    async def open(self) -> None:
        """Answer well from now on."""
        self.base_url = await self.simulator.start()

    async def close(self) -> None:
        """End."""
        await self.simulator.stop()

    async def strike(self) -> None:
        """Let the fault begin."""

    async def mend(self) -> None:
        """Let it end."""

    def configuration(self) -> dict[str, Any]:
        """The account's section."""
        return {
            "name": self.account,
            "base_url": self.base_url,
            "access_key": self.world.access_key,
            "access_secret": self.world.access_secret,
            "apps": list(self.world.appkeys),
        }

    @property
    def port(self) -> int:
        """Where the simulator listens."""
        return int(self.base_url.rpartition(":")[2])


class Trouble(NamedTuple):
    """A fault of one account, as its family's table declares it."""

    fault: str
    source: Callable[[str, int, Path], Source]
    promise: Promise
    shows: Shows
    reason: str = ""  #: the label of the failure, of an app that is down
    whole: bool = False  #: the other app of the account is struck as well


class Answering(Source):
    """A vendor whose answers are at fault."""

    def __init__(
        self, account: str, seed: int, directory: Path, fault: Callable[[World], Fault], *, whole: bool
    ) -> None:
        super().__init__(account, seed, directory)
        found = fault(self.world)
        self._fault = found if whole else msgspec.structs.replace(found, appkey=self.struck)

    async def strike(self) -> None:
        self.simulator.faults.add(self._fault)

    async def mend(self) -> None:
        self.simulator.faults.clear()
