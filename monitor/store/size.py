"""How much room the store takes."""

from collections.abc import Mapping

from sqlalchemy import Connection, text

_QUESTIONS: Mapping[str, str] = {  # by dialect
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}


def size(connection: Connection) -> int:
    """Bytes of the database; of one of SQLite's without its log, which a checkpoint takes in."""
    return int(connection.execute(text(_QUESTIONS[connection.dialect.name])).scalar_one())
