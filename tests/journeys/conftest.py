"""Fixtures of journeys."""

from collections.abc import Iterator

import pytest
import time_machine

from tests.factories_booking import NOW


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A clock that stands at NOW until the test moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller
