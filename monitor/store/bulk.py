"""
Many rows by one statement, without looking at each of their values.

SQLAlchemy prepares every parameter of every row for its column's type, which for a storm of changes takes as long as
SQLite itself.  Here the statement is compiled once and the driver gets the rows as they are: so they must hold what
the driver takes (text, numbers, bytes, None), which is all that these tables hold.
"""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.sql.dml import UpdateBase


class Bulk:
    """A statement that changes many rows and returns none."""

    def __init__(self, statement: UpdateBase, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self._text = str(compiled)
        positions = compiled.positiontup
        self._values = None if positions is None else itemgetter(*positions)

    def execute(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run it for each row; keys are the names of columns or of parameters."""
        if not rows:
            return
        if self._values is None:
            connection.exec_driver_sql(self._text, [dict(row) for row in rows])
        else:
            connection.exec_driver_sql(self._text, [self._values(row) for row in rows])
