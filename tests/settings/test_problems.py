"""A problem is one line that can be shown and read, whatever it repeats."""

import pytest

from monitor.settings.load import load
from monitor.settings.problems import LONGEST_PROBLEM, Problem, SettingsError

ACCOUNT = "accounts:\n  - {{access_key: {key}, access_secret: s, apps: []}}\n"


@pytest.fixture
def problems_of(tmp_path):
    """What is wrong with a text, the folder left out."""

    def problems(text: str) -> list[str]:
        path = tmp_path / "number-monitor.yml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(SettingsError) as refused:
            load(path, {})
        return [str(problem).replace(f"{tmp_path}/", "") for problem in refused.value.problems]

    return problems


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("\ufeff", r"\ufeff", id="a byte order mark"),
        pytest.param("a\u2028b", r"a\u2028b", id="a line separator"),
        pytest.param("a\u202eb", r"a\u202eb", id="an override of the direction"),
        pytest.param("a b\u00e9", "a b\u00e9", id="letters stay as they are"),
    ],
)
def test_a_files_name_is_written_out_where_it_cannot_be_seen(problems_of, name, shown):
    text = ACCOUNT.format(key="k") + f'web: {{config_file: "{name}"}}\n'

    assert problems_of(text) == [f"web.config_file (line 3): {shown}: there is no such file"]


def test_a_number_of_thousands_of_digits_is_not_repeated_whole(problems_of):
    assert problems_of(ACCOUNT.format(key="9" * 5_000)) == [
        f"accounts[0].access_key (line 2): {'9' * 60}… is a number to YAML; write it in quotes"
    ]


def test_a_long_line_keeps_its_beginning_and_its_end():
    line = str(Problem("web.config_file", 3, f"{'x' * 4_000}: there is no such file"))

    assert len(line) == LONGEST_PROBLEM
    assert line.startswith("web.config_file (line 3): xxx")
    assert line.endswith("xxx: there is no such file")
    assert "x…x" in line


def test_a_line_that_is_just_not_too_long_is_whole():
    message = "x" * (LONGEST_PROBLEM - len("a: "))

    assert str(Problem("a", None, message)) == f"a: {message}"
    assert len(str(Problem("a", None, f"{message}x"))) == LONGEST_PROBLEM
