"""Databases of their own for tests in which several processes race: a fresh SQLite file or PostgreSQL database."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from support.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgres://127.0.0.1:5432/postgres")
REQUIRED = os.environ.get("PUBLISHER_TESTS_REQUIRE", "").split(",")


def reach_postgres() -> None:
    """Skip, in words, where there is no PostgreSQL on loopback; fail where it is required."""
    import psycopg

    try:
        psycopg.connect(POSTGRES, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        words = f"no PostgreSQL at {POSTGRES}: {str(error).splitlines()[0]}"
        if "postgres" in REQUIRED:
            pytest.fail(words)
        pytest.skip(words)


@contextmanager
def fresh_database(kind: str, folder: Path, like: str | None = None, *, empty: bool = False) -> Iterator[str]:
    """DATABASE_URL of a new database, gone afterwards: migrated, unless `empty`; a copy of `like` where that is given.

    Migrating takes seconds. So it is done once for each kind, and what it made is copied.
    """
    if kind == "postgres":
        reach_postgres()
    if like is None and not empty:
        like = _migrated(kind)
    if kind == "sqlite":
        file = folder / f"{uuid.uuid4().hex[:12]}.sqlite3"
        if like is not None:
            shutil.copy(like.removeprefix("sqlite:///"), file)
        yield f"sqlite:///{file}"
        return
    import psycopg

    name = f"publisher_{uuid.uuid4().hex[:12]}"
    template = f' TEMPLATE "{like.rsplit("/", 1)[1]}"' if like else ""
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"{template}'.encode())
    try:
        yield f"{POSTGRES.rsplit('/', 1)[0]}/{name}"
    finally:
        with psycopg.connect(POSTGRES, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


@cache
def _migrated(kind: str) -> str:
    """The URL of a database of this kind that is only migrated, made once for each process of a run."""
    stack = ExitStack()
    atexit.register(stack.close)
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="migrated-")))
    url = stack.enter_context(fresh_database(kind, folder, empty=True))
    command = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
    subprocess.run(command, env=environment(url), cwd=ROOT, check=True)
    return url


def sql(url: str, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """One statement, committed, on a connection of our own. `?` stands for each value."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=120)
    else:
        import psycopg

        connection = psycopg.connect(url)  # type: ignore[assignment]
        statement = statement.replace("?", "%s")
    try:
        cursor = connection.execute(statement, values)
        rows = cursor.fetchall() if cursor.description else []
        connection.commit()
    finally:
        connection.close()
    return rows


def shifted_clock() -> dict[str, str]:
    """What a process is given so that it reads the clock that `tests/instants.py` set; otherwise nothing."""
    return {name: value for name, value in os.environ.items() if name == "LD_PRELOAD" or name.startswith("FAKETIME")}


def environment(url: str | None = None, **more: str) -> dict[str, str]:
    """What a process of ours is given, and nothing from the test's own surroundings."""
    clock = shifted_clock()
    parts = (".", "queue", "tests", *(["tests/support/shifted_clock"] if clock else []))
    made = {
        **clock,
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in parts),
        "DJANGO_SETTINGS_MODULE": "publisher.settings",
        "PYTHONWARNINGS": "error::ResourceWarning",
        **more,
    }
    if url:
        made["DATABASE_URL"] = url
    return made


def start(script: str, *arguments: str, env: dict[str, str], **more: Any) -> subprocess.Popen[str]:
    """Start a script of tests/support/processes."""
    command = [sys.executable, str(ROOT / "tests" / "support" / "processes" / script), *arguments]
    return subprocess.Popen(command, env=env, cwd=ROOT, text=True, stdout=subprocess.PIPE, **more)


def answer(process: subprocess.Popen[str], seconds: float = PATIENCE) -> Any:
    """The JSON object a finished script printed last."""
    out, _ = process.communicate(timeout=seconds)
    assert process.returncode == 0, f"exit code {process.returncode}: {out}"
    return json.loads(out.strip().splitlines()[-1])


def run(script: str, *arguments: str, env: dict[str, str]) -> Any:
    return answer(start(script, *arguments, env=env))


def race(script: str, each: Sequence[Sequence[str]], *, env: dict[str, str]) -> list[Any]:
    """Start one process for each list of arguments and let them begin together, however long each took to start.

    A racing script prints "ready" and waits for a line before it begins. Answers what each printed last.
    """
    started = [start(script, *arguments, env=env, stdin=subprocess.PIPE) for arguments in each]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [answer(process) for process in started]
