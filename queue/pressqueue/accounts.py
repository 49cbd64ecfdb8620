"""Platform accounts: what stops one, for how long, and who set it going again."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from pressqueue import breaker, notices
from pressqueue.models import Account, Post
from pressqueue.states import PostState

LIMITS = ("uploads", "account")  # stops that end by themselves


def stop(destination: str, kind: str, until: datetime | None, words: str, now: datetime) -> None:
    """Stop an account: "uploads" stops sending and "account" all publishing until `until`, "auth" until a person acts.

    A shorter stop does not replace one that a person must end.
    """
    if kind != "auth" and Account.objects.filter(pk=destination, stop="auth").exists():
        return
    Account.objects.update_or_create(destination=destination, defaults={"stop": kind, "until": until, "words": words})
    ends = f":{until:%Y%m%d%H%M}" if until else ""
    notices.tell(f"account:{destination}:{kind}{ends}", f"Publishing to {destination} has stopped. {words}", now)


def stopped(now: datetime, *, sending: bool = False) -> QuerySet[Account]:
    """The accounts on which nothing is published now: a limit, a consent, or a platform that does not answer.

    With `sending` also those to which only nothing new may be sent.
    """
    limits = LIMITS if sending else ("account",)
    stops = Q(stop="auth") | Q(stop__in=limits, until__gt=now)
    return Account.objects.filter(stops | Q(pk__in=breaker.resting(now, withdrawing=False)))


def closed_to(post: Post, now: datetime) -> bool:
    """Whether nothing may be asked for this Post: a round that was read before may meet an account stopped since."""
    if post.state == PostState.REMOVING or post.take_down_asked_at is not None:
        accounts = breaker.resting(now, withdrawing=True)
    else:
        accounts = stopped(now, sending=post.state == PostState.WAITING)
    return accounts.filter(pk=post.destination).exists()


def stopped_because(destination: str, now: datetime) -> str:
    """Why nothing is published there now, or an empty text."""
    account = Account.objects.filter(pk=destination).first()
    if account is None or account.stop == "none":
        return ""
    if account.stop in LIMITS and account.until is not None and account.until <= now:
        return ""
    return account.words


def resume_those_whose_limit_has_ended(now: datetime) -> int:
    """A limit that ends by itself leaves no Notice standing. Answers how many accounts go on."""
    over = Account.objects.filter(stop__in=LIMITS, until__lte=now)
    names = list(over.values_list("destination", flat=True))
    for name in names:
        Account.objects.filter(pk=name, stop__in=LIMITS, until__lte=now).update(stop="none", until=None, words="")
        for kind in LIMITS:
            notices.clear(f"account:{name}:{kind}", now)
    return len(names)


def reconnected(destination: str, now: datetime) -> None:
    """A person renewed the consent: the account goes on, and what must come down there is tried at once."""
    fresh = {"stop": "none", "until": None, "words": "", "failures": 0, "broken_until": None, "broken_at": None}
    Account.objects.update_or_create(destination=destination, defaults=fresh)
    asked = Q(state=PostState.REMOVING) | Q(state=PostState.UNSURE, take_down_asked_at__isnull=False)
    Post.objects.filter(asked, destination=destination, until__isnull=True).update(not_before=now)
    notices.clear(f"account:{destination}", now)
