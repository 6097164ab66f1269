"""What is written about the configuration is true: every key, every default that can be read, the example."""

import re
from collections.abc import Iterator
from pathlib import Path

from monitor.settings.load import load
from monitor.settings.model import Contents
from monitor.settings.section import Section
from monitor.settings.shape import keys, spellings

ROOT = Path(__file__).parents[2]
LISTS = {"accounts", "accounts[].apps", "events.severity", "events.ignore", "events.sinks"}
STATES = {"events.severity[].severities": "events.severity[].<state>"}


def known_keys(section: type[Section] = Contents, prefix: str = "") -> Iterator[str]:
    """Every key of the models, as the document spells them."""
    for name in spellings(section):
        path = STATES.get(f"{prefix}{name}", f"{prefix}{name}")
        key = keys(section).get(name)
        if key is None or key.below is None:
            yield path
        elif path in LISTS:
            yield from [path] if prefix or name != "accounts" else []
            yield from known_keys(key.below, f"{path}[].")
        else:
            yield from [path] if prefix else []
            yield from known_keys(key.below, f"{path}.")


def documented_keys() -> list[str]:
    """Every key in the first column of a table."""
    document = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| (`[^|]*`) \|", document, re.MULTILINE)
    return [key for cell in cells for key in re.findall(r"`([^`]+)`", cell)]


def test_every_key_is_documented_and_every_documented_key_exists():
    assert sorted(documented_keys()) == sorted(known_keys())


def test_the_defaults_that_are_documented_are_the_defaults(tmp_path):
    document = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `((?:poll|people|metrics|privacy|log)\.\w+)` \| `([^|`]+)` \|", document, re.MULTILINE)
    account = "accounts: [{access_key: a, access_secret: b, apps: []}]\n"
    path = tmp_path / "number-monitor.yml"
    path.write_text(account, encoding="utf-8")
    expected = load(path, {})

    for key, default in rows:
        section, name = key.split(".")
        path.write_text(f"{account}{section}: {{{name}: {default}}}\n", encoding="utf-8")
        assert load(path, {}) == expected, key
    assert len(rows) > 10


def test_the_example_is_right(tmp_path):
    path = tmp_path / "number-monitor.yml"
    path.write_bytes((ROOT / "config/number-monitor.example.yml").read_bytes())
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/nxcloud").write_text("hunter2\n", encoding="utf-8")

    settings = load(path, {"NXCLOUD_SECRET": "hunter3"})

    assert [account.name for account in settings.accounts] == ["main", "second"]
    assert [app.appkey for app in settings.accounts[0].apps] == ["jh42xxxd434", "jh43xxxd435", "13800138"]
    assert settings.files == (tmp_path / "secrets/nxcloud", tmp_path / "apps.csv")


def test_the_shortest_configuration_of_the_document_is_enough(tmp_path):
    document = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    text = document.split("```yaml\n")[1].split("```")[0]
    (tmp_path / "nxcloud.secret").write_text("hunter2", encoding="utf-8")
    path = tmp_path / "number-monitor.yml"
    path.write_text(text, encoding="utf-8")

    assert len(load(path, {}).accounts[0].apps) == 2
