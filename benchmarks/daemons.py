"""The daemon itself, whole, in this process: started as `number-monitor run` starts it."""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import structlog
from prometheus_client.parser import text_string_to_metric_families

from monitor.daemon.daemon import Daemon
from monitor.settings.load import load

Samples = dict[tuple[str, str], float]  #: by name and by the value of `le`, summed over all other labels


@asynccontextmanager
async def running(configuration: Path) -> AsyncIterator[Daemon]:
    """Run it meanwhile; its events go nowhere, its errors to stderr."""
    errors = structlog.make_filtering_bound_logger(logging.ERROR)
    daemon = Daemon(
        load(configuration, {}),
        load=lambda: load(configuration, {}),
        relog=lambda _settings: None,
        mask_log=lambda _masked: None,
        environ={},
        stdout=os.open(os.devnull, os.O_WRONLY),
        revision="",
        log=structlog.wrap_logger(structlog.PrintLogger(sys.stderr), wrapper_class=errors),
    )
    await daemon.start()
    try:
        yield daemon
    finally:
        await daemon.stop()


async def polled(daemon: Daemon, polls: int) -> None:
    """Wait until it has polled so many times."""
    while (await samples(daemon)).get(("number_monitor_polls_total", ""), 0) < polls:
        await asyncio.sleep(0.5)


async def samples(daemon: Daemon) -> Samples:
    """Its own metrics."""
    async with httpx.AsyncClient(timeout=30) as client:
        return samples_in((await client.get(f"http://{daemon.addresses[0]}/metrics?part=daemon")).text)


def samples_in(text: str) -> Samples:
    """What a scrape of a daemon's own metrics says."""
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = (sample.name, sample.labels.get("le", ""))
            found[key] = found.get(key, 0.0) + sample.value
    return found
