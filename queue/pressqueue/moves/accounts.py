"""Platform accounts: what an officer attests about one."""

from __future__ import annotations

from datetime import datetime

from pressqueue.actors import Actor
from pressqueue.audit import moving
from pressqueue.errors import Forbidden
from pressqueue.models import Account, Officer


def attest_comments_closed(actor: Actor, destination: str, *, now: datetime) -> Account:
    """An officer looked at the account's settings and says that comments are off by default (R17).

    The gate believes it for 30 days. Raises Forbidden for anyone but a person with an active account.
    """
    officer = None if actor.officer_id is None else Officer.objects.filter(pk=actor.officer_id, is_active=True).first()
    if officer is None:
        raise Forbidden("Only a person with an active account may attest this.")
    with moving(actor, now) as log:
        account, _ = Account.objects.get_or_create(destination=destination)
        account.comments_closed_at, account.comments_closed_by = now, officer
        account.save(update_fields=["comments_closed_at", "comments_closed_by"])
        log.note("comments_attested", destination=destination, officer=officer.pk)
    return account
