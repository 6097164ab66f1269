"""Write configurations for tests."""

from pathlib import Path

ACCOUNT = """accounts:
  - access_key: abc
    access_secret: hunter2
    apps: [jh1]
"""


def written(directory: Path, text: str) -> Path:
    """The path of a configuration with this text."""
    path = directory / "number-monitor.yml"
    path.write_text(text, encoding="utf-8")
    return path
