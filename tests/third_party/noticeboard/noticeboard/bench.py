"""What Publisher's own contract suite asks for: the destination, with a board on loopback beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from noticeboard.board import Board
from noticeboard.plugin import PLUGIN
from noticeboard.server import Running

from support.destination_benches import Bench, CountedBudget, Held, make_account, make_parcel


@contextmanager
def bench(folder: Path) -> Iterator[Bench]:
    """Nothing is written into `folder`: the board keeps all in memory."""
    board = Board()
    with Running(board) as running:
        budget = CountedBudget()
        token = {"token": board.grant("contract suite"), "account": board.id}
        account = make_account({"url": running.base}, token=token, budget=budget, name="noticeboard")
        yield Bench(
            destination=PLUGIN.build(account),
            budget=budget,
            parcel=make_parcel,
            held=lambda: held(board),
            settle=lambda: None,
            now=lambda: datetime.now(UTC),
            album_words=lambda: [(each["title"], each["description"]) for each in board.albums()],
            unplug=running.stop,
            platform="noticeboard",
            control=board,
        )


def held(board: Board) -> list[Held]:
    """Everything the board ever stored."""
    return [
        Held(
            remote_id=each["id"],
            sha256=each["sha256"],
            there=each["there"],
            public=each["public"],
            ever_public="revealed" in each["acts"],
        )
        for each in board.record()["notices"]
    ]
