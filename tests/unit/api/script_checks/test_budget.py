import pytest

from api.script_checks.budget import CpuBudget


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_budget_allows_a_key_until_it_has_used_what_it_saved(clock: Clock) -> None:
    budget = CpuBudget(0.25, 3, clock)
    budget.charge("a", 2.9)
    assert budget.seconds_until_allowed("a") == 0
    budget.charge("a", 1.1)
    assert budget.seconds_until_allowed("a") == pytest.approx(4)
    assert budget.seconds_until_allowed("b") == 0


def test_budget_allows_a_key_again_when_its_debt_is_paid(clock: Clock) -> None:
    budget = CpuBudget(0.25, 3, clock)
    budget.charge("a", 4)
    clock.now += 3.9
    assert budget.seconds_until_allowed("a") > 0
    clock.now += 0.2
    assert budget.seconds_until_allowed("a") == 0


def test_budget_saves_no_more_than_its_most_when_a_key_rests(clock: Clock) -> None:
    budget = CpuBudget(0.25, 3, clock)
    budget.charge("a", 1)
    clock.now += 1000
    budget.charge("a", 4)
    assert budget.seconds_until_allowed("a") == pytest.approx(4)


def test_budget_has_no_bound_when_the_rate_is_zero(clock: Clock) -> None:
    budget = CpuBudget(0, 3, clock)
    budget.charge("a", 1000)
    assert budget.seconds_until_allowed("a") == 0
