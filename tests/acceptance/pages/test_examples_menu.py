"""The examples that the playground offers."""

import json
import re

from playwright.sync_api import expect

from tests.acceptance.pages.conftest import Visit
from tests.acceptance.pages.playground import posted
from tests.support.browser import type_script
from tests.support.examples import EXAMPLES
from tests.support.service import Service


def test_example_fills_the_page_and_gets_its_answer(service: Service, visit: Visit) -> None:
    example = next(example for example in EXAMPLES if example.name == "unit_converter")
    page = visit(service)
    page.get_by_role("button", name="Examples").click()
    page.get_by_role("button", name="unit converter").click()
    expect(page.get_by_text("This is the example unit converter.")).to_be_visible()
    assert posted(page) == {"script": example.script, **example.request, "stream": True}
    expect(page.locator("#stdout")).to_have_text(example.answer["stdout"])


def test_example_with_a_file_sends_it_and_asks_for_its_artifacts(service: Service, visit: Visit) -> None:
    page = visit(service)
    page.get_by_role("button", name="Examples").click()
    page.get_by_role("button", name="bar chart").click()
    body = posted(page)
    assert [file["path"] for file in body["files"]] == ["temperatures.csv"]
    [job] = service.client.get("/jobs?limit=1").json()["jobs"]
    assert [artifact["path"] for artifact in job["artifacts"]] == ["chart.png"]


def test_example_can_be_undone_with_everything_that_it_replaced(service: Service, visit: Visit) -> None:
    page = visit(service)
    type_script(page, "print('mine')")
    page.get_by_label("Arguments").fill("not 'closed")
    page.get_by_label("Standard input").fill("in")
    page.get_by_role("button", name="Examples").click()
    page.get_by_role("button", name="word count").click()
    expect(page.get_by_label("Inputs")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Arguments")).to_have_value("not 'closed")
    page.get_by_label("Arguments").fill("")
    assert posted(page) == {"script": "print('mine')", "mode": "program", "stdin": "in", "stream": True}


def test_example_that_needs_a_missing_environment_is_disabled(service: Service, visit: Visit) -> None:
    page = visit(service)
    page.get_by_role("button", name="Examples").click()
    button = page.get_by_role("button", name="sales report")
    expect(button).to_be_disabled()
    expect(button).to_have_accessible_description(
        re.compile(r"revenue by region\. This service has no environment data\. Needs nsjail\.$")
    )


def test_examples_are_loaded_only_when_they_are_looked_at(service: Service, visit: Visit) -> None:
    page = visit(service)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    expect(page.get_by_text("Python 3.")).to_be_visible()
    assert asked
    assert not any("examples.json" in url for url in asked)
    with page.expect_response(lambda response: response.url.endswith("examples.json")) as answer:
        page.get_by_role("button", name="Examples").click()
    names = [example["name"] for example in json.loads(answer.value.text())]
    assert names == [example.name for example in EXAMPLES]
    expect(page.locator("#examples-dialog li")).to_have_count(len(EXAMPLES))
