"""
The sinks as the configuration wants them: stdout, and each configured one.

Part of the composition root.  A sink whose connection changed is made anew; one whose `match` alone changed goes on.
"""

from collections.abc import Callable, Mapping

from monitor import conversion
from monitor.delivery.dispatcher import Dispatcher
from monitor.delivery.sinks.log import LogSink
from monitor.settings.match import EventMatch
from monitor.settings.model import Settings
from monitor.settings.sinks import WebhookSink


class Outlets:
    """All sinks; the dispatcher has them."""

    def __init__(
        self, dispatcher: Dispatcher, *, stdout: int, environ: Mapping[str, str], now: Callable[[], int]
    ) -> None:
        """
        Args:
            dispatcher: Delivers to them.
            stdout: The file descriptor of the sink that is always there.
            environ: For the proxies.
            now: Wall clock, milliseconds since 1970.
        """
        self._dispatcher = dispatcher
        self._stdout = stdout
        self._environ = environ
        self._now = now
        self._connections: dict[str, WebhookSink] = {}

    def check(self, settings: Settings) -> None:
        """
        See whether every sink could be made.

        Raises:
            UnusableProxy: A proxy's address cannot be used.
        """
        for sink in settings.events.sinks:
            conversion.sink_proxy_of(sink, self._environ)

    def open(self, settings: Settings) -> None:
        """Deliver to stdout and to the configured sinks; those that are paused stay so."""
        self._dispatcher.put(LogSink(self._stdout, now=self._now))
        self._put(settings)

    def take_over(self, settings: Settings) -> None:
        """Deliver to the sinks of this configuration, and no other; those that were paused are tried again."""
        wanted = {sink.name for sink in settings.events.sinks}
        for name in self._connections.keys() - wanted:
            self._dispatcher.remove(name)
            del self._connections[name]
        self._put(settings)
        for name in wanted:
            self._dispatcher.resume(name)

    def _put(self, settings: Settings) -> None:
        for sink in settings.events.sinks:
            connection = sink.model_copy(update={"match": EventMatch()})
            if self._connections.get(sink.name) != connection:
                self._dispatcher.put(conversion.sink_of(sink, self._environ, self._now))
                self._connections[sink.name] = connection
