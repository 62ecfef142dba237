"""The form of a request: the fields that it sends, and its messages at wrong fields."""

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.pages.conftest import Visit
from tests.acceptance.pages.playground import choose_main, is_submission, open_group, posted
from tests.support.browser import type_script
from tests.support.service import Service


@pytest.fixture
def page(service: Service, visit: Visit) -> Page:
    return visit(service)


def test_empty_form_sends_only_the_script_and_its_mode(page: Page) -> None:
    type_script(page, "print(1)")
    assert posted(page) == {"script": "print(1)", "mode": "program", "stream": True}


def test_form_sends_every_field_when_all_are_filled(page: Page) -> None:
    type_script(page, "import sys\nprint(sys.argv[1:], sys.stdin.read())")
    page.get_by_label("Arguments").fill("km 'two words'\n\"\" it\\'s $HOME *")
    page.get_by_label("Standard input").fill("one\ntwo\n")
    open_group(page, "Files to keep")
    page.get_by_label("Patterns of files to keep").fill("*.png\n\n out/** \n")
    open_group(page, "Limits")
    page.get_by_label("Time, seconds", exact=True).fill("2.5")
    page.get_by_label("Memory, MB").fill("64")
    assert posted(page) == {
        "script": "import sys\nprint(sys.argv[1:], sys.stdin.read())",
        "mode": "program",
        "argv": ["km", "two words", "", "it's", "$HOME", "*"],
        "stdin": "one\ntwo\n",
        "artifacts": ["*.png", "out/**"],
        "limits": {"timeout": 2.5, "memory_mb": 64},
        "stream": True,
    }
    expect(page.locator("#stdout")).to_have_text(
        "['km', 'two words', '', \"it's\", '$HOME', '*'] one\ntwo\n\n"
    )


def test_closed_groups_name_the_fields_that_are_set(page: Page) -> None:
    open_group(page, "Limits")
    page.get_by_label("Time, seconds", exact=True).fill("3")
    page.get_by_label("Processes").fill("4")
    open_group(page, "Limits")
    expect(page.get_by_text("time 3 s, processes 4")).to_be_visible()


def test_inputs_reach_main_with_their_numbers_as_they_are_written(page: Page) -> None:
    choose_main(page, "def main(**inputs):\n    print(inputs)\n    return {}")
    page.get_by_label("Inputs").fill('{"n": 12345678901234567890, "x": 1.0, "e": 1e2, "s": "é"}')
    posted(page)
    expect(page.locator("#stdout")).to_have_text(
        "{'n': 12345678901234567890, 'x': 1.0, 'e': 100.0, 's': 'é'}\n"
    )


def test_each_mode_sends_only_its_own_input(page: Page) -> None:
    page.get_by_label("Arguments").fill("a b")
    choose_main(page)
    expect(page.get_by_label("Arguments")).to_be_hidden()
    page.get_by_label("Inputs").fill('{"n": 1}')
    assert posted(page).keys() == {"script", "mode", "inputs", "stream"}
    page.get_by_label("Program", exact=True).check()
    assert posted(page).keys() == {"script", "mode", "argv", "stream"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"n": 1,}', "Line 1, column 9: a name in double quotes is expected."),
        ("{\n  'n': 1}", "Line 2, column 3: a string has double quotes."),
        ('{"n": [1, 2}', "Line 1, column 12: a comma, or ] is expected."),
        ('{"n": True}', "Line 1, column 7: a value is expected"),
        ('{"n": 1}\n}', "Line 2, column 1: nothing more is expected."),
        ('{"n": "a\nb"}', "Line 1, column 9: a string cannot have a line end"),
        ('{"n": "a', "Line 1, column 7: this string is not closed."),
        ('{"n": "\\d"}', "Line 1, column 8: this escape is not known"),
        ('{"n" 1}', "Line 1, column 6: a colon is expected."),
        ('{"n": 1', "Line 1, column 8: { is not closed."),
        ("[1]", "The inputs must be a JSON object"),
        ("12345678901234567890", "The inputs must be a JSON object"),
    ],
)
def test_wrong_inputs_are_reported_with_line_and_column_while_they_are_typed(
    page: Page, text: str, problem: str
) -> None:
    page.get_by_label("Function main").check()
    field = page.get_by_label("Inputs")
    field.fill(text)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#field-inputs-problem")).to_contain_text(problem)
    field.fill('{"n": 1}')
    expect(field).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator("#field-inputs-problem")).to_be_hidden()


@pytest.mark.parametrize(
    ("label", "text", "problem"),
    [
        ("Time, seconds", "31", "This must be from 0.1 to 30."),
        ("CPU, seconds", "0", "This must be from 0.1 to 30."),
        ("Memory, MB", "16.5", "This must be a whole number."),
        ("Processes", "-1", "This must be from 1 to 64."),
    ],
)
def test_wrong_limit_gets_the_focus_and_nothing_is_sent(
    page: Page, label: str, text: str, problem: str
) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if is_submission(request) else None)
    open_group(page, "Limits")
    field = page.get_by_label(label, exact=True)
    field.fill(text)
    open_group(page, "Limits")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(f"{problem} {_range(page, label)}")
    expect(page.locator("#status")).to_contain_text("Nothing was sent")
    assert sent == []


def _range(page: Page, label: str) -> str:
    identity = page.get_by_label(label, exact=True).get_attribute("id")
    return page.locator(f"#{identity}-hint").inner_text()


def test_open_quote_in_the_arguments_is_reported(page: Page) -> None:
    page.get_by_label("Arguments").fill("a 'b")
    expect(page.locator("#field-argv-problem")).to_have_text("The quote ' is not closed.")


@pytest.mark.parametrize(
    ("field", "label"),
    [
        ("limits.memory_mb", "Memory, MB"),
        ("artifacts[1]", "Patterns of files to keep"),
        ("argv[0]", "Arguments"),
        ("environment", "Environment"),
    ],
)
def test_refusal_is_shown_at_the_field_that_the_service_names(
    service: Service, visit: Visit, field: str, label: str
) -> None:
    page = visit(service)
    visit.expect("status of 400")
    error = {"type": "invalid_request", "field": field, "message": f"{field}: the service says no"}
    page.route("**/jobs", lambda route: route.fulfill(status=400, json={"error": error}))
    page.get_by_role("button", name="Run", exact=True).click()
    wrong = page.get_by_label(label, exact=True)
    expect(wrong).to_be_focused()
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text(f"{field}: the service says no").last).to_be_visible()


def test_script_without_main_is_refused_by_the_service(service: Service, visit: Visit) -> None:
    page = visit(service)
    visit.expect("status of 400")
    choose_main(page, "print(1)")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#problem")).to_contain_text("The script does not define main")
