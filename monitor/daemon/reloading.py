"""
The configuration in force, and how another takes its place: on somebody's word, or because a file has changed.

One that cannot be taken over changes nothing: the one before stays in force.  So it does where the web's own file is
empty, as a file is for a moment that somebody writes anew: it would open the doors.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from monitor.daemon.receivers import UnusableSink
from monitor.http.proxy import UnusableProxy
from monitor.metrics.instruments import Instruments
from monitor.settings.fingerprint import fingerprint
from monitor.settings.model import Settings
from monitor.settings.problems import SettingsError


class Reloading:
    """Which settings are in force; replaces them one after another."""

    def __init__(
        self,
        settings: Settings,
        *,
        load: Callable[[], Settings],
        check: Callable[[Settings], None],
        take_over: Callable[[Settings, Settings], Awaitable[None]],
        instruments: Instruments,
        now: Callable[[], int],
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        """
        Args:
            settings: Those in force.
            load: Reads the configuration anew; raises SettingsError.
            check: Raises UnusableProxy or UnusableSink when something cannot be made as configured.
            take_over: Given those before and the new ones, makes the new ones real.
            instruments: Our own metrics.
            now: Wall clock, milliseconds since 1970.
            log: What became of it.
        """
        self.settings = settings
        self.taken_over_at = now()  #: when those in force came into force, ms since 1970
        self.problems: tuple[str, ...] = ()  #: why the last reload kept them; empty when it did not
        self._load = load
        self._check = check
        self._take_over = take_over
        self._instruments = instruments
        self._now = now
        self._log = log
        self._files = settings.watched
        self._seen = fingerprint(self._files)
        self._turn = asyncio.Lock()

    async def reload(self) -> str | None:
        """Take over the configuration as it is on disk now; or keep the one in force and return why, a line a fault."""
        async with self._turn:
            files, found = self._files, await asyncio.to_thread(fingerprint, self._files)
            problems = await self._replace()
            # Files that are new to us were read before they could be looked at: the next look reads them once more.
            self._seen = found if self._files == files else b""
            return problems

    async def look(self) -> None:
        """Reload if the content of the configuration, or of a file that it names, is another one."""
        if await asyncio.to_thread(fingerprint, self._files) != self._seen:
            await self.reload()

    def succeeded(self) -> None:
        """The settings in force are real now."""
        self.taken_over_at, self.problems = self._now(), ()
        self._instruments.config_reload_successful.set(1)
        self._instruments.config_reload_success_time.set(self._now() / 1000)

    async def _replace(self) -> str | None:
        try:
            settings = await asyncio.to_thread(self._load)
            self._check(settings)
        except SettingsError as error:
            self._files = (self.settings.path, *error.files)  # one of them may put it right
            return self._kept([str(problem) for problem in error.problems])
        except (UnusableProxy, UnusableSink) as error:
            return self._kept([str(error)])
        if settings.web_config.is_blank and self.settings.web_config.guards:
            return self._kept([f"{settings.web.config_file} is empty: {{}} in it lets in everybody, if that is meant"])
        before, self.settings, self._files = self.settings, settings, settings.watched
        await self._take_over(before, settings)
        self.succeeded()
        return None

    def _kept(self, problems: list[str]) -> str:
        self.problems = tuple(problems)
        self._instruments.config_reload_successful.set(0)
        for problem in problems:
            self._log.error("configuration not reloaded: the one before stays in force", problem=problem)
        return "\n".join(problems)
