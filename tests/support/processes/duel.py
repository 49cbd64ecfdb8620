"""Two processes that do one thing each to the same row at the same moment, round after round.

    duel.py seed --count 500 --what approval|reveal
    duel.py fight --act edit|approve|reveal|outcome [--how unlocked]

A fighter prints "ready", then for each line it reads does its next round and prints one line of JSON about it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import django
from django.core.management import call_command
from django.db import connections, transaction

django.setup()

from pressqueue import gates, locks
from pressqueue.errors import QueueError
from pressqueue.models import Entry, Item, Post
from pressqueue.moves import items as item_moves
from pressqueue.moves import leases, subjects
from pressqueue.moves import posts as post_moves

from support import factories

LEASE = timedelta(days=1)


def seed(count: int, what: str) -> dict[str, int]:
    """So many Items: verified and in review, or approved with a copy at the platform that nobody can see yet."""
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        now = datetime.now(UTC)
        for _ in range(count):
            item = factories.appeal(
                now=now, publish_from=now - timedelta(seconds=1), publish_until=now + timedelta(hours=9)
            )
            if what == "approval":
                factories.viewed(factories.verified(factories.in_review(item, now=now), now=now), now=now)
                continue
            post = leases.take(factories.posted(factories.approved(item, now=now), now=now), "seed", LEASE, now=now)
            assert post is not None
            post_moves.sent(post, post.fence, remote_id=f"r{post.pk}", url="", media_urls=[], now=now)
    return {"items": Item.objects.count()}


def edit(item: Item) -> None:
    item_moves.edit(factories.author(), item, caption=f"{factories.CAPTION} Somebody else.", now=leases.database_now())


def approve(item: Item) -> None:
    assert item.package is not None
    said = gates.Deciding(session=factories.session_key(factories.approver()), others=True)
    item_moves.approve(factories.approver(), item, item.package.digest, deciding=said, now=leases.database_now())


def reveal(item: Item) -> None:
    post = item.posts.get()
    post_moves.begin_reveal(post, post.fence, needs_attestation=False, now=leases.database_now())


def outcome(item: Item) -> None:
    subjects.outcome(factories.approver(), item.subjects.get(), "eliminated", now=leases.database_now())


ACTS: dict[str, Callable[[Item], None]] = {
    "edit": edit, "approve": approve, "reveal": reveal, "outcome": outcome,
}  # fmt: skip


def fight(act: str, how: str) -> None:
    """Every Item as it was before the first round; what a person looks at is what was shown to them then."""
    if how == "unlocked":
        _take_no_locks()
    items = list(Item.objects.select_related("package").order_by("pk"))
    factories.author(), factories.approver()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for number, item in enumerate(items):
        if not sys.stdin.readline():
            return
        if how == "unlocked" and act == "reveal":
            _come_later(number % 16)
        said: dict[str, Any] = {"done": True}
        try:
            ACTS[act](item)
        except QueueError as refused:
            said = {"done": False, "why": type(refused).__name__}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


def _come_later(by: int) -> None:
    """A little work first, more of it each round: one of the two is slower, and all their meetings are to be had."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM generate_series(1, %s)", [by * 60_000])


def _take_no_locks() -> None:
    """The control: rows are read as they are, nobody waits for anybody, and no fence is asked."""

    def item(pk: int, *, posts: bool = False, also: Any = ()) -> locks.Held:
        found = Item.objects.select_related("campaign").get(pk=pk)
        office = locks.Office.objects.get()
        return locks.Held(office, found.campaign, found, None, list(found.posts.order_by("pk")) if posts else [])

    def write(log: Any, post: Post, fence: int, move: str, target: str, **changes: Any) -> None:
        Post.objects.filter(pk=post.pk).update(state=target, **changes)
        log.note(f"post_{move}", post=post.pk)

    locks.item = item
    post_moves._write = write


def standing() -> dict[str, Any]:
    """What came of it: approvals of other words than are there, and reveals after the search was over."""
    wrong = []
    for item in Item.objects.filter(state="approved").select_related("package"):
        assert item.package is not None
        if json.loads(item.package.content)["caption"] != item.caption:
            wrong.append(item.reference)
    order: dict[int, list[str]] = {}
    by_post = dict(Post.objects.values_list("pk", "item_id"))
    by_subject = {each.subjects.get().pk: each.pk for each in Item.objects.all()}
    for act, about in (
        Entry.objects.filter(act__in=["post_begin_reveal", "subject_outcome"])
        .order_by("number")
        .values_list("act", "about")
    ):
        found = json.loads(about)
        item_id = by_post[found["post"]] if act == "post_begin_reveal" else by_subject[found["subject"]]
        order.setdefault(item_id, []).append(act)
    late = [pk for pk, acts in order.items() if acts == ["subject_outcome", "post_begin_reveal"]]
    up = Post.objects.filter(state__in=["revealing", "live"]).count()
    first = sum(acts == ["post_begin_reveal", "subject_outcome"] for acts in order.values())
    return {"approved_otherwise": wrong, "revealed_late": late, "still_up": up, "revealed_first": first}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["seed", "fight", "standing"])
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--about", default="approval")
    parser.add_argument("--act", default="edit")
    parser.add_argument("--how", default="as it is")
    given = parser.parse_args()
    try:
        if given.what == "fight":
            fight(given.act, given.how)
        else:
            result = seed(given.count, given.about) if given.what == "seed" else standing()
            sys.stdout.write(json.dumps(result) + "\n")
    finally:
        connections.close_all()


if __name__ == "__main__":
    main()
