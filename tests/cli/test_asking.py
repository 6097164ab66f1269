"""`accept` and `healthcheck`: what is made of an answer, and of whoever else listens at the daemon's address."""

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from typer.testing import CliRunner, Result

from monitor.cli.address import MOST_SHOWN
from monitor.cli.program import program

Asked = Callable[..., Result]

ACCEPT = ("accept", "--account", "main")
HEALTH = ("healthcheck",)


def http(status: int, body: str | bytes) -> bytes:
    """An answer as somebody gives it who speaks HTTP."""
    content = body.encode() if isinstance(body, str) else body
    return f"HTTP/1.1 {status} Whatever\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(90)
        yield listener


@pytest.fixture
def place(listener: socket.socket) -> str:
    return f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def requests() -> list[str]:
    """What was asked, as it came."""
    return []


@pytest.fixture
def asked(listener, place, tmp_path, requests) -> Asked:
    """Run a command whose configured address answers one request with these bytes."""
    path = tmp_path / "number-monitor.yml"
    account = {"access_key": "abc", "access_secret": "hunter2", "apps": ["jh1"]}
    path.write_text(json.dumps({"accounts": [account], "web": {"listen": place}}))

    def answer(said: bytes) -> None:
        connection, _ = listener.accept()
        with connection:
            requests.append(connection.recv(65536).decode())
            connection.sendall(said)

    def ran(command: tuple[str, ...], said: bytes, typed: str = "", **environ: str) -> Result:
        thread = threading.Thread(target=answer, args=(said,))
        thread.start()
        result = CliRunner(env={**os.environ, **environ}).invoke(
            program, ["--config", str(path), *command], input=typed
        )
        thread.join()
        return result

    return ran


def told(result: Result) -> tuple[int, str, str]:
    """How it ended, and both streams; an exception would be a traceback."""
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize(
    ("accepted", "said"),
    [(0, "no held-back answers"), (1, "1 held-back answer"), (2, "2 held-back answers")],
)
def test_what_is_believed_is_counted(asked, accepted, said):
    result = asked(ACCEPT, http(200, json.dumps({"accepted": accepted})))

    assert told(result) == (0, f"account main: {said} believed\n", "")


@pytest.mark.parametrize(
    ("typed", "environ"),
    [
        pytest.param("", {"NUMBER_MONITOR_PASSWORD": "hunter3"}, id="of the environment"),
        pytest.param("hunter3\n", {}, id="of the prompt"),
    ],
)
def test_a_user_is_named_with_the_password(asked, requests, typed, environ):
    result = asked((*ACCEPT, "--user", "ops"), http(200, '{"accepted": 1}'), typed, **environ)

    assert result.exit_code == 0
    assert requests[0].startswith("POST /api/v1/accounts/main/accept HTTP/1.1\r\n")
    assert "\r\nAuthorization: Basic b3BzOmh1bnRlcjM=\r\n" in requests[0]
    assert "hunter3" not in result.output


def test_nobody_is_named_where_no_user_is_given(asked, requests):
    asked(ACCEPT, http(200, '{"accepted": 1}'), NUMBER_MONITOR_PASSWORD="hunter3")

    assert "Authorization" not in requests[0]


def test_a_refusal_is_told_in_the_daemons_words(asked):
    refusal = {"type": "about:blank", "title": "Not watched", "status": 404, "detail": "There is no account main."}

    result = asked(ACCEPT, http(404, json.dumps(refusal)))

    assert told(result) == (1, "", "not accepted: There is no account main.\n")


STRANGE = [
    pytest.param(200, "<html>\n<h1>It works!</h1>\n</html>\n", id="a page"),
    pytest.param(200, "", id="nothing"),
    pytest.param(200, "{", id="half an object"),
    pytest.param(200, "{}", id="an empty object"),
    pytest.param(200, "[1]", id="a list"),
    pytest.param(200, '{"accepted": "all"}', id="a word for a number"),
    pytest.param(200, '{"accepted": null}', id="no number"),
    pytest.param(200, '{"accepted": 1e999}', id="an endless number"),
    pytest.param(200, '{"a":' * 10_000, id="depths"),
    pytest.param(200, b'{"accepted": 1, "\xff\xfe": ""', id="no text"),
    pytest.param(404, "not found\n", id="another's refusal"),
    pytest.param(500, '{"error": "boom"}', id="another's JSON"),
    pytest.param(500, '{"title": 7, "detail": ["x"]}', id="other types"),
    pytest.param(302, "", id="elsewhere"),
]


@pytest.mark.parametrize(("status", "body"), STRANGE)
def test_a_stranger_accepts_nothing_and_is_named(asked, place, status, body):
    result = asked(ACCEPT, http(status, body))

    strange = f"{place} answers HTTP {status}, but not as number-monitor does"
    what_now = "does another program listen there? web.listen says where the daemon is asked"
    assert told(result) == (1, "", f"not accepted: {strange}; {what_now}\n")


@pytest.mark.parametrize(("status", "body"), STRANGE)
def test_a_stranger_is_not_healthy(asked, place, status, body):
    result = asked(HEALTH, http(status, body))

    assert told(result)[:2] == (1, "")
    assert result.stderr.startswith(f"not healthy: {place} answers HTTP {status}, but not as number-monitor does; ")


@pytest.mark.parametrize("command", [ACCEPT, HEALTH])
@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", id="SSH"),
        pytest.param(b"\x1b[2J\xff\n" * 5_000, id="noise"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", id="no chunks"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n", id="too many headers"),
        pytest.param(b"", id="silence"),
    ],
)
def test_who_speaks_no_http_gave_no_answer(asked, place, command, said):
    code, out, err = told(asked(command, said))

    assert (code, out) == (1, "")
    assert err.startswith(f"no answer at {place}: ")
    assert err.endswith("; is the daemon running?\n")
    assert (err.count("\n"), err.removesuffix("\n").isprintable(), len(err) < MOST_SHOWN + 200) == (1, True, True)


def test_what_is_repeated_stays_one_line_of_bounded_length(asked):
    detail = "\x1b[2J a line,\nanother, " + "x" * 60_000

    code, _, err = told(asked(ACCEPT, http(409, json.dumps({"title": "No", "detail": detail}))))

    assert code == 1
    assert err == f"not accepted: \\x1b[2J a line, another, {'x' * (MOST_SHOWN - 22)}…\n"


def test_a_daemon_that_is_well_says_so_without_a_word(asked):
    assert told(asked(HEALTH, http(200, "healthy\n"))) == (0, "", "")


def test_a_daemon_that_is_not_well_says_why(asked):
    result = asked(HEALTH, http(503, "not healthy: the store cannot be written\n"))

    assert told(result) == (1, "", "not healthy: the store cannot be written\n")
