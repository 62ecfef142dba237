"""How the playground shows the resources that a job used."""

from playwright.sync_api import expect

from tests.acceptance.pages.conftest import Visit
from tests.support.browser import run_script
from tests.support.service import Service

_JOB: dict[str, object] = {
    "id": "x", "status": "failed", "result": None, "stdout": "", "stderr": "", "error": None,
    "truncated": {"stdout": False, "stderr": False},
    "usage": {"wall_ms": 4500, "cpu_ms": None, "memory_peak_bytes": 128 * 1024 * 1024, "queued_ms": 20},
    "limits": {"timeout": 5, "cpu": 5, "memory_mb": 256, "processes": 1},
    "exit_code": None, "artifacts": [], "artifacts_truncated": False, "environment": "stdlib", "sandbox": None,
}  # fmt: skip


def test_bars_show_usage_against_the_limits_of_the_job(service: Service, visit: Visit) -> None:
    page = visit(service)
    run_script(page, "print(1)", limits={"timeout": 7, "memory_mb": 100})
    time = page.get_by_role("meter", name="Time")
    expect(time).to_have_attribute("max", "7000")
    expect(page.get_by_role("meter", name="Memory")).to_have_attribute("max", str(100 * 1024 * 1024))
    expect(page.locator(".bar-row").nth(0)).to_contain_text(" of 7 s")
    expect(page.locator(".bar-row").nth(2)).to_contain_text(" of 100 MB")
    assert 0 < float(time.get_attribute("value") or 0) < 7000
    expect(page.locator("#usage")).to_contain_text("queued ")


def test_usage_says_not_measured_when_the_service_has_no_number(service: Service, visit: Visit) -> None:
    page = visit(service)
    page.evaluate(
        """async (job) => {
            const { UsagePanel } = await import(document.querySelector('link[href$="usage_panel.js"]').href);
            new UsagePanel(document.getElementById("usage")).show(job);
        }""",
        _JOB,
    )
    expect(page.locator(".bar-row")).to_have_text(
        ["Time4.5 s of 5 s", "CPUnot measured", "Memory128 MB of 256 MB"]
    )
    expect(page.get_by_role("meter", name="CPU")).to_have_attribute("value", "0")
    expect(page.locator("#usage .facts")).to_have_text("queued 20 ms · environment stdlib")
