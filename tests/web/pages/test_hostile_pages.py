"""Whatever texts a vendor, a list of apps or a reader's address bring, a page shows them as text and nothing more."""

from html.parser import HTMLParser
from random import Random
from urllib.parse import quote, urljoin, urlsplit

import pytest

from monitor.fleet.app import App
from monitor.views.escape import valid
from tests.fuzz.hostile import TEXTS
from tests.web.fleets import entry, failing, fleet_of, red, snapshot, suspect
from tests.web.test_api import told

MOST_PAGES = 40
NAMES = ("waba_name", "verified_name", "quality_rating", "status", "tier", "name_status", "code_verification_status")
TYPED = ('"><script>alert(1)</script>', "' onmouseover='alert(1)", "</title><svg/onload=alert(1)>", "{{7*7}}", "\u202e")
ADDRESSES = frozenset({"href", "src", "action", "formaction"})
TEXT = [valid(text)[:300] for text in TEXTS if text.strip()]


class Found(HTMLParser):
    """The elements of a page, and where it leads."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.shown: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.shown.append(data)

    def addresses(self):
        for tag, attributes in self.elements:
            if tag != "link":  # the icon is data
                yield from (text or "" for name, text in attributes.items() if name in ADDRESSES)


def hostile(random: Random):
    """Words for a row that somebody will trip over."""
    return {name: random.choice(TEXT) for name in random.sample(NAMES, k=4)}


@pytest.fixture
def pages(house):
    """A house full of them."""
    random = Random(7)
    entries = [red(f"+86138000000{index:02d}", random.choice(TEXT), **hostile(random)) for index in range(30)]
    masked = [entry(random.choice(TEXT), **hostile(random)) for _ in range(20)]
    apps = [
        App("main", f"a{index}", random.choice(TEXT), labels=(("team", random.choice(TEXT)),)) for index in range(4)
    ]
    house.fleet = fleet_of(
        (apps[0], snapshot(*entries)),
        (apps[1], failing(*masked, text='refused: "<b onclick=x>" \x1b[1m')),
        (apps[2], suspect(*masked)),
        (apps[3], snapshot()),
    )
    house.events.stored = [told(sequence) for sequence in range(1, 4)]
    return house


async def crawled(house):
    """Every page that can be reached from the first, by its address."""
    pages: dict[str, Found] = {}
    waiting = ["/", *(f"/?q={quote(text)}&search={quote(text)}&account={quote(text)}" for text in TYPED)]
    async with house.client() as client:
        while waiting and len(pages) < MOST_PAGES:
            address = waiting.pop(0)
            if address in pages:
                continue
            answer = await client.get(address)
            if not answer.headers["content-type"].startswith("text/html"):
                continue
            assert "script-src 'unsafe-inline'" not in answer.headers["content-security-policy"]
            pages[address] = found = Found(answer.text)
            targets = [urlsplit(urljoin(address, target)) for target in found.addresses()]
            waiting += [f"{one.path}?{one.query}".rstrip("?") for one in targets]
            waiting += [f"{urlsplit(address).path}/{quote(TYPED[0], safe='')}"]
    return pages


async def test_no_text_becomes_an_element_an_attribute_or_an_address(pages):
    crawl = await crawled(pages)

    assert len(crawl) == MOST_PAGES
    for address, page in crawl.items():
        tags = {tag for tag, _ in page.elements}
        assert not tags & {"b", "iframe", "object", "embed", "base", "img"}, address
        for tag, attributes in page.elements:
            assert not [name for name in attributes if name.startswith("on")], (address, tag, attributes)
            assert tag != "script" or attributes.get("src"), address
        for target in page.addresses():
            assert not urlsplit(target).scheme, (address, target)
            assert not target.startswith("//"), (address, target)


async def test_no_text_moves_a_reader_or_a_terminal(pages):
    for address, page in (await crawled(pages)).items():
        shown = "".join(page.shown)
        assert not [sign for sign in "\x00\x07\x1b\x7f\x9b\u202e\u2066\u2028" if sign in shown], address
