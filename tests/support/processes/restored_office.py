"""One act in an office that is to be lost and restored, in a process of its own: seed, rounds, act, resume."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

from django.core.management import call_command
from django.db import transaction

from pressqueue.actors import Actor
from pressqueue.models import Account, Item, Office, Officer, Original, Post, Subject
from pressqueue.moves import (
    alarms,
    holds,
    items,
    leases,
    officers,
    subjects,
    takedown,
)
from publisher.configuration import office_file, secret_store
from publisher.media.vault import Vault
from publisher.scheduling import scheduler
from publisher.setup import bootstrap
from publisher.workers.token_store import TokenStore
from publisher.workers.worker import open_worker

from support import approved_posts, factories

FOLDER = Path(os.environ["PUBLISHER_OFFICE"])


def seed(tokens: dict[str, dict[str, str]]) -> dict[str, Any]:
    """Seven approved Items without Posts, by what is to become of them."""
    office, secrets = office_file.load(FOLDER), secret_store.load(FOLDER)
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        now = datetime.now(UTC)
        Office.objects.create(exercise=True, made_at=now)
        for name, token in tokens.items():
            TokenStore(secrets.seal_key).save(name, token)
        Account.objects.create(destination="youtube", comments_closed_at=now)
        for username, role in (("chief", "administrator"), ("second", "administrator"), ("carol", "approver")):
            factories.officer(username, role)
        open_now, later = now - timedelta(seconds=1), now + timedelta(hours=1)
        subject = Subject.objects.create(number="WTN-0900", campaign=factories.operation(), created_at=now)
        factories.known(subject, now=now)
        found = {
            "early": queue(office, now, "appeal", open_now, subject=subject),
            "eliminated": queue(office, now, "appeal", later, subject=subject),
            "withdrawn": queue(office, now, "appeal", later),
            "held": queue(office, now, "feature", later),
            "left": queue(office, now, "appeal", later, approver="carol"),
            "feature": queue(office, now, "feature", later),
            "film": queue(office, now, "feature", later, destination="youtube"),
        }
        Original.objects.filter(items__isnull=True).update(purged_at=now)  # stand-ins, of which there is no file
    return {name: item.reference for name, item in found.items()}


def queue(
    office: office_file.Office, now: datetime, kind: str, opens: datetime, *, destination: str = "flickr",
    approver: str = "bran", subject: Subject | None = None,
) -> Item:  # fmt: skip
    """An approved Item with its files in the vaults; the timetable makes its Post when its window opens."""
    number = Item.objects.count()
    video = destination == "youtube"
    content = approved_posts.body(video, number)
    file = office.folder / "incoming"
    file.write_bytes(content + b" as received")
    stored = Vault(office.media / "originals").take_in(file)
    file.unlink()
    original = factories.original(content + b" as received", kind="footage" if video else "still")
    assert original.sha256 == stored.sha256
    words: dict[str, Any] = {"title": f"Rufus {number}"} if kind == "feature" else {}
    make = factories.feature if kind == "feature" else factories.appeal
    item = make(
        original=original, destinations=[destination], publish_from=opens, publish_until=opens + timedelta(hours=12),
        now=now, **words,
    )  # fmt: skip
    if subject is not None:
        item.subjects.set([subject])
    main = approved_posts.keep(office.folder, item, "main", content, "video/mp4" if video else "image/jpeg", now)
    thumb = (
        approved_posts.keep(office.folder, item, "thumbnail", approved_posts.body(False, number), "image/jpeg", now)
        if video
        else None
    )
    items.submit(factories.author(), item, now=now)
    ready = Item.objects.get(pk=item.pk)
    package = items.rendered(ready, main, thumb, now=now)
    assert package is not None
    by = Actor(factories.officer(approver, "approver").pk, "desk")
    factories.verified(item, now=now)
    deciding = factories.viewed(item, by, now=now)
    items.approve(by, Item.objects.get(pk=item.pk), package.digest, deciding=deciding, now=now)
    return item


def rounds(ahead: float, most: int = 60) -> dict[str, Any]:
    """Ring the bell of a clock that is ahead, until nothing is under way; answers each Item with its Posts."""
    office, secrets = bootstrap.open_office(FOLDER)
    moved = [ahead]
    worker = open_worker(office, secrets, clock=lambda: leases.database_now() + timedelta(seconds=moved[0]))
    for _ in range(most):
        scheduler.round(worker)
        moved[0] += 0.5
        if not Post.objects.exclude(state__in=["live", "removed", "cancelled", "waiting", "failed"]).exists():
            break
    scheduler.round(worker)
    return {
        item.reference: [str(item.state), item.held, [str(post.state) for post in item.posts.order_by("pk")]]
        for item in Item.objects.order_by("pk")
    }


def rounds_without_alarms(ahead: float) -> dict[str, Any]:
    """The control: what an office would do that nobody stops when its files are gone."""
    alarms.raise_alarm = lambda *_, **__: False  # type: ignore[assignment]  # the control
    return rounds(ahead)


def act(what: str, reference: str) -> dict[str, Any]:
    """What happened after the backup, by people."""
    bootstrap.open_office(FOLDER)
    now, chief = leases.database_now(), Actor(Officer.objects.get(username="chief").pk, "cli")
    if what == "disable":
        return {"again": officers.disable_officer(chief, Officer.objects.get(username=reference), now=now)}
    item = Item.objects.get(reference=reference)
    if what == "hold":
        holds.hold(chief, item, "", now=now)
    elif what == "eliminate":
        subjects.outcome(chief, item.subjects.get(), "eliminated", now=now)
    else:
        takedown.withdraw(chief, item, what, now=now)
    return {"done": what}


def resume() -> dict[str, Any]:
    """Somebody resumed the office after its reconciliation."""
    Office.objects.update(recovering_since=None)
    return {}


def counters() -> dict[str, Any]:
    from pressqueue import counters as numbers

    return {"counters": numbers.of_office()}


if __name__ == "__main__":
    order, *given = sys.argv[1:]
    done = globals()[order](*(json.loads(each) for each in given))
    sys.stdout.write(json.dumps(done) + "\n")
