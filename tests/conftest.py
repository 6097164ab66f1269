"""What holds for every test."""

from collections.abc import Iterator

import pytest
from hypothesis import Phase, settings

from tests.postgresql import PostgresqlServer, postgresql_server

# No test fails because a machine is slow: a deadline is a timed assertion.
settings.register_profile("untimed", deadline=None)
# Mutants and coverage: whether a test fails is all that is asked, not of what smallest example; and each time the same.
settings.register_profile(
    "repeatable", deadline=None, max_examples=50, derandomize=True, phases=[Phase.explicit, Phase.generate]
)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """A server for all tests; each makes a database of its own, and leaves the server as it was."""
    with postgresql_server() as server:
        yield server
