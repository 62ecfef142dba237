"""How the playground shows the result of `main()`."""

import json

from playwright.sync_api import expect

from tests.acceptance.pages.conftest import Visit
from tests.support.browser import run_script
from tests.support.service import Service


def test_result_is_a_tree_that_the_keyboard_opens(service: Service, visit: Visit) -> None:
    page = visit(service)
    run_script(page, 'def main():\n    return {"a": {"b": {"c": [1, None]}}}\n', mode="main")
    node = page.locator("#result summary", has_text="b: ")
    expect(node).to_have_text("b: object, 1 field")
    expect(page.get_by_text("c: list, 2 items")).to_have_count(0)
    node.focus()
    page.keyboard.press("Enter")
    inner = page.locator("#result summary", has_text="c: list, 2 items")
    expect(inner).to_be_visible()
    page.keyboard.press("Tab")
    expect(inner).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#result .json-leaf")).to_have_text(["0: 1", "1: null"])


def test_children_are_shown_in_parts_when_there_are_many(service: Service, visit: Visit) -> None:
    page = visit(service)
    run_script(page, 'def main():\n    return {"n": list(range(250))}\n', mode="main")
    leaves = page.locator("#result .json-leaf")
    expect(leaves).to_have_count(100)
    page.get_by_role("button", name="Show more of 250").click()
    expect(leaves).to_have_count(200)
    page.get_by_role("button", name="Show more of 250").click()
    expect(leaves).to_have_count(250)
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)


def test_integers_are_exact_when_they_are_large(service: Service, visit: Visit) -> None:
    page = visit(service, permissions=["clipboard-read", "clipboard-write"])
    run_script(page, 'def main():\n    return {"n": 2**70 + 1}\n', mode="main")
    expect(page.locator("#result .json-leaf")).to_have_text(f"n: {2**70 + 1}")
    page.locator("#result").get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert json.loads(page.evaluate("navigator.clipboard.readText()")) == {"n": 2**70 + 1}


def test_deepest_value_is_reached_when_a_result_is_nested_deeply(service: Service, visit: Visit) -> None:
    page = visit(service)
    script = "def main():\n    value = 'deepest'\n    for _ in range(98):\n        value = [value]\n    return {'a': value}\n"
    run_script(page, script, mode="main")
    closed = page.locator("#result details:not([open]) > summary")
    # Two of the 99 containers are open from the start.
    for _ in range(97):
        closed.press("Enter")
    expect(page.locator("#result .json-leaf")).to_have_text('0: "deepest"')
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_names_and_strings_stay_text_when_they_hold_markup(service: Service, visit: Visit) -> None:
    page = visit(service)
    script = (
        'def main():\n    return {"<b>k</b>": "<i>v</i>\\u202e\\x1b", "long": "x" * 5000, "__proto__": 1}\n'
    )
    run_script(page, script, mode="main")
    leaves = page.locator("#result .json-leaf")
    expect(leaves.nth(0)).to_have_text('<b>k</b>: "<i>v</i>\ufffd\\u001b"')
    expect(leaves.nth(1)).to_contain_text("… (5,000 characters)")
    expect(leaves.nth(2)).to_have_text("__proto__: 1")
    expect(page.locator("#result b, #result i")).to_have_count(0)
