"""The documents for people are true: commands exist, links lead somewhere, examples are accepted."""

import base64
import json
import re
import shlex
import time
from itertools import groupby
from pathlib import Path

import msgspec
import pytest
import typer.main
from typer.core import TyperGroup

from monitor import __version__
from monitor.cli.program import program
from monitor.delivery.people import course, first, gathering, together
from monitor.delivery.people.notice import MOST_SHOWN
from monitor.delivery.people.rules import DEFAULT_SETTLE
from monitor.delivery.sinks.webhook import signatures
from monitor.fleet.event import EVENT_TYPES
from monitor.settings.load import load
from monitor.settings.model import DEFAULT_DWELL
from monitor.settings.sink_types import SINKS
from monitor.views.verdict import Verdict

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("config/**/*.md")])
PROGRAM = typer.main.get_command(program)
assert isinstance(PROGRAM, TyperGroup)
COMMANDS = PROGRAM.commands
OF_THE_PROGRAM = ("--config", "--log-level", "--log-format")  # which a value follows
OURS = ("number-monitor", "number-monitor:dev", "monitor")  # the command, the image, the package behind `-m`

by_path = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())


def text_of(document):
    return document.read_text(encoding="utf-8")


def blocks(document, *languages):
    """The code blocks of these languages, as written."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text_of(document), re.MULTILINE | re.DOTALL)
    return [text for language, text in found if language in languages]


def shell_lines(document):
    """Every line of a shell example, continued lines joined and comments left out; here-documents are no commands."""
    for block in blocks(document, "sh"):
        commands = re.sub(r"<<'(\w+)'(.*?)\n.*?^\1$", r"\2", block, flags=re.MULTILINE | re.DOTALL)
        yield from (shlex.split(line, comments=True) for line in commands.replace("\\\n", " ").splitlines())


def commands_in(document):
    """What follows our name, in the shell's examples and in the text: also behind `docker run` and the like."""
    quoted = re.findall(r"`((?:number-monitor|docker|\.venv)[^`\n]*)`", without_blocks(document))
    for words in [*shell_lines(document), *map(shlex.split, quoted)]:
        for command in split(words):
            places = [place for place, word in enumerate(command) if word in OURS or word.endswith("/number-monitor")]
            if places and not (command[:2] == ["docker", "exec"] and len(places) == 1):  # then it is the container's
                yield command[places[-1] + 1 :]


def split(words):
    """The commands of a line, which operators of the shell stand between."""
    return [list(run) for is_operator, run in groupby(words, {"&&", "||", "|", ";"}.__contains__) if not is_operator]


def without_blocks(document):
    return re.sub(r"^```.*?^```$", "", text_of(document), flags=re.MULTILINE | re.DOTALL)


def options_of(command):
    """Every option, and whether a value stands behind it."""
    options = {
        option: not getattr(parameter, "is_flag", False) for parameter in command.params for option in parameter.opts
    }
    return {**options, "--help": False, "-h": False}


def wrong_words(words):
    """The options and the command that do not exist; values and placeholders are not looked at."""
    command, words = PROGRAM, iter(words)
    for word in words:
        if word.startswith("-") and word not in {"-", "--"}:
            option, _, value = word.partition("=")
            if option not in options_of(command):
                yield word
            elif options_of(command)[option] and not value:
                next(words, None)
        elif isinstance(command, TyperGroup) and word in command.commands:
            command = command.commands[word]
        elif command is PROGRAM and re.fullmatch(r"[a-z]+", word):
            yield word


