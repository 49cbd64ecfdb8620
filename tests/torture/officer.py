"""The run's officer: withdraws and edits at random moments, and answers what is put before a person.

officer.py BASE SECRET SEED SHARE: works until told to end. It says what it did, one line each; told "more" it withdraws
beyond its share what is live; told "rest" it says that it does, and from then on only answers.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import django

from torture.orders import Orders

django.setup()

from django.db.models import Q

from pressqueue.errors import QueueError
from pressqueue.models import Account, Notice, Post, Spend, Step
from pressqueue.moves import accounts, items, leases, posts, takedown
from publisher.destinations.youtube.plugin import PLUGIN as YOUTUBE
from publisher.exercise.sandbox.control import Control

from support import factories

PAUSE = 0.15  # seconds between two looks round
AWAY = timedelta(seconds=30)  # what waits longer than this waits for a platform's midnight, or for five minutes
# What stands longest is hit too often by chance: so a state is chosen first, then a Post in it.
MOMENTS = ("waiting", "sending", "unsure", "concealed", "concealed", "revealing", "live", "live", "live", "live")
PATIENCE = 30.0  # seconds until the same Post is answered for again
AT_REST = ("live", "removed", "cancelled", "failed")
EDITED_SHARE = 0.03
REMOVING = ("flickr.photos.setPerms", "flickr.photos.delete", "youtube.videos.update", "youtube.videos.delete")
TURNED_DOWN = 0.5  # of the withdrawals of what is live


def say(**message: Any) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


class Officer:
    def __init__(self, control: Control, dice: random.Random, share: float) -> None:
        self._control, self._dice = control, dice
        self.posts = Post.objects.count()
        self.most, self.most_edited = round(self.posts * share), max(1, round(self.posts * EDITED_SHARE))
        self.withdrawn = self.edited = 0
        self.resting = False
        self._answered: dict[int, float] = {}

    def look_round(self) -> None:
        if not self.resting:
            progress = Post.objects.filter(state__in=AT_REST).count() / self.posts
            if self.withdrawn < self.most * min(1.0, 0.05 + progress * 1.4):
                self.withdraw(self._dice.choice(MOMENTS))
            if self.edited < self.most_edited * min(1.0, 0.1 + progress * 2):
                self.edit()
        self.attend()

    def withdraw(self, state: str) -> None:
        if post := self._one(state):
            if state == "live" and self._dice.random() < TURNED_DOWN:
                self._turn_down(post.remote_id or "")
            self._done(
                "withdrew", post, lambda now: takedown.withdraw(factories.approver(), post.item, "identified", now=now)
            )
            self.withdrawn += 1

    def _turn_down(self, remote_id: str) -> None:
        """The platform will do neither of what a withdrawal asks of it, the first time."""
        for operation in REMOVING:
            self._control.fault(operation, "503", match=remote_id)

    def edit(self) -> None:
        """What was approved is no longer: its Approval is void, and nothing of it may be revealed any more."""
        if post := self._one(self._dice.choice(["waiting", "sending", "concealed", "unsure"])):
            words = f"Other words. {factories.CAPTION}"
            self._done("edited", post, lambda now: items.edit(factories.author(), post.item, caption=words, now=now))
            self.edited += 1

    def _one(self, state: str) -> Post | None:
        found = Post.objects.filter(state=state, item__state="approved", take_down_asked_at__isnull=True)
        return found.select_related("item").order_by("?").first()

    def attend(self) -> None:
        """Whatever waits for a person: accounts, Posts refused or parked, and those nobody can find."""
        self._accounts()
        for post in Post.objects.filter(Q(state="failed") | Q(parked_at__isnull=False)).select_related("item")[:10]:
            self._decide(post)
        lost = [int(cause.split(":")[1]) for cause in _standing("unsure:")]
        for post in Post.objects.filter(pk__in=lost, state="unsure").select_related("item"):
            self._settle(post)

    def _accounts(self) -> None:
        now = leases.database_now()
        for account in Account.objects.exclude(stop="none"):
            accounts.reconnected(account.pk, now)
            say(did="renewed a consent" if account.stop == "auth" else "midnight came", platform=account.pk)
        # A platform's midnight is scaled as everything else is: what waits for it goes on at once.
        Spend.objects.filter(exhausted_until__gt=now).update(exhausted_until=None)
        waits = Q(not_before__gt=now + AWAY)
        Post.objects.filter(waits, until__isnull=True).exclude(state__in=AT_REST).update(not_before=now)
        Step.objects.filter(waits, state="waiting").update(not_before=now)

    def _decide(self, post: Post) -> None:
        things = [thing for thing in self._things(post) if thing["deleted"] is None]
        if any(thing["processing"] == "failed" for thing in things):
            what, act = "withdrew a broken file", self._take_back(post)
        elif post.state in ("blocked", "missing"):
            return  # looked at again by the machine
        else:
            what, act = f"retried {post.state}", lambda now: posts.retry(factories.approver(), post, now=now)
        self._done(what, post, act)

    def _take_back(self, post: Post) -> Callable[[datetime], Any]:
        return lambda now: takedown.withdraw(factories.approver(), post.item, "wrong_image", now=now)

    def _settle(self, post: Post) -> None:
        """With both readings side by side: the ledger's, and what stands at the platform."""
        if time.monotonic() - self._answered.get(post.pk, -PATIENCE) < PATIENCE:
            return  # answered already; the machine is looking
        self._answered[post.pk] = time.monotonic()
        standing = [thing["id"] for thing in self._things(post) if thing["deleted"] is None]
        there = standing[0] if standing else None
        forget = YOUTUBE.temporary_keys  # Flickr's plug-in names none
        self._done(
            "settled", post, lambda now: posts.settle(factories.approver(), post, there=there, forget=forget, now=now)
        )

    def _things(self, post: Post) -> list[dict[str, Any]]:
        return [thing for thing in self._control.things(post.destination) if any(post.mark in t for t in thing["tags"])]

    def _done(self, what: str, post: Post, act: Callable[[datetime], Any]) -> None:
        was = Post.objects.values_list("state", flat=True).get(pk=post.pk)
        try:
            act(leases.database_now())
        except QueueError as refused:  # the machine was quicker
            say(did="was refused", what=what, why=type(refused).__name__)
            return
        say(did=what, post=post.pk, state=was, at=time.time())


def _standing(prefix: str) -> list[str]:
    return list(
        Notice.objects.filter(cause__startswith=prefix, cleared_at__isnull=True).values_list("cause", flat=True)
    )


def main() -> None:
    base, secret, seed, share = sys.argv[1:]
    officer = Officer(Control(base, secret), random.Random(int(seed)), float(share))
    say(ready=True)
    orders = Orders()
    while (order := orders.next(PAUSE)) is not None:
        if order == "rest":
            officer.resting = True
            say(rests=True)
        elif order == "more":
            officer.withdraw("live")
        officer.look_round()


if __name__ == "__main__":
    main()
