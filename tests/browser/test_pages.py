"""The pages as people meet them: in a real browser, from a real daemon."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, ViewportSize, expect

from tests.browser.conftest import Place, Reader
from tests.browser.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE: ViewportSize = {"width": 360, "height": 740}
PAGES = ("status", "entry", "app", "failing app", "events", "settings", "nowhere")


def path_of(town: Town, page: str) -> str:
    """Where a page is."""
    europe = town.vendors["europe"].world
    number, app, failing = town.number("europe", 0).removeprefix("+"), europe.appkeys[0], europe.appkeys[7]
    waba = europe.show(town.number("europe", 0))["row"]["waba_id"]
    return {
        "status": "/",
        "entry": f"/numbers/europe/{app}/{waba}/%2B{number}",
        "app": f"/apps/europe/{app}",
        "failing app": f"/apps/europe/{failing}",
        "events": "/events",
        "settings": "/settings",
        "nowhere": "/nowhere",
    }[page]


async def faults(page: Page) -> list[str]:
    """What axe-core finds wrong with a page: rule and element."""
    found = await Axe().run(page)
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found.response["violations"] for node in rule["nodes"]]


async def test_the_first_page_says_how_things_are(reader: Reader) -> None:
    page = await reader("/")

    await expect(page.locator("h1")).to_have_text("4 of 52 numbers need attention")
    assert [" ".join(text.split()) for text in await page.locator("h2").all_inner_texts()] == [
        "Numbers that need attention",
        "Apps that cannot be polled",
        "Held back as suspect",
        "Apps 12",
        "Recent events All events",
    ]
    await expect(page.locator("#numbers tr[data-key]")).to_have_count(4)
    await expect(page.locator("#failing")).to_contain_text("The vendor rejects the appkey")
    await expect(page.locator("#failing")).to_contain_text("code 9010")
    await expect(page.locator("#pulse time")).to_have_text(re.compile(r"^\d+ s$"))


async def test_a_page_lives_without_being_loaded_again(reader: Reader, place: Place) -> None:
    page = await reader("/")
    await page.evaluate("window.mark = 'the same page'")
    number = place.town.number("asia", 9)
    await page.locator("#q").fill("half typed")

    place.town.change("asia", 9, quality_rating="RED")
    try:
        row = page.locator("#numbers tr.new", has_text=number)
        await expect(row).to_contain_text("RED")
        await expect(page.locator("h1")).to_have_text("5 of 52 numbers need attention")
        await expect(page).to_have_title(re.compile("^5 of 52"))
        await expect(page.get_by_role("status").filter(has_text="5 of 52")).to_have_count(1)
        told = page.locator("#events li", has_text=number).first  # an app may have become unreachable since
        await expect(told).to_contain_text(f"{number} degraded: quality GREEN → RED")
        assert await page.evaluate("window.mark") == "the same page"
        assert await page.locator("#q").input_value() == "half typed"
    finally:
        place.town.change("asia", 9, quality_rating="GREEN")

    await expect(page.locator("h1")).to_have_text("4 of 52 numbers need attention")


async def test_ages_count_on_and_a_lost_connection_is_said(reader: Reader) -> None:
    page = await reader("/")
    await page.clock.install()
    await page.reload()
    await expect(page.locator("#lost")).to_be_hidden()

    await page.route("**/*", lambda route: route.abort("failed"))
    await page.clock.fast_forward(50_000)

    await expect(page.locator("#lost")).to_be_visible()
    await expect(page.locator("#pulse time")).to_have_text(re.compile("^5. s$|^1 min$"))
    await page.close()
    assert set(reader.complaints) == {"error: Failed to load resource: net::ERR_FAILED"}  # the browser's own
    reader.complaints.clear()


async def test_searching_needs_nothing_but_the_keyboard(reader: Reader, place: Place) -> None:
    page = await reader("/")
    number = place.town.number("europe", 20)

    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await page.locator("#q").focus()
    await page.keyboard.type(f"{number[1:4]} {number[4:8]}-{number[8:]}")
    await page.keyboard.press("Enter")

    await expect(page).to_have_url(re.compile(r"\?q="))
    await expect(page.locator("#numbers")).to_contain_text(number)
    assert await page.locator("#q").input_value() != ""


async def test_filters_are_in_the_address(reader: Reader) -> None:
    page = await reader("/")

    await page.select_option("#show", "critical")
    await page.select_option("#account", "asia")
    await page.get_by_role("button", name="Search").click()

    await expect(page).to_have_url(re.compile("show=critical&account=asia"))
    await expect(page.locator("#numbers tr[data-key]")).to_have_count(1)
    await page.click("text=Show all again")
    await expect(page.locator("#numbers tr[data-key]")).to_have_count(4)


async def test_from_the_worst_number_to_all_that_is_known_of_it(reader: Reader, place: Place) -> None:
    page = await reader("/?account=europe")

    await page.locator("#numbers a.number").first.click()
    await expect(page.locator("h1")).to_contain_text(place.town.number("europe", 0))
    quality = page.locator("svg.lane").first
    await expect(quality.locator("rect")).to_have_count(3)
    await page.click("text=24h")
    await expect(quality.locator("rect")).to_have_count(1)

    await page.locator("main a[href*='apps/']").first.click()
    await expect(page.locator("#polls tbody tr").first).to_contain_text("Answered")
    await page.click("text=Poll now")
    await expect(page.locator("#polls tbody tr").first).to_contain_text("Answered, the same as before")


async def test_events_can_be_taken_away(reader: Reader) -> None:
    page = await reader("/events?account=asia")
    shown = await page.locator("#told li").count()

    async with page.expect_download() as waiting:
        await page.click("text=CSV")
    path = await (await waiting.value).path()

    lines = path.read_text().splitlines()
    assert lines[0].startswith("time,type,subject,severity")
    assert len(lines) == shown + 1


async def test_a_page_is_whole_without_a_script(reader: Reader) -> None:
    page = await reader("/", java_script_enabled=False)

    await expect(page.locator("h1")).to_contain_text("of 52 numbers need attention")
    await expect(page.locator("meta[http-equiv=refresh]")).to_have_count(1)
    await expect(page.locator("#apps .tile")).to_have_count(12)


async def test_a_browser_is_answered_in_its_language(reader: Reader) -> None:
    page = await reader("/", locale="zh-CN")

    await expect(page.locator("h1")).to_have_text("52 个号码中有 4 个需要关注")
    await expect(page.locator("#pulse")).to_have_text(re.compile(r"最近应答于 \d+ 秒前"))


@pytest.mark.parametrize("name", PAGES)
async def test_a_page_is_accessible_in_every_look(reader: Reader, place: Place, pictures: Path, name: str) -> None:
    """And a picture of each look is written for people to look at."""
    page = await reader(path_of(place.town, name))
    if name == "nowhere":
        reader.complaints.clear()  # of the 404 itself

    async def look(at: str) -> None:
        await page.screenshot(path=pictures / f"{name}-{at}.png".replace(" ", "-"), full_page=True)
        assert await faults(page) == [], at
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, at

    await look("light")
    await page.emulate_media(color_scheme="dark")
    await look("dark")
    await page.set_viewport_size(PHONE)
    await look("phone")


async def test_the_first_page_is_accessible_in_chinese(reader: Reader, pictures: Path) -> None:
    page = await reader("/", locale="zh-CN")

    await page.screenshot(path=pictures / "status-chinese.png", full_page=True)
    assert await faults(page) == []


async def test_what_is_held_back_is_believed_at_the_press_of_a_button(reader: Reader) -> None:
    page = await reader("/")
    held = page.locator("#held")
    await expect(held).to_contain_text("nordlicht-6: its list came back empty")

    await held.locator("summary").click()
    await held.get_by_role("button", name="Believe account europe").click()

    await expect(held).not_to_contain_text("nordlicht-6")
    await expect(page.locator("#events")).to_contain_text("is gone")
