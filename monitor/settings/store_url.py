"""Where the store is: a file of SQLite's, or a database of PostgreSQL's, whose address may hold a password."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from monitor.settings.scalars import Unfit, absolute, text
from monitor.settings.secret import Secret

_SQLITE = re.compile(r"sqlite:///([^?#]+)")
_POSTGRESQL = re.compile(r"postgres(?:ql)?://")
_PASSWORD = re.compile(r"(?<=://)[^:@/?]*:(?P<user>[^@]+)(?=@)|(?<=[?&])(?:ssl)?password=(?P<parameter>[^&]+)")
_WRONG = re.compile(r"[\s\0#]|%(?![0-9A-Fa-f]{2})")
_EXPECTED = "expected sqlite:///FILE (a fourth slash begins an absolute path) or postgresql://USER@HOST/DATABASE"


@dataclass(frozen=True, repr=False)
class StoreUrl:
    """An address whose password never prints; only `reveal` gives it whole."""

    parts: tuple[str | Secret, ...]  #: in this order

    def reveal(self) -> str:
        """The address itself: for the one place that connects with it."""
        return "".join(part.reveal() if isinstance(part, Secret) else part for part in self.parts)

    def __str__(self) -> str:
        return "".join(map(str, self.parts))

    def __repr__(self) -> str:
        return f"StoreUrl({str(self)!r})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(
            _store_url, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )


def _store_url(value: object, info: ValidationInfo) -> StoreUrl:
    """
    The address that a text means; a relative path begins at the context, the configuration file's directory.

    Raises:
        Unfit: It is none.  The message repeats nothing of it.
    """
    if isinstance(value, StoreUrl):
        return value
    url = text(value, secret=True)
    if _POSTGRESQL.match(url):
        _check_postgresql(url)
        return StoreUrl(tuple(_parts(url)))
    match = _SQLITE.fullmatch(url)
    if match is None or match[1] == ":memory:" or match[1].endswith("/"):
        raise Unfit(_EXPECTED)
    return StoreUrl((f"sqlite:///{absolute(match[1], info)}",))


def _check_postgresql(url: str) -> None:
    """Refuse what libpq would refuse only at the start; the messages repeat nothing, as a password may be anywhere."""
    if _WRONG.search(url) or url.partition("?")[0].count("@") > 1:
        raise Unfit("expected a URL whose special characters are written as %XX, those of a password too")
    place, _, query = url.partition("://")[2].partition("?")
    parameters = dict(each.partition("=")[::2] for each in query.split("&")) if query else {}
    if "" in parameters.values():
        raise Unfit("expected parameters as NAME=VALUE with & between, after the question mark")
    if not (place.rpartition("@")[2].partition("/")[2] or parameters.get("dbname")):
        raise Unfit("expected postgresql://USER@HOST/DATABASE, got one that names no database")


def _parts(url: str) -> Iterator[str | Secret]:
    end = 0
    for found in _PASSWORD.finditer(url):
        begin, after = found.span(found.lastgroup or 0)
        yield url[end:begin]
        yield Secret(url[begin:after])
        end = after
    yield url[end:]
