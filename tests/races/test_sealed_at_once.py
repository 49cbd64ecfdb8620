"""A row that is written outside a move and its Seal are one transaction: whatever dies in between leaves neither.

A row without its Seal looks as if somebody else had written it, and stops the whole office.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pressqueue import seals
from pressqueue.tracking import SealedRow, SealedRows

from support import databases
from support.loops import at_least_one

KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
IN_A_TRANSACTION_OF_DJANGO = {"found or made", "changed or made"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_what_dies_before_the_seal_leaves_nothing_that_looks_forged(kind: str, tmp_path: Path) -> None:
    with databases.fresh_database(kind, tmp_path) as url:
        told = databases.run("die_before_seal.py", env=databases.environment(url))
    assert len(told) == 7
    assert {name: each for name, each in told.items() if each != {"died": [], "went on": []}} == {}


@pytest.mark.parametrize("kind", KINDS)
def test_control_where_the_row_is_written_by_itself_it_looks_forged(kind: str, tmp_path: Path) -> None:
    with databases.fresh_database(kind, tmp_path) as url:
        told = databases.run("die_before_seal.py", "--apart", env=databases.environment(url))
    assert {name for name, each in told.items() if not each["died"]} == IN_A_TRANSACTION_OF_DJANGO


def test_every_sealed_model_is_written_like_this() -> None:
    for kind in at_least_one(seals.KINDS):
        assert issubclass(kind.model, SealedRow), kind.name
        assert isinstance(kind.model._default_manager.get_queryset(), SealedRows), kind.name
