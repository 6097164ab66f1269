"""Which sinks an event goes to.  Pure."""

from collections.abc import Mapping

from monitor.fleet.event import Event
from monitor.fleet.match import Match


class Routes:
    """The sinks by name, each with what it wants; one without a match wants everything."""

    def __init__(self, sinks: Mapping[str, Match]) -> None:
        self._sinks = dict(sinks)

    def __call__(self, event: Event) -> tuple[str, ...]:
        """The names of the sinks that get the event, in the configuration's order."""
        facts = {
            "account": event.account,
            "appkey": event.appkey,
            "number": event.subject if event.type.startswith("number.") else "",
            "waba_id": event.waba_id,
            "severity": event.severity,
            "type": event.type,
            "attribute": event.attribute,
        }
        labels = dict(event.labels)
        return tuple(name for name, match in self._sinks.items() if match.fits(facts, labels))
