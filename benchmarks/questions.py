"""Which questions there are, a module each, in the order of the table."""

import importlib

from benchmarks.figures import Figure

QUESTIONS = ("scrape", "poll", "memory", "start", "store", "schedule", "pages", "steady", "growth")
#: Take too long, or concern few, and are no figures of the README.
ON_REQUEST = ("crash", "failover", "fuzz", "postgresql", "scale")


def figures_of(question: str) -> list[Figure]:
    """Measure one question.  For a process apart."""
    figures: list[Figure] = importlib.import_module(f"benchmarks.{question}").run()
    return figures
