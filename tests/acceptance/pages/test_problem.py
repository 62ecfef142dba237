"""How the playground shows why a script failed or was refused."""

from playwright.sync_api import Page, expect

from tests.acceptance.pages.conftest import Visit
from tests.support.browser import run_script
from tests.support.service import Service
from tests.support.wait import eventually

_FAULTY = "def divide(number):\n    return 1 / number\n\n\ndivide(0)\n"


def _marked(page: Page, line: str) -> None:
    expect(page.locator(".cm-error-line")).to_have_text(line)


def test_line_of_an_exception_is_marked_with_its_message(service: Service, visit: Visit) -> None:
    page = visit(service)
    # The editor empties the announcement soon after screen readers have read it.
    page.locator(".cm-announced").evaluate(
        "place => { window.said = []; new MutationObserver(() => window.said.push(place.textContent))"
        ".observe(place, { childList: true, characterData: true, subtree: true }); }"
    )
    run_script(page, _FAULTY)
    _marked(page, "    return 1 / number")
    expect(page.locator(".cm-error-message")).to_have_text("ZeroDivisionError: division by zero")
    said = "Error on line 2: ZeroDivisionError: division by zero"
    eventually(lambda: said in page.evaluate("window.said"), within=20, what="the error is announced")
    expect(page.locator("#problem h2")).to_have_text("The script raised an exception")
    expect(page.locator("#status")).to_contain_text("Failed: exception on line 2")


def test_cursor_moves_to_the_line_when_a_line_of_the_traceback_is_clicked(
    service: Service, visit: Visit
) -> None:
    page = visit(service)
    run_script(page, _FAULTY)
    traceback = page.locator("#traceback")
    expect(traceback.get_by_role("button")).to_have_text(["line 5", "line 2"])
    traceback.get_by_role("button", name="line 5").click()
    expect(page.get_by_role("textbox", name="Script", exact=True)).to_be_focused()
    expect(page.locator(".cm-activeLine")).to_have_text("divide(0)")


def test_mark_stays_when_another_line_is_edited_and_goes_when_its_line_is(
    service: Service, visit: Visit
) -> None:
    page = visit(service)
    run_script(page, _FAULTY)
    page.locator("#traceback").get_by_role("button", name="line 5").click()
    page.keyboard.type("a = 1; ")
    expect(page.locator(".cm-activeLine")).to_have_text("a = 1; divide(0)")
    _marked(page, "    return 1 / number")
    page.get_by_role("button", name="Go to line 2").click()
    page.keyboard.type("#")
    expect(page.locator(".cm-error-line")).to_have_count(0)
    expect(page.locator(".cm-error-message")).to_have_count(0)


def test_line_of_a_syntax_error_is_marked_when_the_script_is_refused(service: Service, visit: Visit) -> None:
    page = visit(service)
    visit.expect("status of 400")
    run_script(page, "print(1)\nx = = 2\n")
    _marked(page, "x = = 2")
    expect(page.locator("#problem h2")).to_have_text("The script is not valid Python")
    expect(page.locator("#status")).to_have_text("Not run: syntax error on line 2.")


def test_exit_code_is_in_the_status_when_a_program_exits(service: Service, visit: Visit) -> None:
    page = visit(service)
    run_script(page, "raise SystemExit(3)")
    expect(page.locator("#status")).to_contain_text("Failed: exit code 3")


def test_message_of_an_exception_stays_text_when_it_holds_markup(service: Service, visit: Visit) -> None:
    page = visit(service)
    run_script(page, 'raise ValueError("<img src=x onerror=alert(1)>\\x1b[31m\\u202e")')
    text = "ValueError: <img src=x onerror=alert(1)>␛[31m\ufffd"
    expect(page.locator("#problem .message")).to_have_text(text)
    expect(page.locator(".cm-error-message")).to_have_text(text)
    expect(page.locator("#problem img, .cm-error-message img")).to_have_count(0)


def test_tab_leaves_the_editor_after_escape_and_indents_otherwise(service: Service, visit: Visit) -> None:
    page = visit(service)
    editor = page.get_by_role("textbox", name="Script", exact=True)
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Backspace")
    page.keyboard.press("Tab")
    expect(editor).to_be_focused()
    expect(page.locator(".cm-line")).to_have_text("    ")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(editor).not_to_be_focused()
    expect(editor).to_have_accessible_description(
        "Ctrl-Enter runs the script. Ctrl-F searches. Escape, then Tab leaves the editor."
    )
