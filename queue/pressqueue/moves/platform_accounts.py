"""Platform accounts: what an officer attests about one, and with which evidence."""

from __future__ import annotations

from datetime import datetime

from pressqueue import powers
from pressqueue.actors import Actor
from pressqueue.audit import moving
from pressqueue.cleaning import clean_texts
from pressqueue.errors import Forbidden
from pressqueue.models import Account, Original
from pressqueue.moves.verification import FORM


@clean_texts
def attest_comments_closed(actor: Actor, destination: str, evidence: Original, *, now: datetime) -> Account:
    """A press officer, who viewed the account's settings, attests that comments are off by default (R17).

    `evidence` is a picture or PDF of these settings, kept as a form is. The gate accepts it for the time the policy
    gives. Raises Forbidden for anyone but an author, and without evidence.
    """
    officer = powers.demand(actor, "attest_comments_closed")
    if evidence.kind != FORM:
        raise Forbidden("Attach a picture or a PDF of the channel's settings, as it was when you looked.")
    with moving(actor, now) as log:
        account, _ = Account.objects.get_or_create(destination=destination)
        account.comments_closed_at, account.comments_closed_by, account.comments_evidence = now, officer, evidence
        account.save(update_fields=["comments_closed_at", "comments_closed_by", "comments_evidence"])
        log.note("comments_attested", destination=destination, officer=officer.pk, evidence=evidence.sha256)
    return account