def table(document, first):
    """The first cells, without backquotes, of the table whose heading's first cell this is."""
    rows = text_of(document).split(f"\n| {first} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [re.findall(r"`([^`]+)`", row.split(" | ")[0]) for row in rows]


def targets(document):
    """Every relative target of a link, with its fragment."""
    found = re.findall(r"\]\(([^)\s]+)\)", without_blocks(document))
    return [target for target in found if not re.match(r"[a-z]+:", target)]


def anchors(document):
    headings = re.findall(r"^#+ (.+)$", text_of(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@by_path
def test_every_relative_link_leads_to_a_file_and_a_heading(document):
    broken = []
    for target in targets(document):
        path, _, fragment = target.partition("#")
        found = (document.parent / path).resolve() if path else document
        if not found.exists() or (fragment and fragment not in anchors(found)):
            broken.append(target)

    assert broken == []


@by_path
def test_every_command_in_a_document_exists_with_its_options(document):
    assert [(words, wrong) for words in commands_in(document) if (wrong := list(wrong_words(words)))] == []


@by_path
def test_every_make_target_in_a_document_exists(document):
    makefile = text_of(ROOT / "Makefile")
    used = set(re.findall(r"`make ([a-z]+)", text_of(document)))
    used |= {words[1] for words in shell_lines(document) if len(words) > 1 and words[0] == "make"}

    assert used - set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE)) == set()


def test_the_readme_lists_the_commands_of_the_program_and_no_other():
    listed = [names[0].split()[0] for names in table(ROOT / "README.md", "command")]

    assert sorted(listed) == sorted(COMMANDS)


def test_the_readmes_table_of_commands_names_options_that_exist():
    named = [shlex.split(name) for names in table(ROOT / "README.md", "command") for name in names]

    assert [(words, wrong) for words in named if (wrong := list(wrong_words(words)))] == []


def test_the_readme_has_commands_to_be_looked_at():
    assert len(list(commands_in(ROOT / "README.md"))) >= 10


def test_the_readme_names_metrics_that_are_documented():
    reference = text_of(ROOT / "docs/metrics.md")
    named = set(re.findall(r"\b((?:nxcloud|number_monitor)_[a-z_]*[a-z])\b", text_of(ROOT / "README.md")))

    assert {name for name in named if f"`{name}`" not in reference} == set()


def test_the_readme_names_every_type_of_event_and_no_other():
    listed = {name for names in table(ROOT / "README.md", "event") for name in names}

    assert listed == set(EVENT_TYPES)


def sinks_shown(tmp_path):
    """The sinks of docs/delivery.md, each in a configuration of its own; its files hold what a type takes."""
    for text in blocks(ROOT / "docs/delivery.md", "yaml"):
        written = text if text.startswith("events:") else f"events:\n  sinks:\n{text}"
        for secret in re.findall(r"(\w+)\.secret", text):
            content = CONTENTS.get(secret, "https://chat.example.com/robot")
            (tmp_path / f"{secret}.secret").write_text(f"{content}\n", encoding="utf-8")
        path = tmp_path / "number-monitor.yml"
        path.write_text(f"accounts: [{{access_key: a, access_secret: b, apps: [jh42]}}]\n{written}", encoding="utf-8")
        yield load(path, {}).events


SETTLING = (("quality_rating", "RED"), ("quality_rating", "YELLOW"), ("status", "RATE_LIMITED"))
CONTENTS = {
    "pagerduty": "a" * 32,
    "apprise": "tgram://TOKEN/CHAT",
    "smtp": "hunter2",
    "hook_key": f"whsec_{'QUJD' * 11}",
}


def test_every_type_of_sink_is_shown_and_accepted_but_lark_which_is_as_feishu(tmp_path):
    shown = {sink.type for events in sinks_shown(tmp_path) for sink in events.sinks}

    assert {*shown, "lark"} == set(SINKS)


