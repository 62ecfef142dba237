"""The policy of the pages, and the data that they keep and send."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.acceptance.pages.conftest import Guarded, Visit
from tests.support.browser import type_script, visitor
from tests.support.service import Service

#: Attempts of an injection: each would set `injected`, or change the width of the body.
INJECTIONS = {
    "HTML": "document.body.innerHTML = '<img src=x onerror=\"injected = 1\">'",
    "HTML beside": "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"injected = 1\">')",
    "written HTML": "document.write('<script>injected = 1<' + '/script>')",
    "HTML in a frame": "add('iframe', { srcdoc: '<script>parent.injected = 1<' + '/script>' })",
    "parsed HTML": "document.body.append(new DOMParser().parseFromString('<b onclick=1>', 'text/html').body)",
    "inline script": "add('script', { textContent: 'injected = 1' })",
    "inline script in parts": "add('script', {}).append('injected = 1')",
    "script of another site": "add('script', { src: 'http://127.0.0.1:9/injected.js' })",
    "script in a URL": "add('script', { src: 'data:text/javascript,injected=1' })",
    "handler": "add('button', {}).setAttribute('onclick', 'injected = 1'); document.body.lastChild.click()",
    "link": "add('a', { href: 'javascript:injected = 1' }).click()",
    "eval": "eval('injected = 1')",
    "function": "new Function('injected = 1')()",
    "timer": "setTimeout('injected = 1')",
    "policy of Trusted Types": "trustedTypes.createPolicy('mine', { createHTML: (text) => text })",
    "inline style": "add('style', { textContent: 'body { width: 7px }' })",
    "style attribute": "document.body.setAttribute('style', 'width: 7px')",
    "style of another site": "add('link', { rel: 'stylesheet', href: 'data:text/css,body{width:7px}' })",
    "base": "add('base', { href: 'http://127.0.0.1:9/' })",
    "request to another site": "await fetch('http://127.0.0.1:9/')",
    "picture of another site": "add('img', { src: 'http://127.0.0.1:9/?stolen' })",
}

#: Tries one in a task of the page itself, because the policy does not apply to what a test evaluates.
TRY = """attempt => new Promise((resolve) => {
  const violations = [];
  document.addEventListener("securitypolicyviolation", (event) => violations.push(event.effectiveDirective));
  const add = (tag, fields) => {
    const made = Object.assign(document.createElement(tag), fields);
    document.body.append(made);
    return made;
  };
  setTimeout(async () => {
    try { await (%s); } catch { /* refused */ }
    // The browser reports violations in tasks of their own.
    const done = () => violations.length ? resolve(violations[0]) : setTimeout(done, 20);
    done();
  });
})"""


@pytest.fixture(scope="module")
def attacked(browser: Browser, guarded: Guarded) -> Iterator[Page]:
    """Return the page of all attempts: a refused attempt changes nothing."""
    with visitor(browser) as visit:
        visit.page.goto(str(guarded.service.client.base_url))
        yield visit.page


@pytest.mark.parametrize("attempt", INJECTIONS)
def test_browser_refuses_an_injection(attempt: str, attacked: Page) -> None:
    base, width = attacked.evaluate("[document.baseURI, document.body.offsetWidth]")
    code = f"(async () => {{ {INJECTIONS[attempt]} }})()"
    assert attacked.evaluate(TRY.replace("%s", code)), "the browser reports no violation"
    found = attacked.evaluate("[typeof injected, document.baseURI, document.body.offsetWidth]")
    assert found == ["undefined", base, width]
    expect(attacked.get_by_role("button", name="Run", exact=True)).to_be_visible()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@pytest.fixture
def other_site(tmp_path: Path, guarded: Guarded) -> Iterator[str]:
    """Return the address of a page of another site, which frames the playground."""
    frame = f'<!doctype html><title>Other</title><iframe src="{guarded.service.client.base_url}"></iframe>'
    (tmp_path / "index.html").write_text(frame)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(tmp_path))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_other_site_cannot_frame_the_playground(other_site: str, browser: Browser) -> None:
    with visitor(browser) as visit:
        visit.page.goto(other_site)
        [frame] = visit.page.main_frame.child_frames
        assert frame.url == "chrome-error://chromewebdata/"
        assert any("frame-ancestors 'none'" in fault for fault in visit.faults)


def requests_of(page: Page) -> list[Request]:
    """Return a list to which each request of the page is added."""
    requests: list[Request] = []

    def add(request: Request) -> None:
        requests.append(request)

    page.on("request", add)
    return requests


def run_script(page: Page, script: str) -> None:
    type_script(page, script)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#stdout")).to_contain_text("shown")
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_disabled()


def test_pages_ask_only_their_own_service_and_have_no_cookie(service: Service, visit: Visit) -> None:
    page = visit(service)
    requests = requests_of(page)
    page.reload()
    run_script(page, "print('shown')")
    page.get_by_role("link", name="Queue").click()
    page.wait_for_url("**/queue")
    own = f"{service.client.base_url}".rstrip("/")
    urls = {request.url for request in requests}
    assert {f"{own}/", f"{own}/jobs", f"{own}/queue"} <= urls
    assert {url for url in urls if not url.startswith((f"{own}/", f"blob:{own}/"))} == set()
    assert page.context.cookies() == []
    assert all("cookie" not in request.headers for request in requests)


def test_key_is_sent_in_one_header_and_kept_nowhere(guarded: Guarded, visit: Visit) -> None:
    page = visit(guarded.service)
    requests = requests_of(page)
    page.get_by_label("API key").fill(guarded.key)
    run_script(page, "print('shown')")
    page.get_by_role("link", name="Queue").click()
    page.wait_for_url("**/queue")
    submitted = [request for request in requests if request.method == "POST"]
    assert [request.headers["authorization"] for request in submitted] == [f"Bearer {guarded.key}"]
    for request in requests:
        others = {name: value for name, value in request.headers.items() if name != "authorization"}
        assert guarded.key not in f"{request.url} {others} {request.post_data}"
    kept = page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, location.href, history.state])"
    )
    assert guarded.key not in kept
    page.go_back()
    expect(page.get_by_label("API key")).to_have_value("")
