"""Actions of a person in the playground."""

from typing import Any

from playwright.sync_api import Page, Request, expect

from tests.support.browser import type_script


def posted(page: Page) -> dict[str, Any]:
    """Press Run; return the body that the page posts, once its job has ended."""
    with page.expect_request(is_submission) as found:
        page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled()
    return dict(found.value.post_data_json or {})


def is_submission(request: Request) -> bool:
    """Return whether a request submits a job."""
    return request.method == "POST" and request.url.endswith("/jobs")


def choose_main(page: Page, script: str = "def main(**inputs):\n    return inputs") -> None:
    """Write a script with a function main, and choose its mode."""
    type_script(page, script)
    page.get_by_label("Function main").check()


def open_group(page: Page, title: str) -> None:
    """Open a group of fields by its title."""
    page.locator("summary").filter(has=page.get_by_text(title, exact=True)).click()
