"""Many tries at one password at once: no more are listened to than one after the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from publisher.desk import throttle

from support import databases

KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
PROCESSES = 3  # of eight threads each: 24 tries at once


@pytest.mark.first_row
@pytest.mark.parametrize("kind", KINDS)
def test_of_24_tries_at_once_as_many_are_listened_to_as_are_allowed(kind: str, tmp_path: Path) -> None:
    with databases.fresh_database(kind, tmp_path) as url:
        env = databases.environment(url)
        databases.run("guess_passwords.py", "migrate", env=env)
        heard = [said["heard"] for said in databases.race("guess_passwords.py", [["entering"]] * PROCESSES, env=env)]
        print(f"{kind}: {heard} of {PROCESSES * 8} tries were listened to")
        assert sum(heard) <= throttle.ACCOUNT.free
        control = databases.race("guess_passwords.py", [["looking"]], env=env)
        assert control[0]["heard"] > throttle.ACCOUNT.free
