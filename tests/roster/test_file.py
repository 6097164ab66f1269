"""The file of apps: what is read, and the message of every fault."""

import os
from pathlib import Path

import pytest

from monitor.fleet.app import App
from monitor.roster.errors import RosterError
from monitor.roster.file import NO_HEADER, AppsFile, read_apps_file

EXPECTED = "expected 1 to 128 letters, digits and signs of _ - . : with a letter or digit among them"


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "apps.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def problems_of(tmp_path: Path, content: str | bytes) -> list[str]:
    with pytest.raises(RosterError) as caught:
        read_apps_file(written(tmp_path, content), "main")
    return [problem.removeprefix(f"{tmp_path}/apps.csv") for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("content", "apps"),
    [
        pytest.param("appkey,name\nk1,Shop\n", [App("main", "k1", "Shop")], id="a header and a row"),
        pytest.param("k1\nk2,Shop,30s\n", [App("main", "k1"), App("main", "k2", "Shop", 30_000)], id="no header"),
        pytest.param(
            "Name,APPKEY\nShop,k1\n", [App("main", "k1", "Shop")], id="columns in any order and capitalisation"
        ),
        pytest.param(
            "appkey,label_team,label_plan\nk1,emea,vip\n",
            [App("main", "k1", labels=(("plan", "vip"), ("team", "emea")))],
            id="labels, by name",
        ),
        pytest.param("appkey,label_team\nk1,\n", [App("main", "k1")], id="an empty cell is no label"),
        pytest.param(
            "# ours\n\nappkey,interval\n , \n# theirs\nk1,5m\n", [App("main", "k1", "", 300_000)], id="comments, blanks"
        ),
        pytest.param('appkey, name\r\nk1, "a, b"\r\n', [App("main", "k1", "a, b")], id="quotes and CRLF"),
        pytest.param('appkey,name\nk1,"two\nlines"\n', [App("main", "k1", "two\nlines")], id="a cell of two lines"),
        pytest.param("appkey,name,,\nk1,Shop,,\n", [App("main", "k1", "Shop")], id="empty columns at the end"),
        pytest.param("\ufeffappkey,name\nk1,商店\n", [App("main", "k1", "商店")], id="UTF-8 with BOM"),
        pytest.param("appkey,name\nk1,商店\n".encode("gb18030"), [App("main", "k1", "商店")], id="GB18030"),
        pytest.param("appkey,name\n", [], id="a header alone"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_a_file_is_read(tmp_path, content, apps):
    assert read_apps_file(written(tmp_path, content), "main") == apps


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        pytest.param(
            "appkey,name\nk1,a\nk2,b\nk1,c\n",
            [", line 4: appkey 'k1' is in line 2 already; delete one of the two"],
            id="an appkey twice",
        ),
        pytest.param("appkey,name\n,Shop\n", [", line 2: the appkey is missing"], id="no appkey"),
        pytest.param(
            "appkey,interval\nk1,30\nk2,1s\nk3,99999999999d\n",
            [
                ", line 2: interval '30' is no duration; write it as 30s, 5m or 1h",
                ", line 3: interval '1s' is under 5s, the shortest there is",
                ", line 4: interval '99999999999d' is over 36500d, the longest there is",
            ],
            id="intervals",
        ),
        pytest.param(
            "appkey,intervall,nickname,label_a-b,name,name\nk1,30s,x,y,z,z\n",
            [
                ", line 1: 'intervall' is not known; did you mean 'interval'?",
                ", line 1: 'nickname' is not known; did you mean 'name'?",
                ", line 1: 'label_a-b' is no label: write label_ and letters, digits or underscores",
                ", line 1: column 'name' is there twice",
            ],
            id="columns",
        ),
        pytest.param(
            "app_key,name\nk1,a\n",
            [
                ", line 1: 'app_key' is not known; did you mean 'appkey'?",
                ", line 1: there is no column 'appkey'; the columns are appkey,name[,interval][,label_*]",
            ],
            id="a misspelt header is no app",
        ),
        pytest.param(
            "appkey,nmae,interval\nk1,a,1s\n,b,30s\nk1,c,\nk1,d,\n",
            [
                ", line 1: 'nmae' is not known; did you mean 'name'?",
                ", line 2: interval '1s' is under 5s, the shortest there is",
                ", line 3: the appkey is missing",
                ", line 5: appkey 'k1' is in line 4 already; delete one of the two",
            ],
            id="a wrong column and wrong rows",
        ),
        pytest.param(
            "app_key,interval\nk1,1s\n",
            [
                ", line 1: 'app_key' is not known; did you mean 'appkey'?",
                ", line 1: there is no column 'appkey'; the columns are appkey,name[,interval][,label_*]",
                ", line 2: interval '1s' is under 5s, the shortest there is",
            ],
            id="no appkeys, and wrong rows",
        ),
        pytest.param(
            "appkey,name\nk1,a,b\n",
            [", line 2: 'b' is in a column that has no name; quote values that contain commas"],
            id="more cells than columns",
        ),
        pytest.param(
            "appkey\nk 1\n1.2E+11\n" + "k" * 129 + "\n",
            [
                f", line 2: appkey 'k 1' is none: {EXPECTED}",
                ", line 3: appkey '1.2E+11' was rewritten by a spreadsheet; make the column text and enter it again",
                f", line 4: appkey '{'k' * 40}…' is none: {EXPECTED}",
            ],
            id="appkeys that are none",
        ),
        pytest.param(
            'appkey,name\nk1,"two\nlines"\n,x\n', [", line 4: the appkey is missing"], id="lines of the file, not rows"
        ),
        pytest.param(
            'appkey,name\nk1,"a\nk2,b\n', [", line 2: unexpected end of data; check the quotes"], id="an open quote"
        ),
        pytest.param(
            "appkey,name\n".encode("utf-16"), [" is UTF-16; save it as CSV UTF-8"], id="what a spreadsheet calls text"
        ),
        pytest.param(
            b"appkey,name\nk1,\xff\xff\n", [" is neither UTF-8 nor GB18030; save it as CSV UTF-8"], id="no text"
        ),
        pytest.param(
            "nonsense\n\n# no list\nmore,Shop\n",
            [f", line 1: 'nonsense' {NO_HEADER}"],
            id="words without a header",
        ),
        pytest.param(
            "two words\nk2\n", [f", line 1: appkey 'two words' is none: {EXPECTED}"], id="a row that is no appkey"
        ),
        pytest.param(
            "\n<!doctype html>\n<p>k1</p>\n",
            [" is a page (HTML or XML) and no list of apps; save it as CSV"],
            id="a page",
        ),
        pytest.param(
            b"PK\x03\x04\x14\x00\x06\x00", [" is binary and no list of apps; save it as CSV UTF-8"], id="a spreadsheet"
        ),
        pytest.param(b"\x7fELF\x02\x01", [" is binary and no list of apps; save it as CSV UTF-8"], id="a program"),
        pytest.param(b"x" * (8 * 1024 * 1024 + 1), [" is larger than 8 MiB: it is no list of apps"], id="too large"),
    ],
)
def test_every_fault_is_told_at_once_with_its_line(tmp_path, content, problems):
    assert problems_of(tmp_path, content) == problems


def test_a_file_of_another_kind_is_not_told_line_by_line(tmp_path):
    problems = problems_of(tmp_path, "appkey\n" + "a b\n" * 60)

    assert (len(problems), problems[-1]) == (51, "and 10 more of the kind")


@pytest.mark.parametrize(
    ("content", "last"),
    [
        pytest.param("appkey\n" + "a b\n" * 50_000, "and over 950 more of the kind", id="lines"),
        pytest.param("appkey," + ",".join(map(str, range(100_000))), "and over 950 more of the kind", id="columns"),
        pytest.param("appkey" + ",name" * 100_000, ": column 'name' is there twice", id="a column again"),
        pytest.param("a1\n" * 50_000, "and over 950 more of the kind", id="the same"),
        pytest.param(
            "\n".join(f"a{index}" for index in range(100_010)),
            "more than 100000 lines: it is no list of apps",
            id="apps",
        ),
    ],
)
def test_a_huge_file_is_refused_in_a_few_lines(tmp_path, content, last):
    problems = problems_of(tmp_path, content)

    assert len(problems) <= 51
    assert problems[-1].endswith(last)


def test_a_missing_file_says_what_to_check(tmp_path):
    with pytest.raises(RosterError) as caught:
        read_apps_file(tmp_path / "none.csv", "main")

    assert caught.value.problems == (
        f"{tmp_path}/none.csv cannot be read: No such file or directory; check the path and its permissions",
    )


def test_a_pipe_does_not_hold_the_reader(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(RosterError, match="is not a file; name a CSV file"):
        read_apps_file(tmp_path / "pipe", "main")


def test_a_file_that_did_not_change_is_not_parsed_again(tmp_path):
    file = AppsFile(written(tmp_path, "appkey\nk1\n"), "main")
    first = file.read()

    assert file.read() is first


def test_a_file_that_changed_is_read_anew(tmp_path):
    file = AppsFile(written(tmp_path, "appkey\nk1\n"), "main")
    file.read()
    written(tmp_path, "appkey\nk2\n")

    assert file.read() == [App("main", "k2")]


def test_a_file_that_broke_and_came_back_as_it_was_is_read(tmp_path):
    file = AppsFile(written(tmp_path, "appkey\nk1\n"), "main")
    file.read()
    written(tmp_path, "appkey,what\nk1,x\n")
    with pytest.raises(RosterError):
        file.read()
    written(tmp_path, "appkey\nk1\n")

    assert file.read() == [App("main", "k1")]
