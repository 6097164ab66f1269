"""Two files appear together or not at all, whatever happens between them."""

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.cli.beginning import Beginning, NotWrittenError

CONFIGURATION, SECRET = "number-monitor.yml", "nxcloud.secret"


def begin(folder: Path, meanwhile: Callable[[], object] = lambda: None) -> None:
    """Write both."""
    beginning = Beginning(folder / CONFIGURATION, folder / SECRET)
    with beginning.begun(replace=False):
        beginning.stage("accounts: []\n", "hunter2")
        meanwhile()
        beginning.put()


def found(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


@pytest.fixture
def breaks(monkeypatch):
    """Moving the second file to its place, the configuration, ends in this error."""

    def break_with(error: BaseException) -> None:
        replace = Path.replace

        def replaced(path, target):
            if path.name == CONFIGURATION:
                raise error
            return replace(path, target)

        monkeypatch.setattr(Path, "replace", replaced)

    return break_with


def test_both_are_written(tmp_path):
    begin(tmp_path)

    assert found(tmp_path) == {CONFIGURATION: "accounts: []\n", SECRET: "hunter2\n"}


def test_a_disk_that_is_full_at_the_second_takes_back_the_first(breaks, tmp_path):
    breaks(OSError(errno.ENOSPC, "No space left on device"))

    with pytest.raises(NotWrittenError, match=r"^cannot write in .*: No space left on device$"):
        begin(tmp_path)

    assert found(tmp_path) == {}


def test_whoever_breaks_off_between_the_two_takes_back_the_first(breaks, tmp_path):
    breaks(KeyboardInterrupt())

    with pytest.raises(KeyboardInterrupt):
        begin(tmp_path)

    assert found(tmp_path) == {}


def test_a_file_that_appears_meanwhile_is_not_replaced(tmp_path):
    with pytest.raises(NotWrittenError, match=r": File exists$"):
        begin(tmp_path, lambda: (tmp_path / CONFIGURATION).write_text("mine"))

    assert found(tmp_path) == {CONFIGURATION: "mine"}
