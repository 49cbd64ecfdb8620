"""Platform accounts: what stops one, for how long, and who set it going again."""

from __future__ import annotations

from datetime import datetime

from pressqueue import notices
from pressqueue.models import Account


def stop(destination: str, kind: str, until: datetime | None, words: str, now: datetime) -> None:
    """Stop publishing on an account: "account" ends by itself at `until`, "auth" when a person reconnects."""
    Account.objects.update_or_create(destination=destination, defaults={"stop": kind, "until": until, "words": words})
    ends = f":{until:%Y%m%d%H%M}" if until else ""
    notices.tell(f"account:{destination}:{kind}{ends}", f"Publishing to {destination} has stopped. {words}", now)


def stopped_because(destination: str, now: datetime) -> str:
    """Why nothing is published there now, or an empty text."""
    account = Account.objects.filter(pk=destination).first()
    if account is None or account.stop == "none":
        return ""
    if account.stop == "account" and account.until is not None and account.until <= now:
        return ""
    return account.words


def resume_those_whose_limit_has_ended(now: datetime) -> int:
    """A limit that ends by itself leaves no Notice standing. Answers how many accounts go on."""
    over = Account.objects.filter(stop="account", until__lte=now)
    names = list(over.values_list("destination", flat=True))
    for name in names:
        Account.objects.filter(pk=name, stop="account", until__lte=now).update(stop="none", until=None, words="")
        notices.clear(f"account:{name}:account", now)
    return len(names)


def reconnected(destination: str, now: datetime) -> None:
    """A person renewed the consent: the account goes on."""
    Account.objects.update_or_create(destination=destination, defaults={"stop": "none", "until": None, "words": ""})
    notices.clear(f"account:{destination}", now)
