"""
Every fenced block of README and documents is of a kind that is tried here, or known to a test of its own.

A block that nobody knows fails: what readers copy has to work.
"""

import ast
import json
import re
import subprocess
from collections.abc import Mapping
from configparser import RawConfigParser

import msgspec
import promql_parser
import pytest

from monitor.delivery.people.notice import News
from monitor.delivery.sinks.plain import plain
from monitor.fleet.event import EVENT_TYPES
from monitor.fleet.schema import schema_of
from monitor.roster.file import read_apps_file
from monitor.roster.url import _apps
from monitor.views.verdict import Verdict
from monitor.web.stream import RETRY_MS
from tests.delivery.words.test_wording import SEEN, digest, line, status, wording
from tests.snippets import configurations, shell
from tests.snippets.blocks import ROOT, Block, blocks
from tests.snippets.shell import Wrong
from tests.system.conftest import command  # noqa: F401 - a fixture

BLOCKS = list(blocks())

#: Blocks that have a test of their own, by their document and how they begin.  The test names the document.
ELSEWHERE: Mapping[tuple[str, str], str] = {
    ("README.md", "sink mail took"): "tests/system/test_first_message.py",
    ("README.md", "sink mail did not take"): "tests/system/test_first_message.py",
    ("README.md", "accessKey: "): "tests/cli/test_init.py",
    ("docs/access.md", "tls_server_config:"): "tests/settings/test_web_config.py",
    ("docs/api.md", "{"): "tests/test_api_document.py",
    ("docs/campaigns.md", "import"): "tests/test_api_document.py",
    ("docs/relay.md", "import"): "tests/test_api_document.py",
    ("docs/tutorial.md", "phoneList simulator"): "tests/system/test_tutorial.py",
    ("docs/tutorial.md", "*[critical]"): "tests/system/test_tutorial.py",
}
#: Drawings, which claim nothing that could be typed or read by a program.
DRAWINGS = {("README.md", " NXCloud phoneList"), ("docs/polling.md", "due ─▶ budget")}

#: Directives of systemd that the unit uses.
DIRECTIVES: Mapping[str, frozenset[str]] = {
    "Unit": frozenset({"Description", "Wants", "After"}),
    "Service": frozenset(
        {
            *("ExecStart", "ExecReload", "Environment", "LoadCredential", "DynamicUser", "StateDirectory", "Restart"),
            *("RestartSec", "TimeoutStopSec", "ProtectSystem", "ProtectHome", "PrivateTmp", "NoNewPrivileges"),
            *("CapabilityBoundingSet",),
        }
    ),
    "Install": frozenset({"WantedBy"}),
}


def test_there_are_blocks_in_every_language_that_is_known():
    assert {block.language for block in BLOCKS} - {*CHECKS, "", "text"} == set()
    assert len(BLOCKS) > 100


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.place)
def test_a_block_is_what_it_says_that_it_is(block, tmp_path, request):
    if elsewhere(block) or is_drawing(block):
        return
    check = CHECKS.get(block.language)
    assert check is not None, f"{block.place}: no test knows this block"

    check(block, tmp_path, request.getfixturevalue)


@pytest.mark.parametrize(("place", "test"), ELSEWHERE.items(), ids=str)
def test_what_is_tried_elsewhere_is_there_and_is_tried_there(place, test):
    document, beginning = place

    assert any(block.document == document and block.text.startswith(beginning) for block in BLOCKS)
    assert document.removeprefix("docs/").lower() in (ROOT / test).read_text(encoding="utf-8").lower()


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("number-monitor check --life", "number-monitor check --life: No such option: --life"),
        ("number-monitor deliveries replai", "number-monitor deliveries replai: No such command 'replai'"),
        ("sudo number-monitor sinks test", "number-monitor sinks test: Missing argument 'NAME'"),
        (
            "cd conf && number-monitor poll --format yaml",
            "number-monitor poll --format yaml: Invalid value for '--format'",
        ),
        ("make tests", "make tests: the Makefile has no such thing"),
        ("docker compose up demos", "docker compose up: compose.yaml has no demos"),
        ("docker compose --profile all up", "docker compose --profile all: compose.yaml has no such profile"),
        ("docker exec number-monitor number-monitor accept", "number-monitor accept: Missing option '--account'"),
        ("curl http://127.0.0.1:8620/api/v1/verdicts", "curl: GET /api/v1/verdicts is answered by nobody"),
        ("promtool check rules config/rules/*.yml", "config/rules/*.yml: there is no such file"),
        ("frobnicate --all", "frobnicate: no test knows this command"),
    ],
)
def test_what_cannot_be_typed_is_found(typed, why):
    with pytest.raises(Wrong, match=f"^{re.escape(why)}"):
        shell.check(typed)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("poll: {intervall: 60s}\n", "poll.intervall (line 2): is not a known key; did you mean 'interval'?"),
        ("    - {name: team, type: slak, url_file: x}\n", "did you mean 'slack'?"),
        ("scrape_configs: [{job: x}]\n", "field job not found"),
        ("servers: []\n", "no test knows a configuration with servers"),
    ],
)
def test_what_cannot_be_configured_is_found(text, why, tmp_path, command):  # noqa: F811
    with pytest.raises(Wrong, match=re.escape(why)):
        configurations.check(text, tmp_path, command("promtool"))


