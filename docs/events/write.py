"""Write the JSON Schemas of events anew, from the shapes in `monitor/fleet/shapes.py`."""

from pathlib import Path

from monitor.fleet.schema import files

HERE = Path(__file__).parent

written = files()
for old in HERE.glob("*.schema.json"):
    if old.name not in written:
        old.unlink()
for name, content in written.items():
    (HERE / name).write_bytes(content)
