"""How much the pages load."""

import pytest

from tests.acceptance.pages.conftest import Visit
from tests.support.page_weight import measure
from tests.support.service import Service

#: Bytes over the wire for the first visit and for the next one.
FIRST = 400_000
NEXT = 20_000


@pytest.mark.parametrize("path", ["/", "/queue"])
def test_page_is_small_on_the_first_visit_and_comes_from_the_cache_on_the_next(
    path: str, service: Service, visit: Visit
) -> None:
    page = visit(service, path)
    first = measure(page)
    page.goto(page.url)
    again = measure(page)
    assert first.requests > 5
    assert 5_000 < first.transferred < FIRST
    assert again.transferred < NEXT
