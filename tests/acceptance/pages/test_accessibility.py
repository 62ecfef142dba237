"""The pages for people who use a screen reader, a keyboard, a magnifier or a phone. axe-core checks them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.pages.conftest import Visit
from tests.support.browser import type_script
from tests.support.service import Service

#: The rules of WCAG 2.2 at levels A and AA, and axe's own advice.
RUN = """async () => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const { violations } = await axe.run(document, { runOnly: tags });
  return violations.map(({ id, nodes }) => [id, nodes.map(({ target, failureSummary }) => [target, failureSummary])]);
}"""

PHONE = {"viewport": {"width": 390, "height": 844}}
#: The narrowest screen of WCAG 1.4.10: a desktop window of 1280 pixels, magnified four times.
NARROW = {"viewport": {"width": 320, "height": 640}}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": PHONE,
    "narrow": NARROW,
}

each_look = pytest.mark.parametrize("look", LOOKS)


@pytest.fixture(scope="session")
def axe(node_modules: Path) -> str:
    """Return the source of axe-core. The page's policy does not apply to what the test evaluates."""
    return (node_modules / "node_modules/axe-core/axe.min.js").read_text("utf-8")


@pytest.fixture
def findings(axe: str) -> Callable[[Page], list[Any]]:
    """Return a function that lists what axe finds in a page."""

    def run(page: Page) -> list[Any]:
        page.evaluate(axe)
        return list(page.evaluate(RUN))

    return run


def run_script(page: Page, script: str) -> None:
    """Run a script that prints `shown`, and wait until it has."""
    type_script(page, script)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#stdout")).to_contain_text("shown")
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_disabled()


@each_look
def test_playground_has_no_finding_when_it_is_empty(
    look: str, service: Service, visit: Visit, findings: Callable[[Page], list[Any]]
) -> None:
    assert findings(visit(service, **LOOKS[look])) == []


@each_look
def test_playground_has_no_finding_when_a_script_has_failed(
    look: str, service: Service, visit: Visit, findings: Callable[[Page], list[Any]]
) -> None:
    page = visit(service, **LOOKS[look])
    run_script(page, "print('shown', flush=True)\ndef divide(): return 1 / 0\ndivide()")
    expect(page.locator("#problem")).to_contain_text("ZeroDivisionError")
    assert findings(page) == []


@each_look
def test_queue_page_has_no_finding(
    look: str, service: Service, visit: Visit, findings: Callable[[Page], list[Any]]
) -> None:
    page = visit(service, "/queue", **LOOKS[look])
    expect(page.locator("#status")).not_to_have_text("Loading.")
    assert findings(page) == []


@pytest.mark.parametrize("path", ["/", "/queue"])
def test_page_does_not_scroll_sideways_when_the_screen_is_narrow(
    path: str, service: Service, visit: Visit
) -> None:
    page = visit(service, path, **NARROW)
    if path == "/":
        run_script(page, "print('shown' * 1000)")
    width = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width == [320, 320]


def test_nothing_moves_when_the_person_asked_for_reduced_motion(service: Service, visit: Visit) -> None:
    page = visit(service, reduced_motion="reduce")
    run_script(page, "print('shown')")
    moving = "document.getAnimations({subtree: true}).filter(found => found.playState === 'running').length"
    assert page.evaluate(moving) == 0
