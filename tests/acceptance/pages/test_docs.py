"""The page of the API."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from config.credentials import new_key
from tests.acceptance.pages.conftest import Visit
from tests.support.service import Service, running_service


@pytest.fixture(scope="module")
def keyed(nsjail: None) -> Iterator[tuple[Service, str]]:
    """A service with an API key, without the playground and the queue page."""
    key, entry = new_key("shop")
    with running_service(API_KEYS=entry, PLAYGROUND="0") as service:
        yield service, key


def try_execute(page: Page) -> Locator:
    """Send the example of POST /execute; return the place of the answer's status."""
    call = page.locator("#operations-Run-execute")
    call.get_by_role("button", name="POST /execute").click()
    call.get_by_role("button", name="Try it out").click()
    call.get_by_role("button", name="Execute", exact=True).click()
    return call.locator(".live-responses-table .response-col_status").last


def test_page_shows_the_introduction_and_the_calls_in_order(service: Service, visit: Visit) -> None:
    page = visit(service, "/docs")
    expect(page.get_by_text("Two modes.")).to_be_visible()
    expect(page.locator(".opblock-tag > a")).to_have_text(["Run", "Jobs", "Files", "Environments", "Watch"])
    expect(page.locator(".info .renderedMarkdown pre")).to_contain_text(
        f"curl -s {service.client.base_url}/execute"
    )
    expect(page.get_by_role("navigation", name="Pages")).to_contain_text("Playground")
    expect(page.get_by_role("button", name="Authorize")).to_have_count(0)


def test_example_runs_when_a_person_tries_it(service: Service, visit: Visit) -> None:
    page = visit(service, "/docs")
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    expect(try_execute(page)).to_contain_text("200")
    expect(page.locator(".live-responses-table")).to_contain_text("Hello, world")
    assert requested == [f"{service.client.base_url}/execute"]


def test_example_sends_the_key_when_a_person_has_entered_one(
    keyed: tuple[Service, str], visit: Visit
) -> None:
    service, key = keyed
    page = visit(service, "/docs")
    expect(page.get_by_role("navigation", name="Pages")).to_have_text("API")
    page.get_by_role("button", name="Authorize").click()
    dialog = page.locator(".modal-ux")
    dialog.get_by_role("textbox").fill(key)
    dialog.get_by_role("button", name="Apply credentials").click()
    dialog.get_by_role("button", name="Close").last.click()
    expect(try_execute(page)).to_contain_text("200")
    assert page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]


def test_link_of_the_introduction_opens_its_call(service: Service, visit: Visit) -> None:
    page = visit(service, "/docs")
    page.get_by_role("link", name="follow its output").click()
    call = page.locator("#operations-Jobs-follow")
    expect(call.get_by_role("button", name="Try it out")).to_be_in_viewport()
    expect(call.locator(".opblock-summary-control")).to_be_focused()


@pytest.mark.parametrize("width", [320, 1280])
def test_page_needs_no_sideways_scrolling(service: Service, visit: Visit, width: int) -> None:
    page = visit(service, "/docs", viewport={"width": width, "height": 800})
    expect(try_execute(page)).to_contain_text("200")
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_calls_can_be_opened_with_the_keyboard(service: Service, visit: Visit) -> None:
    page = visit(service, "/docs")
    call = page.locator("#operations-Watch-live")
    call.locator(".opblock-summary-control").focus()
    page.keyboard.press("Enter")
    expect(call.get_by_role("button", name="Try it out")).to_be_visible()


def test_page_has_the_theme_that_a_person_chooses(service: Service, visit: Visit) -> None:
    page = visit(service, "/docs", color_scheme="dark")
    expect(page.locator("html")).to_have_class("dark-mode")
    page.get_by_role("button", name="Theme").click()
    expect(page.locator("html")).not_to_have_class("dark-mode")
