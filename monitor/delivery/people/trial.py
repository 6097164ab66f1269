"""A notice that only tries a sink: one sample event, told as news, whatever the sink wants.  Pure."""

import msgspec

from monitor.delivery.people.course import ENDS, trouble_of
from monitor.delivery.people.digest import Digest, Line
from monitor.delivery.people.fact import Fact
from monitor.delivery.people.notice import News

_TROUBLE = frozenset({"number.degraded", "number.persisting", "waba.tier_lowered"})


def trial(fact: Fact, at: int) -> Digest:
    """
    The digest of one sample event.

    Args:
        fact: The event; its incident gets a name of its own, so that no pager takes it for a real one.
        at: Milliseconds since 1970.
    """
    incident = f"test/{fact.id}"
    trouble = msgspec.structs.replace(trouble_of(fact, incident), type=fact.type)
    opens = fact.type in _TROUBLE or (fact.data.severity != "info" and fact.type not in ENDS)
    news, once = (News.OPENED, "") if opens else (News.ONCE, fact.type)
    line = Line(news, incident, fact.data.severity, (trouble,), once=once)
    return Digest(account=fact.data.account, at=at, sequences=(), lines=(line,), is_test=True)
