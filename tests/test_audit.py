"""The look for known vulnerabilities: a finding is an error, silence is none, and is not taken for an answer."""

import json
import subprocess

import pytest

from requirements import audit


def package(name: str, *findings: dict[str, object]) -> dict[str, object]:
    return {"name": name, "version": "1.0", "vulns": list(findings)}


def finding(name: str, *aliases: str, fixed: tuple[str, ...] = ("1.1",)) -> dict[str, object]:
    return {"id": name, "aliases": list(aliases), "fix_versions": list(fixed)}


UNKNOWN = {"name": "httpx", "skip_reason": "Dependency not found on PyPI and could not be audited: httpx (1.0)"}


def answering(monkeypatch, output: str) -> None:
    """Let pip-audit say this."""
    done = subprocess.CompletedProcess((), 0, output, "")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)


def silent(monkeypatch) -> None:
    """Let pip-audit find no end."""

    def run(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("pip-audit", audit.PATIENCE)

    monkeypatch.setattr(subprocess, "run", run)


@pytest.mark.parametrize(
    ("packages", "lines"),
    [
        pytest.param([package("httpx")], [], id="nothing"),
        pytest.param([package("httpx", finding("CVE-1"))], ["httpx 1.0: CVE-1, mended in 1.1"], id="a finding"),
        pytest.param(
            [package("httpx", finding("CVE-1", fixed=()))],
            ["httpx 1.0: CVE-1, mended in no version yet"],
            id="unmended",
        ),
        pytest.param([package("httpx", finding("CVE-9"))], [], id="explained"),
        pytest.param([package("httpx", finding("PYSEC-1", "CVE-9"))], [], id="explained under another name"),
    ],
)
def test_a_finding_is_an_error_unless_it_is_explained(packages, lines):
    ignored = {"CVE-9": "we do not call it"} if "CVE-9" in str(packages) else {}

    assert audit.findings(packages, ignored) == lines


def test_an_explanation_without_a_finding_is_to_be_taken_out():
    lines = audit.idle([package("httpx", finding("CVE-1"))], {"CVE-1": "not called", "CVE-9": "nor this"})

    assert lines == ["CVE-9 is ignored and not found any more: take it out"]


def test_a_finding_ends_with_1(monkeypatch, capsys):
    answering(monkeypatch, json.dumps({"dependencies": [package("httpx", finding("CVE-1"))]}))

    assert audit.main(strict=False) == 1
    assert capsys.readouterr().out == "httpx 1.0: CVE-1, mended in 1.1\n"


def test_no_finding_ends_with_0(monkeypatch, capsys):
    answering(monkeypatch, json.dumps({"dependencies": [package("httpx"), package("rich")]}))

    assert audit.main(strict=True) == 0
    assert capsys.readouterr().out == "2 locked packages, no known vulnerability\n"


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(
    ("output", "said"),
    [
        pytest.param(None, "the list of known vulnerabilities does not answer within 60 s", id="no end"),
        pytest.param("", "the list of known vulnerabilities does not answer within 60 s", id="no report"),
        pytest.param(
            json.dumps({"dependencies": [UNKNOWN, package("rich")]}),
            "the list of known vulnerabilities does not know 1 of 2 packages (httpx)",
            id="a source without our packages",
        ),
    ],
)
def test_a_source_that_does_not_answer_is_no_answer(monkeypatch, capsys, output, said, strict):
    if output is None:
        silent(monkeypatch)
    else:
        answering(monkeypatch, output)

    assert audit.main(strict=strict) == int(strict)
    assert capsys.readouterr().err == f"not audited: {said}\n"


def test_a_finding_counts_though_other_packages_are_not_known(monkeypatch, capsys):
    answering(monkeypatch, json.dumps({"dependencies": [UNKNOWN, package("rich", finding("CVE-1"))]}))

    assert audit.main(strict=False) == 1
    assert capsys.readouterr().out == "rich 1.0: CVE-1, mended in 1.1\n"


def test_every_explanation_says_something():
    assert all(len(reason) > 20 for reason in audit.IGNORED.values())
