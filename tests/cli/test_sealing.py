"""`publisher migrate` gives an office from before there were seals its key, verifies its log, and seals its rows."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from support.commands import Typist, publisher

OLDER = Path(__file__).parents[1] / "existing_office" / "sqlite.tar.xz"


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """An office as the version before there were seals made it."""
    with tarfile.open(OLDER) as archive:
        archive.extractall(tmp_path, filter="data")
    folder = tmp_path / "office"
    file = folder / "publisher.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("@PLACE@", str(folder)), encoding="utf-8")
    return folder


def rows(folder: Path, statement: str) -> list[tuple[object, ...]]:
    with Typist(folder) as office:
        return office.sql(statement)


def test_it_makes_the_key_seals_once_and_says_so_in_the_log(older: Path) -> None:
    first = publisher("--office", str(older), "migrate", "--json")
    assert first.code == 0, first.err
    assert first.object["sealed"] > 5
    assert "integrity_key = " in (older / "secrets.toml").read_text()
    ((about,),) = rows(older, "SELECT about FROM pressqueue_entry WHERE act = 'rows_sealed'")
    assert json.loads(str(about))["rows"] == first.object["sealed"]
    key = (older / "secrets.toml").read_bytes()
    again = publisher("--office", str(older), "migrate", "--json")
    assert (again.code, again.object["sealed"]) == (0, 0)
    assert (older / "secrets.toml").read_bytes() == key
    assert len(rows(older, "SELECT 1 FROM pressqueue_entry WHERE act = 'rows_sealed'")) == 1
    verified = publisher("--office", str(older), "audit", "verify")
    assert verified.code == 0, verified.err


@pytest.mark.slow
def test_where_the_keys_are_kept_elsewhere_it_names_the_setting_and_changes_nothing(
    older: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.toml"
    (older / "secrets.toml").rename(kept)
    refused = publisher("--office", str(older), "migrate", PUBLISHER_SECRETS_FILE=str(kept))
    assert refused.code == 1
    assert "PUBLISHER_INTEGRITY_KEY" in refused.err
    assert rows(older, "SELECT 1 FROM django_migrations WHERE name LIKE '%_seals'") == []
    given = publisher(
        "--office", str(older), "migrate", "--json", PUBLISHER_SECRETS_FILE=str(kept), PUBLISHER_INTEGRITY_KEY="a" * 64
    )
    assert given.code == 0, given.err
    assert given.object["sealed"] > 5


@pytest.mark.slow
def test_a_log_that_was_changed_is_not_sealed(older: Path) -> None:
    with Typist(older) as office:
        ((guard,),) = office.sql("SELECT sql FROM sqlite_master WHERE name = 'entry_update'")
        office.sql("DROP TRIGGER entry_update")
        office.sql("UPDATE pressqueue_entry SET actor = 'officer:99' WHERE number = 3")
        office.sql(guard)
    refused = publisher("--office", str(older), "migrate")
    assert refused.code == 1
    assert "Entry 3 was changed" in refused.err
    assert rows(older, "SELECT 1 FROM pressqueue_seal") == []


@pytest.mark.slow
def test_an_account_that_was_given_a_role_past_the_program_is_not_sealed(older: Path) -> None:
    with Typist(older) as office:
        office.sql("UPDATE pressqueue_officer SET may_approve = 1 WHERE username = 'amara'")
    refused = publisher("--office", str(older), "migrate")
    assert refused.code == 1
    assert "was given the role approver" in refused.err
    assert rows(older, "SELECT 1 FROM pressqueue_seal") == []
