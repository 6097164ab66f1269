"""`sinks test` from outside: a sample event to a receiver, and what it says."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from typer.testing import CliRunner, Result

from monitor.cli.program import program


class Receiver:
    """Keeps what it is sent, and answers as it is told."""

    def __init__(self) -> None:
        self.status = 200
        self.words = "thank you"
        self.took: list[tuple[dict[str, str], dict[str, object]]] = []
        receiver = self

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.took.append(({key.lower(): value for key, value in self.headers.items()}, json.loads(body)))
                self.send_response(receiver.status)
                self.end_headers()
                self.wfile.write(receiver.words.encode())

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Answering)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = Thread(target=receiver.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield receiver
    receiver.server.shutdown()
    thread.join()
    receiver.server.server_close()


@pytest.fixture
def path(tmp_path: Path, receiver: Receiver) -> Path:
    path = tmp_path / "number-monitor.yml"
    path.write_text(
        f"""accounts:
  - {{name: main, access_key: abc, access_secret: hunter2, apps: [jh1]}}
events:
  sinks:
    - name: ops
      type: webhook
      url: {receiver.origin}/hook?token=hunter3hunter3
      secret: a-secret-of-24-bytes-or-so
""",
        encoding="utf-8",
    )
    return path


def run(path: Path, *words: str) -> Result:
    return CliRunner().invoke(program, ["--config", str(path), "sinks", *words], env={"NO_PROXY": "*"})


def test_a_test_sends_one_marked_event_and_shows_the_answer(path, receiver):
    result = run(path, "test", "ops")

    ((headers, event),) = receiver.took
    assert (event["type"], event["sequence"], event["data"]["test"]) == ("number.degraded", "0" * 20, True)
    assert (headers["webhook-id"], "webhook-signature" in headers) == (event["id"], True)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"sink ops took event {event['id']}: {receiver.origin} answered HTTP 200: thank you\n"


def test_type_and_number_can_be_chosen(path, receiver):
    run(path, "test", "ops", "--type", "number.recovered", "--number", "49 151 1000 0001")

    ((_, event),) = receiver.took
    assert (event["type"], event["subject"]) == ("number.recovered", "+4915110000001")


def test_each_test_is_an_event_of_its_own(path, receiver):
    run(path, "test", "ops")
    run(path, "test", "ops")

    assert len({event["id"] for _, event in receiver.took}) == 2


@pytest.mark.parametrize("status", [301, 410, 422, 429, 500])
def test_a_refusal_is_shown_in_the_receivers_own_words_without_a_secret(path, receiver, status):
    receiver.status, receiver.words = status, "no such field at hunter3hunter3"

    result = run(path, "test", "ops")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("sink ops did not take event ")
    assert f"answered HTTP {status}: no such field" in result.stderr
    assert "hunter3" not in result.stderr


def test_a_receiver_that_is_not_there_is_one_line(path, receiver):
    receiver.server.socket.close()
    result = run(path, "test", "ops")

    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (1, "", 1)


def test_stdout_can_be_tested_too(path, capfd):
    result = run(path, "test", "stdout", "--type", "app.baseline")

    (line,) = capfd.readouterr().out.splitlines()
    assert (result.exit_code, result.stderr) == (0, "")
    assert (json.loads(line)["event"], json.loads(line)["data"]["test"]) == ("app.baseline", True)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["test", "osp"], 1, "no sink 'osp' in the configuration; there are stdout, ops"),
        (["test", "ops", "--type", "number.degrated"], 2, "did you mean 'number.degraded'?"),
    ],
)
def test_what_cannot_be_done_is_said(path, receiver, words, code, said):
    result = run(path, *words)

    assert (result.exit_code, result.stdout, receiver.took) == (code, "", [])
    assert said in " ".join(result.stderr.replace("│", " ").split())
