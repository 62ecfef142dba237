"""`python -m tests.screenshots` makes the pictures in docs/images/: the pages of a running service in Chromium."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page, expect

from tests.support.browser import running_browser, type_script, visitor
from tests.support.checkout import ROOT
from tests.support.data_environment import build_data_environment
from tests.support.service import Service, service_with

FOLDER: Final = ROOT / "docs/images"

#: Prints for a while, and fails in a function, so that the page has output, a marked line and a traceback.
_FAILING: Final = """\
import statistics

MEASURED = {"north": [3.1, 2.9, 3.4], "south": [], "west": [2.2, 2.6]}


def mean_of(region):
    values = MEASURED[region]
    print(f"{region}: {len(values)} values")
    return statistics.mean(values)


for region in MEASURED:
    print(f"mean {mean_of(region):.2f}")
"""

#: Prints lines with pauses.
_LIVE: Final = """\
import time

total = 0
for step in range(1, 6):
    total += step * step
    print(f"step {step}: {total}", flush=True)
    time.sleep(0.2)
"""


def show_example(page: Page) -> None:
    """Run the example with a picture."""
    page.locator("#examples").click()
    page.get_by_role("dialog").get_by_role("button", name="rainfall plot").click()
    run(page, "succeeded")
    expect(page.get_by_role("region", name="Answer").get_by_role("img").first).to_be_visible()


def show_error(page: Page) -> None:
    """Run a script that fails."""
    type_script(page, _FAILING)
    run(page, "failed")


def show_output(page: Page) -> None:
    """Run a script that prints while it runs."""
    type_script(page, _LIVE)
    run(page, "succeeded")
    page.locator("#stdout").scroll_into_view_if_needed()


def show_queue(page: Page) -> None:
    """Wait for the numbers of the queue page."""
    expect(page.get_by_role("heading", name="Workers")).to_be_visible()


@dataclass(frozen=True)
class Picture:
    """One picture.

    Attributes:
        name: Of its file.
        prepare: What a person does before it is taken.
        path: The page.
        width: Of the window in pixels.
        height: Of the window in pixels.
        options: More options of the browser's profile.
    """

    name: str
    prepare: Callable[[Page], None]
    path: str = "/"
    width: int = 1280
    height: int = 800
    options: dict[str, Any] = field(default_factory=dict)


PICTURES: Final = (
    Picture("playground-light", show_example),
    Picture("playground-dark", show_error, options={"color_scheme": "dark"}),
    Picture("playground-phone", show_output, width=390, height=844, options={"has_touch": True}),
    Picture("queue", show_queue, "/queue"),
)


def run(page: Page, status: str) -> None:
    """Press Run, and wait for the end of the job."""
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#status")).to_contain_text(status, ignore_case=True)


def send_jobs(service: Service) -> None:
    """Run jobs of many kinds, so that the queue page has numbers."""
    scripts = [
        "print(1)",
        "import time; time.sleep(0.3)",
        "1 / 0",
        "import sys; sys.exit(3)",
        "print('x' * 10**4)",
    ]
    for script in scripts * 6:
        service.execute(script, mode="program")
    service.execute("while True: pass", mode="program", limits={"timeout": 0.5})


def main() -> None:
    """Make all pictures."""
    FOLDER.mkdir(exist_ok=True)
    with service_with(build_data_environment()) as service, running_browser() as browser:
        send_jobs(service)
        for picture in PICTURES:
            viewport = {"width": picture.width, "height": picture.height}
            with visitor(browser, viewport=viewport, reduced_motion="reduce", **picture.options) as found:
                found.page.goto(f"{service.client.base_url}{picture.path}")
                picture.prepare(found.page)
                path: Path = FOLDER / f"{picture.name}.png"
                found.page.screenshot(path=path, animations="disabled", caret="hide")
                found.check()
            print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
