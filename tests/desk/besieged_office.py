"""Run in processes of its own: an office to besiege, its states, and withdrawals on the command line.

`DIR found` makes it, `DIR fill` prints what a test needs to know; `DIR states` prints each Item's state;
`DIR withdraw REFERENCE...` prints the seconds each command took from its first query.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from publisher.configuration.starter import Blank
from publisher.setup import bootstrap, init

ITEMS = 9


def found(folder: Path) -> None:
    blank = Blank(
        name="Northshire Police", exercise=True, sandbox="http://127.0.0.1:9", contact="Call 101", handle="@northshire"
    )
    init.found(folder, blank, ("alex",), shell="tests@loopback", clients={})


def fill(folder: Path) -> dict[str, Any]:
    office, _ = bootstrap.set_up(folder)
    from django.conf import settings

    from support import factories
    from support.desk_officers import keep

    settings.ALLOWED_HOSTS += ["testserver"]
    now, film = factories.NOW, os.urandom(1024) * (32 * 1024)
    items = [factories.in_review(factories.feature(), f"picture {number}".encode(), now=now) for number in range(ITEMS)]
    shown = factories.feature(original=factories.original(film, kind="footage"))
    keep(office, film, "originals")
    return {
        "items": [each.reference for each in items],
        "film": f"/items/{shown.reference}/original/",
        "cookie": _session("bran", "approver"),
        "author": _session("amara", "author"),
        "csrf": "c" * 32,
    }


def _session(username: str, role: str) -> str:
    from django.test import Client

    from support import factories

    client = Client()
    client.force_login(factories.officer(username, role))
    return str(client.cookies["sessionid"].value)


def states(folder: Path) -> dict[str, str]:
    bootstrap.set_up(folder)
    from pressqueue.models import Item

    return dict(Item.objects.values_list("reference", "state"))


def withdraw(folder: Path, references: list[str]) -> list[float]:
    bootstrap.set_up(folder)
    return [_withdraw(folder, each) for each in references]


def _withdraw(folder: Path, reference: str) -> float:
    from django.db import connection

    from publisher.cli import app

    began: list[float] = []

    def first(execute: Any, *given: Any) -> Any:
        began.append(time.perf_counter())
        return execute(*given)

    command = ["--office", str(folder), "withdraw", reference, "--reason", "wrong_image", "--as", "bran"]
    with connection.execute_wrapper(first), contextlib.redirect_stdout(io.StringIO()):
        try:
            app(command, prog_name="publisher")
        except SystemExit as end:
            if end.code:
                raise
    return time.perf_counter() - began[0]


if __name__ == "__main__":
    place, what = Path(sys.argv[1]), sys.argv[2]
    made = {"found": found, "fill": fill, "states": states}
    told = withdraw(place, sys.argv[3:]) if what == "withdraw" else made[what](place)
    from django.db import connections

    connections.close_all()
    sys.stdout.write(json.dumps(told) + "\n")
