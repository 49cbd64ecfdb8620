"""Run in processes of its own: makes an exercise office on disk, then fills it with Items in every state.

`found DIR`, then `fill DIR [film]`, which prints one JSON object: references by what they are. Everything is made
by the product's own moves, probe and renderer; only the platforms' answers are played.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from publisher import bootstrap, founding, samples
from publisher.blank import Blank

PASSWORD = "a long pass phrase for tests"
LEASE = timedelta(minutes=5)
CLIENTS = {
    "flickr": {"key": "a key", "secret": "its secret"},
    "youtube": {"client_id": "a client", "client_secret": "its secret"},
}
TOKENS = {
    "flickr": {"token": "a token", "secret": "its secret", "nsid": "24573443@N04", "perms": "delete"},
    "youtube": {"refresh_token": "a token", "channel_id": "UCsandboxPoliceChannel00"},
}


def found(folder: Path) -> None:
    blank = Blank(name=samples.FORCE, exercise=True, contact=samples.CONTACT, handle=samples.HANDLE)
    founding.found(folder, blank, ("alex",), shell="tests@loopback", clients=CLIENTS)


def fill(folder: Path, *, film: bool) -> dict[str, Any]:
    office, secrets = bootstrap.set_up(folder)
    from django.db import connections

    from publisher.tokens import TokenStore
    from publisher.worker import open_worker

    for name, token in TOKENS.items():
        TokenStore(secrets.seal_key).save(name, token)
    try:
        return _World(open_worker(office, secrets)).fill(film=film)
    finally:
        connections.close_all()


class _World:
    def __init__(self, worker: Any) -> None:
        from pressqueue.actors import Actor
        from pressqueue.models import Officer

        self.worker, self.now = worker, worker.clock()
        people = Officer.objects
        amara = people.create_user("amara", "Amara Osei", PASSWORD, may_author=True)
        bran = people.create_user("bran", "Bran Hughes", PASSWORD, may_approve=True)
        self.author, self.approver = Actor(amara.pk, "desk"), Actor(bran.pk, "desk")

    def fill(self, *, film: bool) -> dict[str, Any]:
        from pressqueue import moves, notices

        series = self.campaign("photo-of-the-day", "Photo of the day", "series", "POD")
        larch = self.campaign("operation-larch", samples.OPERATION, "operation", "WTN")
        moves.add_slot(
            self.author, series, weekdays=list(range(7)), wall_time=time(8), starts_on=self.now.date(), now=self.now
        )
        window = {"publish_from": self.now, "publish_until": self.now + timedelta(hours=20), "purpose": "suspect"}
        features = [self.add(series, "feature", sample, mark_style="plate") for sample in samples.FEATURES]
        appeals = [self.add(larch, "appeal", sample, **window) for sample in samples.APPEALS]
        films = [self.add(larch, "appeal", samples.FOOTAGE, **window)] if film else []
        self.prepare([*features[:5], *appeals, *films])
        moves.send_back(
            self.approver, features[4], "The wing on the left is cut off. Is there a wider one?", now=self.now
        )
        moves.submit(self.author, features[5], now=self.now)
        for item in [*features[1:3], *appeals[1:]]:
            self.approve(item)
        ways = ("live", "live", "removing", "removed", "unsure")
        for item, way in zip(appeals[1:], ways, strict=True):
            self.post(item, way)
        self.post(features[1], "failed")
        notices.tell("skipped:1", "photo-of-the-day: nothing was published for 2 March 2026.", self.now)
        names = ["cat", "coffee", "rocket", "road", "hawk", "submitted", "draft"]
        references = {name: item.reference for name, item in zip(names, features, strict=True)}
        references |= {"appeal": appeals[0].reference, "film": films[0].reference if films else None}
        return references | dict(
            zip(("live", "live_too", *ways[2:]), (item.reference for item in appeals[1:]), strict=True)
        )

    def campaign(self, slug: str, title: str, kind: str, prefix: str) -> Any:
        from pressqueue import moves

        return moves.make_campaign(self.author, slug=slug, title=title, kind=kind, prefix=prefix, now=self.now)

    def add(self, campaign: Any, kind: str, sample: samples.Sample, **more: Any) -> Any:
        from pressqueue import moves
        from publisher import intake

        original = intake.receive(self.author, samples.path(sample.file), sample.file, self.worker.originals, self.now)
        return moves.add_item(
            self.author,
            campaign=campaign,
            kind=kind,
            original=original,
            now=self.now,
            title=sample.title,
            caption=sample.caption,
            alt_text=sample.alt_text,
            tags=list(sample.tags),
            poster_at=sample.poster_at,
            destinations=["flickr", "youtube"] if sample is samples.FOOTAGE else ["flickr"],
            **more,
        )

    def prepare(self, items: list[Any]) -> None:
        from pressqueue import moves
        from publisher import rendering

        for item in items:
            moves.submit(self.author, item, now=self.now)
        rendering.prepare_submitted(self.worker)
        for item in items:
            item.refresh_from_db()
            assert item.state == "in_review", (item.reference, item.state, item.refusal)

    def approve(self, item: Any) -> None:
        from pressqueue import moves

        moves.approve(self.approver, item, item.package.digest, now=self.now)
        item.refresh_from_db()

    def post(self, item: Any, way: str) -> None:
        from pressqueue import leases, moves

        post = moves.open_posts(item, key=self.worker.key, conceals={"flickr": True}, due_at=self.now, now=self.now)[0]
        post = leases.take(post, "tests", LEASE, now=self.now) if way != "failed" else post
        if way == "failed":
            self._fail(item, post)
            return
        if way == "unsure":
            words = "The connection broke after all bytes had left."
            moves.lose_sight(post, post.fence, words=words, not_before=self.now, now=self.now)
            return
        number = f"5412345{post.pk:04d}"
        url = f"http://127.0.0.1:8765/photos/sandbox-police/{number}/"
        post = moves.sent(post, post.fence, remote_id=number, url=url, media_urls=[], now=self.now)
        post = moves.begin_reveal(post, post.fence, needs_attestation=False, now=self.now)
        post = moves.seen(post, post.fence, now=self.now)
        if way in ("removing", "removed"):
            moves.withdraw(self.author, item, "identified", now=self.now)
        if way == "removed":
            post.refresh_from_db()
            moves.gone(post, post.fence, now=self.now + timedelta(seconds=9))

    def _fail(self, item: Any, post: Any) -> None:
        from pressqueue import leases, moves
        from pressqueue.models import Booking

        slot = item.campaign.slots.get()
        today: datetime = self.now
        booking = moves.book(slot, today.date(), today)
        Booking.objects.filter(pk=booking.pk).update(state="filled", item=item)
        type(post).objects.filter(pk=post.pk).update(booking=booking)
        taken = leases.take(post, "tests", LEASE, now=self.now)
        moves.refuse(taken, taken.fence, words="Flickr does not take this file. Save it again as JPEG.", now=self.now)


if __name__ == "__main__":
    what, place = sys.argv[1], Path(sys.argv[2])
    if what == "found":
        found(place)
    else:
        print(json.dumps(fill(place, film="film" in sys.argv[3:])))
