"""The page of the recipes has the code of the files."""

import json

from tests.support.agent_programs import RECIPES
from tests.support.documents import document

PAGE = document("docs/how-to/recipes.md")


def test_page_shows_every_recipe_as_it_is() -> None:
    files = [path.read_text("utf-8") for path in RECIPES.glob("*.py")]
    (notebook,) = (json.loads(path.read_text("utf-8")) for path in RECIPES.glob("*.ipynb"))
    cells = ["".join(cell["source"]) + "\n" for cell in notebook["cells"] if cell["cell_type"] == "code"]
    shown = [block.text for block in PAGE.blocks if block.language == "python"]
    assert sorted(shown) == sorted(files + cells)


def test_notebook_has_no_outputs() -> None:
    notebook = json.loads((RECIPES / "notebook.ipynb").read_text("utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [(cell["outputs"], cell["execution_count"]) for cell in cells] == [([], None)] * len(cells)
