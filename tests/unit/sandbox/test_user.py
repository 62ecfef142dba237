"""The user of a jail, for workers in user namespaces of different sizes."""

import pytest

from sandbox.jail.user import outside_ids

HOST = "         0          0 4294967295\n"
ROOTLESS = "         0       1000          1\n         1     100000      65536\n"
REMAPPED = "         0     100000      65536\n"
ALONE = "         0       1000          1\n"


def test_outside_ids_are_above_those_of_containers_on_a_host() -> None:
    assert outside_ids(HOST) == range(1879048192, 1895825408)


@pytest.mark.parametrize(
    ("id_map", "expected"),
    [(ROOTLESS, range(32769, 65537)), (REMAPPED, range(32768, 65536)), (ALONE, range(1))],
)
def test_outside_ids_are_mapped_in_a_rootless_container(id_map: str, expected: range) -> None:
    assert outside_ids(id_map) == expected
