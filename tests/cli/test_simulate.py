"""`simulate` as a process: what it prints, what it serves, how it ends."""

import json
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

COMMAND = (sys.executable, "-c", "import typer; from monitor.cli.simulate import simulate; typer.run(simulate)")

PATIENCE = 90.0  # seconds after which something that has not happened will not

Started = Callable[..., "Running"]


class Running:
    """The command, and what it printed until it served."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "--port", "0", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.printed = self._until_the_example()

    @property
    def base_url(self) -> str:
        return next(re.finditer(r"http://127\.0\.0\.1:\d+", self.printed))[0]

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Stop it; its exit code and the rest of its output."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err

    def _until_the_example(self) -> str:
        lines = []
        for line in self.process.stdout or ():
            lines.append(line)
            if line.startswith("curl"):
                break
        return "".join(lines)


@pytest.fixture
def started() -> Iterator[Started]:
    running: list[Running] = []

    def start(*arguments: str) -> Running:
        running.append(Running(*arguments))
        return running[-1]

    yield start
    for one in running:
        if one.process.poll() is None:
            one.process.kill()
        one.process.communicate()


def get(url: str, data: bytes | None = None, method: str = "GET") -> Any:
    """What a URL answers."""
    with urllib.request.urlopen(urllib.request.Request(url, data, method=method), timeout=PATIENCE) as answer:
        return json.load(answer)


def test_it_serves_the_apps_that_its_example_configuration_names(started):
    running = started("--apps", "3", "--numbers", "6")

    example = yaml.safe_load(running.printed.partition("number-monitor.yml:\n\n")[2].partition("\n\n")[0])

    (account,) = example["accounts"]
    assert account["base_url"] == running.base_url
    assert account["apps"] == [app["appkey"] for app in get(f"{running.base_url}/apps")]
    assert account["access_key"] in running.printed
    assert account["access_secret"] in running.printed


def test_a_long_list_of_apps_is_to_be_asked_for(started):
    running = started("--apps", "7")

    example = yaml.safe_load(running.printed.partition("number-monitor.yml:\n\n")[2].partition("\n\n")[0])

    assert example["accounts"][0]["apps_url"] == {"url": f"{running.base_url}/apps"}


def test_its_example_changes_a_number(started):
    running = started()
    url, body = re.findall(r"curl -X PATCH (\S+) -d '(.*)'", running.printed)[0]

    assert get(url, body.encode(), "PATCH")["row"]["quality_rating"] == "RED"


def test_the_same_seed_makes_the_same_apps(started):
    one, other, another = started("--seed", "5"), started("--seed", "5"), started("--seed", "6")

    assert get(f"{one.base_url}/apps") == get(f"{other.base_url}/apps") != get(f"{another.base_url}/apps")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_without_a_word(started, number):
    assert started().end(number) == (0, "", "")


def test_a_call_that_it_refuses_is_a_line_on_standard_error(started):
    running = started()
    path = f"{running.base_url}/api/wa/integrator/embedded/register/phoneList"
    call = urllib.request.Request(path, b"{}", {"Content-Type": "application/json"})
    urllib.request.urlopen(call, timeout=PATIENCE).close()

    assert running.end()[2] == "refused a call with 1001: accessKey, action, bizType, ts, sign\n"


def test_a_port_in_use_is_one_line_and_exit_1(started):
    port = started().base_url.rpartition(":")[2]

    second = subprocess.run([*COMMAND, "--port", port], capture_output=True, text=True, timeout=PATIENCE, check=False)

    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr == (
        f"cannot listen at 127.0.0.1, port {port}: address already in use; choose another with --host or --port\n"
    )


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--numbers", "1000000"], "the test ranges hold 139094 numbers"),
        (["--speed", "inf"], "speed is how many times faster"),
        (["--apps", "0"], "greater than or equal to 1"),
    ],
)
def test_an_impossible_world_is_wrong_usage(arguments, reason):
    refused = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=PATIENCE, check=False)

    assert refused.returncode == 2
    assert reason in " ".join(refused.stderr.replace("│", " ").split())
    assert "Traceback" not in refused.stderr
