"""Where the running daemon answers, as the configuration says it: for the commands that ask it something."""

import http.client
from collections.abc import Mapping, Sequence

from monitor.web.address import host_and_port

TIMEOUT = 5.0  # seconds that the daemon gets to answer

_HERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # all addresses: ours among them


class NoAnswerError(Exception):
    """The daemon did not answer; the message is one line."""


def ask(listen: Sequence[str], method: str, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
    """
    Ask the daemon at the first of its addresses.

    Returns:
        The status and the text of the answer.

    Raises:
        NoAnswerError: It is not reached, or does not answer in time.
    """
    host, port = host_and_port(listen[0])
    connection = http.client.HTTPConnection(_HERE.get(host, host), port, timeout=TIMEOUT)
    try:
        connection.request(method, path, headers=dict(headers or {}))
        answer = connection.getresponse()
        return answer.status, answer.read(65536).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise NoAnswerError(
            f"no answer at {connection.host}:{connection.port}: {reason}; is the daemon running?"
        ) from None
    finally:
        connection.close()
