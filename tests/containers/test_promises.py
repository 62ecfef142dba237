"""The acceptance tests of the API, run against the stack of containers with each kind of worker."""

import pytest

from tests.acceptance.test_promises import *  # noqa: F403

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]
