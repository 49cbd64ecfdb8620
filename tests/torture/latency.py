"""`make latency`: how soon a withdrawal reaches the platform while a thousand uploads are queued.

    tests/torture/latency.py                       1,000 queued, 4 workers, on SQLite and PostgreSQL
    tests/torture/latency.py --posts 100 --withdrawals 10 --database sqlite

Measured from the officer's command. "Reached": the platform first did something about it, hid it or deleted it.
"Confirmed": the ledger says removed. Posts in mid-upload are timed from the abort and reported apart.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / part) for part in (".", "queue", "tests")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "publisher.settings")

import django

django.setup()

from support.patience import PATIENCE
from torture.crew import Crew
from torture.ground import Ground, end, ground, moment

# Only quotas are scaled: leases, `confirm`, ticks and backoff are the product's own.
REAL = {
    "lease": 120.0, "margin": 10.0, "renew": 20.0, "ask": 1.0, "server_time": -1.0, "settle": 600.0, "give_up": 86400.0,
    "reveal_patience": 300.0, "retry_first": 30.0, "retry_most": 3600.0, "withdraw_first": 2.0, "withdraw_most": 300.0,
    "media_most": 300.0, "confirm": 3.0, "poll": 10.0, "tick": 5.0, "tries": 8, "hand_over": 8, "breaker_after": 5,
    "breaker_first": 5.0, "breaker_most": 300.0,
}  # fmt: skip
REACHED, CONFIRMED = 2.0, 10.0  # seconds, at p99
APART = 1.0  # seconds between two commands
HELD = 1.5  # seconds an upload is held in its middle at the platform, so that a command can meet it there
FEW = 8  # Posts that stand at the platforms before the first command

Commands = dict[int, dict[str, Any]]


def main(arguments: list[str]) -> int:
    given = _read(arguments)
    kinds = ("sqlite", "postgres") if given.database == "both" else (given.database,)
    reports = [measure(kind, given.posts, given.workers, given.withdrawals) for kind in kinds]
    if given.json:
        sys.stdout.write(json.dumps(reports) + "\n")
    return 0 if all(report["held"] for report in reports) else 1


def measure(kind: str, posts: int, workers: int, withdrawals: int) -> dict[str, Any]:
    """So many withdrawals while at least about `posts` uploads wait."""
    # What is withdrawn has been sent by these very workers: so many more than `posts` are queued at first.
    queued = posts + 3 * withdrawals
    with tempfile.TemporaryDirectory(prefix="latency-") as folder, ground(kind, Path(folder), queued, **REAL) as place:
        crew = Crew(place, workers)
        try:
            commands = _withdraw_at_random(place, crew, withdrawals)
            waiting = place.states().get("waiting", 0)
            _wait_for_the_last(place, commands)
        finally:
            crew.end()
        return _report(kind, waiting, place, commands)


def _withdraw_at_random(place: Ground, crew: Crew, withdrawals: int) -> Commands:
    """One command after the other: four for what stands at a platform, one for what is being sent."""
    while sum(place.states().get(state, 0) for state in ("concealed", "live")) < FEW:
        crew.messages(0.2)
    officer = place.start("withdrawer.py", log="officer", stdin=subprocess.PIPE)
    assert officer.stdin is not None
    assert officer.stdout is not None
    commands: Commands = {}
    for number in range(withdrawals):
        sending = number % 5 == 4
        if sending:
            place.control.fault("youtube.chunk", "stall", match="range=bytes 0-")
        _let_go(place, crew, APART)
        officer.stdin.write("sending\n" if sending else "standing\n")
        officer.stdin.flush()
        if command := json.loads(officer.stdout.readline()):
            commands[command["post"]] = command
    officer.stdin.close()
    end(officer)
    return commands


def _let_go(place: Ground, crew: Crew, seconds: float) -> None:
    """Let that much time pass; what was held long enough goes on."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        crew.messages(0.1)
        for held in place.control.held():
            if place.control.now() - held["time"] > HELD:
                place.control.release(held["id"])


def _wait_for_the_last(place: Ground, commands: Commands) -> None:
    until, ends = time.monotonic() + PATIENCE, "('removed', 'cancelled')"
    place.control.clear_faults()
    while time.monotonic() < until:
        if {row[0] for row in place.sql(f"SELECT id FROM pressqueue_post WHERE state IN {ends}")} >= set(commands):
            return
        time.sleep(0.2)


def _report(kind: str, waiting: int, place: Ground, commands: Commands) -> dict[str, Any]:
    things = {(thing["platform"], thing["id"]): thing for thing in place.control.things()}
    ended = _ended(place)
    reached, confirmed, apart = [], [], []
    for post, platform, remote_id in place.sql("SELECT id, destination, remote_id FROM pressqueue_post"):
        if post not in commands:
            continue
        at, end_at = commands[post]["at"], ended.get(post, float("inf"))
        if commands[post]["state"] == "sending":
            apart.append(end_at - max(at, _aborted(place, post)))
            continue
        reached.append(_touched(things[platform, remote_id], at) - at)
        confirmed.append(end_at - at)
    report = {
        "database": kind, "still queued at the last command": waiting, "withdrawn": len(reached),
        "reached": _spread(reached), "confirmed": _spread(confirmed),
        "in mid-upload": len(apart), "from the abort": _spread(apart),
    }  # fmt: skip
    report["held"] = bool(reached) and _spread(reached)["p99"] <= REACHED and _spread(confirmed)["p99"] <= CONFIRMED
    sys.stderr.write("\n".join(f"  {name}: {value}" for name, value in report.items()) + "\n")
    return report


def _touched(thing: dict[str, Any], at: float) -> float:
    """When the platform first did what a withdrawal asks: hid it, or deleted it."""
    hidden = [until for _, until in thing["public"] if until is not None and until > at]
    return min([*hidden, thing["deleted"] or float("inf")])


def _ended(place: Ground) -> dict[int, float]:
    """When the ledger called each Post removed or cancelled."""
    acts = "('post_gone', 'post_drop', 'post_cancel', 'post_later', 'post_refuse')"
    rows = place.sql(f"SELECT about, at FROM pressqueue_entry WHERE act IN {acts} ORDER BY number")
    return {json.loads(about)["post"]: moment(at).timestamp() for about, at in rows}


def _aborted(place: Ground, post: int) -> float:
    """When its upload stopped."""
    rows = place.sql("SELECT max(ended_at) FROM pressqueue_attempt WHERE post_id = ?", post)
    return moment(rows[0][0]).timestamp() if rows[0][0] is not None else 0.0


def _spread(seconds: list[float]) -> dict[str, float]:
    """The middle one, the one that 99 of 100 do not exceed, the longest."""
    ordered = sorted(seconds)
    if not ordered:
        return {}
    at = {"p50": ordered[len(ordered) // 2], "p99": ordered[-(-99 * len(ordered) // 100) - 1], "max": ordered[-1]}
    return {name: round(value, 2) for name, value in at.items()}


def _read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--posts", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--withdrawals", type=int, default=125)
    parser.add_argument("--json", action="store_true", help="the reports on stdout as one JSON list")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