@pytest.mark.parametrize(
    ("said", "is_so"),
    [
        ("some 10 seconds after the answer that showed it", gathering.COLLECT == 10_000),
        ("one message an account, minute and sink", gathering.EVERY == 60_000),
        ("lasted 5, 30, 30 minutes", [DEFAULT_SETTLE[state] for state in SETTLING] == [300_000, 1_800_000, 1_800_000]),
        ("has lasted 10 minutes (`events.dwell`)", set(DEFAULT_DWELL.values()) == {600_000}),
        ("the first ten in full", MOST_SHOWN == 10),
        (
            "more than three numbers of a WABA turn bad in the same way within five minutes",
            (together.ALONE, together.TOGETHER) == (3, 300_000),
        ),
        ("more than five times in an hour", course.FLAPS == 5),
        ("a minute after the last of them", first.ROUND_OVER == 60_000),
    ],
)
def test_what_people_are_told_is_said_with_the_numbers_of_the_code(said, is_so):
    assert said in text_of(ROOT / "docs/delivery.md")
    assert is_so


def test_the_heartbeat_shown_is_accepted(tmp_path):
    assert any(events.heartbeat for events in sinks_shown(tmp_path))


def test_the_readmes_first_configuration_has_the_twelve_lines_it_promises():
    (shown, *_) = re.findall(r"<<'EOF'\n(.*?)^EOF$", text_of(ROOT / "README.md"), re.MULTILINE | re.DOTALL)

    assert len(shown.splitlines()) == 12


@pytest.fixture
def campaigns(tmp_path, monkeypatch):
    """The receiver that docs/campaigns.md shows, with its key."""
    (tmp_path / "hook_key.secret").write_text(f"whsec_{base64.b64encode(KEY).decode()}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    (source,) = [text for text in blocks(ROOT / "docs/campaigns.md", "python") if "hook_key.secret" in text]
    shown = {"__name__": "shown"}
    exec(compile(source, "docs/campaigns.md", "exec"), shown)
    return shown


KEY = b"k" * 32


def happened(sequence, kind="number.degraded", **data):
    state = {"quality_rating": "RED", "status": "CONNECTED", "tier": "TIER_10K"}
    told = {"appkey": "jh42", "state": state, **data}
    return {"sequence": f"{sequence:020}", "subject": "+8613800000001", "type": kind, "data": told}


@pytest.mark.parametrize(
    ("age", "key", "body", "verified"),
    [
        pytest.param(0, KEY, b"{}", True, id="ours"),
        pytest.param(0, b"o" * 32, b"{}", False, id="another key"),
        pytest.param(0, KEY, b"[]", False, id="another body"),
        pytest.param(301, KEY, b"{}", False, id="too old"),
    ],
)
def test_the_receiver_shown_takes_what_is_signed_as_we_sign(campaigns, age, key, body, verified):
    at = round(time.time()) - age
    headers = {"webhook-id": "1", "webhook-timestamp": str(at), "webhook-signature": signatures("1", at, b"{}", [key])}

    assert campaigns["verified"](headers, body) is verified


def test_the_receiver_shown_never_goes_back_and_takes_no_test(campaigns):
    healthy = {"quality_rating": "GREEN", "status": "CONNECTED", "tier": "TIER_10K"}
    for event in (happened(2), happened(1, state=healthy), happened(0, state=healthy)):
        campaigns["take"](event)

    assert campaigns["states"] == {("+8613800000001", "jh42"): happened(2)["data"]["state"]}


def test_the_receiver_shown_forgets_a_number_that_is_gone_from_an_app(campaigns):
    for event in (happened(1), happened(2, appkey="jh43"), happened(3, "number.removed")):
        campaigns["take"](event)

    assert list(campaigns["states"]) == [("+8613800000001", "jh43")]


def test_the_verdict_shown_is_one_as_it_is_given():
    (shown,) = blocks(ROOT / "docs/campaigns.md", "json")

    assert list(json.loads(shown)) == list(Verdict.__struct_fields__)
    assert msgspec.convert(json.loads(shown), Verdict).campaign == "hold"


def test_the_changelog_has_a_place_for_what_is_not_released_and_knows_this_version():
    headings = re.findall(r"^## \[(.+?)\]", text_of(ROOT / "CHANGELOG.md"), re.MULTILINE)

    assert headings[0] == "Unreleased"
    assert __version__ in headings[1:] or len(headings) == 1
