"""Links that carry a script in their fragment."""

import json
import zlib
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.pages.conftest import Visit
from tests.acceptance.pages.playground import choose_main, is_submission, posted
from tests.support.browser import type_script
from tests.support.service import Service

ORIGIN = "This script came with a link. Read it before you run it."
DAMAGED = "This link is damaged: it has no script that can be read."


def fragment(content: bytes) -> str:
    """Return the fragment of a link with any content."""
    packer = zlib.compressobj(9, wbits=-15)
    packed = packer.compress(content) + packer.flush()
    return "#s=1." + urlsafe_b64encode(packed).decode().rstrip("=")


def linked(**submission: Any) -> str:
    """Return the fragment of a link with a submission."""
    return fragment(json.dumps(submission).encode())


def share(page: Page) -> str:
    """Return the link to the request on the page."""
    page.get_by_role("button", name="Share").click()
    return page.get_by_role("textbox", name="Link").input_value()


def path_of(service: Service, link: str) -> str:
    return link.removeprefix(str(service.client.base_url).rstrip("/"))


def test_link_opens_in_another_profile_with_everything_and_runs_nothing(
    service: Service, visit: Visit
) -> None:
    first = visit(service)
    choose_main(first, "def main(**inputs):\n    print('é ☕ 😀', open('a', 'rb').read())\n    return inputs")
    first.get_by_label("Inputs").fill('{"n": 12345678901234567890, "x": 1.0}')
    first.get_by_label("Standard input").fill("in")
    first.locator("input[type=file]").set_input_files(
        {"name": "a", "mimeType": "text/plain", "buffer": b"A\xff"}
    )
    expect(first.get_by_text("1 file, 2 B")).to_be_attached()
    link = share(first)
    first.keyboard.press("Escape")
    body = posted(first)

    sent: list[str] = []
    second = visit(service, "/queue")
    second.on("request", lambda request: sent.append(request.url) if is_submission(request) else None)
    second.goto(link)
    expect(second.get_by_text(ORIGIN)).to_be_visible()
    expect(second.get_by_label("Standard input")).to_have_value("in")
    assert sent == []
    assert posted(second) == body


def test_link_is_never_sent_to_the_server(service: Service, visit: Visit) -> None:
    page = visit(service)
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url + (request.headers.get("referer") or "")))
    page.goto(f"{service.client.base_url}/{linked(script='print(1)')}")
    page.reload()
    expect(page.get_by_text(ORIGIN)).to_be_visible()
    script_of_link = linked(script="print(1)")[5:]
    assert urls
    # Chromium names the fragment in the request of the page itself, which it does not send.
    assert not any(script_of_link in url for url in urls if not url.endswith(script_of_link))
    assert script_of_link not in service.log.read_text()


def test_link_leaves_out_large_files_and_the_dialog_says_so(service: Service, visit: Visit) -> None:
    page = visit(service)
    page.locator("input[type=file]").set_input_files(
        {"name": "big", "mimeType": "text/plain", "buffer": b"x" * 30_000}
    )
    expect(page.get_by_text("1 file, 30.0 kB")).to_be_attached()
    link = share(page)
    expect(page.get_by_text("It leaves out 1 file of 30.0 kB")).to_be_visible()
    page.goto("about:blank")
    page.goto(link)
    expect(page.get_by_text(ORIGIN)).to_be_visible()
    assert "files" not in posted(page)


def test_link_is_opened_when_the_address_changes(service: Service, visit: Visit) -> None:
    page = visit(service)
    page.evaluate("hash => { location.hash = hash; }", linked(script="print('second')", mode="program"))
    expect(page.get_by_text(ORIGIN)).to_be_visible()
    assert posted(page)["script"] == "print('second')"
    page.get_by_role("button", name="Undo").click()
    assert posted(page)["script"] == 'print("Hello")\n'


def test_missing_environment_is_reported_at_its_field(service: Service, visit: Visit) -> None:
    page = visit(service, f"/{linked(script='print(1)', mode='program', environment='geo')}")
    expect(page.get_by_text("This service has no environment geo. Choose another.")).to_be_visible()
    expect(page.get_by_label("Environment", exact=True)).to_have_value("geo")


@pytest.mark.parametrize(
    ("hostile", "said"),
    [
        ("#s=1.!!!!", DAMAGED),
        ("#s=1.", DAMAGED),
        ("#s=1.AAAA", DAMAGED),
        ("#s=", "This link is for another version of the playground."),
        ("#s=2.AAAA", "This link is for another version of the playground."),
        (fragment(b"\0" * 200_000_000), "The script of this link is too large."),
        (fragment(b"not JSON"), DAMAGED),
        (fragment(b'{"script": "\xff"}'), DAMAGED),
        (fragment(b"null"), "This link cannot be used: it has no submission."),
        (linked(mode="main"), "This link cannot be used: it has no script."),
        (linked(script=["print(1)"]), "This link cannot be used: its field script is not valid."),
        (linked(script="", mode="eval"), "This link cannot be used: its field mode is not valid."),
        (linked(script="", argv="a"), "This link cannot be used: its field argv is not valid."),
        (linked(script="", inputs=[1]), "This link cannot be used: its field inputs is not valid."),
        (
            linked(script="", limits={"timeout": "1"}),
            "This link cannot be used: its field limits is not valid.",
        ),
        (linked(script="", files=[{"path": 1}]), "This link cannot be used: its field files is not valid."),
        (linked(script="", key="x"), "This link cannot be used: it has an unknown field."),
        (fragment(b'{"script": "", "__proto__": {"mode": "x"}}'), "it has an unknown field."),
        (fragment(b'{"script": "", "inputs": ' + b'{"a":' * 101 + b"1" + b"}" * 102), "its field inputs"),
        (fragment(b'{"script": "", "inputs": ' + b'{"a":' * 50_000), DAMAGED),
    ],
)
def test_hostile_link_is_refused_in_one_line_and_the_page_works(
    service: Service, visit: Visit, hostile: str, said: str
) -> None:
    page = visit(service, f"/{hostile}")
    expect(page.locator("#notice")).to_contain_text(said)
    type_script(page, "print('still here')")
    assert posted(page) == {"script": "print('still here')", "mode": "program", "stream": True}
    assert page.evaluate("Object.keys(Object.prototype).length + ({}.mode ? 1 : 0)") == 0


def test_link_shows_its_texts_as_text(service: Service, visit: Visit) -> None:
    bad = "<img src=x onerror=alert(1)>"
    submission = {
        "script": f"#{bad}",
        "stdin": bad,
        "environment": bad,
        "inputs": {bad: bad},
        "mode": "main",
        "files": [{"path": bad, "content": bad}],
        "artifacts": [bad],
    }
    page = visit(service, f"/{linked(**submission)}")
    expect(page.get_by_label("Standard input")).to_have_value(bad)
    expect(page.locator("#field-environment-problem")).to_contain_text(f"no environment {bad}.")
    assert page.locator("img").count() == 0


def test_link_is_copied_also_where_the_browser_has_no_clipboard(service: Service, visit: Visit) -> None:
    page = visit(service)
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    copied = "new Promise(done => addEventListener('copy', () => done(String(getSelection())), {once: true}))"
    page.evaluate(f"void (window.copied = {copied})")
    link = share(page)
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("window.copied") == link
