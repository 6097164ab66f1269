"""
The faults of vendors, networks, certificates and proxies, all at once, on one daemon: each has an account of its own.

What one of them does must not be seen in another; and an account that nothing is wrong with is watched beside them.
"""

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx

from tests.chaos import network, vendor
from tests.chaos.network import Certificates, Names
from tests.chaos.promise import OF_THE_SOURCE, SKIPS, NotHere, Promise, Seen, Skipped
from tests.chaos.reading import AppState, Look, look, unhealthy
from tests.chaos.rights import may_mount
from tests.chaos.source import Source, Trouble
from tests.system.running import PATIENCE, Running

INTERVAL = 5.0  # seconds: the shortest that can be configured
TIMEOUT = 1.0
LOOK_EVERY = 0.25
RED, YELLOW = {"quality_rating": "RED"}, {"quality_rating": "YELLOW"}
NO_PROXY = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "")
CONTROL = Trouble("nothing is wrong beside all these", Source, Promise("up 1, at most 400 MB", ""), "up")
MOST_MEMORY = 400e6  # bytes


class Course:
    """How one account goes through its fault."""

    def __init__(self, family: str, trouble: Trouble, source: Source, daemon: Running) -> None:
        self.family, self.trouble, self.source = family, trouble, source
        self._daemon = daemon
        self._changed = source.world.listed(source.struck)[1]  # not the first: every second is still listed
        self._beside = source.world.listed(source.spared)[0]
        self._struck_at = 0.0  # seconds since 1970
        self._ended_at: tuple[float, float] | None = None  # since 1970, and monotonic
        self._metric: AppState | None = None
        self._recovered: float | None = None
        self._wrong: dict[str, None] = {}  # each once, in order

    async def begin(self) -> None:
        """Let the fault begin; behind it a number of each app changes."""
        await self.source.strike()
        self._struck_at = time.time()
        self.source.world.change(self._changed, RED)
        self.source.world.change(self._beside, YELLOW)

    async def end(self) -> None:
        """Let it end."""
        await self.source.mend()
        self._ended_at = (time.time(), time.monotonic())
        if self._metric is None:
            self._wrong[f"never showed {self.trouble.promise.metric}"] = None
        if not self.trouble.whole and not self._told("number.degraded", self._beside):
            self._wrong["what changed in the account's other app was not told meanwhile"] = None

    def is_there(self, found: Look) -> bool:
        """Whether both apps are known and in good order."""
        return all(
            self._app(found, appkey).up == 1 and found.numbers(self.source.account, appkey) == 12
            for appkey in self.source.world.appkeys
        )

    def see(self, found: Look, *, slow: bool) -> None:
        """
        Take in what the metrics show now.

        Args:
            slow: The machine has been too busy to answer a call in time: calls that timed out are its fault.
        """
        if not self._struck_at:
            return
        if self._ended_at is None:
            struck, spared = (self._app(found, appkey) for appkey in (self.source.struck, self.source.spared))
            if slow and struck.reason == "timeout" != self.trouble.reason:
                struck = struck._replace(up=None)
            if slow and spared.reason == "timeout":
                spared = spared._replace(up=None)
            self._see_during(struck, spared)
        elif self._recovered is None and self._is_well(found, self._ended_at[0]):
            self._recovered = max(0.0, found.at - self._ended_at[1]) / INTERVAL

    @property
    def shown(self) -> bool:
        """Whether the metrics have shown what is wrong, and the other app's change has been told."""
        spared_told = self.trouble.whole or self._told("number.degraded", self._beside) > 0
        return self._metric is not None and spared_told

    @property
    def over(self) -> bool:
        """Whether it has recovered."""
        return self._recovered is not None

    def seen(self) -> Seen:
        """What became of it."""
        wanted = [("number.degraded", self._changed), ("number.degraded", self._beside)]
        return Seen(
            family=self.family,
            fault=self.trouble.fault,
            promise=self.trouble.promise,
            metric=str(self._metric),
            log=self._line(),
            invented=list(self._invented(wanted)),
            lost=[f"{type_} {number}" for type_, number in wanted if not self._told(type_, number)],
            recovered=self._recovered,
            wrong=list(self._wrong),
        )

    def _see_during(self, struck: AppState, spared: AppState) -> None:
        if self._is_promised(struck):
            self._metric = struck
        elif self._metric is not None and struck.up is not None and not self._fails_otherwise(struck):
            self._wrong[f"showed {struck} in the middle of it"] = None
        if self.trouble.shows != "up" and struck.last_success > self._struck_at:
            self._wrong["an answer counted as success"] = None
        if not self.trouble.whole and (spared.up == 0 or spared.suspect):
            self._wrong[f"the account's other app showed {spared}"] = None

    def _fails_otherwise(self, state: AppState) -> bool:
        """It fails, as promised; a slow call may have failed for another reason."""
        return self.trouble.shows == "down" and state.up == 0

    def _is_promised(self, state: AppState) -> bool:
        match self.trouble.shows:
            case "down":
                return state.up == 0 and state.reason == self.trouble.reason
            case "held":
                return state.up == 1 and state.suspect == 1
        return state.up == 1 and not state.suspect and self._told("number.degraded", self._changed) > 0

    def _is_well(self, found: Look, since: float) -> bool:
        apps = [self._app(found, appkey) for appkey in self.source.world.appkeys]
        account, world = self.source.account, self.source.world
        return (
            all(app.up == 1 and not app.suspect and not app.reason and app.last_success > since for app in apps)
            and found.rating(account, self.source.struck, self._changed) == 3
            and all(found.numbers(account, appkey) == 12 for appkey in world.appkeys)
            and self._told("number.degraded", self._changed) > 0
            and self._told("number.degraded", self._beside) > 0
        )

    def _app(self, found: Look, appkey: str) -> AppState:
        return found.app(self.source.account, appkey)

    def _events(self) -> Iterator[dict[str, Any]]:
        return (event for event in list(self._daemon.events) if event["data"]["account"] == self.source.account)

    def _told(self, type_: str, number: str) -> int:
        return sum(event["type"] == type_ and event["subject"] == number for event in self._events())

    def _invented(self, wanted: Sequence[tuple[str, str]]) -> Iterator[str]:
        """What was told and is explained neither by what changed nor by the source's own state, each once."""
        left = [*wanted, *(("app.baseline", appkey) for appkey in self.source.world.appkeys)]
        open_: set[tuple[str, str]] = set()
        for event in self._events():
            told = (event["type"], event["subject"])
            if told in left:
                left.remove(told)
            elif self.trouble.shows != "up" and told[0] in OF_THE_SOURCE and told not in open_:
                open_.add(told)
            elif any((begun, told[1]) in open_ for begun, over in OF_THE_SOURCE.items() if over == told[0]):
                open_ = {(begun, who) for begun, who in open_ if (OF_THE_SOURCE[begun], who) != told}
            else:
                yield " ".join(told)
        yield from (f"{' '.join(each)} was never over" for each in open_)

    def _line(self) -> str:
        """The first line of the log about this account that has the words."""
        words = self.trouble.promise.words
        for line in self._daemon.log:
            if words and words in line and line.startswith("{"):
                entry = json.loads(line)
                if entry.get("account") == self.source.account:
                    return f"{entry['event']}: {entry['error']}" if "error" in entry else str(entry["event"])
        return ""


