"""Configurations that documents show: each is read as its own program would read it."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from monitor.settings.load import load
from monitor.settings.model import Contents
from monitor.settings.problems import SettingsError
from monitor.settings.shape import keys
from tests.snippets.shell import Wrong

OURS = frozenset(keys(Contents))  #: what stands at the left margin of a configuration of ours
PROMETHEUS = frozenset({"scrape_configs", "rule_files", "alerting", "global", "remote_write"})
ACCOUNT = "accounts: [{access_key: a, access_secret: b, apps: [jh42xxxd434]}]\n"

#: What is in a file that a configuration names, by the key that names it; a secret otherwise.
CONTENTS: Mapping[str, str] = {
    "url_file": "https://hooks.example.com/in?token=t",
    "routing_key_file": "0123456789abcdef0123456789abcdef",
    "apps_file": "appkey,name\njh42xxxd434,shop-one",
    "proxy_file": "http://user:word@proxy.example:3128",
    "config_file": "basic_auth_users: {%s: $2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG}",
}
#: Likewise, where the type of a sink or the section tells more.
OF_TYPES: Mapping[tuple[str, str], str] = {
    ("apprise", "url_file"): "tgram://TOKEN/CHAT",
    ("webhook", "secret_file"): "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ("store", "url_file"): "postgresql://monitor:hunter2@db.example.com/monitor?sslmode=verify-full",
}


def check(text: str, folder: Path, promtool: str) -> None:
    """
    Read it.

    Args:
        text: The block: a whole configuration, sections of one, or sinks of one.
        folder: Empty; gets the configuration and the files that it names.
        promtool: The program, for what Prometheus reads.

    Raises:
        Wrong: Nobody reads it, or whose it is refuses it.
    """
    if text.startswith(" "):  # sinks, as they stand below `events.sinks`
        text = f"events:\n  sinks:\n{text}"
    top = frozenset(yaml.safe_load(text))
    if top <= OURS:
        of_ours(text, folder)
    elif top <= PROMETHEUS:
        of_prometheus(text, folder, promtool)
    else:
        raise Wrong(f"no test knows a configuration with {', '.join(sorted(top))}")


def of_ours(text: str, folder: Path) -> None:
    """As `number-monitor check` reads it, with the files that it names."""
    text = text.replace("${CREDENTIALS_DIRECTORY}", str(folder)).replace("/run/secrets", str(folder))
    for path, content in files(yaml.safe_load(text), text):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(f"{content}\n", encoding="utf-8")
    configuration = folder / "number-monitor.yml"
    configuration.write_text(text if re.search("^accounts:", text, re.MULTILINE) else ACCOUNT + text, encoding="utf-8")
    try:
        load(configuration, {})
    except SettingsError as error:
        raise Wrong(str(error)) from None


def files(value: Any, text: str, section: str = "") -> Iterator[tuple[str, str]]:
    """Every file that a configuration names, with what could be in it; `section` is the key that `value` stands at."""
    if isinstance(value, dict):
        for key, path in value.items():
            if str(key).endswith("_file") and isinstance(path, str):
                content = OF_TYPES.get((value.get("type", section), key)) or CONTENTS.get(key, "hunter2")
                yield path, content.replace("%s", writer_of(text))
            else:
                yield from files(path, text, str(key))
    elif isinstance(value, list):
        for item in value:
            yield from files(item, text, section)


def writer_of(text: str) -> str:
    """The user that `web.writers` names, who has to be one."""
    found = re.search(r"writers: \[(\w+)", text)
    return found[1] if found else "ops"


def of_prometheus(text: str, folder: Path, promtool: str) -> None:
    """As Prometheus reads it; the files that it names are not looked for."""
    path = folder / "prometheus.yml"
    path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [promtool, "check", "config", "--syntax-only", str(path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    if done.returncode:
        raise Wrong(done.stdout + done.stderr)
