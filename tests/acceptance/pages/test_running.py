"""Running a script in the playground."""

import json

from playwright.sync_api import Page, Route, expect

from tests.acceptance.pages.conftest import Visit
from tests.support.browser import run_script, type_script
from tests.support.service import Service

_LOOP = "import time\nprint('begun', flush=True)\nwhile True:\n    time.sleep(0.01)\n"
_LIMITS = {"timeout": 30, "cpu": 30}


def _status(page: Page, text: str) -> None:
    expect(page.locator("#status")).to_contain_text(text)


def test_script_prints_its_output_when_ctrl_enter_is_pressed(service: Service, visit: Visit) -> None:
    page = visit(service)
    type_script(page, "print(6 * 7)")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#stdout")).to_have_text("42\n")
    _status(page, "Succeeded in ")


def test_script_runs_when_ctrl_enter_is_pressed_outside_of_the_editor(service: Service, visit: Visit) -> None:
    page = visit(service)
    type_script(page, "print(6 * 7)")
    page.locator("#theme").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#stdout")).to_have_text("42\n")


def test_output_is_shown_when_the_script_still_runs(service: Service, visit: Visit) -> None:
    page = visit(service)
    run_script(page, _LOOP, limits=_LIMITS)
    expect(page.locator("#stdout")).to_have_text("begun\n")
    _status(page, "Running")
    expect(page.locator("#elapsed")).to_have_text("1 s")
    page.get_by_role("button", name="Stop").click()
    _status(page, "Cancelled")


def test_second_run_does_not_start_when_a_script_runs(service: Service, visit: Visit) -> None:
    page = visit(service)
    submissions: list[str] = []
    page.on("request", lambda request: submissions.append(request.url) if request.method == "POST" else None)
    run_script(page, _LOOP, limits=_LIMITS)
    expect(page.locator("#stdout")).to_have_text("begun\n")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_disabled()
    page.get_by_role("button", name="Stop").click()
    _status(page, "Cancelled")
    assert len(submissions) == 1


def test_job_is_cancelled_when_stop_is_pressed_before_the_service_has_answered(
    service: Service, visit: Visit
) -> None:
    page = visit(service)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/jobs", hold)
    with page.expect_request("**/jobs"):
        run_script(page, _LOOP)
    page.get_by_role("button", name="Stop").click()
    _status(page, "Stopping")
    held[0].continue_()
    _status(page, "Cancelled")


def test_stop_is_no_error_when_the_job_has_ended(service: Service, visit: Visit) -> None:
    page = visit(service)
    final = {"error": {"type": "already_final", "message": "The job has already ended."}}

    def end_first(route: Route) -> None:
        """Cancel the job, but answer as if it had ended by itself."""
        route.fetch()
        route.fulfill(status=409, body=json.dumps(final))

    page.route("**/jobs/*", end_first)
    visit.expect("status of 409")
    run_script(page, _LOOP, limits=_LIMITS)
    expect(page.locator("#stdout")).to_have_text("begun\n")
    page.get_by_role("button", name="Stop").click()
    _status(page, "Cancelled")
    expect(page.locator("#problem")).to_be_hidden()


def test_output_is_complete_when_the_connection_breaks(service: Service, visit: Visit) -> None:
    page = visit(service)
    asked: list[str] = []

    def break_the_first(route: Route) -> None:
        """Answer with the first part of the events, as a connection that breaks does."""
        asked.append(route.request.headers.get("last-event-id", ""))
        if len(asked) > 1:
            route.continue_()
            return
        whole = route.fetch().text()
        first, _, _ = whole.partition("event: stdout")
        part, _, _ = whole.removeprefix(first).partition("\n\n")
        route.fulfill(status=200, content_type="text/event-stream", body=f"{first}{part}\n\n")

    page.route("**/events", break_the_first)
    run_script(page, "for n in range(3):\n    print(n)\n")
    expect(page.locator("#stdout")).to_have_text("0\n1\n2\n")
    _status(page, "Succeeded")
    assert len(asked) == 2
    assert asked[0] == ""
    assert asked[1] != ""


def test_submission_keeps_its_idempotency_key_when_it_is_repeated(service: Service, visit: Visit) -> None:
    page = visit(service)
    keys: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/jobs", lose_the_first_answer)
    visit.expect("net::ERR_FAILED")
    run_script(page, "print(6 * 7)")
    expect(page.locator("#stdout")).to_have_text("42\n")
    assert len(keys) == 2
    assert keys[0] == keys[1]


def test_page_says_so_when_the_service_is_away(service: Service, visit: Visit) -> None:
    page = visit(service)
    page.route("**/jobs", lambda route: route.abort())
    visit.expect("net::ERR_FAILED")
    run_script(page, "print(1)")
    _status(page, "The service cannot be reached. Trying again")
    _status(page, "The service cannot be reached.")
    expect(page.locator("#problem")).to_contain_text("The service cannot be reached")
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled()


def test_page_says_when_to_try_again_when_the_queue_is_full(service: Service, visit: Visit) -> None:
    page = visit(service)
    refusal = {"error": {"type": "queue_full", "message": "Too many jobs are queued."}}
    page.route(
        "**/jobs",
        lambda route: route.fulfill(status=429, headers={"Retry-After": "7"}, body=json.dumps(refusal)),
    )
    visit.expect("status of 429")
    run_script(page, "print(1)")
    _status(page, "Not run: queue full. Try again in 7 seconds.")
    expect(page.locator("#problem")).to_contain_text("The queue is full")


def test_field_of_the_key_gets_the_focus_when_the_service_asks_for_one(
    service: Service, visit: Visit
) -> None:
    page = visit(service)
    page.evaluate("document.getElementById('api-key-label').hidden = false")
    refusal = {"error": {"type": "unauthorized", "message": "The request has no API key."}}
    page.route("**/jobs", lambda route: route.fulfill(status=401, body=json.dumps(refusal)))
    visit.expect("status of 401")
    run_script(page, "print(1)")
    _status(page, "An API key is needed.")
    expect(page.locator("#api-key")).to_be_focused()
