"""Run the daemon in this process until a signal ends it: what `run` and `demo` share."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable

from monitor.cli.context import complain
from monitor.cli.version import revision
from monitor.clock import wall_clock
from monitor.daemon.daemon import Daemon
from monitor.daemon.receivers import UnusableSink
from monitor.daemon.watchdog import watched
from monitor.discretion import Discretion
from monitor.http.errors import CannotCallOut
from monitor.logging_setup import Logging
from monitor.settings.exposure import secrets_in
from monitor.settings.model import Settings
from monitor.store.errors import StoreError
from monitor.web.address import CannotListen

FAILED = 1


async def serve(
    settings: Settings, load: Callable[[], Settings], started: Callable[[Daemon], None] = lambda _daemon: None
) -> int:
    """
    Run the daemon until SIGTERM or SIGINT; SIGHUP reloads.

    Args:
        settings: What to run.
        load: Reads the configuration anew; raises SettingsError.
        started: Called once the daemon watches.

    Returns:
        The exit code: 0 after a clean stop, 1 when it could not start (said in one line on standard error).
    """
    discretion = Discretion()
    discretion.hide(_secrets(settings))
    logging = Logging(
        settings.log.level, settings.log.format, now=wall_clock, colours=sys.stderr.isatty(), shown=discretion
    )
    try:
        with watched(logging.log, logging.close):
            return await _serve(settings, load, started, logging, discretion)
    finally:
        logging.close()


async def _serve(
    settings: Settings,
    load: Callable[[], Settings],
    started: Callable[[Daemon], None],
    logging: Logging,
    discretion: Discretion,
) -> int:
    def relog(changed: Settings) -> None:
        discretion.hide([*_secrets(settings), *_secrets(changed)])
        logging.change(changed.log.level, changed.log.format)

    daemon = Daemon(
        settings,
        load=load,
        relog=relog,
        mask_log=discretion.mask,
        environ=os.environ,
        stdout=sys.stdout.fileno(),
        revision=revision(),
        log=logging.log,
    )
    end = asyncio.Event()
    reloads: set[asyncio.Task[str | None]] = set()

    def reload() -> None:
        task = asyncio.ensure_future(daemon.reload())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    starting = asyncio.ensure_future(daemon.start())
    ended = asyncio.ensure_future(end.wait())
    await asyncio.wait({starting, ended}, return_when=asyncio.FIRST_COMPLETED)
    ended.cancel()
    if not starting.done():
        starting.cancel()
    try:
        await starting
    except asyncio.CancelledError:
        return 0
    except (StoreError, CannotListen, CannotCallOut, UnusableSink) as error:
        complain([f"number-monitor: {error}"])
        return FAILED
    loop.add_signal_handler(signal.SIGHUP, reload)
    started(daemon)
    await end.wait()
    logging.log.info("stopping")
    await daemon.stop()
    logging.log.info("stopped")
    return 0


def _secrets(settings: Settings) -> list[str]:
    """What the log must not say: the secrets of the configuration, and the proxies of the environment."""
    proxies = [value for name, value in os.environ.items() if name.lower().endswith("_proxy") and "@" in value]
    return [*secrets_in(settings), *proxies]
