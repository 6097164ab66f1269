"""Load every configuration of a folder, within bounds: for a process of its own, which dies where they are exceeded."""

import json
import resource
import sys
from pathlib import Path

from monitor.settings.load import load
from monitor.settings.problems import SettingsError

SECONDS = 60  #: of the processor, for all of them; they take 10
MEMORY = 1_000 * 1024**2  #: of addresses, of which libraries take a third


def main(folder: Path) -> None:
    """Print what was wrong with each file, by its name."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    found = {}
    for path in sorted(folder.glob("*.yml")):
        try:
            load(path, {})
            found[path.stem] = [""]
        except SettingsError as error:
            found[path.stem] = [str(problem) for problem in error.problems]
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
