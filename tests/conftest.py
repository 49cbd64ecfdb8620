"""Fixtures for all tests: the office's one row, in a database made for the test."""

from __future__ import annotations

import pytest
from django.conf import settings as django_settings
from hypothesis import HealthCheck, settings

from pressqueue.models import Office

from support import factories

# How long an example takes is for the benchmarks to say: a busy machine is no fault.
settings.register_profile("publisher", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("publisher")


def pytest_configure() -> None:
    """SQLite in memory for each process of pytest-xdist: it would make files for an engine it does not know."""
    default = django_settings.DATABASES["default"]
    if "sqlite" in default["ENGINE"]:
        default.setdefault("TEST", {})["NAME"] = ":memory:"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of a table marked `first_row` every row but the first is slow. The long ones begin first, so that what is left
    at the end is short."""
    tables = set()
    for item in items:
        if item.get_closest_marker("first_row") is not None:
            table = item.nodeid.partition("[")[0]
            if table in tables:
                item.add_marker("slow")
            tables.add(table)
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture
def office(db: None) -> Office:
    return factories.office()
