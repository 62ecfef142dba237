"""Fixtures of the tests in a browser."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page

from config.credentials import new_key
from tests.support.browser import Visitor, running_browser, visitor
from tests.support.service import Service, running_service


# Playwright keeps an event loop running in the main thread. It must end before the tests of another package use asyncio.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Return Chromium, for all tests. Each test has its own profile in it."""
    with running_browser() as browser:
        yield browser


class Visit:
    """Opens pages of a service, each in a new profile."""

    def __init__(self, browser: Browser, stack: ExitStack) -> None:
        """Make it; the stack closes the profiles."""
        self._browser = browser
        self._stack = stack
        self.visitors: list[Visitor] = []

    def __call__(self, service: Service, path: str = "/", **options: object) -> Page:
        """Open a page; pass the options to Browser.new_context."""
        self.visitors.append(self._stack.enter_context(visitor(self._browser, **options)))
        page = self.visitors[-1].page
        page.goto(f"{service.client.base_url}{path}")
        return page

    def expect(self, text: str) -> None:
        """Accept errors with this text on the page that was opened last."""
        self.visitors[-1].expected.append(text)


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Return a Visit, which opens pages.

    At the end the test fails if a page has reported an error, or has broken its policy.
    """
    with ExitStack() as stack:
        visit = Visit(browser, stack)
        yield visit
        for one in visit.visitors:
            one.check()


@dataclass(frozen=True)
class Guarded:
    """A service with API keys, and one of them. Its scripts may run for 30 seconds."""

    service: Service
    key: str


@pytest.fixture(scope="session")
def guarded(nsjail: None) -> Iterator[Guarded]:
    """Return a service with API keys."""
    key, entry = new_key("visitor")
    with running_service(API_KEYS=entry, TIMEOUT="30") as service:
        yield Guarded(service, key)
