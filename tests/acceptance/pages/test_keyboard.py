"""The playground with the keyboard only."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.acceptance.pages.conftest import Guarded, Visit

#: More presses of Tab than the page has controls.
PRESSES = 80


def press_until_focused(page: Page, key: str, wanted: Locator) -> None:
    """Press a key until an element has the focus and shows it."""
    for _ in range(PRESSES):
        page.keyboard.press(key)
        if wanted.evaluate("found => found.matches(':focus-visible')"):
            return
    pytest.fail(f"{key} does not reach {wanted}")


def test_script_is_typed_run_and_stopped_with_the_keyboard(guarded: Guarded, visit: Visit) -> None:
    page = visit(guarded.service)
    press_until_focused(page, "Tab", page.get_by_label("API key"))
    page.keyboard.type(guarded.key)
    press_until_focused(page, "Tab", page.get_by_role("textbox", name="Script", exact=True))
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("import time\nprint('started', flush=True)\ntime.sleep(30)")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#stdout")).to_have_text("started\n")
    # Escape, then Tab leaves the editor, although Tab indents in it.
    page.keyboard.press("Escape")
    press_until_focused(page, "Shift+Tab", page.get_by_role("button", name="Stop", exact=True))
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_contain_text("ancel")
    press_until_focused(page, "Shift+Tab", page.get_by_role("button", name="Run", exact=True))


def test_tab_leaves_the_editor_and_goes_through_the_whole_page(guarded: Guarded, visit: Visit) -> None:
    page = visit(guarded.service)
    editor = page.get_by_role("textbox", name="Script", exact=True)
    press_until_focused(page, "Tab", editor)
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(editor).not_to_be_focused()
    # After the last control the browser starts again with the first.
    press_until_focused(page, "Tab", page.get_by_role("link", name="Queue"))
