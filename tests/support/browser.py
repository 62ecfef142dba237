"""A real browser: Debian's Chromium, built to run without a window."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from tests.support.programs import need_program

#: Chromium's own sandbox does not start for root. A browser of the tests opens only pages of the service.
_ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage")

#: Milliseconds that a test waits for a page.
_TIMEOUT = 20_000


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Start Chromium; end it with the context."""
    program = need_program("chromium-headless-shell")
    expect.set_options(timeout=_TIMEOUT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS, env=dict(os.environ))
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visitor:
    """A person with a profile of their own, and one page.

    Attributes:
        page: The page.
        faults: The errors that the page has reported.
        expected: Texts in faults that the test expects.
    """

    page: Page
    faults: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Fail if the page has reported an error that no test expects."""
        left = [fault for fault in self.faults if not any(text in fault for text in self.expected)]
        assert not left, left


@contextmanager
def visitor(browser: Browser, **options: Any) -> Iterator[Visitor]:
    """Make a profile with one page; pass `options` to Browser.new_context."""
    context = browser.new_context(**options)
    context.set_default_timeout(_TIMEOUT)
    try:
        page = context.new_page()
        found = Visitor(page)
        page.on("pageerror", lambda error: found.faults.append(f"error: {error}"))
        # A violation of the policy is reported as an error of the console. A request that the service refuses is too.
        page.on(
            "console",
            lambda message: (
                found.faults.append(f"console: {message.text}") if message.type == "error" else None
            ),
        )
        yield found
    finally:
        context.close()


def type_script(page: Page, script: str) -> None:
    """Replace the script in the editor, with the keyboard."""
    page.get_by_role("textbox", name="Script", exact=True).click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(script)


def run_script(page: Page, script: str, **fields: object) -> None:
    """Replace the script in the editor, and run it. `fields` are added to what the page submits."""

    def add_fields(route: Route) -> None:
        route.continue_(post_data={**json.loads(route.request.post_data or "{}"), **fields})

    if fields:
        page.route("**/jobs", add_fields)
    type_script(page, script)
    page.keyboard.press("Control+Enter")
