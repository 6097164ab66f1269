"""Whether a sink that somebody names is one that anything goes to, or went to."""

from monitor.delivery.sinks.log import STDOUT
from monitor.settings.model import Settings
from monitor.store.reader import StoreReader


class UnknownSinkError(Exception):
    """Nothing goes to a sink of this name, and nothing did; the message is one line."""


async def check_sink(reader: StoreReader, settings: Settings, sink: str) -> None:
    """
    Refuse a name that is most likely a slip of the pen; one that has left the configuration is none.

    Raises:
        UnknownSinkError: It is not configured, and no delivery to it is recorded.
        StoreError: The store cannot be read.
    """
    configured = [STDOUT, *(one.name for one in settings.events.sinks)]
    if sink not in configured and not await reader.deliveries(sink=sink, limit=1):
        raise UnknownSinkError(
            f"no sink {sink!r} in the configuration or in the store; there are {', '.join(configured)}"
        )
