"""Run in processes of its own: makes an exercise office on disk, then fills it with Items in every state.

`found DIR BASE`, then `fill DIR`, which prints one JSON object: references by what they are. The sandbox at BASE is
running; its control secret is in SANDBOX_SECRET. Everything is made by the product's own moves, probe, renderer and
deliveries; only the two Posts in trouble are moved there by hand.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any

from publisher.configuration.starter import Blank
from publisher.exercise import samples
from publisher.exercise.samples import answers
from publisher.exercise.sandbox.control import Control
from publisher.exercise.sandbox.settings import Settings
from publisher.setup import bootstrap, init

PASSWORD = "a long pass phrase for tests"
LEASE = timedelta(minutes=5)
PERSON = {
    "category": "witness",
    "appears_under_18": "no",
    "age_basis": "Build, dress and a beard",
    "vulnerable": False,
}
TESTS = Path(__file__).resolve().parents[1]  # the factories with their invented answers
FILM = Path(__file__).resolve().parents[1] / "media" / "samples" / "derived_hevc.mp4"  # five seconds


def found(folder: Path, base: str) -> None:
    keys = Settings()
    clients = {
        "flickr": {"key": keys.flickr_key, "secret": keys.flickr_secret},
        "youtube": {"client_id": keys.google_client_id, "client_secret": keys.google_client_secret},
    }
    blank = Blank(name=samples.FORCE, exercise=True, sandbox=base, contact=samples.CONTACT, handle=samples.HANDLE)
    init.found(folder, blank, ("alex",), shell="tests@loopback", clients=clients)


def fill(folder: Path) -> dict[str, str]:
    office, secrets = bootstrap.set_up(folder)
    sys.path.append(str(TESTS))
    from django.db import connections

    from publisher.workers.token_store import TokenStore
    from publisher.workers.worker import open_worker

    control = Control(
        str(office.destinations["flickr"].options["api_url"]).split("/services")[0], os.environ["SANDBOX_SECRET"]
    )
    store = TokenStore(secrets.seal_key)
    store.save("flickr", control.mint_flickr_token())
    store.save("youtube", control.mint_google_token())
    try:
        return _Filling(open_worker(office, secrets)).all()
    finally:
        connections.close_all()


class _Filling:
    def __init__(self, worker: Any) -> None:
        from pressqueue.actors import Actor
        from pressqueue.models import Officer

        from support import factories

        self.worker, self.factories = worker, factories
        make = Officer.objects.create_user
        amara = make("amara", "Amara Osei", PASSWORD, may_author=True)
        bran = make("bran", "Bran Hughes", PASSWORD, may_approve=True)
        bran.rank = "inspector"
        bran.save()
        self.officer_in_case = make("inga", "Inga Voss", PASSWORD, investigator=True)
        self.author, self.approver = Actor(amara.pk, "desk"), Actor(bran.pk, "desk")

    @property
    def now(self) -> Any:
        return self.worker.clock()

    def all(self) -> dict[str, str]:
        from pressqueue.moves import amendments, notices, takedown
        from pressqueue.moves import items as item_moves

        series = self.campaign("photo-of-the-day", "Photo of the day", "series", "POD")
        larch = self.campaign("operation-larch", samples.OPERATION, "operation", "WTN")
        cat, coffee, rocket, road, hawk, draft = (
            self.add(series, each, samples.path(each.file)) for each in samples.FEATURES[:6]
        )
        review, live, falling, gone, unsure, failed = (
            self.add(larch, each, samples.path(each.file)) for each in samples.APPEALS
        )
        film = self.add(larch, samples.FOOTAGE, FILM)
        item_moves.submit(self.author, hawk, now=self.now)
        item_moves.send_back(self.approver, hawk, "The wing is cut off. Is there a wider one?", now=self.now)
        self.prepare(cat, coffee, rocket, road, review, live, falling, gone, unsure, failed, film)
        self.approve(coffee, rocket, road, live, falling, gone, unsure, failed)
        self.give_hours(series, coffee, rocket, road)
        for item in (coffee, rocket, road, live, falling, gone):
            self.publish(item)
        for item in (falling, gone):
            takedown.withdraw(self.author, item, "identified", now=self.now)
        self.take_away(gone)
        self.trouble(unsure, failed)
        self.words(larch)
        notices.notify("skipped:1", "photo-of-the-day: nothing was published for 2 March 2026.", self.now)
        bare = self.unfinished(larch)
        road.refresh_from_db()
        words = f"{road.caption} The road is open again."
        amendments.amend(self.author, road, "It was opened at noon.", caption=words, now=self.now)
        items = {
            "amended": road,
            "bare": bare,
            "cat": cat,
            "sent_back": hawk,
            "draft": draft,
            "review": review,
            "live": live,
            "falling": falling,
            "gone": gone,
            "unsure": unsure,
            "failed": failed,
            "film": film,
            "coffee": coffee,
        }
        people = {"person": review.subjects.get().number, "nobody": bare.subjects.get().number}
        return {name: item.reference for name, item in items.items()} | people

    def words(self, larch: Any) -> None:
        """Words in force, and others that would take their place."""
        from pressqueue.moves import public_texts

        words = "At least {shown} people were shown here, and at least {removed} appeals have come down since."
        for body in (words, f"{words} Thank you."):
            text = public_texts.draft_text(
                self.author, "album", larch, title=samples.OPERATION, body=body, now=self.now
            )
            if body == words:
                public_texts.approve_text(self.approver, text, text.digest, now=self.now)

    def campaign(self, slug: str, title: str, kind: str, prefix: str) -> Any:
        from pressqueue.moves import campaigns

        return campaigns.make_campaign(self.author, slug=slug, title=title, kind=kind, prefix=prefix, now=self.now)

    def add(self, campaign: Any, sample: samples.Sample, file: Path) -> Any:
        from pressqueue.moves import items as item_moves
        from publisher.publishing import intake

        now = self.now
        series = campaign.kind == "series"
        more = {"mark_style": "plate", "record": self.factories.feature_record()} if series else self.appeal(campaign)
        return item_moves.add_item(
            self.author,
            campaign=campaign,
            kind="feature" if series else "appeal",
            original=intake.receive(self.author, file, file.name, self.worker.originals, now),
            now=now,
            title=sample.title,
            caption=sample.caption,
            alt_text=sample.alt_text,
            tags=list(sample.tags),
            destinations=["flickr", "youtube"] if sample is samples.FOOTAGE else ["flickr"],
            **more,
        )

    def appeal(self, campaign: Any) -> dict[str, Any]:
        """Who is shown, described and looked up; the record; a window and an end."""
        from pressqueue.moves import subjects

        now = self.now
        person = subjects.make_subject(self.author, campaign, now=now)
        subjects.describe(self.author, person, PERSON, now=now)
        subjects.record_check(self.approver, person, "none", name="PNC", confirmed_by="DC Okafor", now=now)
        return {
            "publish_from": now,
            "publish_until": now + timedelta(hours=20),
            "expires_at": now + timedelta(days=28),
            "purpose": "witness",
            "subjects": [person],
            "record": self.factories.appeal_record(
                now, incident_at=answers.at(time(15)), investigator=self.officer_in_case
            ),
        }

    def unfinished(self, campaign: Any) -> Any:
        """An appeal whose record is hardly begun, for a person nobody has described."""
        from pressqueue.moves import items as item_moves
        from pressqueue.moves import subjects

        person = subjects.make_subject(self.author, campaign, now=self.now)
        draft = self.add(campaign, samples.APPEALS[0], samples.path(samples.APPEALS[0].file))
        begun = {"offence": "a reported burglary", "means_tried": self.factories.appeal_record(self.now)["means_tried"]}
        empty = dict.fromkeys(self.factories.appeal_record(self.now))
        return item_moves.edit(self.author, draft, now=self.now, subjects=[person], record={**empty, **begun})

    def prepare(self, *items: Any) -> None:
        """In review; every appeal verified by the officer in the case."""
        from pressqueue.actors import Actor
        from pressqueue.moves import items as item_moves
        from publisher.publishing import rendering

        for item in items:
            item_moves.submit(self.author, item, now=self.now)
        rendering.prepare_submitted(self.worker)
        for item in items:
            item.refresh_from_db()
            assert item.state == "in_review", (item.reference, item.state, item.refusal)
            if item.kind == "appeal":
                self.factories.verify(Actor(self.officer_in_case.pk, "desk"), item, item.package.digest, now=self.now)

    def approve(self, *items: Any) -> None:
        from pressqueue.moves import items as item_moves

        for item in items:
            item_moves.approve(self.approver, item, item.package.digest, deciding=self.shown(item), now=self.now)
            item.refresh_from_db()

    def shown(self, item: Any) -> Any:
        """Every file of it went to a session of the approver, whole."""
        from pressqueue import gates
        from pressqueue.gates.shown import to_be_shown
        from pressqueue.moves import viewing

        case = gates.Case(gates.Step.APPROVE, item, self.now, package=item.package)
        sizes = dict(item.renditions.values_list("sha256", "size")) | {item.original_id: item.original.size}
        for sha256 in to_be_shown(case):
            size, now = sizes[sha256], self.now
            viewing.handed_over(self.approver, "ab" * 32, item, sha256, (0, size), size=size, began_at=now, now=now)
        return gates.Deciding(session="ab" * 32, others=True)

    def give_hours(self, series: Any, *items: Any) -> None:
        """The last days' bookings, one for each, in order."""
        from pressqueue.moves import campaigns

        now = self.now
        slot = campaigns.add_slot(
            self.approver, series, weekdays=list(range(7)), wall_time=time(8), starts_on=now.date(), now=now
        )
        for back, item in zip(range(len(items), 0, -1), items, strict=True):
            filled = campaigns.fill(campaigns.book(slot, now.date() - timedelta(days=back), now), now=now)
            assert filled is not None
            assert filled.pk == item.pk

    def open(self, item: Any) -> Any:
        from pressqueue.moves import posting

        now = self.now
        return posting.open_posts(item, key=self.worker.key, conceals=self.worker.conceals(), due_at=now, now=now)[0]

    def publish(self, item: Any) -> None:
        from publisher.publishing import delivery

        post = self.open(item)
        for _ in range(4):
            delivery.deliver(self.worker, post)
            post.refresh_from_db()
        assert post.state == "live", (item.reference, post.state, post.words)

    def take_away(self, item: Any) -> None:
        from pressqueue.moves.leases import database_now
        from publisher.takedown import withdrawal

        post = item.posts.get()
        for seconds in (5, 10):  # what is gone must be seen gone twice, some seconds apart
            later = replace(self.worker, clock=lambda ahead=seconds: database_now() + timedelta(seconds=ahead))
            withdrawal.take_away(later, post)
            post.refresh_from_db()
        assert post.state == "removed", (post.state, post.words)

    def trouble(self, unsure: Any, failed: Any) -> None:
        from pressqueue.moves import leases, posts

        waiting = self.open(unsure), self.open(failed)
        now = self.now
        mine = leases.take(waiting[0], "tests", LEASE, now=now)
        words = "The connection broke after all bytes had left."
        posts.mark_unconfirmed(mine, mine.fence, message=words, not_before=now, now=now)
        mine = leases.take(waiting[1], "tests", LEASE, now=now)
        posts.refuse(mine, mine.fence, message="Flickr does not take this file. Save it again as JPEG.", now=now)


if __name__ == "__main__":
    what, place = sys.argv[1], Path(sys.argv[2])
    if what == "found":
        found(place, sys.argv[3])
    else:
        print(json.dumps(fill(place)))
