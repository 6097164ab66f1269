"""The wall clock: set an hour ahead and back, while the monotonic one goes on as clocks do."""

from itertools import pairwise
from pathlib import Path

from tests.chaos.ordeal import INTERVAL, UNREACHABLE, Ordeal
from tests.chaos.promise import NotHere, Promise
from tests.chaos.reading import Look

FAMILY = "the clock"
HOUR = 3600


class ClockOrdeal(Ordeal):
    """A daemon under libfaketime, whose offset can be changed as it runs."""

    family = FAMILY
    told_meanwhile = True
    set_to = 0  #: seconds that our clock is ahead of the true one
    vendor_follows = True  #: the vendor's clock is as wrong: it was ours that had been wrong before

    async def prepare(self) -> None:
        library = _library()
        self._offset = self.directory / "offset"
        self._ahead = 0
        self._set(0)
        self.environ = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._offset),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_RESET": "1",
        }

    async def strike(self) -> None:
        self._set(self.set_to)

    async def mend(self) -> None:
        self._set(0)

    def vendor_now(self) -> int:
        return super().vendor_now() + (self._ahead * 1000 if self.vendor_follows and hasattr(self, "_ahead") else 0)

    def faults(self) -> list[str]:
        """A clock that is set makes no poll come twice, or not at all."""
        found = []
        for appkey in self.world.appkeys:
            moments = [at for at, call in self.calls if call.appkey == appkey]
            gaps = [after - before for before, after in pairwise(moments)]
            if max(gaps) > 2 * INTERVAL:
                found.append(f"{appkey} was not asked for {max(gaps):.1f} s")
            if min(gaps) < INTERVAL / 4:
                found.append(f"{appkey} was asked twice within {min(gaps):.1f} s")
        return found

    def _set(self, ahead: int) -> None:
        self._ahead = ahead
        self._offset.write_text(f"{ahead:+d}\n", encoding="ascii")


class Ahead(ClockOrdeal):
    """Set ahead, rightly."""

    fault = "set an hour ahead, then back"
    promise = Promise("up 1", "clock was set: polls are seated anew")
    steady = True
    set_to = HOUR

    def shows(self, found: Look) -> str:
        return "up 1" if all(found.app("main", appkey).up == 1 for appkey in self.world.appkeys) else ""


class Behind(Ahead):
    """Set back, rightly."""

    fault = "set an hour back, then ahead"
    set_to = -HOUR


class Wrong(ClockOrdeal):
    """Set ahead, and wrong: the vendor refuses what is signed then."""

    fault = "an hour ahead of the vendor's, then right again"
    promise = Promise("up 0, reason auth, clock_skew_seconds -3600", "s ahead of the vendor's, 60 s are allowed")
    set_to = HOUR
    vendor_follows = False
    told_meanwhile = False
    true_events = UNREACHABLE

    def shows(self, found: Look) -> str:
        apps = [found.app("main", appkey) for appkey in self.world.appkeys]
        skew = found.own("number_monitor_clock_skew_seconds", account="main") or 0
        fails = all(app.up == 0 and app.reason == "auth" for app in apps)
        return self.promise.metric if fails and abs(skew + HOUR) < 60 else ""

    def faults(self) -> list[str]:
        """Refused credentials are asked for once an interval alone."""
        return []


def _library() -> Path:
    found = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if found is None:
        raise NotHere("faketime is not installed (tests/system-packages.txt names its Debian package)")
    return found


ORDEALS = (Ahead, Behind, Wrong)
