"""Who is let in, and with which headers they are answered: what the exporter-toolkit's file comes to for HTTP."""

from collections.abc import Mapping

import msgspec

from monitor.web.users import Users


class Rate(msgspec.Struct, frozen=True):
    """How many requests are answered."""

    interval: float  #: seconds between two requests
    burst: int  #: requests at once


class Admission(msgspec.Struct, frozen=True):
    """The rules; without any everybody may read."""

    users: Users | None = None  #: None asks nobody
    writers: frozenset[str] = frozenset()  #: of the users
    own_places: frozenset[str] = frozenset()  #: `host` or `host:port` under which browsers know us, lower case
    rate: Rate | None = None
    headers: Mapping[str, str] = {}  #: of every answer, over its own; lower-case names
