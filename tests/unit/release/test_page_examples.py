"""The examples of the playground are those of the folder."""

import json

from release.pages.examples import PATH, examples_json
from tests.support.checkout import ROOT
from tests.support.examples import EXAMPLES

MADE = examples_json(ROOT / "examples")


def test_file_of_the_playground_has_the_examples_of_the_folder() -> None:
    read = (ROOT / "api/pages/static" / PATH).read_text("utf-8")
    assert read == MADE, "make pages"


def test_submission_of_an_example_is_its_script_with_its_request() -> None:
    submissions = {made["name"]: made["submission"] for made in json.loads(MADE)}
    assert submissions == {
        example.name: {"script": example.script, "mode": "main"} | example.request for example in EXAMPLES
    }


def test_example_says_what_it_needs() -> None:
    needs = {made["name"]: made["needs"] for made in json.loads(MADE)}
    assert needs["sales_report"] == {"environment": "data", "sandboxes": ["nsjail"]}
    assert needs["word_count"] == {"environment": "stdlib", "sandboxes": ["nsjail", "restricted"]}
