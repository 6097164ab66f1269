"""
Find the configuration, read it, and find everything that is wrong with it.

From bytes to `Settings` in one pass of steps: text, tree, the environment's values, files that are named, validation,
what several places must agree on.  A step goes on where the one before found faults, so that all are told at once.
Nothing but `SettingsError` comes out of `find` and `load`.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from monitor.settings.agreement import check_agreement
from monitor.settings.document import Malformed, Node, Unquoted, parse
from monitor.settings.explanations import explain
from monitor.settings.exposure import exposed, secrets_in
from monitor.settings.findings import Findings
from monitor.settings.model import Contents, Settings
from monitor.settings.problems import Problem, SettingsError, Steps
from monitor.settings.reading import MEBIBYTE, NotText, Unreadable, content, decoded
from monitor.settings.scalars import kind
from monitor.settings.substitution import Values
from monitor.settings.twins import Twins
from monitor.settings.web_config_reader import WebConfigReader

CONFIG_VARIABLE = "NUMBER_MONITOR_CONFIG"
SEARCHED = (Path("number-monitor.yml"), Path("/etc/number-monitor/number-monitor.yml"))
STORE_NAME = "number-monitor.db"  # beside the configuration file
MOST_BYTES = 8 * MEBIBYTE  # 5,000 apps with names and labels take half of one

#: What an environment variable says where the file does not: the container image's own defaults.
VARIABLES: Mapping[Steps, str] = {
    ("store", "url"): "NUMBER_MONITOR_STORE_URL",
    ("web", "listen"): "NUMBER_MONITOR_LISTEN",  # several with commas between
}


def find(named: Path | None, environ: Mapping[str, str]) -> Path:
    """
    The configuration file: the one named, else the environment's, else the first that exists of `SEARCHED`.

    Raises:
        SettingsError: None was named, and none is there.
    """
    if named is not None:
        return named
    if variable := environ.get(CONFIG_VARIABLE):
        return Path(variable)
    for path in SEARCHED:
        if _is_there(path):
            return path
    searched = " or ".join(str(path) for path in SEARCHED)
    message = (
        f"there is no {searched}; `number-monitor init` writes one, --config or ${CONFIG_VARIABLE} names another place"
    )
    raise SettingsError([Problem("configuration", None, message)])


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """
    Read and check a configuration, with the secrets that it names.

    Raises:
        SettingsError: It is wrong; `problems` tells all that is.
    """
    path = path.absolute()
    document, problems = _document(path)
    filled: dict[Steps, str] = {}
    findings = Findings(document, filled)
    findings.problems.extend(problems)
    values = _values(path, document, environ, findings)
    _fill(values, path, environ, filled)
    twins = Twins(path.parent, findings)
    twins.read(values)
    check_agreement(values, findings)
    lists = dict(_lists(values, path.parent, findings))
    web = WebConfigReader(path.parent, findings)
    web_config = web.read(values)
    files = tuple(dict.fromkeys([*twins.files, *lists.values(), *web.files]))
    contents: Contents | None = None
    try:
        contents = Contents.model_validate(values, context=path.parent)
    except ValidationError as error:
        explain(error, findings)
    if contents is None or findings.problems:
        raise SettingsError(findings.problems, files, lists)
    settings = Settings(**dict(contents), path=path, files=files, lists=lists, web_config=web_config)
    return settings.model_copy(update={"exposed": exposed(settings.watched, set(secrets_in(settings)))})


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # in a folder that we may not enter: reading it will say so
        return True


def _document(path: Path) -> tuple[Node, list[Problem]]:
    body = _content(path)
    try:
        document, problems = parse(decoded(body))
    except NotText as error:
        raise _unreadable(path, str(error), error.line) from None
    except Malformed as error:
        raise _unreadable(path, error.message, error.line) from None
    if document.value is None:
        raise _unreadable(path, "is empty; expected a mapping with accounts")
    if not isinstance(document.value, dict):
        raise _unreadable(path, f"expected a mapping with accounts, got {kind(document.value)}", document.line)
    return document, problems


def _content(path: Path) -> bytes:
    try:
        return content(path, MOST_BYTES)
    except Unreadable as error:
        large = "; put apps into an apps_file" if "larger" in str(error) else ""
        raise _unreadable(path, f"{error}{large}") from error


def _values(path: Path, document: Node, environ: Mapping[str, str], findings: Findings) -> dict[str, Any]:
    try:
        values = Values(environ, findings).of(document)
    except Malformed as error:
        raise _unreadable(path, error.message, error.line) from None
    return cast("dict[str, Any]", values)  # the document is a mapping


def _fill(values: dict[str, Any], path: Path, environ: Mapping[str, str], filled: dict[Steps, str]) -> None:
    """Give the keys that have another default in another place, where the file does not say."""
    defaults: Mapping[Steps, Any] = {("store", "url"): f"sqlite:///{path.parent / STORE_NAME}"}
    for steps, variable in VARIABLES.items():
        section, key = steps
        below = values.get(str(section))
        if below is None:
            below = values[str(section)] = {}
        if not isinstance(below, dict) or key in below or f"{key}_file" in below:
            continue
        if given := environ.get(variable):
            below[key] = given.split(",") if key == "listen" else given
            filled[steps] = variable
        elif steps in defaults:
            below[key] = defaults[steps]


def _lists(values: dict[str, Any], directory: Path, findings: Findings) -> Iterator[tuple[str, Path]]:
    """The lists of apps that are named, with their places and lines."""
    accounts = values.get("accounts")
    for index, account in enumerate(accounts if isinstance(accounts, list) else []):
        named = account.get("apps_file") if isinstance(account, dict) else None
        if isinstance(named, str) and not isinstance(named, Unquoted) and named:
            yield findings.located(("accounts", index, "apps_file")), directory / named


def _unreadable(path: Path, message: str, line: int | None = None) -> SettingsError:
    return SettingsError([Problem(str(path), line, message)])
