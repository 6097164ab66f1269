import io
import json
import re
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len

from monitor.cli.formats import EventFormat, Format
from monitor.cli.tables import fitted, print_deliveries, print_events, print_next_event, print_numbers
from monitor.fleet.app import App
from monitor.fleet.scales import Severity
from monitor.views.columns import Times, first_look_columns, number_columns
from monitor.views.numbers import number
from tests.metrics.known import SHOP_ONE, entry, known

WORDS = (
    'http://room.example.com answered HTTP 200: {"errcode": 310000, "errmsg": "sign not match, more at https://chat"}'
)
DELIVERY = {
    "event_id": "6f0c2a4e",
    "sequence": "00000000000000000042",
    "type": "number.degraded",
    "time": "2026-11-23T08:00:12.345Z",
    "account": "main",
    "appkey": "jh42",
    "subject": "+8613800000001",
    "sink": "room",
    "state": "waiting",
    "tries": 1,
    "due": "2026-11-23T08:00:17.345Z",
    "reason": WORDS,
}
EVENT = {
    "specversion": "1.0",
    "id": "6f0c2a4e",
    "source": "/accounts/main/apps/jh42",
    "type": "number.degraded",
    "subject": "+8613800000001",
    "time": "2026-11-23T08:00:12.345Z",
    "sequence": "00000000000000000042",
    "data": {
        "account": "main",
        "appkey": "jh42",
        "app_name": "shop-one",
        "attribute": "quality_rating",
        "before": None,
        "after": "RED",
        "severity": "critical",
    },
}
LIST_EVENT = {
    **EVENT,
    "type": "app_list.held",
    "subject": "main",
    "data": {"account": "main", "severity": "warning", "source": "apps.csv"},
}


class Terminal(io.StringIO):
    """A terminal that keeps what was written to it."""

    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "120")
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    return Terminal()


def seen(severity=Severity.OK, app=SHOP_ONE, **words):
    one = entry(severity, **words)
    return number(app, known(one), one)


BANNED = seen(Severity.CRITICAL, quality_rating="RED", status="BANNED", verified_name="格洛里")
HEALTHY = seen(number="+8613800000002", app=App("main", "jh43"))


def test_a_pipe_gets_plain_text_with_every_column():
    out = io.StringIO()

    print_numbers([BANNED, HEALTHY], Format.TABLE, out)

    assert out.getvalue() == (
        "SEVERITY  NUMBER          NAME        QUALITY  STATUS     TIER  CHANGED (UTC)     APP       ACCOUNT  WABA\n"
        "critical  +8613800000001  格洛里      RED      BANNED     10k   2026-11-23 08:00  shop-one  main     "
        "116960000086404\n"
        "ok        +8613800000002  GLORY JACK  GREEN    CONNECTED  10k   2026-11-23 08:00  jh43      main     "
        "116960000086404\n"
    )


def test_a_terminal_gets_colours_and_symbols(terminal):
    print_numbers([BANNED], Format.TABLE, terminal)

    assert "\x1b[1;31m✖ critical" in terminal.getvalue()


def test_without_colours_the_symbols_say_it_still(terminal, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")

    print_numbers([BANNED, HEALTHY], Format.TABLE, terminal)

    assert "✖ critical" in terminal.getvalue()
    assert "● ok" in terminal.getvalue()
    assert "[31m" not in terminal.getvalue()


NOW = 1_795_421_000_000  # three minutes after what happened
LONG = "格洛里 a long name " * 9
LONGEST = seen(Severity.CRITICAL, verified_name=LONG, status="DISCONNECTED", app=App("main", "jh42", LONG))
LONG_EVENT: dict[str, object] = {
    **EVENT,
    "data": {"attribute": "status", "before": "UNKNOWN", "after": "BANNED", "severity": "critical", "app_name": LONG},
}
LONG_DELIVERY: dict[str, object] = {**DELIVERY, "event_id": "6f0c2a4e-0a4b-5c1d-8e2f-3a4b5c6d7e8f"}
MANY = [
    pytest.param(lambda out: print_numbers([LONGEST], Format.TABLE, out, UTC, NOW), id="numbers"),
    pytest.param(lambda out: print_events([LONG_EVENT], EventFormat.TABLE, out, UTC, NOW), id="events"),
    pytest.param(lambda out: print_events([LONG_EVENT], EventFormat.TABLE, out), id="events that others follow"),
    pytest.param(lambda out: print_deliveries([LONG_DELIVERY], EventFormat.TABLE, out, UTC, NOW), id="deliveries"),
]


def plain(terminal):
    return re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue())


