from pathlib import Path

import pytest
import typer

from monitor.cli.context import Context

GOOD = "accounts:\n  - {access_key: abc, access_secret: hunter2, apps: [jh1]}\nlog: {level: warning, format: json}\n"


def written(directory: Path, text: str) -> Path:
    path = directory / "number-monitor.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_options_about_the_log_go_before_the_configuration(tmp_path):
    settings = Context(written(tmp_path, GOOD), log_level="debug", log_format=None).settings()

    assert (settings.log.level, settings.log.format) == ("debug", "json")


def test_a_reload_keeps_them(tmp_path):
    context = Context(written(tmp_path, GOOD), log_level=None, log_format="console")
    context.settings()
    written(tmp_path, GOOD.replace("warning", "error"))

    settings = context.load()

    assert (settings.log.level, settings.log.format) == ("error", "console")


@pytest.mark.parametrize("code", [2, 3])
def test_a_wrong_configuration_ends_with_the_commands_code_and_every_error_on_a_line(tmp_path, capsys, code):
    path = written(tmp_path, "accounts:\n  - {access_key: abc, access_secret: hunter2, apps: [1], nmae: x}\n")

    with pytest.raises(typer.Exit) as ended:
        Context(path).settings(code)

    assert ended.value.exit_code == code
    assert capsys.readouterr().err.splitlines() == [
        'accounts[0].apps[0].appkey (line 2): 1 is a number to YAML; write it in quotes: "1"',
        "accounts[0].nmae (line 2): is not a known key; did you mean 'name'?",
    ]


def test_a_wrong_option_is_wrong_usage(tmp_path):
    with pytest.raises(typer.BadParameter, match="expected 'json' or 'console', got 'xml'"):
        Context(written(tmp_path, GOOD), log_format="xml").settings()
