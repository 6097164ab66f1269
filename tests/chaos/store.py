"""The store: locked, read-only, full, hung, damaged.  What is seen is shown all the while, and told afterwards."""

import asyncio
import contextlib
import errno
import os
import sqlite3
import subprocess
from typing import ClassVar

from tests.chaos.ordeal import Ordeal
from tests.chaos.promise import NotHere, Promise
from tests.chaos.reading import Look
from tests.chaos.rights import may_mount, program

FAMILY = "the store"
SHOWS = "store_up 0, the change shown"


class StoreOrdeal(Ordeal):
    """Whatever is wrong with it, the watch goes on."""

    family = FAMILY

    def shows(self, found: Look) -> str:
        return SHOWS if found.own("number_monitor_store_up") == 0 and self.red(found) else ""


class Locked(StoreOrdeal):
    """Somebody else's transaction."""

    fault = "locked by another program"
    promise = Promise(SHOWS, "is locked by another program")

    async def strike(self) -> None:
        self._other = sqlite3.connect(self.store, isolation_level=None, timeout=10)
        self._other.execute("BEGIN EXCLUSIVE")

    async def mend(self) -> None:
        self._other.rollback()
        self._other.close()


class ReadOnly(StoreOrdeal):
    """Not even root may write to the files, nor through what is open already."""

    fault = "made read-only"
    promise = Promise(SHOWS, "is read-only")

    async def prepare(self) -> None:
        probe = self.directory / "probe"
        probe.touch()
        for sign in "+-":
            if os.geteuid() != 0 or _run(program("chattr"), f"{sign}i", str(probe)):
                raise NotHere("needs root, and a file system on which files can be made immutable")

    async def strike(self) -> None:
        self._immutable("+")

    async def mend(self) -> None:
        self._immutable("-")

    async def clean(self) -> None:
        self._immutable("-")

    def _immutable(self, sign: str) -> None:
        files = [str(path) for path in self.directory.glob(self.store.name + "*") if path.suffix != ".lock"]
        if files:
            _run(program("chattr"), f"{sign}i", *files)


class Mounted(StoreOrdeal):
    """A store on a file system of its own."""

    mount: ClassVar[tuple[str, ...]]

    async def prepare(self) -> None:
        may_mount()
        self._volume = self.directory / "volume"
        self._volume.mkdir()
        self._make()
        self.store = self._volume / "number-monitor.db"

    async def clean(self) -> None:
        if hasattr(self, "_volume"):
            await asyncio.to_thread(_run, "umount", "--lazy", str(self._volume))

    def _make(self) -> None:
        raise NotImplementedError


class Full(Mounted):
    """A tmpfs of 4 MB without a free page."""

    fault = "on a full disk"
    promise = Promise(SHOWS, "the disk is full")

    def _make(self) -> None:
        _must("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(self._volume))

    async def strike(self) -> None:
        with (self._volume / "filler").open("wb", buffering=0) as filler:
            for size in (65536, 4096, 1):
                with contextlib.suppress(OSError):
                    while filler.write(b"\0" * size):
                        pass

    async def mend(self) -> None:
        (self._volume / "filler").unlink()


class Hung(Mounted):
    """A file system that takes no write and refuses none: whoever writes waits."""

    fault = "on a disk that hangs"
    promise = Promise(SHOWS, "has not answered for 15 s")
    intervals = 4.0
    longer = 6.0

    def _make(self) -> None:
        image = self.directory / "image"
        with image.open("wb") as file:
            file.truncate(24 << 20)
        _must(program("mkfs.ext4"), "-q", str(image))
        _must("mount", "-o", "loop", str(image), str(self._volume))

    async def strike(self) -> None:
        await asyncio.to_thread(_must, program("fsfreeze"), "--freeze", str(self._volume))
        self._frozen = True

    async def mend(self) -> None:
        await asyncio.to_thread(_must, program("fsfreeze"), "--unfreeze", str(self._volume))

    async def clean(self) -> None:
        if hasattr(self, "_volume"):
            await asyncio.to_thread(_run, "fsfreeze", "--unfreeze", str(self._volume))
        await super().clean()


class Damaged(Ordeal):
    """Garbage over the whole file while the daemon is not running: it sets the file aside and begins anew."""

    family = FAMILY
    fault = "damaged, found at the start"
    promise = Promise("up 1, on a new store", "store was damaged")
    told_meanwhile = True
    told_anew = ("app.baseline",)
    intervals = 1.0
    longer = 1.0

    async def strike(self) -> None:
        before = self.daemon
        await self._client.aclose()
        await before.end()
        self.world.change(self._changed, {"quality_rating": "RED"})
        size = self.store.stat().st_size
        self._garbage = os.urandom(size)
        self.store.write_bytes(self._garbage)
        await self.start()
        self.daemon.events[:0], self.daemon.log[:0] = before.events, before.log

    def shows(self, found: Look) -> str:
        return self.promise.metric if self._is_well(found) and self.red(found) else ""

    def faults(self) -> list[str]:
        """What was there is still there, under another name."""
        kept = [path.read_bytes() for path in self.directory.glob("number-monitor.db.aside-*")]
        return [] if self._garbage in kept else ["the damaged file is not kept"]

    def _told(self, number: str) -> bool:
        """What was in trouble when it began anew is named in the first summary."""
        summaries = self.daemon.told("app.baseline")
        named = any(each["number"] == number for event in summaries for each in event["data"]["degraded"])
        return named or super()._told(number)


def _must(*command: str) -> None:
    if _run(*command):
        raise NotHere(f"`{' '.join(command[:4])} …` does not work here")


def _run(*command: str) -> int:
    try:
        return subprocess.run(command, capture_output=True, timeout=20, check=False).returncode
    except FileNotFoundError:
        return errno.ENOENT


ORDEALS = (Locked, ReadOnly, Full, Hung, Damaged)
