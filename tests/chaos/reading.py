"""What the daemon's metrics say of its apps and numbers at a moment: as much as is wanted, read in milliseconds."""

import re
import time
from collections.abc import Iterator
from typing import NamedTuple

import httpx

_NAMES = r"nxcloud_app_\w+|nxcloud_number_quality_rating|number_monitor_\w+|process_resident_memory_bytes"
_SAMPLE = re.compile(rf"^({_NAMES})(?:\{{(.*)\}})? (\S+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')


class AppState(NamedTuple):
    """An app, as the metrics have it."""

    up: float | None
    suspect: float
    last_success: float  #: seconds since 1970; 0: there is none
    reason: str  #: why it fails; empty: nothing is said

    def __str__(self) -> str:
        why = f", reason {self.reason}" if self.reason else ""
        up = "none" if self.up is None else f"{self.up:g}"
        return f"up {up}{', suspect 1' if self.suspect else ''}{why}"


class Look:
    """One scrape."""

    def __init__(self, text: str) -> None:
        self.at = time.monotonic()
        self._apps: dict[tuple[str, str], dict[str, float]] = {}
        self._reasons: dict[tuple[str, str], str] = {}
        self._ratings: dict[tuple[str, str, str], float] = {}
        self._own: dict[tuple[str, frozenset[tuple[str, str]]], float] = {}
        for name, labels, value in _samples(text):
            key = (labels.get("account", ""), labels.get("appkey", ""))
            if name == "nxcloud_app_failure_info":
                self._reasons[key] = labels["reason"]
            elif name == "nxcloud_number_quality_rating":
                self._ratings[*key, labels["number"]] = value
            elif name.startswith("nxcloud_app_"):
                self._apps.setdefault(key, {})[name] = value
            else:
                self._own[name, frozenset(labels.items())] = value

    def app(self, account: str, appkey: str) -> AppState:
        """One app."""
        found = self._apps.get((account, appkey), {})
        return AppState(
            found.get("nxcloud_app_up"),
            found.get("nxcloud_app_suspect", 0),
            found.get("nxcloud_app_last_success_timestamp_seconds", 0),
            self._reasons.get((account, appkey), ""),
        )

    def rating(self, account: str, appkey: str, number: str) -> float | None:
        """A number's quality rating; None: it has no series."""
        return self._ratings.get((account, appkey, number))

    def numbers(self, account: str, appkey: str) -> int:
        """How many numbers of an app have a rating."""
        return sum(key[:2] == (account, appkey) for key in self._ratings)

    def own(self, name: str, **labels: str) -> float | None:
        """One of the daemon's own metrics."""
        return self._own.get((name, frozenset(labels.items())))


async def look(client: httpx.AsyncClient) -> Look:
    """Scrape."""
    return Look((await client.get("/metrics")).text)


async def unhealthy(client: httpx.AsyncClient) -> str:
    """What `/-/healthy` complains of; nothing when it does not."""
    answer = await client.get("/-/healthy")
    return "" if answer.status_code == 200 else answer.text.strip()


def _samples(text: str) -> Iterator[tuple[str, dict[str, str], float]]:
    for name, labels, value in _SAMPLE.findall(text):
        if not name.endswith("_bucket"):
            yield name, dict(_LABEL.findall(labels)), float(value)
