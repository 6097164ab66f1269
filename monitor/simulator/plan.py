"""Which faults are on, and which of them meets a call."""

from typing import Any

import msgspec

from monitor.simulator.faults import Fault


class FaultPlan:
    """The faults of one simulator.  The first that fits a call meets it, until it is used up."""

    def __init__(self) -> None:
        self._left: dict[int, tuple[Fault, int | None]] = {}
        self._next = 0

    def add(self, fault: Fault) -> None:
        """Turn a fault on, for as many calls as it says."""
        self._left[self._next] = (fault, fault.calls)
        self._next += 1

    def take(self, appkey: str) -> Fault | None:
        """The fault that meets this call; it has one call less from now on."""
        for place, (fault, left) in self._left.items():
            if fault.appkey in {"", appkey}:
                if left == 1:
                    del self._left[place]
                elif left is not None:
                    self._left[place] = (fault, left - 1)
                return fault
        return None

    def clear(self, appkey: str = "") -> None:
        """Turn all faults off, or those of one app."""
        self._left = {place: kept for place, kept in self._left.items() if appkey not in {"", kept[0].appkey}}

    def active(self) -> list[dict[str, Any]]:
        """The faults that are on, as JSON values, `calls` being those that are left."""
        return [{**msgspec.to_builtins(fault), "calls": left} for fault, left in self._left.values()]
