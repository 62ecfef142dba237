"""How the playground shows the output of a script."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.acceptance.pages.conftest import Visit
from tests.support.browser import run_script
from tests.support.service import Service


def _succeeded(page: Page) -> None:
    expect(page.locator("#status")).to_contain_text("Succeeded")


def test_stdout_and_stderr_are_shown_apart(service: Service, visit: Visit) -> None:
    page = visit(service)
    run_script(page, "import sys\nprint('out')\nprint('err', file=sys.stderr)\n")
    expect(page.locator("#stdout")).to_have_text("out\n")
    expect(page.locator("#stderr")).to_have_text("err\n")


def test_page_says_so_when_the_script_prints_nothing(service: Service, visit: Visit) -> None:
    page = visit(service)
    run_script(page, "x = 1")
    expect(page.get_by_text("Nothing printed.")).to_have_count(2)
    expect(page.locator("#stdout")).to_be_hidden()


def test_output_stays_text_when_it_holds_markup_and_control_characters(
    service: Service, visit: Visit
) -> None:
    page = visit(service)
    run_script(page, 'print("<script>alert(1)</script><b>x</b>\\x1b[2J\\x07\\u202eabc\\x00")')
    expect(page.locator("#stdout")).to_have_text("<script>alert(1)</script><b>x</b>␛[2J␇\ufffdabc␀\n")
    expect(page.locator("#stdout script, #stdout b")).to_have_count(0)


def test_page_shows_the_end_and_saves_all_when_one_line_has_a_megabyte(
    service: Service, visit: Visit, tmp_path: Path
) -> None:
    page = visit(service)
    run_script(page, "print('a' * 900_000 + 'end')")
    _succeeded(page)
    shown = page.locator("#stdout").text_content() or ""
    assert len(shown) == 200_000
    assert shown.endswith("aend\n")
    expect(page.locator(".stdout .note")).to_have_text(
        "The last 200,000 characters. Download saves all of it."
    )
    with page.expect_download() as download:
        page.locator(".stdout").get_by_role("button", name="Download").click()
    saved = tmp_path / "saved"
    download.value.save_as(saved)
    assert download.value.suggested_filename == "stdout.txt"
    assert saved.read_text() == "a" * 900_000 + "end\n"


def test_page_keeps_few_nodes_when_a_megabyte_of_lines_is_printed(service: Service, visit: Visit) -> None:
    page = visit(service)
    run_script(page, "print('\\n'.join(map(str, range(250_000))))")
    _succeeded(page)
    expect(page.locator(".stdout .note")).to_contain_text("The service has cut this output at its limit.")
    nodes, length = page.evaluate(
        "(() => { const pre = document.getElementById('stdout');"
        " return [pre.childNodes.length, pre.textContent.length]; })()"
    )
    assert length == 200_000
    assert nodes < 100


def test_output_follows_its_end_unless_the_person_has_scrolled_up(service: Service, visit: Visit) -> None:
    page = visit(service)
    views = "import(document.querySelector('link[href$=\"answer/stream_view.js\"]').href)"
    positions = page.evaluate(
        f"""async () => {{
            const {{ StreamView }} = await {views};
            const view = new StreamView("stdout");
            document.getElementById("output").hidden = false;
            document.getElementById("output").append(view.element);
            const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
            const fromEnd = () => view.text.scrollHeight - view.text.clientHeight - view.text.scrollTop;
            const found = [];
            for (const scrolled of [false, true]) {{
                if (scrolled) view.text.scrollTop = 0;
                view.append("line\\n".repeat(500));
                await frames();
                found.push(view.text.scrollTop, fromEnd());
            }}
            return found;
        }}"""
    )
    followed, followed_from_end, stayed, stayed_from_end = positions
    assert followed > 0
    assert followed_from_end < 8
    assert stayed == 0
    assert stayed_from_end > followed


def test_output_is_copied_as_the_script_wrote_it(service: Service, visit: Visit) -> None:
    page = visit(service, permissions=["clipboard-read", "clipboard-write"])
    run_script(page, 'print("\\x1b[31mred")')
    page.locator(".stdout").get_by_role("button", name="Copy").click()
    expect(page.locator(".stdout").get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "\x1b[31mred\n"
