"""What went where: each Post, the bytes that were approved and sent, and the bytes the platform holds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from publisher.exercise.sandbox.control import Control
from publisher.output import say, table, tell


@dataclass(frozen=True, slots=True)
class Row:
    """One Post. `held_sha256` is what the platform says it holds, None where it holds nothing."""

    reference: str
    destination: str
    remote_id: str | None
    url: str
    sent_sha256: str
    held_sha256: str | None
    state: str


def summed(control: Control) -> tuple[list[Row], bool]:
    """Every Post, and whether all are live, publicly, once, with equal hashes."""
    from pressqueue import packages  # noqa: PLC0415  # Django is ready when there is something to sum up
    from pressqueue.models import Item, Post  # noqa: PLC0415

    held = {(thing["platform"], thing["id"]): thing for thing in control.things() if not thing["deleted"]}
    rows, good = [], True
    for post in Post.objects.select_related("item", "package").order_by("due_at", "item__reference", "destination"):
        thing = held.get((post.destination, post.remote_id), {})
        sent = packages.content_of(post.package)["files"][post.destination]["sha256"]
        rows.append(
            Row(post.item.reference, post.destination, post.remote_id, post.url, sent, thing.get("sha256"), post.state)
        )
        good &= post.state == "live" and thing.get("sha256") == sent and thing.get("visibility") == "public"
    wanted = sum(len(each) for each in Item.objects.values_list("destinations", flat=True))
    return rows, good and len(rows) == wanted == len(held)


def shown(rows: list[Row], seconds: float, as_json: bool) -> None:
    """The table, or with --json the object."""
    headings = ("reference", "destination", "remote id", "sent", "held", "state", "address")
    lines = [
        (each.reference, each.destination, each.remote_id, each.sent_sha256[:12], (each.held_sha256 or "")[:12],
         each.state, each.url)
        for each in rows
    ]  # fmt: skip
    payload = {"posts": [asdict(row) for row in rows], "seconds": round(seconds, 1)}
    tell(payload, as_json, lambda: table(*headings, rows=lines))
    say(f"{sum(row.state == 'live' for row in rows)} of {len(rows)} Posts are live after {seconds:.0f} seconds.")


def explain(folder: Path) -> None:
    """Why not everything is live, as far as the office itself knows; its folder is left to be looked at."""
    from pressqueue.models import Notice  # noqa: PLC0415

    say("Not every Post is live with the very bytes that were approved.")
    for notice in Notice.objects.filter(cleared_at__isnull=True).order_by("raised_at"):
        say(notice.words)
    say(f"Everything is left in {folder}: `publisher --office {folder / 'office'} list --attention`.")
