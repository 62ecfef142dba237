"""Fixtures of the tests in a browser."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser import Visitor, running_browser, visitor
from tests.support.service import Service


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return Chromium, for all tests. Each test has its own profile in it."""
    with running_browser() as browser:
        yield browser


#: Opens a page of a service in a new profile; the options are those of Browser.new_context.
Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Return a function that opens a page in a new profile.

    At the end the test fails if the page has reported an error, or has broken its policy. `expected` are texts in
    errors that the test expects.
    """
    with ExitStack() as stack:
        visitors: list[Visitor] = []

        def open_page(
            service: Service, path: str = "/", *, expected: Sequence[str] = (), **options: object
        ) -> Page:
            visitors.append(stack.enter_context(visitor(browser, **options)))
            visitors[-1].expected.extend(expected)
            page = visitors[-1].page
            page.goto(f"{service.client.base_url}{path}")
            return page

        yield open_page
        for one in visitors:
            one.check()
