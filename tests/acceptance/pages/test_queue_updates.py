"""The queue page over time, with numbers and failures that the test chooses."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from api.examples import QUEUE
from tests.support.browser import Visitor, visitor
from tests.support.queue_numbers import queue_numbers
from tests.support.service import Service


class Answers:
    """Answers the page instead of the service.

    Attributes:
        numbers: The next answers, None while the service is away.
        given: How often the page has asked.
    """

    def __init__(self) -> None:
        self.numbers: dict[str, Any] | None = queue_numbers()
        self.given = 0

    def answer(self, route: Route) -> None:
        self.given += 1
        if self.numbers is None:
            route.abort()
        else:
            route.fulfill(body=json.dumps(self.numbers), content_type="application/json")


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def visited(service: Service, browser: Browser, answers: Answers) -> Iterator[Visitor]:
    """A page of 320 pixels whose time stands still until the test moves it."""
    with visitor(browser, viewport={"width": 320, "height": 640}, timezone_id="UTC", locale="en-GB") as found:
        page = found.page
        page.clock.install()
        page.route("**/queue.json", answers.answer)
        page.goto(f"{service.client.base_url}/queue")
        expect(page.locator("#numbers")).to_be_visible()
        yield found
        found.check()


def test_page_says_since_when_the_service_is_away_and_recovers(visited: Visitor, answers: Answers) -> None:
    page, answers.numbers = visited.page, None
    visited.expected.append("net::ERR_FAILED")
    page.clock.run_for(2_000)
    expect(page.locator("#status")).to_have_text("The service cannot be reached. Trying again.")
    expect(page.locator("#updated")).to_have_text("Last update: 12:00:00.")
    expect(page.locator("#workers")).to_be_visible()
    # The pauses grow: the next request comes after four seconds.
    asked, answers.numbers = answers.given, queue_numbers()
    page.clock.run_for(3_000)
    assert answers.given == asked
    page.clock.run_for(1_500)
    expect(page.locator("#status")).to_have_text("Updated every 2 seconds.")


def test_page_asks_for_nothing_while_it_is_hidden(visited: Visitor, answers: Answers) -> None:
    page = visited.page
    become = """hidden => {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    page.evaluate(become, True)
    asked = answers.given
    page.clock.run_for(60_000)
    assert answers.given == asked
    answers.numbers = queue_numbers(running=77)
    page.evaluate(become, False)
    expect(page.locator("#figures")).to_contain_text("77")


def test_keyboard_chooses_the_minute_whose_values_are_shown(visited: Visitor) -> None:
    page = visited.page
    values = page.locator("#plots .value")
    expect(values.first).to_have_text("59")
    page.get_by_label("Values at").focus()
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
    expect(values.first).to_have_text("57")
    expect(page.locator("#minute-time")).to_have_text("11:58")
    # The next update keeps the choice and the focus.
    page.clock.run_for(2_000)
    expect(values.first).to_have_text("57")
    expect(page.get_by_label("Values at")).to_be_focused()
    page.keyboard.press("Home")
    expect(values.first).to_have_text("0")


def test_plot_has_a_break_where_no_worker_was_there(visited: Visitor) -> None:
    line = visited.page.locator("#plots path.line.solid").nth(1)
    assert (line.get_attribute("d") or "").count("M") == 2


def test_table_has_the_same_numbers_when_it_is_opened(visited: Visitor) -> None:
    page = visited.page
    page.get_by_text("The same as a table").click()
    expect(page.locator("#minutes tr")).to_have_count(55)
    expect(page.locator("#minutes tr").first).to_contain_text("12:00")


def test_focused_link_stays_focused_when_newer_jobs_come(visited: Visitor, answers: Answers) -> None:
    page, [job] = visited.page, QUEUE["jobs"]
    link = page.get_by_role("link", name=job["id"][:8])
    link.focus()
    answers.numbers = queue_numbers(jobs=[{**job, "id": "f" * 32}, {**job, "status": "succeeded"}])
    page.clock.run_for(2_000)
    expect(page.locator("#jobs tr")).to_have_count(2)
    expect(page.locator("#jobs tr").nth(1)).to_contain_text("succeeded")
    expect(link).to_be_focused()


def test_vanished_worker_is_marked_in_words(visited: Visitor, answers: Answers) -> None:
    page, [worker] = visited.page, QUEUE["workers"]
    answers.numbers = queue_numbers(workers=[{**worker, "gone": True}])
    page.clock.run_for(2_000)
    expect(page.locator("#workers")).to_contain_text("Gone")
    expect(page.locator("#no-workers")).to_be_visible()


def test_page_says_so_when_its_tables_are_empty(visited: Visitor, answers: Answers) -> None:
    page = visited.page
    answers.numbers = queue_numbers(
        workers=[], intervals=[], jobs=[], totals={**QUEUE["totals"], "failures": {}}
    )
    page.clock.run_for(2_000)
    for name in ("no-workers", "no-hour", "no-jobs", "no-failures"):
        expect(page.locator(f"#{name}")).to_be_visible()
    for name in ("workers-table", "hour", "jobs-table", "failures-table"):
        expect(page.locator(f"#{name}")).to_be_hidden()


def test_names_of_workers_are_shown_as_text(visited: Visitor, answers: Answers) -> None:
    page, [worker] = visited.page, QUEUE["workers"]
    name = '<img src=x onerror="1">\x1b[31m\u202e'
    answers.numbers = queue_numbers(workers=[{**worker, "id": name}])
    page.clock.run_for(2_000)
    expect(page.locator("#workers th")).to_have_text('<img src=x onerror="1">␛[31m\ufffd')
    expect(page.locator("#workers img")).to_have_count(0)


def test_page_needs_no_sideways_scrolling_at_320_pixels(visited: Visitor) -> None:
    assert visited.page.evaluate("document.documentElement.scrollWidth") == 320
