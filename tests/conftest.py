"""Fixtures for all tests: the office's one row, in a database made for the test."""

from __future__ import annotations

import pytest
import world

from pressqueue.models import Office


@pytest.fixture
def office(db: None) -> Office:
    return world.office()
