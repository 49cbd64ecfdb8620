"""Why a Post does not go on: one sentence for an officer, from everything that can keep it waiting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from pressqueue.destination_names import name_of
from pressqueue.holds import held_because
from pressqueue.local import at
from pressqueue.models import Account, Office, Post, Spend
from pressqueue.moves import accounts, leases
from pressqueue.states import ENDED, ItemState, PostState

STUCK = (PostState.FAILED, PostState.BLOCKED, PostState.MISSING)


def why_waiting(post: Post, now: datetime) -> str:
    """Returns the first reason why the Post waits, as a sentence; empty where it is live, or has ended.

    `post` comes with its Item and campaign (`select_related("item__campaign")`). Changes nothing.
    """
    return reasons([post], now)[post.pk]


def reasons(posts: Iterable[Post], now: datetime) -> dict[int, str]:
    """Returns the first reason for each of these Posts, by its key.

    Six queries for any number of Posts, none where nothing waits.
    """
    every = list(posts)
    waiting = [post for post in every if not _at_rest(post)]
    situation = _read(waiting, now) if waiting else None
    return {post.pk: situation.of(post) if situation and not _at_rest(post) else "" for post in every}


def _at_rest(post: Post) -> bool:
    return post.state in ENDED or (post.state == PostState.LIVE and post.amending_id is None)


@dataclass(frozen=True, slots=True)
class _Situation:
    """What the office and its accounts are like now. Accounts by destination."""

    now: datetime
    office: Office
    accounts: dict[str, Account]
    sends_nothing: frozenset[str]  # destinations that take nothing new
    publishes_nothing: frozenset[str]
    used_up: dict[str, datetime]  # quota: until when
    pending_takedown: frozenset[int]  # Posts whose account has something to take down first

    def of(self, post: Post) -> str:
        found = self._removing(post) if _comes_down(post) else self._going_out(post)
        return next((reason for reason in found if reason), f"{post.words} Publisher works on it next.".strip())

    def _removing(self, post: Post) -> Iterator[str]:
        if post.handed_at is not None:
            yield f"{name_of(post.destination)} refuses to remove it: an officer must remove it there by hand."
        yield self._resting(post)
        yield self._in_hand(post)
        yield self._tried_later(post)

    def _going_out(self, post: Post) -> Iterator[str]:
        item = post.item
        if post.parked_at is not None:
            yield f"An officer must act. {post.words}".strip()
        if post.state in STUCK:
            yield post.words or "An officer must act."
        if post.state == PostState.WAITING:
            yield held_because(self.office, item.campaign, item)
            if item.state != ItemState.APPROVED:
                yield f"{item.reference} is not approved."
        yield self._in_hand(post)
        if post.destination in (self.sends_nothing if post.state == PostState.WAITING else self.publishes_nothing):
            yield self._resting(post) or self._stopped(post)
        yield self._used_up(post)
        if post.pk in self.pending_takedown:
            yield f"Publisher is removing something from {name_of(post.destination)} first."
        yield self._tried_later(post)

    def _in_hand(self, post: Post) -> str:
        return "Publisher is working on it now." if post.until is not None and post.until > self.now else ""

    def _resting(self, post: Post) -> str:
        account = self.accounts.get(post.destination)
        if account is None or account.broken_until is None or account.broken_until <= self.now:
            return ""
        where, again = name_of(post.destination), at(account.broken_until)
        return f"{where} does not answer properly. Publisher asks it again at {again}."

    def _stopped(self, post: Post) -> str:
        account = self.accounts.get(post.destination)
        return account.words if account is not None else ""

    def _used_up(self, post: Post) -> str:
        until = self.used_up.get(post.destination)
        return f"The quota of {name_of(post.destination)} is used up until {at(until)}." if until is not None else ""

    def _tried_later(self, post: Post) -> str:
        if post.not_before <= self.now:
            return ""
        if post.tries == 0 and not post.words:
            return f"It is due at {at(post.not_before)}."
        return f"{post.words} Publisher tries again at {at(post.not_before)}.".strip()


def _comes_down(post: Post) -> bool:
    return post.state == PostState.REMOVING or post.take_down_asked_at is not None


def _read(posts: list[Post], now: datetime) -> _Situation:
    names, keys = {post.destination for post in posts}, [post.pk for post in posts]
    spent = Spend.objects.filter(destination__in=names, exhausted_until__gt=now).order_by("exhausted_until")
    yielding = Post.objects.filter(~Q(state=PostState.UNSURE), leases.pending_takedown("destination", now), pk__in=keys)
    return _Situation(
        now=now,
        office=Office.objects.get(),
        accounts={account.pk: account for account in Account.objects.filter(pk__in=names)},
        sends_nothing=frozenset(accounts.stopped(now, sending=True).values_list("pk", flat=True)),
        publishes_nothing=frozenset(accounts.stopped(now).values_list("pk", flat=True)),
        used_up={name: until for name, until in spent.values_list("destination", "exhausted_until") if until},
        pending_takedown=frozenset(yielding.values_list("pk", flat=True)),
    )
