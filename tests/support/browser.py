"""A real browser: Debian's Chromium, built to run without a window."""

import json
import os
import shlex
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests.support.checkout import ROOT
from tests.support.programs import need_program

#: Chromium's own sandbox does not start for root. A browser of the tests opens only pages of the service.
_ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage")

#: Milliseconds that a test waits for a page.
_TIMEOUT = 30_000


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Start Chromium; end it with the context."""
    program = need_program("chromium-headless-shell")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        # Playwright takes a program without arguments before its own.
        start = Path(folder) / "chromium"
        command = [sys.executable, "-m", "tests.support.without_netlink", program]
        start.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
        start.chmod(0o700)
        environment: dict[str, str | float | bool] = {**os.environ, "PYTHONPATH": str(ROOT)}
        browser = playwright.chromium.launch(executable_path=start, args=_ARGUMENTS, env=environment)
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
