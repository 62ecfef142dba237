"""The queue page, with the numbers of a running service."""

import re

from playwright.sync_api import Browser, Page, expect

from config.credentials import new_key
from config.names import VERSION
from tests.acceptance.pages.conftest import Visit
from tests.support.browser import visitor
from tests.support.service import Service, running_service


def row(page: Page, table: str, text: str) -> str:
    """Return the text of the first row of a table that contains a text, once there is one."""
    found = page.locator(f"#{table} tr", has_text=text).first
    expect(found).to_be_visible()
    return found.inner_text()


def test_page_updates_by_itself_when_jobs_run(service: Service, visit: Visit) -> None:
    page = visit(service, "/queue")
    expect(page.locator("#status")).to_have_text("Updated every 2 seconds.")
    latest = page.locator("#jobs tr").first
    ran = service.execute("import sys\nsys.exit(3)", mode="program").json()
    expect(latest.get_by_role("link")).to_have_text(ran["id"][:8])
    expect(latest).to_contain_text("failed")
    expect(latest).to_contain_text("exit")
    expect(latest).to_contain_text("program")
    assert "exit" in row(page, "failures", "exit")
    ran = service.execute("def main(): return {}").json()
    expect(latest.get_by_role("link")).to_have_text(ran["id"][:8])
    expect(latest).to_contain_text("succeeded")
    figures = page.locator("#figures div", has_text="Finished")
    expect(figures.locator("dd")).not_to_have_text("0")


def test_page_lists_the_worker_and_the_classes(service: Service, visit: Visit) -> None:
    page = visit(service, "/queue")
    worker = row(page, "workers", "Takes jobs")
    for text in ("nsjail", "stdlib", VERSION, " ago"):
        assert text in worker
    assert [row(page, "depth", name).split()[0] for name in ("High", "Normal", "Low")] == [
        "High",
        "Normal",
        "Low",
    ]
    expect(page.locator("#plots figure")).to_have_count(4)
    plot = page.locator("#plots svg[role=img]").first
    expect(plot).to_have_attribute("aria-label", re.compile(r"^Jobs a second in the last hour\. submitted: "))


def test_link_shows_the_job_in_the_playground(service: Service, visit: Visit) -> None:
    ran = service.execute("print('seen')\n1 / 0", mode="program").json()
    page = visit(service, "/queue")
    page.get_by_role("link", name=ran["id"][:8]).click()
    expect(page.locator("#status")).to_contain_text("Failed: exception")
    expect(page.locator("#notice")).to_contain_text("This job was started elsewhere.")
    expect(page.locator("#problem")).to_contain_text("ZeroDivisionError")
    expect(page.locator("#stdout")).to_contain_text("seen")


def test_page_asks_for_the_key_and_shows_the_jobs_of_the_key_only(browser: Browser, nsjail: None) -> None:
    shop, shop_entry = new_key("shop")
    school, school_entry = new_key("school")
    with (
        running_service(API_KEYS=f"{shop_entry},{school_entry}", WORKERS="1") as service,
        visitor(browser) as found,
    ):
        headers = {"Authorization": f"Bearer {shop}"}
        body = {"script": "def main(): return {}"}
        job = service.client.post("/execute", json=body, headers=headers).json()
        page = found.page
        page.goto(f"{service.client.base_url}/queue")
        status, field = page.locator("#status"), page.get_by_label("API key")
        expect(status).to_have_text("Enter an API key to see the queue.")
        expect(page.locator("#numbers")).to_be_hidden()
        field.fill("wrong")
        field.press("Enter")
        expect(status).to_have_text("The service does not know this API key.")
        expect(page.locator("#numbers")).to_be_hidden()
        for key, jobs in ((shop, 1), (school, 0)):
            field.fill(key)
            field.press("Enter")
            expect(status).to_have_text("Updated every 2 seconds.")
            expect(page.locator("#jobs tr")).to_have_count(jobs)
            expect(page.get_by_role("link", name=job["id"][:8])).to_have_count(jobs)
        field.fill("")
        field.press("Enter")
        expect(status).to_have_text("Enter an API key to see the queue.")
        # The browser reports the one answer 401.
        assert len(found.faults) == 1
        assert "401" in found.faults[0]
