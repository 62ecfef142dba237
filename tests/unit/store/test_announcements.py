from jobs.environment import STDLIB, Environment
from store.announcements import ANNOUNCEMENT_TTL, choose_environments

NOW = ANNOUNCEMENT_TTL
OLD, NEW = Environment("data", "3.11.7", "sha256:a"), Environment("data", "3.11.7", "sha256:b")


def test_choose_environments_returns_stdlib_when_nothing_is_announced() -> None:
    (stdlib,) = choose_environments([])
    assert (stdlib.name, stdlib.digest, stdlib.packages) == (STDLIB, None, ())


def test_choose_environments_prefers_the_environment_of_a_worker_that_consumes() -> None:
    for announced in ([(OLD, NOW), (NEW, NOW - 60)], [(NEW, NOW - 60), (OLD, NOW)]):
        assert choose_environments(announced)[0] == OLD


def test_choose_environments_prefers_the_latest_when_no_worker_consumes() -> None:
    for announced in ([(OLD, NOW - 90), (NEW, NOW - 60)], [(OLD, NOW - 60), (NEW, NOW - 90)]):
        assert choose_environments(announced)[0] == max(announced, key=lambda one: one[1])[0]


def test_choose_environments_makes_the_same_choice_whichever_worker_registered_last() -> None:
    chosen = {choose_environments([(OLD, NOW - age), (NEW, NOW - 4 + age)])[0] for age in range(5)}
    assert len(chosen) == 1
