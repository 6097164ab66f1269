import re
from html.parser import HTMLParser
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import msgspec
import orjson
import pytest

from monitor.fleet.app import App
from monitor.fleet.hints import hint
from monitor.fleet.scales import Severity
from monitor.fleet.snapshot import Marks
from monitor.store.history import StoredEvent
from tests.web.fleets import HOUR, MINUTE, NOW, entry, failing, fleet_of, red, row, snapshot, suspect

HOSTILE = [
    pytest.param("<script>alert(1)</script>", id="a script"),
    pytest.param('"><img src=x onerror=alert(1)>', id="a broken attribute"),
    pytest.param("' onmouseover='alert(1)", id="a single quote"),
    pytest.param("{{ 7 * 7 }}{% raw %}", id="a template"),
    pytest.param("\u202egnp.exe", id="a turned reading direction"),
    pytest.param("a\x00\x1b[31mb\x9b", id="control characters"),
    pytest.param("</title></style><b>", id="a closed element"),
    pytest.param("x" * 5000, id="a very long name"),
]


#: What a page in Chinese says as it is: names, the vendor's words, a reason's word, a command.
KEPT_IN_CHINESE = {
    *("number-monitor", "API", "OpenAPI", "UTC", "WABA", "main", "shop", "shop-one", "timeout", "poll"),
    *("GLORY", "JACK", "TEST", "GREEN", "YELLOW", "RED", "CONNECTED", "TIER", "APPROVED", "VERIFIED"),
}


