"""Which questions there are, a module each, in the order of the table."""

import importlib

from benchmarks.figures import Figure

QUESTIONS = ("scrape", "poll", "memory", "start", "store", "schedule", "pages", "steady", "growth")
ON_REQUEST = ("crash", "fuzz", "postgresql")  #: take too long, or concern few, and are no figures of the README


def figures_of(question: str) -> list[Figure]:
    """Measure one question.  For a process apart."""
    figures: list[Figure] = importlib.import_module(f"benchmarks.{question}").run()
    return figures
