"""A press office at work: its worker, the two platforms on loopback, and a clock; people act by the moves."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pressqueue import gates
from pressqueue.actors import Actor
from pressqueue.models import Approval, Item, Post, Step
from pressqueue.moves import items
from publisher.exercise.sandbox.control import Control
from publisher.scheduling import scheduler
from publisher.workers.worker import Worker

from support import approved_posts, factories
from support.factories import Clock

UNDER_WAY = ["waiting", "sending", "concealed", "revealing", "removing"]


@dataclass
class Newsroom:
    """Everything in it is now, by one clock that the platforms share."""

    worker: Worker
    clock: Clock
    control: Control
    made: int = 0

    def received(self) -> Any:
        """A picture as it came in: its own bytes, in the vault."""
        self.made += 1
        body = approved_posts.body(False, self.made) + self.made.to_bytes(4, "big")
        kept = self.worker.office.media / "originals" / hashlib.sha256(body).hexdigest()[:2]
        kept.mkdir(parents=True, exist_ok=True)
        (kept / hashlib.sha256(body).hexdigest()).write_bytes(body)
        return factories.original(body)

    def appeal(self, **changes: Any) -> Item:
        """A draft of now for Flickr, to go out at once, unless something else is said."""
        now = self.clock.now
        return factories.appeal(now=now, **{"original": self.received(), **changes})

    def film(self, **changes: Any) -> Item:
        """The same of a film, for YouTube."""
        self.made += 1
        original = factories.original(f"film {self.made}".encode(), kind="footage")
        return factories.appeal(now=self.clock.now, **{"destinations": ["youtube"], "original": original, **changes})

    def prepared(self, item: Item) -> Item:
        """Submitted, and its files made: bytes the platforms take, each Item's own."""
        now, folder = self.clock.now, self.worker.office.folder
        items.submit(factories.author(), item, now=now)
        self.made += 1
        still = approved_posts.body(False, self.made) + self.made.to_bytes(4, "big")
        if item.original.kind == "still":
            main, thumbnail = approved_posts.keep(folder, item, "main", still, "image/jpeg", now), None
        else:
            main = approved_posts.keep(folder, item, "main", approved_posts.body(True, self.made), "video/mp4", now)
            thumbnail = approved_posts.keep(folder, item, "thumbnail", still, "image/jpeg", now)
        items.rendered(Item.objects.get(pk=item.pk), main, thumbnail, now=now)
        return Item.objects.get(pk=item.pk)

    def ready(self, item: Item) -> Item:
        """And verified by the officer in the case."""
        return factories.verified(self.prepared(item), now=self.clock.now)

    def approve(self, item: Item, who: Actor | None = None, said: gates.Deciding | None = None) -> Approval:
        """As it stands, after everything was shown to them."""
        fresh = Item.objects.get(pk=item.pk)
        assert fresh.package is not None
        return factories.decide(who or factories.approver(), fresh, fresh.package.digest, said=said, now=self.clock.now)

    def approved(self, item: Item, said: gates.Deciding | None = None) -> Item:
        """All the way from the draft."""
        self.approve(self.ready(item), said=said)
        return Item.objects.get(pk=item.pk)

    def ring(self, most: int = 60) -> None:
        """The bell, a second apart, while there is something to do."""
        for _ in range(most):
            scheduler.round(self.worker)
            waiting = Post.objects.filter(state__in=UNDER_WAY).exists()
            if not waiting and not Step.objects.filter(state="waiting").exists():
                return
            self.pass_by(timedelta(seconds=1))

    def until(self, moment: datetime, every: timedelta = timedelta(hours=6)) -> None:
        """Nothing but the bell is rung until this moment: every few hours, and then while there is something to do."""
        while self.clock.now < moment:
            self.pass_by(min(every, moment - self.clock.now))
            self.ring()

    def pass_by(self, span: timedelta) -> None:
        """That much time, here and at the platforms."""
        self.clock.now += span
        self.control.advance(span.total_seconds())

    def public(self, platform: str = "flickr") -> list[str]:
        """The titles of what the public sees there, in the order it came."""
        things = self.control.things(platform)
        return [each["title"] for each in things if each["visibility"] == "public" and not each["deleted"]]
