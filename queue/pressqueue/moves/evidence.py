"""What leaves the office as evidence: each is a line of the log before it is handed over (DPA 2018 s.62)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from pressqueue import powers
from pressqueue.actors import Actor
from pressqueue.audit import moving
from pressqueue.cleaning import clean_texts
from pressqueue.errors import Forbidden
from pressqueue.models import Item, Officer


@clean_texts
def audit_exported(
    actor: Actor, *, since: str = "", until: str = "", texts: bool, why: str, recipient: str = "", now: datetime
) -> int:
    """Log an export of the log; returns the number of that Entry. Administrators and approvers may export.

    `since`, `until`: ISO 8601, empty for the log's beginning and its end. Raises Forbidden.
    """
    powers.demand(actor, "audit_exported")
    with moving(actor, now) as log:
        log.note("audit_exported", _told(why, recipient), since=since, until=until, texts=int(texts))
    return log.lines[0].number


@clean_texts
def evidence_packed(
    actor: Actor, item: Item, *, sha256: str, originals: bool, why: str, recipient: str = "", now: datetime
) -> int:
    """Log that an evidence pack of this Item is handed over; returns the number of that Entry. Raises Forbidden."""
    may_pack(actor, item)
    with moving(actor, now) as log:
        log.note(
            "evidence_packed", _told(why, recipient),
            item=item.pk, reference=item.reference, pack=sha256, originals=int(originals),
        )  # fmt: skip
    return log.lines[0].number


@clean_texts
def may_pack(actor: Actor, item: Item) -> None:
    """Raise Forbidden for somebody who may not pack this Item: an investigator packs their own cases only."""
    powers.demand(actor, "may_pack")
    own_cases = Q(investigator=True, cases__item=item)
    working = Q(administrator=True) | Q(may_author=True) | Q(may_approve=True)
    _demand(
        actor, working | own_cases, f"You may not make an evidence pack of {item.reference}: it is not a case of yours."
    )


@clean_texts
def anchor_key_introduced(actor: Actor, *, key: str, why: str, reason: str = "", now: datetime) -> None:
    """Log a new key that signs anchors ("first", "rotation" or "lost"). Administrators only. Raises Forbidden."""
    powers.demand(actor, "anchor_key_introduced")
    with moving(actor, now) as log:
        log.note("anchor_key", reason, key=key, why=why)


@clean_texts
def may_introduce_key(actor: Actor) -> None:
    """Raise Forbidden for everybody but an administrator."""
    powers.demand(actor, "may_introduce_key")


def _demand(actor: Actor, condition: Q, message: str) -> None:
    if not Officer.objects.filter(condition, pk=actor.officer_id or 0, is_active=True).exists():
        raise Forbidden(message)


def _told(why: str, recipient: str) -> str:
    return f"For {recipient}: {why}" if recipient else why
