"""Running a script in the playground."""

from playwright.sync_api import expect

from tests.acceptance.pages.conftest import Visit
from tests.support.browser import type_script
from tests.support.service import Service


def test_script_prints_its_output_when_ctrl_enter_is_pressed(service: Service, visit: Visit) -> None:
    page = visit(service)
    type_script(page, "print(6 * 7)")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#stdout")).to_have_text("42\n")
