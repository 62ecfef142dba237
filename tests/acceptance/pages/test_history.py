"""The list of the jobs that this browser has started."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.pages.conftest import Visit
from tests.acceptance.pages.playground import posted
from tests.support.browser import type_script
from tests.support.service import Service

STORED = "python-executor-history"


def rows(page: Page) -> Any:
    return page.locator("#history tbody tr")


def entry(**fields: Any) -> dict[str, Any]:
    """Return a kept job."""
    return {
        "id": "a" * 32,
        "time": "2026-01-02T03:04:05Z",
        "status": "succeeded",
        "title": "print(1)",
        "duration": 2.5,
        "submission": {"script": "print(1)", "mode": "program"},
    } | fields


def keep(page: Page, entries: Any) -> None:
    """Let the browser have kept these jobs before the page is opened."""
    text = entries if isinstance(entries, str) else json.dumps(entries)
    page.evaluate("([name, text]) => localStorage.setItem(name, text)", [STORED, text])
    page.reload()


def test_job_is_listed_and_opens_with_its_request_and_answer(service: Service, visit: Visit) -> None:
    page = visit(service)
    type_script(page, "\n# first\nprint('one')")
    page.get_by_label("Arguments").fill("a b")
    body = posted(page)
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("succeeded# first")
    type_script(page, "raise SystemExit(3)")
    posted(page)
    expect(rows(page).first).to_contain_text("failedraise SystemExit(3)")
    page.reload()
    expect(page.locator("#stdout")).to_have_text("")
    page.get_by_role("button", name="Open # first").click()
    expect(page.locator("#stdout")).to_have_text("one\n")
    assert posted(page) == body


def test_expired_job_fills_the_request_and_says_so(service: Service, visit: Visit) -> None:
    page = visit(service)
    visit.expect("status of 404")
    keep(page, [entry()])
    page.get_by_role("button", name="Open print(1)").click()
    expect(page.locator("#notice")).to_contain_text("Its answer has expired.")
    assert posted(page)["script"] == "print(1)"


def test_jobs_are_removed_one_by_one_and_all_at_once(service: Service, visit: Visit) -> None:
    page = visit(service)
    keep(page, [entry(id=str(number), title=f"job {number}") for number in range(3)])
    page.get_by_role("button", name="Remove job 1").click()
    expect(rows(page)).to_have_count(2)
    page.reload()
    expect(rows(page)).to_have_count(2)
    page.get_by_role("button", name="Clear all").click()
    expect(rows(page)).to_have_count(0)
    page.reload()
    expect(page.get_by_text("The jobs that you run here are listed here.")).to_be_visible()


def test_history_keeps_the_newest_fifty_jobs(service: Service, visit: Visit) -> None:
    page = visit(service)
    keep(page, [entry(id=str(number)) for number in range(60)])
    expect(rows(page)).to_have_count(50)
    posted(page)
    expect(rows(page).first).to_contain_text('print("Hello")')
    expect(rows(page)).to_have_count(50)
    kept = json.loads(page.evaluate("name => localStorage.getItem(name)", STORED))
    assert [each["id"] for each in kept[1:]] == [str(number) for number in range(49)]


def test_large_request_is_listed_but_not_kept(service: Service, visit: Visit) -> None:
    page = visit(service)
    page.get_by_label("Standard input").fill("x" * 200_000)
    posted(page)
    page.reload()
    page.get_by_role("button", name='Open print("Hello")').click()
    expect(page.locator("#notice")).to_contain_text("Its script is not kept here")
    expect(page.locator("#stdout")).to_have_text("Hello\n")


def test_job_that_was_opened_last_is_shown_when_an_earlier_answer_comes_later(
    service: Service, visit: Visit
) -> None:
    page = visit(service)
    for name in ("one", "two"):
        type_script(page, f"print('{name}')")
        posted(page)
    held: list[Any] = []
    page.route("**/jobs/*", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    page.get_by_role("button", name="Open print('one')").click()
    page.get_by_role("button", name="Open print('two')").click()
    while len(held) < 2:
        page.wait_for_timeout(20)
    held[1].continue_()
    expect(page.locator("#stdout")).to_have_text("two\n")
    with page.expect_response("**/jobs/*"):
        held[0].continue_()
    page.wait_for_timeout(200)
    expect(page.locator("#stdout")).to_have_text("two\n")


@pytest.mark.parametrize("job_id", [".", ".."])
def test_link_to_a_job_asks_for_nothing_else(service: Service, visit: Visit, job_id: str) -> None:
    page = visit(service, f"/#job={job_id}")
    expect(page.locator("#notice")).to_contain_text("Its answer has expired.")


@pytest.mark.parametrize(
    "kept",
    [
        "not JSON",
        "null",
        "{}",
        "[null, 1, []]",
        [entry(id=1)],
        [entry(time="never")],
        [entry(title="x" * 1000)],
        [entry(submission={"script": 1})],
        [entry(submission="x")],
    ],
)
def test_damaged_storage_is_an_empty_history(service: Service, visit: Visit, kept: Any) -> None:
    page = visit(service)
    keep(page, kept)
    expect(page.get_by_text("The jobs that you run here are listed here.")).to_be_visible()
    posted(page)
    expect(rows(page)).to_have_count(1)


def test_history_lasts_as_long_as_the_page_when_the_browser_keeps_nothing(
    service: Service, visit: Visit
) -> None:
    page = visit(service)
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }})"
    )
    page.reload()
    posted(page)
    posted(page)
    expect(rows(page)).to_have_count(2)
