"""The environments that the playground offers, and API keys, without which a service lists none."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Route, expect

from config.credentials import new_key
from tests.acceptance.pages.conftest import Visit
from tests.acceptance.pages.playground import posted
from tests.support.browser import type_script
from tests.support.service import Service, running_service

LISTED = [
    {"name": "geo", "python": "3.12.1", "packages": [{"name": "shapely", "version": "2.0"}]},
    {"name": "stdlib", "python": "3.12.1", "packages": []},
]


KEY, ENTRY = new_key("ann")


@pytest.fixture(scope="module")
def guarded(nsjail: None) -> Iterator[Service]:
    with running_service(API_KEYS=ENTRY) as service:
        yield service


def test_environments_are_read_when_the_key_is_entered(guarded: Service, visit: Visit) -> None:
    page = visit(guarded)
    keys: list[str | None] = []

    def answer(route: Route) -> None:
        keys.append(route.request.headers.get("authorization"))
        route.fulfill(json=LISTED)

    page.route("**/environments", answer)
    environment = page.get_by_label("Environment", exact=True)
    expect(environment.locator("option")).to_have_text(["stdlib"])
    expect(page.get_by_text("Enter the API key to see the environments.")).to_be_visible()
    page.get_by_label("API key").fill(KEY)
    page.get_by_label("API key").press("Tab")
    expect(environment.locator("option")).to_have_text(["geo", "stdlib"])
    environment.select_option("geo")
    expect(page.get_by_text("Python 3.12.1, 1 package")).to_be_visible()
    assert keys == [f"Bearer {KEY}"]


def test_key_is_in_no_link_and_no_code_and_no_storage(guarded: Service, visit: Visit) -> None:
    page = visit(guarded)
    page.get_by_label("API key").fill(KEY)
    page.get_by_label("API key").press("Tab")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#stdout")).to_have_text("Hello\n")
    texts = [page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})"), page.url]
    page.get_by_role("button", name="Code").click()
    for kind in ("curl", "Python client", "MCP config"):
        page.get_by_label(kind).check()
        texts.append(page.get_by_role("textbox", name="Code").input_value())
    assert all("PYTHON_EXECUTOR_KEY" in text for text in texts[2:])
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Share").click()
    texts.append(page.get_by_role("textbox", name="Link").input_value())
    assert not any(KEY in text for text in texts)


# The first run builds the environment.
@pytest.mark.timeout(900)
def test_environments_are_listed_with_their_packages(offering: Service, visit: Visit) -> None:
    page = visit(offering)
    page.get_by_label("Environment", exact=True).select_option("data")
    expect(page.get_by_text("packages", exact=False).first).to_be_visible()
    page.locator("summary").filter(has_text="Packages").click()
    expect(page.get_by_role("listitem").filter(has_text="pandas ")).to_be_visible()
    type_script(page, "import numpy\nprint(numpy.add(1, 2))")
    assert posted(page)["environment"] == "data"
    expect(page.locator("#stdout")).to_have_text("3\n")
