"""A dead man's switch: an address that is called while all is well."""

from typing import Annotated

from pydantic import Field

from monitor.settings.scalars import Interval
from monitor.settings.section import FILE_TWIN, SecretUrl, Section
from monitor.settings.sinks import Timeout


class Heartbeat(Section):
    """What is called, and how often."""

    url: Annotated[SecretUrl, FILE_TWIN]
    every_ms: Interval = Field(default=60_000, alias="every")
    proxy: Annotated[SecretUrl | None, FILE_TWIN] = None
    timeout_ms: Timeout = Field(default=10_000, alias="timeout")
