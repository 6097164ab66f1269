"""What can be wrong with a list of apps."""

from collections.abc import Sequence

MOST_PROBLEMS = 50  # told of one list; a file of another kind has one in every line
MOST_FOUND = 1_000  # looked for: such a file may have a million lines


class RosterError(Exception):
    """
    A list could not be read, or is wrong: nothing of it is used.

    `problems` are whole sentences, one for every fault that was found, each with the place it is at and what to do;
    none of them contains a secret.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems[:MOST_PROBLEMS])
        if len(problems) > MOST_PROBLEMS:
            over = "over " if len(problems) > MOST_FOUND else ""
            self.problems += (f"and {over}{min(len(problems), MOST_FOUND) - MOST_PROBLEMS} more of the kind",)
        super().__init__("; ".join(self.problems))


class Complaints:
    """The faults of one list as they are found."""

    def __init__(self, place: str) -> None:
        """`place`: where a fault is, but for the number of the line or item, which follows."""
        self._place = place
        self._problems: list[str] = []

    def add(self, number: int, fault: str) -> None:
        """Note one; RosterError when there are so many that no more need be looked for."""
        self._problems.append(f"{self._place} {number}: {fault}")
        if len(self._problems) > MOST_FOUND:
            self.settle()

    def settle(self) -> None:
        """Raise RosterError when there were any."""
        if self._problems:
            raise RosterError(self._problems)
