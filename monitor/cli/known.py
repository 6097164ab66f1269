"""Whether a sink that somebody names is one that anything goes to, or went to."""

from monitor.store.reader import StoreReader


class UnknownSinkError(Exception):
    """Nothing was ever to go to a sink of this name; the message is one line."""


async def check_sink(reader: StoreReader, sink: str) -> None:
    """
    Refuse a name that is most likely a slip of the pen.

    Raises:
        UnknownSinkError: No delivery to it is recorded.
        StoreError: The store cannot be read.
    """
    if not await reader.deliveries(sink=sink, limit=1):
        raise UnknownSinkError(f"no delivery to a sink {sink!r} is recorded")