class Page(HTMLParser):
    """The elements, links and visible text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[str] = []
        self.links: list[str] = []
        self.headings: dict[str, list[str]] = {"h1": [], "h2": []}
        self.text = ""
        self.languages: list[str] = []
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes += [name for name, _ in attrs]
        if tag == "a":
            self.links.append(dict(attrs)["href"])
        if tag in self.headings:
            self.headings[tag].append("")
        if "lang" in dict(attrs):
            self.languages.append(dict(attrs)["lang"])
        self._open.append(tag)

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        if "style" in self._open:
            return
        self.text += data
        for tag in self.headings:
            if tag in self._open:
                self.headings[tag][-1] += data

    @property
    def headline(self) -> str:
        return " ".join(self.headings["h1"][0].split())


def told(sequence, kind="number.degraded", subject="+8613800000001", **data):
    given = {"account": "main", "appkey": "a", "app_name": "shop-one", "severity": "critical"}
    body = {"type": kind, "subject": subject, "data": given | data}
    return StoredEvent(sequence, f"id-{sequence}", NOW - MINUTE, kind, "main", "a", orjson.dumps(body))


@pytest.fixture
def page(ask):
    async def page(path="/", **options):
        return Page((await ask(path, **options)).text)

    return page


@pytest.mark.parametrize(
    ("apps", "expected"),
    [
        pytest.param([], "No apps are watched yet", id="no apps"),
        pytest.param(
            [("a", snapshot(last_success=None))], "Waiting for the first answer", id="before the first answer"
        ),
        pytest.param([("a", snapshot())], "No numbers are listed", id="an app without numbers"),
        pytest.param([("a", snapshot(entry("+1")))], "The one number is fine", id="one number"),
        pytest.param([("a", snapshot(entry("+1"), entry("+2")))], "All 2 numbers are fine", id="all fine"),
        pytest.param([("a", snapshot(red("+1"), entry("+2")))], "1 of 2 numbers needs attention", id="one of two"),
        pytest.param([("a", snapshot(red("+1")))], "The one number needs attention", id="one of one"),
        pytest.param(
            [("a", snapshot(red("+1"), entry("+2"))), ("b", snapshot(red("+3")))],
            "2 of 3 numbers need attention",
            id="some of many",
        ),
        pytest.param([("a", failing(entry("+1")))], "No app can be polled", id="the only app fails"),
        pytest.param(
            [("a", failing(entry("+1"))), ("b", snapshot(entry("+2")))],
            "All 2 numbers were fine when last asked",
            id="one of two apps fails",
        ),
        pytest.param(
            [("a", snapshot(entry("+1"), entry("+2", severity=Severity.UNKNOWN)))],
            "No number needs attention, 1 of 2 cannot be judged yet",
            id="something unknown",
        ),
        pytest.param(
            [("a", snapshot(entry("+1"), entry("+2", status="PENDING")))],
            "No number needs attention, 1 of 2 cannot send",
            id="one that cannot send",
        ),
        pytest.param([("a", failing(red("+1")))], "The one number needs attention", id="trouble in a failing app"),
    ],
)
async def test_the_first_sentence_says_how_things_are(house, page, apps, expected):
    house.fleet = fleet_of(*apps)

    assert (await page()).headline == expected


async def test_the_age_of_what_is_shown_is_said(house, page):
    house.fleet = fleet_of(("a", snapshot(entry())), ("b", failing()))

    shown = await page()

    assert "answers 12 s to 2 h old" in shown.text


async def test_a_number_in_trouble_is_shown_with_what_to_do(house, page):
    app = App(account="main", appkey="a", name="shop-one")
    house.fleet = fleet_of((app, snapshot(red(since=NOW - 3 * HOUR - 20 * MINUTE))))

    shown = await page()

    for said in (
        "+8613800000001",
        "GLORY JACK",
        "RED",
        "CONNECTED",
        "3 h 20 min",
        "shop-one",
        hint("quality.red", "en"),
    ):
        assert said in shown.text
    assert "./numbers/main/a/116960000086404/%2B8613800000001" in shown.links


async def test_hints_come_in_the_peoples_language(house, page):
    house.fleet, house.language = fleet_of(("a", snapshot(red()))), "zh-CN"

    assert hint("quality.red", "zh-CN") in (await page()).text


CHINESE_FLEET = [
    pytest.param([("shop", snapshot(red("+1"), entry("+2")))], "2 个号码中有 1 个需要关注", id="trouble"),
    pytest.param(
        [("shop", failing(entry("+1"), text="")), ("b", suspect(red("+1")))], "2 个号码", id="failing, suspect"
    ),
    pytest.param([], "尚未监控任何应用", id="nothing"),
]


@pytest.mark.parametrize(("apps", "expected"), CHINESE_FLEET)
async def test_the_first_page_speaks_the_peoples_language(house, page, apps, expected):
    house.fleet, house.language = fleet_of(*apps), "zh-CN"
    house.events.stored = [
        told(1, attribute="quality_rating", before="YELLOW", after="RED"),
        told(2, "number.added", before=None, after=None, attribute=None),
        told(3, "app.baseline", subject="shop", numbers=12, degraded_count=1),
        told(4, "vendor.unmapped", subject="main", attribute="status", word="RED"),
    ]

    shown = await page()

    assert shown.languages == ["zh-CN"]
    assert expected in shown.headline
    assert set(re.findall("[A-Za-z-]{2,}", shown.text)) <= KEPT_IN_CHINESE
    assert "+8613800000001 恶化：质量 YELLOW → RED 位于 shop-one" in " ".join(shown.text.split())  # noqa: RUF001  # Chinese has its own


async def test_an_entrys_page_speaks_the_peoples_language(house, page):
    one = msgspec.structs.replace(red("+1"), ambiguous=True, marks=Marks(ignored=True, moved=True))
    house.fleet, house.language = fleet_of(("shop", failing(one, text="")), ("b", suspect(entry("+1", "2")))), "zh-CN"

    shown = await page("/numbers/main/shop/116960000086404/+1")

    assert shown.languages == ["zh-CN"]
    assert "持续时间" in shown.text
    assert set(re.findall("[A-Za-z-]{2,}", shown.text)) <= KEPT_IN_CHINESE


async def test_a_page_in_english_says_so(house, page):
    house.fleet = fleet_of(("a", snapshot(red())))

    assert (await page()).languages == ["en"]


async def test_the_page_of_an_error_is_in_english_and_says_so(house, page):
    house.language = "zh-CN"

    shown = await page("/nowhere")

    assert (shown.headline, shown.languages) == ("Not Found", ["en"])


async def test_a_rating_that_became_unknown_is_shown_as_last_known(house, page):
    known = red()
    house.fleet = fleet_of(("a", snapshot(msgspec.structs.replace(known, now=row(quality_rating="UNKNOW")))))

    shown = await page()

    assert "RED, last known" in shown.text
    assert hint("quality.red", "en") in shown.text


async def test_the_vendors_own_word_is_shown(house, page):
    house.fleet = fleet_of(("a", snapshot(red(status="OFFLINE"))))

    assert "OFFLINE" in (await page()).text


async def test_the_worst_number_comes_first(house, page):
    yellow = entry("+2", severity=Severity.WARNING, quality_rating="YELLOW")
    house.fleet = fleet_of(("a", snapshot(yellow, red("+1"))))

    shown = await page()

    assert shown.text.index("+1") < shown.text.index("+2")


async def test_a_long_list_of_trouble_is_cut_and_says_so(house, page):
    house.fleet = fleet_of(("a", snapshot(*(red(f"+{index:04d}") for index in range(150)))))

    shown = await page()

    assert shown.headline == "150 of 150 numbers need attention"
    assert "Page 1 of 2" in shown.text
    assert "+0149" in (await page("/?page=2")).text


async def test_a_failing_app_is_shown_with_its_reason(house, page):
    house.fleet = fleet_of(("jh42", failing(entry(), text="the signature was refused; check access_secret")))

    shown = await page()

    assert "Apps that cannot be polled" in shown.headings["h2"]
    for said in ("jh42", "timeout", "the signature was refused; check access_secret", "Failing for 1 h"):
        assert said in shown.text


async def test_a_suspect_answer_is_shown_with_what_it_lost(house, page):
    house.fleet = fleet_of(("jh42", suspect(entry())))

    shown = await page()

    assert "Held back as suspect" in shown.headings["h2"]
    assert "jh42: 7 numbers missing, for 5 min" in " ".join(shown.text.split())


async def test_recent_events_are_told_in_words(house, page):
    house.events.stored = [told(1, attribute="quality_rating", before="YELLOW", after="RED")]

    shown = await page()

    assert "+8613800000001 degraded: quality YELLOW → RED in shop-one" in " ".join(shown.text.split())


async def test_the_page_stands_while_the_store_is_gone(house, ask):
    house.fleet = fleet_of(("a", snapshot(red())))
    house.events.gone = True

    answer = await ask("/")

    assert answer.status_code == 200
    assert "The store cannot be read now" in answer.text


@pytest.mark.parametrize("name", HOSTILE)
async def test_what_the_vendor_sends_stays_text(house, page, name):
    clean = fleet_of(
        (
            App(account="main", appkey="a", name="shop"),
            snapshot(red("shop", "w", verified_name="shop", quality_rating="shop", status="shop")),
        )
    )
    house.fleet, house.events.stored = clean, [told(1, subject="shop", attribute="status", before="a", after="shop")]
    expected = await page()
    hostile = red(name, "w", verified_name=name, quality_rating=name, status=name)
    house.fleet = fleet_of((App(account="main", appkey=name, name=name), snapshot(hostile)))
    house.events.stored = [told(1, subject=name, attribute="status", before="a", after=name)]

    shown = await page()

    assert shown.elements == expected.elements
    assert shown.attributes == expected.attributes
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown.text)


@pytest.mark.parametrize("name", HOSTILE[:-1])
async def test_an_entry_with_a_hostile_name_has_its_page(house, page, name):
    house.fleet = fleet_of(
        (App(account=name, appkey=name, name=name), snapshot(red(name, name, verified_name=name, waba_name=name)))
    )
    link = next(link for link in (await page()).links if link.startswith("./numbers/"))

    shown = await page(link.removeprefix("."))

    assert "RED" in shown.text
    assert shown.elements.count("script") == 1  # our own
    assert "img" not in shown.elements


@pytest.mark.parametrize("waba_id", ["", "-", ".", "..", "~", "~.", "~~", "w"])
@pytest.mark.parametrize("number", ["-", ".", "..", "~", "~..", "%2e%2e", "+1"])
async def test_an_entry_whose_name_a_path_would_swallow_has_its_page(house, page, waba_id, number):
    others = [
        entry(other, place, verified_name="another")
        for place in ("", "-", ".", "..", "~", "~.", "~~", "w")
        for other in ("-", ".", "..", "~", "~..", "%2e%2e", "+1")
        if (place, other) != (waba_id, number)
    ]
    house.fleet = fleet_of(("a", snapshot(*others, red(number, waba_id, verified_name="this one"))))
    link = next(link for link in (await page()).links if link.startswith("./numbers/"))

    shown = await page(urljoin("http://127.0.0.1/", link).removeprefix("http://127.0.0.1"))

    assert "this one" in shown.text


@pytest.mark.parametrize("path", ["/", "/numbers/main/a/116960000086404/%2B8613800000001", "/nowhere"])
async def test_a_page_needs_nothing_but_itself(house, ask, path):
    house.fleet = fleet_of(("a", snapshot(red())))

    answer = await ask(path)

    assert not {"img", "iframe", "object", "style"} & set(Page(answer.text).elements)
    assert set(re.findall(r'(?:src|href)="(?!data:)([a-z]+:)?//', answer.text)) == set()
    for file in re.findall(r'(assets/[^"]+)"', answer.text):
        body = (await ask(f"/{file}")).text
        assert "url(" not in body
        assert "@import" not in body
        assert "http" not in body


@pytest.mark.parametrize("path", ["/", "/numbers/main/a/116960000086404/%2B8613800000001", "/nowhere"])
async def test_a_pages_policy_allows_our_own_files_and_forms_alone(house, ask, path):
    house.fleet = fleet_of(("a", suspect(red())))

    answer = await ask(path)

    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    assert not {"style", "onclick", "onload"} & set(Page(answer.text).attributes)


@pytest.mark.parametrize("path", ["/", "/metrics", "/api/v1/numbers", "/-/healthy", "/nowhere", "/api/nowhere"])
async def test_every_answer_has_the_security_headers(ask, path):
    headers = (await ask(path)).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] in {"no-store", "private, no-cache"}
    assert "default-src 'none'" in headers["content-security-policy"]


async def test_an_entry_says_its_state_and_since_when(house, page):
    app = App(account="main", appkey="a", name="shop-one")
    house.fleet = fleet_of((app, snapshot(red())))
    house.events.stored = [
        told(1, attribute="quality_rating", before="YELLOW", after="RED"),
        told(2, subject="+8613800000009", attribute="status", before="CONNECTED", after="BANNED"),
    ]

    shown = await page("/numbers/main/a/116960000086404/%2B8613800000001")

    for said in ("RED", "TIER_10K", "2026-11-23 07:00:00 UTC", "quality YELLOW → RED", hint("quality.red", "en")):
        assert said in shown.text
    assert "BANNED" not in shown.text


async def test_an_empty_waba_is_a_dash(house, ask):
    house.fleet = fleet_of(("a", snapshot(red("+1", ""))))

    assert (await ask("/numbers/main/a/-/%2B1")).status_code == 200
    assert (await ask("/numbers/main/a/-/+1")).status_code == 200


@pytest.mark.parametrize("path", ["-/%2B1", "%2D/+1", "~-/+1"])
async def test_a_waba_that_is_a_dash_itself_is_found_too(house, ask, path):
    house.fleet = fleet_of(("a", snapshot(red("+1", "-"))))

    assert (await ask(f"/numbers/main/a/{path}")).status_code == 200


async def test_the_same_number_elsewhere_is_linked(house, page):
    house.fleet = fleet_of(("a", snapshot(red())), ("b", snapshot(entry(waba_id="w2"))))

    shown = await page("/numbers/main/a/116960000086404/%2B8613800000001")

    assert "../../../../numbers/main/b/w2/%2B8613800000001" in shown.links


@pytest.mark.parametrize(
    "path",
    [
        "/numbers/main/a/116960000086404/%2B999",
        "/numbers/main/nobody/116960000086404/%2B8613800000001",
        "/numbers/nobody/a/116960000086404/%2B8613800000001",
        "/numbers/main/a/other/%2B8613800000001",
        "/numbers/main/a/%FF/%2B8613800000001",
        "/numbers",
        "/nowhere",
    ],
)
async def test_what_is_not_there_is_a_page_that_says_so(house, ask, path):
    house.fleet = fleet_of(("a", snapshot(red())))

    answer = await ask(path)

    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert Page(answer.text).headline == "Not Found"


async def test_times_are_read_in_the_peoples_zone(house, page):
    house.zone = ZoneInfo("Asia/Shanghai")

    assert "Made 2026-11-23 16:00:00 CST" in (await page()).text


async def test_a_page_leads_back_and_to_the_api(page):
    shown = await page("/some/where/else")

    assert {"../../", "../../metrics", "../../api/v1/numbers", "../../api/v1/events?since=24h"} <= set(shown.links)


async def test_head_asks_for_a_page_too(ask):
    answer = await ask("/", method="HEAD")

    assert (answer.status_code, answer.content) == (200, b"")
