"""What is done in the office that make.py keeps: people, Items and Posts in every state, by the moves themselves.

Runs in a process of its own, on the folder PUBLISHER_OFFICE names, and prints what a test must know of it.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

from django.core.management import call_command

from pressqueue.actors import Actor
from pressqueue.models import Campaign, Item, Officer, Package, Post, Subject
from pressqueue.moves import (
    account_changes,
    holds,
    items,
    leases,
    officers,
    posting,
    subjects,
    takedown,
)
from pressqueue.moves import evidence as evidence_moves
from pressqueue.moves import posts as post_moves
from pressqueue.states import PostState
from publisher.backup import making
from publisher.configuration import secret_store
from publisher.evidence import anchors, packing
from publisher.publishing import delivery, intake, rendering
from publisher.scheduling import scheduler
from publisher.setup import bootstrap
from publisher.workers.worker import Worker, open_worker

from support import amended_posts, factories, pack_recipients
from support.factories import NOW

FOLDER = Path(os.environ["PUBLISHER_OFFICE"])
PLACE = "@PLACE@"  # stands in the configuration where the fixture's own folder is named
PEOPLE = {
    "amara": ("author", ""), "bran": ("approver", "inspector"), "inga": ("investigator", "inspector"),
    "carol": ("approver", "superintendent"),
}  # fmt: skip
LEASE = timedelta(minutes=2)


class Founder:
    """Works through the office's first days on a clock of its own."""

    def __init__(self) -> None:
        call_command("migrate", verbosity=0)
        officers.found_office(
            Actor(None, "cli", shell="make"), exercise=True, administrators=("chief", "second"), now=NOW
        )
        office, secrets = bootstrap.open_office(FOLDER)
        self.clock = factories.Clock()
        self.worker: Worker = open_worker(office, secrets, "then", clock=self.clock)
        self.chief = Actor(Officer.objects.get(username="chief").pk, "cli")
        for name, (role, rank) in PEOPLE.items():
            account_changes.add_officer(self.chief, username=name, roles=[role], name=name.title(), rank=rank, now=NOW)
        self.named: dict[str, str] = {}
        self._colour = 0

    def picture(self) -> Path:
        """A small picture of a colour nobody had before."""
        from PIL import Image

        self._colour += 1
        file, body = FOLDER.parent / f"IMG_{self._colour:04d}.jpg", io.BytesIO()
        Image.new("RGB", (240, 180), (self._colour * 37 % 256, 90, self._colour * 11 % 256)).save(body, "JPEG")
        file.write_bytes(body.getvalue())
        return file

    def queue(self, name: str, make: Callable[..., Item], campaign: Campaign, **words: Any) -> Item:
        """A draft, under a name by which it is found again."""
        file = self.picture()
        original = intake.receive(factories.author(), file, file.name, self.worker.originals, self.clock.now)
        file.unlink()
        if make is factories.appeal and "subjects" not in words:
            words["subjects"] = [self.person(campaign)]
        item = make(campaign, original=original, destinations=["gallery"], **{"now": self.clock.now, **words})
        self.named[name] = item.reference
        return item

    def person(self, campaign: Campaign) -> Subject:
        who = subjects.make_subject(factories.author(), campaign, now=self.clock.now)
        answers = {"category": "suspect", "appears_under_18": "no", "age_basis": "Build and dress", "vulnerable": False}
        subjects.describe(factories.author(), who, answers, now=self.clock.now)
        factories.looked_up(who, now=self.clock.now, by=factories.approver())
        return Subject.objects.get(pk=who.pk)

    def reviewed(self, name: str, make: Callable[..., Item], campaign: Campaign, **words: Any) -> Item:
        """In review, as the program itself prepares it."""
        item = self.queue(name, make, campaign, **words)
        items.submit(factories.author(), item, now=self.clock.now)
        assert rendering.prepare_next(self.worker)
        item.refresh_from_db()
        assert item.package is not None, item.refusal
        return item

    def approved(self, name: str, make: Callable[..., Item], campaign: Campaign, **words: Any) -> Item:
        item = factories.verified(self.reviewed(name, make, campaign, **words), now=self.clock.now)
        assert item.package is not None
        deciding = factories.viewed(item, now=self.clock.now)
        items.approve(factories.approver(), item, item.package.digest, deciding=deciding, now=self.clock.now)
        item.refresh_from_db()
        return item

    def post(self, name: str, campaign: Campaign) -> Post:
        """The waiting Post of an approved appeal whose window is open."""
        item, now = self.approved(name, factories.appeal, campaign), self.clock.now
        made = posting.open_posts(item, key=self.worker.key, conceals=self.worker.conceals(), due_at=now, now=now)
        return made[0]

    def taken(self, post: Post) -> Post:
        mine = leases.take(post, "then", LEASE, now=self.clock.now)
        assert mine is not None
        return mine

    def concealed(self, post: Post) -> Post:
        """What really lies in the gallery, hidden; whoever sent it still holds it."""
        mine = delivery._send(self.worker, post)  # the step of delivery that ends here
        assert mine is not None
        assert mine.state == PostState.CONCEALED
        return mine

    def revealing(self, post: Post) -> Post:
        mine = self.concealed(post)
        return post_moves.begin_reveal(mine, mine.fence, needs_attestation=False, now=self.clock.now)

    def live(self, post: Post) -> Post:
        delivery.deliver(self.worker, post)
        post.refresh_from_db()
        assert post.state == PostState.LIVE, (post.state, post.words)
        return post

    def rounds(self, count: int = 2) -> None:
        for _ in range(count):
            scheduler.round(self.worker)
            self.clock.on(seconds=30)

    def furnish(self) -> None:
        larch = factories.operation(album_title="Operation Larch", album_description="Do you know these people?")
        alder = factories.operation("operation-alder", title="Operation Alder", prefix="ALD")
        daily = factories.series()
        factories.daily(daily, time(9, 30))
        self.approved("feature of the day", factories.feature, daily)
        self._states_of_posts(larch)
        going = self.live(self.post("removing", larch))
        self._amendments(larch)
        self._states_of_items(larch, alder, daily)
        takedown.withdraw(
            factories.author(), going.item, "wrong_image", now=self.clock.now
        )  # all else makes way from here on
        holds.hold_campaign(factories.approver(), alder, "The court sits.", now=self.clock.now)

    def _states_of_items(self, larch: Campaign, alder: Campaign, daily: Campaign) -> None:
        opens, now = NOW + timedelta(days=4, hours=12), self.clock.now
        later = {"publish_from": opens, "publish_until": opens + timedelta(hours=12)}
        self.queue("draft", factories.appeal, larch)
        self.reviewed("in review", factories.appeal, larch, **later)
        factories.verified(self.reviewed("verified", factories.appeal, larch, **later), now=now)
        self.approved("approved appeal", factories.appeal, larch, **later)
        self.approved("approved feature", factories.feature, daily, title="Rufus", **later)
        self.approved("for the next hour", factories.feature, daily, title="Day {day} - Rufus again")
        held = self.approved("held", factories.appeal, larch, **later)
        holds.hold(factories.approver(), held, "A question was asked.", now=now)
        self.approved("of a held campaign", factories.appeal, alder, **later)
        withdrawn = self.approved("withdrawn", factories.appeal, larch, **later)
        takedown.withdraw(factories.author(), withdrawn, "wrong_image", now=now)

    def _states_of_posts(self, larch: Campaign) -> None:
        self.clock.on(minutes=45)  # the series' hour: its feature goes out with the round
        self.rounds()
        self.live(self.post("live", larch))
        pack_recipients.disclosed(Item.objects.get(reference=self.named["live"]), now=NOW)
        gone = self.live(self.post("removed", larch))
        takedown.withdraw(factories.author(), gone.item, "consent_withdrawn", now=self.clock.now)
        self.rounds()
        self.clock.on(minutes=5)
        self.rounds(3)  # seen gone twice, its album written
        self.post("waiting", larch)
        cancelled = self.post("cancelled", larch)
        takedown.withdraw(factories.author(), cancelled.item, "wrong_image", now=self.clock.now)
        self.taken(self.post("sending", larch))
        mine = self.taken(self.post("failed", larch))
        post_moves.refuse(mine, mine.fence, message="The gallery takes no such file.", now=self.clock.now)
        mine = self.taken(self.post("unsure", larch))
        post_moves.mark_unconfirmed(
            mine, mine.fence, message="It broke off.", not_before=self.clock.now, now=self.clock.now
        )
        self.concealed(self.post("concealed", larch))
        self.revealing(self.post("revealing", larch))
        mine = self.revealing(self.post("blocked", larch))
        post_moves.unseen(mine, mine.fence, message="Asked public; not shown.", now=self.clock.now)
        lost = self.live(self.post("missing", larch))
        shutil.rmtree(FOLDER / "gallery" / "public" / lost.remote_id)
        mine = leases.pick_up(lost, "then", LEASE, now=self.clock.now)
        assert mine is not None
        post_moves.vanished(mine, mine.fence, message="It is not there any more.", now=self.clock.now)

    def _amendments(self, larch: Campaign) -> None:
        """One approved and not written yet, one that waits for its decision."""
        posts = [self.live(self.post(name, larch)) for name in ("amended", "amendment waits")]
        self.clock.now = max(self.clock.now, amended_posts.LATER)
        drafts = [amended_posts.amend(post.item, caption=amended_posts.MENDED) for post in posts]
        amended_posts.decide(drafts[0])

    def evidence(self, out: Path) -> None:
        """The anchors and their key, a pack of what is live, and a backup; then one withdrawal it does not know."""
        office = self.worker.office

        def announce(key: str) -> None:
            evidence_moves.anchor_key_introduced(self.chief, key=key, why="first", now=self.clock.now)

        anchors.introduce(office, "first", self.clock.now, announce)
        anchors.make(office, self.clock.on(days=1))
        live = Item.objects.get(reference=self.named["live"])
        packing.pack(office, live, packing.Order(out / "pack.zip", why="For counsel"), self.chief, self.clock.now)
        own = office.file.read_text(encoding="utf-8")
        office.file.write_text(own.replace(str(FOLDER), PLACE), encoding="utf-8")
        if key := os.environ.get("PUBLISHER_BACKUP_KEY"):
            secrets, file, now = secret_store.load(FOLDER), out / "office.backup", self.clock.now
            making.make(office, secrets, bytes.fromhex(key), file, media="reference", now=now)
        since = Item.objects.get(reference=self.named["in review"])
        takedown.withdraw(factories.author(), since, "wrong_image", now=self.clock.on(hours=1))
        anchors.make(office, self.clock.on(days=1))

    def told(self) -> dict[str, Any]:
        posts = Post.objects.select_related("package").order_by("pk")
        return {
            "items": self.named,
            "marks": {str(post.pk): [str(post.state), post.mark, post.package.digest] for post in posts},
            "packages": dict(Package.objects.values_list("digest", "content")),
            "until": self.clock.now.isoformat(),
        }


if __name__ == "__main__":
    founder = Founder()
    founder.furnish()
    founder.evidence(Path(sys.argv[1]))
    missing = set(PostState) - set(Post.objects.values_list("state", flat=True))
    assert not missing, missing
    sys.stdout.write(json.dumps(founder.told()) + "\n")
