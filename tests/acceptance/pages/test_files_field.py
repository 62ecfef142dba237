"""Files of a request: chosen, dropped, renamed and removed."""

from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.acceptance.pages.conftest import Visit
from tests.acceptance.pages.playground import is_submission, open_group, posted
from tests.support.browser import type_script
from tests.support.service import Service

#: Prints the files of the folder with their bytes.
LIST = """
from pathlib import Path
for path in sorted(Path().rglob("*")):
    if path.is_file() and path.name != "script.py":
        print(path, path.read_bytes())
"""

#: Drops files onto an element, as a browser does: first they are dragged over it.
DROP = """(target, files) => {
    const dataTransfer = new DataTransfer();
    for (const [name, bytes] of files) dataTransfer.items.add(new File([new Uint8Array(bytes)], name));
    const taken = ["dragover", "drop"].map((type) =>
        !target.dispatchEvent(new DragEvent(type, {dataTransfer, bubbles: true, cancelable: true, composed: true})));
    return taken;
}"""


@pytest.fixture
def page(service: Service, visit: Visit) -> Page:
    return visit(service)


def payload(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def choose(page: Page, *files: FilePayload | Path) -> None:
    open_group(page, "Files")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add files…").click()
    chooser.value.set_files(list(files))  # type: ignore[arg-type]


def test_chosen_files_reach_the_script_with_the_same_bytes(page: Page) -> None:
    content = bytes(range(256))
    choose(
        page, payload("all.bin", content), payload("café.txt", "naïve ☕\r\n".encode()), payload("empty", b"")
    )
    type_script(page, LIST)
    body = posted(page)
    assert [file.get("encoding", "utf-8") for file in body["files"]] == ["base64", "utf-8", "utf-8"]
    lines = [
        f"{name} {value!r}"
        for name, value in (("all.bin", content), ("café.txt", "naïve ☕\r\n".encode()), ("empty", b""))
    ]
    expect(page.locator("#stdout")).to_have_text("\n".join(lines) + "\n")


@pytest.mark.parametrize("place", ["#editor", "main"])
def test_dropped_files_reach_the_script_wherever_they_are_dropped(page: Page, place: str) -> None:
    taken = page.locator(place).evaluate(DROP, [["in.csv", list(b"a,b\n")], ["raw", [255, 0]]])
    assert taken == [True, True], "the browser would open the file"
    expect(page.get_by_label("Path of file 1")).to_have_value("in.csv")
    expect(page.get_by_label("Path of file 2")).to_have_value("raw")
    type_script(page, LIST)
    posted(page)
    expect(page.locator("#stdout")).to_have_text("in.csv b'a,b\\n'\nraw b'\\xff\\x00'\n")


def test_file_gets_another_path_and_is_removed(page: Page) -> None:
    choose(page, payload("one", b"1"), payload("two", b"2"))
    page.get_by_label("Path of file 1").fill("data/in/one.txt")
    page.get_by_role("button", name="Remove two").click()
    expect(page.get_by_role("button", name="Add files…")).to_be_focused()
    expect(page.get_by_text("1 file, 1 B")).to_be_visible()
    assert posted(page)["files"] == [{"path": "data/in/one.txt", "content": "1"}]


def test_file_with_the_name_of_another_replaces_it(page: Page) -> None:
    choose(page, payload("one", b"old"), payload("two", b"2"))
    page.locator("input[type=file]").set_input_files([payload("one", b"new")])
    expect(page.get_by_text("2 files, 4 B")).to_be_visible()
    assert [file["content"] for file in posted(page)["files"]] == ["new", "2"]


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("../up", "The path cannot have empty parts, . or .."),
        ("/etc/passwd", "The path must be relative: it cannot begin with /."),
        ("a//b", "The path cannot have empty parts, . or .."),
        ("", "Give the file a name."),
        ("script.py", "script.py is the file of the script itself."),
        ("é" * 128, "The path is too long"),
        ("two", "Another file has this path."),
    ],
)
def test_wrong_path_gets_the_focus_and_nothing_is_sent(page: Page, path: str, problem: str) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if is_submission(request) else None)
    choose(page, payload("one", b"1"), payload("two", b"2"))
    # Of two files with one path the second is wrong.
    wrong = page.get_by_label(f"Path of file {2 if path == 'two' else 1}")
    page.get_by_label("Path of file 1").fill(path)
    page.get_by_role("button", name="Run", exact=True).click()
    expect(wrong).to_be_focused()
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(page.locator("ul.files p:visible")).to_contain_text(problem)
    assert sent == []


def test_files_past_the_bounds_are_refused_with_a_message(page: Page, tmp_path: Path) -> None:
    choose(page, *(payload(f"file-{number}", b"x") for number in range(65)))
    expect(
        page.get_by_text("A request can have 64 files of 8 MB together: file-64 does not fit.")
    ).to_be_visible()
    expect(page.get_by_text("64 files, 64 B")).to_be_visible()
    large = tmp_path / "large"
    large.write_bytes(b"\xff" * (8 * 1024 * 1024))
    page.locator("input[type=file]").set_input_files(large)
    expect(page.get_by_text("64 files of 8 MB together: large does not fit.")).to_be_visible()


def test_eight_megabytes_of_a_file_are_accepted(page: Page, tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(b'"' * (8 * 1024 * 1024))
    choose(page, large)
    expect(page.get_by_text("1 file, 8.39 MB")).to_be_visible()
    type_script(page, "import os\nprint(os.path.getsize('large'))")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#stdout")).to_have_text("8388608\n")