class Together:
    """All of them, from the first healthy poll to the last recovery."""

    def __init__(self, directory: Path, *, intervals: float, progress: Callable[[str], None] = lambda _: None) -> None:
        """
        Args:
            directory: For the configuration, the store and the certificates.
            intervals: How long the faults last.
            progress: Told what is being done.
        """
        self._directory = directory
        self._intervals = intervals
        self._progress = progress
        self._skipped: list[Skipped] = []
        self._through: Sequence[str] = ()
        self._environ = dict(NO_PROXY)
        self._complaints: dict[str, None] = {}  # of `/-/healthy`, each once
        self.memory = 0.0  #: bytes: the most that the daemon was seen to hold

    async def run(self) -> list[Seen | Skipped]:
        """Go through them."""
        troubles = list(self._troubles())
        async with AsyncExitStack() as open_:
            sources = []
            for index, (_, trouble) in enumerate(troubles):
                source = trouble.source(f"account-{index}", index, self._directory)
                await source.open()
                open_.push_async_callback(source.close)
                sources.append(source)
            daemon = await Running.start(self._configure(sources), environ=self._environ, through=self._through)
            open_.push_async_callback(daemon.end)
            courses = [
                Course(family, trouble, source, daemon)
                for (family, trouble), source in zip(troubles, sources, strict=True)
            ]
            client = httpx.AsyncClient(base_url=await daemon.ready(), timeout=PATIENCE)
            await open_.enter_async_context(client)
            await self._live(courses, client)
        control, *others = (course.seen() for course in courses)
        return [self._with_memory(control), *others, *self._skipped]

    def _with_memory(self, control: Seen) -> Seen:
        wrong = [*control.wrong, *self._complaints]
        if self.memory > MOST_MEMORY:
            wrong.append(f"it held {self.memory / 1e6:.0f} MB")
        return control._replace(metric=f"{control.metric}, at most {self.memory / 1e6:.0f} MB", wrong=wrong)

    async def _live(self, courses: list[Course], client: httpx.AsyncClient) -> None:
        self._progress("everything is well")
        await self._until(client, courses, lambda found: all(course.is_there(found) for course in courses))
        self._progress(f"{len(courses)} faults begin")
        began = time.monotonic()
        beginning = asyncio.gather(*(course.begin() for course in courses))
        lasts = self._intervals * INTERVAL
        await self._until(client, courses, lambda found: found.at - began > lasts and all(one.shown for one in courses))
        await beginning
        self._progress("they end")
        await asyncio.gather(*(course.end() for course in courses))
        await self._until(client, courses, lambda _: all(course.over for course in courses))
        began = time.monotonic()  # whatever is told too much is told by the next poll
        await self._until(client, courses, lambda found: found.at - began > INTERVAL)

    async def _until(self, client: httpx.AsyncClient, courses: list[Course], reached: Callable[[Look], bool]) -> None:
        """Look again and again; what has not happened when patience is over is seen as it is."""
        until, slow_until = time.monotonic() + PATIENCE + self._intervals * INTERVAL, 0.0
        while time.monotonic() < until:
            began = time.monotonic()
            found = await look(client)
            if found.at - began > TIMEOUT / 2:
                slow_until = found.at + 2 * INTERVAL
            self.memory = max(self.memory, found.own("process_resident_memory_bytes") or 0)
            if complaint := await unhealthy(client):
                self._complaints[complaint] = None
            for course in courses:
                course.see(found, slow=found.at < slow_until)
            if reached(found):
                return
            await asyncio.sleep(LOOK_EVERY)

    def _troubles(self) -> Iterator[tuple[str, Trouble]]:
        yield "no fault", CONTROL
        yield from ((vendor.FAMILY, trouble) for trouble in vendor.troubles())
        yield from ((network.NETWORK, trouble) for trouble in network.of_connections())
        try:
            may_mount()
            names = Names(self._directory)
            self._through = names.command
            yield from ((network.NETWORK, trouble) for trouble in network.of_names(names))
        except NotHere as error:
            self._skipped.append(Skipped(network.NETWORK, "DNS fails", str(error)))
        try:
            certificates = Certificates(self._directory)
            self._environ["SSL_CERT_FILE"] = str(certificates.authority.certificate)
            yield from ((network.TLS, trouble) for trouble in network.of_certificates(certificates))
            yield from ((network.PROXY, trouble) for trouble in network.of_proxies(certificates))
        except SKIPS as error:
            self._skipped.append(Skipped(network.TLS, "all of them, and proxies", str(error)))

    def _configure(self, sources: Sequence[Source]) -> Path:
        contents = {
            "accounts": [source.configuration() for source in sources],
            "poll": {"interval": f"{INTERVAL:g}s", "timeout": f"{TIMEOUT:g}s"},
            "metrics": {"number_series": ["quality_rating"]},
            "web": {"listen": "127.0.0.1:0"},
        }
        path = self._directory / "number-monitor.yml"
        path.write_text(json.dumps(contents), encoding="utf-8")
        return path