def elsewhere(block: Block) -> bool:
    return any(block.document == document and block.text.startswith(text) for document, text in ELSEWHERE)


def is_drawing(block: Block) -> bool:
    return any(block.document == document and block.text.startswith(text) for document, text in DRAWINGS)


def check_shell(block, folder, fixture):
    assert shell.check(block.text) > 0
    for _, written in re.findall(r"<<'(\w+)'.*?\n(.*?)^\1$", block.text, re.MULTILINE | re.DOTALL):
        if written.startswith("import "):
            ast.parse(written)
        else:
            configurations.check(written, folder, fixture("command")("promtool"))


def check_yaml(block, folder, fixture):
    configurations.check(block.text, folder, fixture("command")("promtool"))


def check_json(block, folder, fixture):
    value = json.loads(block.text.replace("6f0c2a4e-…", "6f0c2a4e-0000-5000-8000-000000000000"))
    if isinstance(value, list):  # a list of apps, as an address answers it
        assert len(_apps("https://crm.example.com", "main", block.text.encode())) == len(value)
    elif "specversion" in value:
        assert set(schema_of(value["type"])["required"]) <= set(value)
        assert value["type"] in EVENT_TYPES
    elif "campaign" in value:
        msgspec.convert(value, Verdict)
    else:
        raise Wrong(f"{block.place}: no test knows this JSON")


def check_python(block, folder, fixture):
    """Only that it can be read: programs are known elsewhere, or not known."""
    ast.parse(block.text)
    raise Wrong(f"{block.place}: no test runs this program")


def check_ini(block, folder, fixture):
    parser = RawConfigParser(strict=False)
    parser.read_string(block.text)
    for section in parser.sections():
        assert set(parser[section]) <= {name.lower() for name in DIRECTIVES[section]}
    shell.check(parser["Service"]["ExecStart"])


def check_nginx(block, folder, fixture):
    path = folder / "nginx.conf"
    server = f"server {{ listen unix:{folder}/http.sock; {block.text} }}"
    path.write_text(f"pid {folder}/pid; error_log stderr; events {{}} http {{ access_log off; {server} }}\n")
    done = subprocess.run(
        [fixture("command")("nginx"), "-t", "-p", str(folder), "-c", str(path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    if done.returncode:
        raise Wrong(f"{block.place}: {done.stderr}")


def check_csv(block, folder, fixture):
    path = folder / "apps.csv"
    path.write_text(block.text, encoding="utf-8")

    assert len(read_apps_file(path, "main")) == len(block.text.splitlines()) - 1


def check_promql(block, folder, fixture):
    for query in block.text.splitlines():
        promql_parser.parse(query.partition("#")[0])


def check_text(block, folder, fixture):
    known = next((check for beginning, check in TEXTS.items() if block.text.startswith(beginning)), None)
    if known is None:
        raise Wrong(f"{block.place}: no test knows this text")
    known(block.text)


def check_mail(text):
    told = line(
        News.OPENED, status("BANNED", "CONNECTED", account="agency", source="/accounts/agency/apps/jh42xxxd434")
    )
    notice = wording().notice(digest(told, account="agency", at=SEEN + 10_000))

    assert text == f"Subject: {notice.title}\n\n{plain(notice)}\n"


def check_stream(text):
    for part in text.strip().split("\n\n"):
        assert re.fullmatch(
            rf"retry: {RETRY_MS}\nid: \d{{20}}|id: \d{{20}}\ndata: {{\"specversion\":.*}}|: still here", part
        )


CHECKS = {
    "sh": check_shell,
    "yaml": check_yaml,
    "json": check_json,
    "python": check_python,
    "ini": check_ini,
    "nginx": check_nginx,
    "csv": check_csv,
    "promql": check_promql,
    "text": check_text,
    "": check_text,
}
TEXTS = {"Subject: ": check_mail, "retry: ": check_stream}
