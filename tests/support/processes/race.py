"""One process of a race: claims Posts, or makes mixed moves, in a database that others work on as well."""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from time import monotonic

import django
from django.core.management import call_command
from django.db import connection, transaction

django.setup()

from pressqueue import audit
from pressqueue.errors import QueueError
from pressqueue.models import Booking, Campaign, Entry, Item, Post
from pressqueue.moves import (
    campaigns,
    holds,
    items,
    leases,
    subjects,
    takedown,
)
from pressqueue.moves import posts as post_moves
from publisher.scheduling import timetable

from support import factories, office_folder
from support.processes.starting import wait_for_the_others

LEASE = timedelta(seconds=600)


def wait_for_the_gun() -> None:
    """All processes begin together, however long each took to start."""
    wait_for_the_others()


def seed(posts: int, failed: int) -> dict[str, int]:
    """So many Posts, of which `failed` were refused by their platform already."""
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        now = datetime.now(UTC)
        hours = {"publish_from": now, "publish_until": now + timedelta(hours=12)}
        factories.author(), factories.approver(), factories.operation("second", prefix="SEC")
        for _ in range(posts):
            factories.posted(factories.approved(factories.appeal(now=now, **hours), now=now), now=now)
        for post in Post.objects.order_by("pk")[:failed]:
            mine = leases.take(post, "seed", LEASE, now=now)
            assert mine is not None
            post_moves.refuse(mine, mine.fence, message="too large", now=now)
    return {"posts": Post.objects.count()}


def claim_by_update(posts: list[Post], owner: str) -> Iterator[tuple[int, bool]]:
    """The product's way: one conditional UPDATE each. Yields each Post and whether it was won."""
    for post in posts:
        yield post.pk, leases.take(post, owner, LEASE, now=leases.database_now()) is not None


def claim_by_saving(_: list[Post], owner: str) -> Iterator[tuple[int, bool]]:
    """The wrong way, as a control: read the next ten that wait, change each, save it."""
    while waiting := list(Post.objects.filter(state="waiting").order_by("pk")[:10]):
        for post in waiting:
            post.state, post.owner = "sending", owner
            post.save(update_fields=["state", "owner"])
            yield post.pk, True


def claim(how: str, owner: str) -> dict[str, object]:
    """What was won and when each was lost, in seconds of the machine's own clock, one for every process."""
    posts, won, lost_at = list(Post.objects.filter(state="waiting").order_by("pk")), [], []
    wait_for_the_gun()
    began = last_won = monotonic()
    for pk, mine in (claim_by_update if how == "update" else claim_by_saving)(posts, owner):
        if mine:
            won.append(pk)
            last_won = monotonic()
        else:
            lost_at.append(monotonic())
    return {"won": won, "lost_at": lost_at, "last_won": last_won, "began": began, "ended": monotonic()}


def seed_series(days: int, gallery: Path) -> dict[str, int]:
    """So many daily series whose hour of today nobody has kept yet, each with more than enough approved features."""
    call_command("migrate", verbosity=0)
    with transaction.atomic(), tempfile.TemporaryDirectory() as folder:
        factories.office()
        office_folder.worker(
            Path(folder), leases.database_now, gallery=gallery
        )  # whose account it is is known from here on
        now = datetime.now(UTC)
        for number in range(days):
            prefix = f"S{chr(65 + number // 26)}{chr(65 + number % 26)}"
            series = factories.series(prefix.lower(), prefix=prefix, zone="UTC", lateness=timedelta(days=30))
            # Set up yesterday: an hour is never given for a moment that has passed.
            factories.daily(series, time(0, 0), since=now.date() - timedelta(days=1))
            for _ in range(2):
                factories.approved(factories.feature(series, now=now, destinations=["gallery"]), now=now)
    return {"items": Item.objects.count()}


def keep_timetable(owner: str, gallery: Path) -> dict[str, float]:
    """Both halves at once: a scheduler that fills Bookings, a worker that takes what it finds.

    All of them see one account: at another one, what was approved goes back to review (docs/decisions/0034).
    """
    fill, late = campaigns.fill, [0]

    def counted(booking: Booking, *, now: datetime) -> Item | None:
        """The product's own, counted: a Booking that was open when it was read and is not now was raced for."""
        item = fill(booking, now=now)
        late[0] += item is None
        return item

    campaigns.fill = counted
    with tempfile.TemporaryDirectory() as folder:
        worker = office_folder.worker(Path(folder), leases.database_now, name=owner, gallery=gallery)
        filled = taken = 0
        wait_for_the_gun()
        began = monotonic()
        for _ in range(6):
            filled += timetable.run_round(worker)["filled"]
            for post in leases.due(worker.clock(), destinations=["gallery"]):
                won = leases.take(post, owner, LEASE, now=worker.clock()) is not None
                taken, late[0] = taken + won, late[0] + (not won)
    return {"filled": filled, "taken": taken, "late": late[0], "began": began, "ended": monotonic()}


