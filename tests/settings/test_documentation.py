"""What is written about the configuration is true: every key, every default that can be read, the example."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.settings.load import load
from monitor.settings.model import Contents
from monitor.settings.people_sinks import ForPeople
from monitor.settings.section import Section
from monitor.settings.shape import keys, spellings
from monitor.settings.sink_types import SINKS

ROOT = Path(__file__).parents[2]
LISTS = {"accounts", "accounts[].apps", "events.severity", "events.ignore", "events.maintenance", "events.sinks"}
STATES = {"events.severity[].severities": "events.severity[].<state>"}

URL = "https://hooks.example.com/in?token=t"
SECRETS = {
    "nxcloud": "hunter2",
    "crm": "hunter2",
    "hook": URL,
    "hook_key": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "header": "Bearer hunter2",
    "smtp": "hunter2",
    "slack": URL,
    "dingtalk": URL,
    "dingtalk_key": "SEC-hunter2",
    "feishu": URL,
    "feishu_key": "hunter2",
    "lark": URL,
    "wecom": URL,
    "pagerduty": "0123456789abcdef0123456789abcdef",
    "apprise": "tgram://token/chat",
    "heartbeat": URL,
}


def known_keys(section: type[Section] = Contents, prefix: str = "") -> Iterator[str]:
    """Every key of the models, as the document spells them; of sinks only what `match` takes: types have tables."""
    for name in spellings(section):
        path = STATES.get(f"{prefix}{name}", f"{prefix}{name}")
        key = keys(section).get(name)
        if key is None or not key.below:
            yield path
        elif len(key.below) > 1:
            yield path
            yield from sorted({f"{path}[].match.{name}" for one in key.below for name in spellings(match_of(one))})
        elif path in LISTS:
            yield from [path] if prefix or name != "accounts" else []
            yield from known_keys(key.below[0], f"{path}[].")
        else:
            yield from [path] if prefix else []
            yield from known_keys(key.below[0], f"{path}.")


def match_of(sink: type[Section]) -> type[Section]:
    (match,) = keys(sink)["match"].below
    return match


def tables() -> Iterator[tuple[str, list[str]]]:
    """What each table is of (`key`, `key of webhook`), and every key in its first column."""
    document = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    for title, rows in re.findall(r"^\| (key[^|]*) \|.*\n\| ---.*\n((?:\|.*\n)+)", document, re.MULTILINE):
        cells = re.findall(r"^\| (`[^|]*`) \|", rows, re.MULTILINE)
        yield title, [key for cell in cells for key in re.findall(r"`([^`]+)`", cell)]


def is_of(title: str, kind: str) -> bool:
    """Whether a table of sinks' keys is about this type."""
    about = title.removeprefix("key of ")
    if about == "sinks for people":
        return issubclass(SINKS[kind], ForPeople)
    return about == "every sink" or kind in re.split(", | and ", about)


def documented_keys() -> list[str]:
    """Every key in a table, those of sinks aside."""
    return [key for title, keys in tables() if title == "key" for key in keys]


def test_every_key_is_documented_and_every_documented_key_exists():
    assert sorted(documented_keys()) == sorted(known_keys())


@pytest.mark.parametrize("kind", SINKS)
def test_every_key_of_a_type_of_sink_is_in_one_of_its_tables_and_no_other_key(kind):
    documented = [key for title, keys in tables() if is_of(title, kind) for key in keys]

    assert sorted(documented) == sorted(spellings(SINKS[kind]))


def test_every_table_of_sinks_is_about_a_type():
    titles = [title for title, _ in tables() if title != "key"]

    assert [title for title in titles if not any(is_of(title, kind) for kind in SINKS)] == []


def test_every_example_of_the_document_is_right(tmp_path):
    document = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    examples = re.findall(r"```yaml\n(events:.*?)```", document, re.DOTALL)
    account = "accounts: [{access_key: a, access_secret: b, apps: []}]\n"
    path = make_secrets(tmp_path)
    kinds = set()

    for example in examples:
        path.write_text(f"{account}{example}", encoding="utf-8")
        kinds |= {sink.type for sink in load(path, {}).events.sinks}
    assert kinds >= set(SINKS) - {"feishu", "lark", "wecom"}


def make_secrets(directory: Path) -> Path:
    """The files that examples name; returns where the configuration beside them belongs."""
    (directory / "secrets").mkdir()
    for name, body in SECRETS.items():
        (directory / "secrets" / name).write_text(f"{body}\n", encoding="utf-8")
    return directory / "number-monitor.yml"


def test_the_defaults_that_are_documented_are_the_defaults(tmp_path):
    document = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| `((?:poll|people|verdict|metrics|privacy|log)\.\w+)` \| `([^|`]+)` \|", document, re.MULTILINE
    )
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
    path = make_secrets(tmp_path)
    path.write_bytes((ROOT / "config/number-monitor.example.yml").read_bytes())

    settings = load(path, {"NXCLOUD_SECRET": "hunter3"})

    assert [account.name for account in settings.accounts] == ["main", "second"]
    assert [app.appkey for app in settings.accounts[0].apps] == ["jh42xxxd434", "jh43xxxd435", "13800138"]
    assert settings.files == (tmp_path / "secrets/nxcloud", tmp_path / "apps.csv")


def test_the_example_is_right_with_all_that_it_shows(tmp_path):
    path = make_secrets(tmp_path)
    text = (ROOT / "config/number-monitor.example.yml").read_text(encoding="utf-8")
    path.write_text(re.sub(r"^  # ", "  ", text, flags=re.MULTILINE), encoding="utf-8")

    events = load(path, {"NXCLOUD_SECRET": "hunter3"}).events

    assert {sink.type for sink in events.sinks} == set(SINKS)
    assert events.heartbeat is not None
    assert events.maintenance


def test_the_shortest_configuration_of_the_document_is_enough(tmp_path):
    document = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    text = document.split("```yaml\n")[1].split("```")[0]
    (tmp_path / "nxcloud.secret").write_text("hunter2", encoding="utf-8")
    path = tmp_path / "number-monitor.yml"
    path.write_text(text, encoding="utf-8")

    assert len(load(path, {}).accounts[0].apps) == 2
