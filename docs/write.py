"""Write anew what the documents take from the code: `make tables`."""

from collections.abc import Callable, Mapping
from pathlib import Path

from docs import write_commands, write_configuration, write_event_types, write_metrics, write_states

PAGES: Mapping[Path, Callable[[str], str]] = {
    module.PAGE: module.written
    for module in (write_configuration, write_commands, write_metrics, write_event_types, write_states)
}

if __name__ == "__main__":
    for page, written in PAGES.items():
        page.write_text(written(page.read_text(encoding="utf-8")), encoding="utf-8")
