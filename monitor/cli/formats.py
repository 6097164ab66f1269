"""What `--format` can be.  Apart from the printing, so that reading the command line needs no more."""

from enum import StrEnum


class Format(StrEnum):
    """Of numbers."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class EventFormat(StrEnum):
    """Of events and deliveries."""

    TABLE = "table"
    JSON = "json"
