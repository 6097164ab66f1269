"""Write to a file descriptor of which nothing is known: a file, a terminal or a pipe that may be full or closed."""

import os
import select


class PartlyWrittenError(OSError):
    """It broke in the middle: the last line is torn."""


def write_whole(descriptor: int, data: bytes) -> None:
    """
    Write all of it, waiting as long as the reader takes.

    A pipe takes what fits and a descriptor that somebody made non-blocking nothing at all: both are waited for.

    Raises:
        OSError: It cannot be written (closed, disk full); PartlyWrittenError when some of it was.
    """
    rest = memoryview(data)
    while rest:
        try:
            written = os.write(descriptor, rest)
        except BlockingIOError:
            _wait_for_room(descriptor)
            continue
        except OSError as error:
            if len(rest) < len(data):
                raise PartlyWrittenError(error.errno, error.strerror) from error
            raise
        rest = rest[written:]


def _wait_for_room(descriptor: int) -> None:
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    poll.poll()
