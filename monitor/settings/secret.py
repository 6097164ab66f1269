"""A value that never prints: not in a message, a log, a dump, a pickle or a traceback."""

import hmac
from typing import Any, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from monitor.settings.scalars import text

MASK = "**********"


class Secret:
    """
    Text that is shown as ``**********`` wherever something shows it; only `reveal` gives it.

    No `str` itself, since whatever writes a `str` (JSON, `join`, a database driver) would write it.
    A pickle holds the mask instead of the value; copies are the same object.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself: for the one place that signs, sends or connects with it."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({MASK!r})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> tuple[type["Secret"], tuple[str]]:
        return (Secret, (MASK,))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _secret, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )


def _secret(value: object) -> Secret:
    return value if isinstance(value, Secret) else Secret(text(value, secret=True))