@pytest.mark.parametrize("printed", MANY)
@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal(terminal, monkeypatch, width, printed):
    monkeypatch.setenv("COLUMNS", str(width))

    printed(terminal)

    shown = plain(terminal).splitlines()
    assert len(shown) == 2
    assert max(map(cell_len, shown)) <= width


def test_a_terminal_is_told_how_long_ago(terminal):
    print_numbers([BANNED], Format.TABLE, terminal, ZoneInfo("Asia/Shanghai"), NOW)

    assert "CHANGED" in plain(terminal)
    assert "3 min ago" in plain(terminal)
    assert "Shanghai" not in plain(terminal)


def test_a_column_with_nothing_in_it_gives_its_room_to_others(terminal, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")

    print_deliveries([{**LONG_DELIVERY, "reason": ""}], EventFormat.TABLE, terminal, UTC, NOW)

    assert "REASON" not in plain(terminal)
    assert "SUBJECT" in plain(terminal)


def test_a_terminal_is_told_that_there_is_nothing(terminal):
    print_numbers([], Format.TABLE, terminal, none="no number is in trouble")

    assert plain(terminal) == "no number is in trouble\n"


def test_a_pipe_gets_the_titles_where_there_is_nothing():
    out = io.StringIO()

    print_numbers([], Format.TABLE, out, none="no number is in trouble")

    assert out.getvalue().startswith("SEVERITY  NUMBER")


def test_a_first_look_does_not_say_since_when():
    out = io.StringIO()

    print_numbers([BANNED], Format.TABLE, out, columns=first_look_columns)

    assert "CHANGED" not in out.getvalue()
    assert "BANNED" in out.getvalue()


def test_a_pipe_is_told_when():
    out = io.StringIO()

    print_events([EVENT], EventFormat.TABLE, out, UTC, NOW)

    assert "2026-11-23 08:00:12" in out.getvalue()


def test_eighty_columns_have_room_for_what_changed(terminal, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")

    print_events([EVENT], EventFormat.TABLE, terminal, UTC, NOW)

    assert "3 min ago   ✖ critical  number.degraded      +8613800000001   none -> RED" in plain(terminal)


def test_a_terminal_without_such_symbols_gets_others(terminal, monkeypatch):
    latin = io.TextIOWrapper(io.BytesIO(), encoding="iso-8859-1", write_through=True)
    monkeypatch.setattr(latin, "isatty", lambda: True, raising=False)

    print_numbers([seen(Severity.CRITICAL), seen(Severity.OK)], Format.TABLE, latin)

    shown = latin.buffer.getvalue().decode("iso-8859-1")
    assert "x critical" in shown
    assert "* ok" in shown


def test_a_dumb_terminal_gets_symbols_and_nothing_that_it_cannot_do(terminal, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")

    print_numbers([BANNED], Format.TABLE, terminal)

    assert "✖ critical" in terminal.getvalue()
    assert "\x1b" not in terminal.getvalue()


@pytest.mark.parametrize("form", [Format.JSON, Format.CSV])
def test_programs_get_utf_8_wherever_they_run(form):
    latin = io.TextIOWrapper(io.BytesIO(), encoding="iso-8859-1", write_through=True)

    print_numbers([BANNED], form, latin)

    assert "格洛里" in latin.buffer.getvalue().decode("utf-8")


def test_the_least_important_columns_go_first():
    widths = [10, 14, 40, 7, 9, 4, 16, 20, 7, 15]

    columns = number_columns(Times(UTC))
    shown = {column.title for column, width in zip(columns, fitted(columns, widths, 80), strict=True) if width}

    assert shown == {"SEVERITY", "NUMBER", "NAME", "QUALITY", "STATUS", "TIER", "APP"}


def test_what_the_vendor_sends_does_not_act_on_the_terminal(terminal, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")

    print_numbers([seen(verified_name="\x1b[2J\u202e[bold]")], Format.TABLE, terminal)

    assert "\\x1b[2J\\u202e[bold]" in terminal.getvalue()


def test_json_is_one_array_of_the_apis_objects():
    out = io.StringIO()

    print_numbers([BANNED, HEALTHY], Format.JSON, out)

    assert json.loads(out.getvalue()) == [BANNED, HEALTHY]
    assert len(out.getvalue().splitlines()) == 2


def test_no_numbers_are_an_empty_array():
    out = io.StringIO()

    print_numbers([], Format.JSON, out)

    assert out.getvalue() == "[]\n"


def test_csv_has_a_line_a_number():
    out = io.StringIO()

    print_numbers([BANNED, HEALTHY], Format.CSV, out)

    assert [line.split(",")[5] for line in out.getvalue().splitlines()] == [
        "number",
        "+8613800000001",
        "+8613800000002",
    ]


def test_a_long_text_does_not_make_a_plain_table_wide():
    out = io.StringIO()

    print_numbers([seen(verified_name="格洛里x" * 1000), HEALTHY], Format.TABLE, out)

    lines = out.getvalue().splitlines()
    assert max(map(cell_len, lines)) < 180
    assert f"{'格洛里x' * 8}格 …  GREEN" in lines[1]


@pytest.mark.parametrize("form", [Format.JSON, Format.CSV])
def test_programs_get_all_of_a_long_text(form):
    out = io.StringIO()

    print_numbers([seen(verified_name="x" * 5000)], form, out)

    assert "x" * 5000 in out.getvalue()


def test_events_say_what_changed():
    out = io.StringIO()

    print_events([EVENT, LIST_EVENT], EventFormat.TABLE, out)

    assert [line.split("  ")[0] for line in out.getvalue().splitlines()[1:]] == ["2026-11-23 08:00:12"] * 2
    assert "quality_rating none -> RED" in out.getvalue()
    assert "app_list.held" in out.getvalue()


def test_times_in_a_table_are_the_peoples():
    shanghai, numbers, events, later = ZoneInfo("Asia/Shanghai"), io.StringIO(), io.StringIO(), io.StringIO()

    print_numbers([BANNED], Format.TABLE, numbers, shanghai)
    print_events([EVENT], EventFormat.TABLE, events, shanghai)
    print_next_event(LIST_EVENT, EventFormat.TABLE, later, shanghai)

    assert "CHANGED (Asia/Shanghai)" in numbers.getvalue()
    assert "2026-11-23 16:00 " in numbers.getvalue()
    assert events.getvalue().startswith("TIME (Asia/Shanghai)  SEVERITY")
    assert "2026-11-23 16:00:12" in events.getvalue()
    assert events.getvalue().splitlines()[0].index("SUBJECT") == later.getvalue().index("main")


def test_times_for_programs_are_utc():
    shanghai, numbers, listed, events = ZoneInfo("Asia/Shanghai"), io.StringIO(), io.StringIO(), io.StringIO()

    print_numbers([BANNED], Format.JSON, numbers, shanghai)
    print_numbers([BANNED], Format.CSV, listed, shanghai)
    print_events([EVENT], EventFormat.JSON, events, shanghai)

    assert "2026-11-23T08:00:12.345Z" in numbers.getvalue()
    assert "2026-11-23T08:00:12.345Z" in listed.getvalue()
    assert "2026-11-23T08:00:12.345Z" in events.getvalue()


def test_an_event_that_follows_stands_under_the_titles_before_it():
    before, after = io.StringIO(), io.StringIO()

    print_events([EVENT], EventFormat.TABLE, before)
    print_next_event(LIST_EVENT, EventFormat.TABLE, after)

    assert before.getvalue().splitlines()[0].index("SUBJECT") == after.getvalue().index("main")


def test_an_event_that_follows_is_a_line_of_json():
    out = io.StringIO()

    print_next_event(EVENT, EventFormat.JSON, out)

    assert [json.loads(line) for line in out.getvalue().splitlines()] == [EVENT]


def test_a_receivers_words_are_shown_whole_they_say_what_to_mend():
    out = io.StringIO()

    print_deliveries([DELIVERY], EventFormat.TABLE, out, UTC)

    assert out.getvalue().endswith(f"  {WORDS}\n")
