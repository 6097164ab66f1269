"""Write the dashboards' JSON beside their source: `python -m dashboards`."""

import json
from collections.abc import Mapping
from pathlib import Path

from dashboards.daemon import daemon
from dashboards.fleet import fleet
from dashboards.number import number
from dashboards.panels import contents

HERE = Path(__file__).parent


def texts() -> Mapping[str, str]:
    """The text of every JSON file, by its name."""
    made = {"fleet.json": fleet(), "number.json": number(), "daemon.json": daemon()}
    return {
        name: json.dumps(contents(dashboard), indent=2, ensure_ascii=False) + "\n" for name, dashboard in made.items()
    }


if __name__ == "__main__":
    for name, text in texts().items():
        (HERE / name).write_text(text, encoding="utf-8")
