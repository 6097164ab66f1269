"""What can be wrong with a list of apps."""

from collections.abc import Sequence

MOST_PROBLEMS = 50  # told of one list; a file of another kind has one in every line


class RosterError(Exception):
    """
    A list could not be read, or is wrong: nothing of it is used.

    `problems` are whole sentences, one for every fault that was found, each with the place it is at and what to do;
    none of them contains a secret.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems[:MOST_PROBLEMS])
        if len(problems) > MOST_PROBLEMS:
            self.problems += (f"and {len(problems) - MOST_PROBLEMS} more of the kind",)
        super().__init__("; ".join(self.problems))
