"""
One bad file for each rule, with the exact messages (`messages.txt`): what an operator reads when it is wrong.

`hunter2` and `8675309` stand for secrets in these files; no message may repeat them.  `{bad}` is the files' folder.
"""

import re
from pathlib import Path

import pytest

from monitor.settings.load import load
from monitor.settings.problems import SettingsError
from monitor.settings.shape import spellings
from monitor.settings.sink_types import SINKS

BAD = Path(__file__).parent / "bad"


def messages() -> dict[str, list[str]]:
    """By bad file: its name on a line, its messages indented below."""
    table: dict[str, list[str]] = {}
    for part in re.split(r"\n(?! )", (BAD.parent / "messages.txt").read_text(encoding="utf-8").strip()):
        name, *lines = part.split("\n")
        table[name] = [line.strip() for line in lines]
    return table


MESSAGES = messages()


@pytest.mark.parametrize("name", MESSAGES)
def test_a_bad_file_is_refused_in_these_words(name):
    problems = problems_of(BAD / f"{name}.yml")

    assert problems == [message.replace("{bad}", str(BAD)) for message in MESSAGES[name]]


@pytest.mark.parametrize("name", MESSAGES)
def test_no_message_repeats_a_secret(name):
    problems = problems_of(BAD / f"{name}.yml")

    assert not [problem for problem in problems if "hunter2" in problem or "8675309" in problem]


def test_every_bad_file_has_its_messages():
    assert {path.stem for path in BAD.iterdir()} == set(MESSAGES)


def test_the_faults_of_several_files_in_one_are_told_together_in_the_order_of_their_lines(tmp_path):
    path = tmp_path / "number-monitor.yml"
    path.write_text(
        """accounts:
  - access_key: ${UNSET_VARIABLE}
    access_secret_file: not-there
    rate_limit: 0
    rate_limit: 1
    apps: [jh1, 012345, jh1]
    nmae: main
poll: {interval: 60}
events: {heartbeat: {url: x}}
""",
        encoding="utf-8",
    )

    assert problems_of(path) == [
        "accounts[0].access_key (line 2): the environment variable UNSET_VARIABLE is not set",
        f"accounts[0].access_secret_file (line 3): {tmp_path}/not-there: there is no such file",
        "accounts[0].rate_limit (line 4): expected more than 0, got '0'",
        "accounts[0].rate_limit (line 5): is given twice, first in line 4",
        "accounts[0].apps[2].appkey (line 6): 'jh1' is given already at accounts[0].apps[0].appkey",
        'accounts[0].apps[1].appkey (line 6): 012345 is a number to YAML; write it in quotes: "012345"',
        "accounts[0].nmae (line 7): is not a known key; did you mean 'name'?",
        "poll.interval (line 8): expected a duration such as 500ms, 30s, 5m, 24h or 90d, got '60': the unit is missing",
        "events.heartbeat.url (line 9): expected a URL that begins with https:// or http://",
    ]


@pytest.mark.parametrize("kind", SINKS)
def test_an_unknown_key_is_refused_with_one_of_the_keys_of_its_type(tmp_path, kind):
    path = tmp_path / "number-monitor.yml"
    account = "accounts:\n  - {access_key: a, access_secret: b, apps: []}\n"
    wrong = {"nmae": "name", "timout": "timeout", "previous_secrte": "previous_secret", "routing_kye": "routing_key"}
    lines = "".join(f"      {key}: hunter2\n" for key in wrong)
    path.write_text(f"{account}events:\n  sinks:\n    - type: {kind}\n{lines}", encoding="utf-8")

    problems = [problem for problem in problems_of(path) if "is not a known key" in problem]

    known = set(spellings(SINKS[kind]))
    assert [
        problem.endswith(f"did you mean '{meant}'?") for problem, meant in zip(problems, wrong.values(), strict=True)
    ] == [meant in known for meant in wrong.values()]


def problems_of(path: Path) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        load(path, {})
    return [str(problem).replace(f"{BAD}/", "") for problem in refused.value.problems]
