"""Platform accounts: what stops one, for how long, and who set it going again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from pressqueue.destination_names import name_of
from pressqueue.models import Account, Post
from pressqueue.moves import circuit_breaker, notices
from pressqueue.states import PostState

LIMITS = ("uploads", "account")  # stops that end by themselves
# How often an account that stopped without a known end is asked whether it still does: doubled each time.
ASK_FIRST, ASK_MOST = timedelta(minutes=15), timedelta(hours=6)


def connected_at(destination: str) -> datetime | None:
    """Returns when somebody last gave this account's consent; None where nobody recorded it."""
    return Account.objects.filter(pk=destination).values_list("connected_at", flat=True).first()


def stop(
    destination: str,
    kind: str,
    until: datetime | None,
    message: str,
    now: datetime,
    *,
    connected_at: datetime | None = None,
) -> None:
    """Stop an account. "uploads" stops sending and "account" all publishing until `until`; "auth" has no end.

    "auth" lasts until a person reconnects the account or a plain request is let in. A shorter stop does not replace one
    without an end. `connected_at` is the time of the consent that the refused call used; where a person has renewed it
    since, nothing stops. The UPDATE itself compares it, so that no renewal can come between.
    """
    Account.objects.get_or_create(destination=destination, defaults={"connected_at": connected_at})
    unchanged = Account.objects.filter(pk=destination, connected_at=connected_at)
    if connected_at is None:
        unchanged = Account.objects.filter(pk=destination, connected_at__isnull=True)
    if kind != "auth":
        changed = unchanged.exclude(stop="auth").update(stop=kind, until=until, words=message)
    else:
        changed = unchanged.update(stop=kind, until=until, words=message)
        _ask_again_later(unchanged, now)
    if changed:
        ends = f":{until:%Y%m%d%H%M}" if until else ""
        notices.notify(
            f"account:{destination}:{kind}{ends}", f"Publishing to {name_of(destination)} has stopped. {message}", now
        )


def _ask_again_later(stopped: QuerySet[Account], now: datetime) -> None:
    """When a stop that nobody can date is asked after: sooner where it is the first for a day."""
    first = Q(ask_again_at__isnull=True) | Q(ask_again_at__lt=now - ASK_MOST)
    stopped.filter(first).update(ask_again_at=now + ASK_FIRST, asked=0)
    stopped.filter(ask_again_at__lte=now).update(ask_again_at=now + ASK_FIRST)


def claim_to_ask(names: Iterable[str], now: datetime) -> list[str]:
    """Claim the accounts that stopped without a known end and are due for a plain request; returns their names.

    Each account is claimed by one caller only.
    """
    return [account.pk for account in to_ask(names, now) if _claimed(account, now)]


def to_ask(names: Iterable[str], now: datetime) -> QuerySet[Account]:
    """Returns the accounts of these that stopped without a known end and are due for a plain request."""
    due = Account.objects.filter(Q(ask_again_at__isnull=True) | Q(ask_again_at__lte=now), stop="auth")
    return due.filter(pk__in=list(names)).exclude(pk__in=circuit_breaker.resting(now)).order_by("pk")


def _claimed(account: Account, now: datetime) -> bool:
    wait = min(ASK_MOST, ASK_FIRST * 2 ** min(account.asked + 1, 10))
    unchanged = Account.objects.filter(pk=account.pk, stop="auth", ask_again_at=account.ask_again_at)
    if account.ask_again_at is None:
        unchanged = Account.objects.filter(pk=account.pk, stop="auth", ask_again_at__isnull=True)
    return unchanged.update(ask_again_at=now + wait, asked=F("asked") + 1) == 1


def answers_again(destination: str, now: datetime) -> None:
    """Record that the platform let a plain request in: the stop is over, whoever ended its cause."""
    if Account.objects.filter(pk=destination, stop="auth").update(stop="none", until=None, words=""):
        circuit_breaker.withdraw_at_once(destination, now)
        notices.clear(f"account:{destination}:auth", now)


def stopped(now: datetime, *, sending: bool = False) -> QuerySet[Account]:
    """Returns the accounts on which nothing is published now: a limit, a consent, or a platform that does not answer.

    With `sending` also those to which only nothing new may be sent.
    """
    limits = LIMITS if sending else ("account",)
    stops = Q(stop="auth") | Q(stop__in=limits, until__gt=now)
    return Account.objects.filter(stops | Q(pk__in=circuit_breaker.resting(now)))


def closed_to(post: Post, now: datetime) -> bool:
    """Whether no request may be made for this Post: its account may have stopped after the round was listed."""
    if post.state == PostState.REMOVING or post.take_down_asked_at is not None:
        accounts = circuit_breaker.resting(now)
    else:
        accounts = stopped(now, sending=post.state == PostState.WAITING)
    return accounts.filter(pk=post.destination).exists()


def stopped_because(destination: str, now: datetime) -> str:
    """Returns why nothing is published there now, or an empty text."""
    account = Account.objects.filter(pk=destination).first()
    if account is None or account.stop == "none":
        return ""
    if account.stop in LIMITS and account.until is not None and account.until <= now:
        return ""
    return account.words


def over_their_limit(now: datetime) -> QuerySet[Account]:
    """Returns the accounts that stopped until a time that has passed."""
    return Account.objects.filter(stop__in=LIMITS, until__lte=now)


def resume_those_whose_limit_has_ended(now: datetime) -> int:
    """End the stops whose time has passed and clear their Notices; returns how many accounts resume."""
    names = list(over_their_limit(now).values_list("destination", flat=True))
    for name in names:
        Account.objects.filter(pk=name, stop__in=LIMITS, until__lte=now).update(stop="none", until=None, words="")
        for kind in LIMITS:
            notices.clear(f"account:{name}:{kind}", now)
    return len(names)


def reconnected(destination: str, now: datetime) -> None:
    """A person renewed the consent: the account resumes, and pending takedowns there are tried at once."""
    fresh = {
        "stop": "none", "until": None, "words": "", "failures": 0, "broken_until": None, "broken_at": None,
        "connected_at": now, "ask_again_at": None, "asked": 0,
    }  # fmt: skip
    Account.objects.update_or_create(destination=destination, defaults=fresh)
    circuit_breaker.withdraw_at_once(destination, now)
    notices.clear(f"account:{destination}", now)