def bookings() -> dict[str, object]:
    kept = Booking.objects.exclude(state="open")
    return {
        "bookings": [(str(one.date), one.item_id, one.day) for one in kept.order_by("date")],
        "posts": list(Post.objects.values_list("booking__item", flat=True)),
        "states": sorted(set(Post.objects.values_list("state", flat=True))),
    }


def mixed(count: int, seed_number: int) -> dict[str, object]:
    dice, done, refused = random.Random(seed_number), Counter[str](), Counter[str]()
    wait_for_the_gun()
    for _ in range(count):
        name = dice.choice(sorted(MOVES))
        try:
            MOVES[name](dice)
            done[name] += 1
        except QueueError as error:  # the domain's own refusal: another process was quicker
            refused[type(error).__name__] += 1
    return {"done": dict(done), "refused": dict(refused)}


def _item(dice: random.Random) -> Item:
    return Item.objects.order_by("pk")[dice.randrange(Item.objects.count())]


def _post(dice: random.Random) -> Post:
    return Post.objects.order_by("pk")[dice.randrange(Post.objects.count())]


def _now() -> datetime:
    return leases.database_now()


def _take(dice: random.Random) -> None:
    waiting = list(Post.objects.filter(state="waiting").order_by("pk")[:3])
    post = leases.take(dice.choice(waiting), f"r{dice.random()}", LEASE, now=_now()) if waiting else None
    if post is not None and dice.random() < 0.4:
        post_moves.refuse(post, post.fence, message="too large", now=_now())
    elif post is not None:
        post_moves.sent(post, post.fence, remote_id=f"r{post.pk}", url="", media_urls=[], now=_now())


def _reveal(dice: random.Random) -> None:
    for post in Post.objects.filter(state="concealed").order_by("?")[:1]:
        mine = post_moves.begin_reveal(post, post.fence, needs_attestation=False, now=_now())
        post_moves.seen(mine, mine.fence, now=_now())


def _hold(dice: random.Random) -> None:
    item = _item(dice)
    if item.held:
        factories.release(item, now=_now())
    else:
        holds.hold(factories.approver(), item, "enquiry", now=_now())


def _freeze(dice: random.Random) -> None:
    if dice.choice([True, False]):
        holds.freeze(factories.approver(), "features", now=_now())
    else:
        factories.thaw(now=_now())


def _hold_campaign(dice: random.Random) -> None:
    campaign = dice.choice(list(Campaign.objects.order_by("pk")))
    holds.hold_campaign(factories.approver(), campaign, "mourning", now=_now())
    factories.release_campaign(campaign, now=_now())


def _retry(dice: random.Random) -> None:
    failed = list(Post.objects.filter(state="failed")[:3])
    post_moves.retry(factories.author(), dice.choice(failed) if failed else _post(dice), now=_now())


def _outcome(dice: random.Random) -> None:
    """A search begins, is queued and ends: locks of every kind, from the Office to the chain head."""
    campaign = dice.choice(list(Campaign.objects.order_by("pk")))
    subject = subjects.make_subject(factories.author(), campaign, now=_now())
    face = factories.original(f"a face {dice.random()}".encode())
    window = {"publish_from": _now(), "publish_until": _now() + timedelta(hours=12)}
    factories.appeal(campaign, now=_now(), original=face, subjects=[subject], **window)
    subjects.outcome(factories.approver(), subject, "identified", now=_now())


MOVES = {
    "add": lambda dice: factories.appeal(
        dice.choice(list(Campaign.objects.order_by("pk"))),
        now=_now(),
        original=Item.objects.order_by("pk")[0].original,
        publish_from=_now(),
        publish_until=_now() + timedelta(hours=12),
    ),
    "edit": lambda dice: items.edit(
        factories.author(), _item(dice), caption=f"Other words {dice.random()}. {factories.CAPTION}", now=_now()
    ),
    "submit": lambda dice: items.submit(factories.author(), _item(dice), now=_now()),
    "take": _take,
    "reveal": _reveal,
    "hold": _hold,
    "hold_campaign": _hold_campaign,
    "withdraw": lambda dice: takedown.withdraw(factories.approver(), _item(dice), "identified", now=_now()),
    "freeze": _freeze,
    "retry": _retry,
    "outcome": _outcome,
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["seed", "claim", "mixed", "verify", "seed_series", "keep", "bookings"])
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--failed", type=int, default=0)
    parser.add_argument("--how", default="update")
    parser.add_argument("--name", default="r")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--gallery", type=Path, default=Path("gallery"))
    given = parser.parse_args()
    if given.what == "seed":
        result: object = seed(given.count, given.failed)
    elif given.what == "claim":
        result = claim(given.how, given.name)
    elif given.what == "seed_series":
        result = seed_series(given.count, given.gallery)
    elif given.what == "keep":
        result = keep_timetable(given.name, given.gallery)
    elif given.what == "bookings":
        result = bookings()
    elif given.what == "mixed":
        result = mixed(given.count, given.seed)
    else:
        result = {"verified": audit.verify(), "entries": Entry.objects.count()}
    connection.close()  # else its end is told on standard error, among what a run has to say
    json.dump(result, sys.stdout)
    print()


if __name__ == "__main__":
    main()
