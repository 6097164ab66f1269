"""The tests' terminal is one as people sit at, whoever started the tests."""

import signal

import pytest

from tests.cli.terminal import Terminal


@pytest.fixture
def deaf():
    """As a shell starts what it starts in the background, and nohup everything."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


async def test_ctrl_c_is_heard_though_the_tests_ignore_it(deaf, tmp_path):
    async with Terminal("init", directory=tmp_path) as terminal:
        await terminal.shows("accessKey: ")
        terminal.types("\x03")

        assert await terminal.ends() == 130
