"""How much a page loads, and how soon it shows something: `python -m tests.support.page_weight`.

The command prints the median of several first visits, each with a new profile, to a service on this machine.
"""

from dataclasses import astuple, dataclass
from statistics import median
from typing import Final

from playwright.sync_api import Page

from tests.support.browser import running_browser, visitor
from tests.support.service import running_service

_VISITS: Final = 5
_PATHS: Final = ("/", "/queue")

_MEASURE: Final = """() => {
  const loaded = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  return [loaded.length, loaded.reduce((sum, entry) => sum + entry.transferSize, 0), paint?.startTime ?? -1];
}"""


@dataclass(frozen=True)
class Weight:
    """The cost of a visit so far.

    Attributes:
        requests: The number of requests, including requests that the cache answered.
        transferred: The bytes of all answers from the service with their headers, compressed.
        first_paint_ms: Milliseconds until the first text or picture, -1 if there is none yet.
    """

    requests: int
    transferred: int
    first_paint_ms: float


def measure(page: Page) -> Weight:
    """Return the weight of the page that is shown, after it has loaded."""
    requests, transferred, paint = page.evaluate(_MEASURE)
    return Weight(requests, transferred, paint)


def _main() -> None:
    with running_service(SANDBOX="restricted") as service, running_browser() as browser:
        for path in _PATHS:
            weights = []
            for _ in range(_VISITS):
                with visitor(browser) as visit:
                    visit.page.goto(f"{service.client.base_url}{path}")
                    visit.page.wait_for_function(
                        "performance.getEntriesByName('first-contentful-paint').length"
                    )
                    weights.append(astuple(measure(visit.page)))
            requests, transferred, paint = (median(values) for values in zip(*weights, strict=True))
            print(
                f"{path}: {requests:.0f} requests, {transferred / 1000:.0f} kB, first paint after {paint:.0f} ms"
            )


if __name__ == "__main__":
    _main()
