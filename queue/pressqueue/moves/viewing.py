"""Who looked at what: sittings with their reason, each picture read in them, and bytes handed over in full.

A Viewing's parts write no Entry, like the renewal of a lease: what counts of them is in the Entry of the decision.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from pressqueue import powers, sittings
from pressqueue.actors import Actor
from pressqueue.audit import moving
from pressqueue.cleaning import clean_texts
from pressqueue.errors import Forbidden
from pressqueue.models import Consultation, Item, Officer, ReviewSession, Viewing

SHORTEST, LONGEST = 5, 500  # characters of a reason


@clean_texts
def begin_sitting(actor: Actor, session: str, why: str, *, now: datetime) -> ReviewSession:
    """Begin a sitting, with the officer's reason for viewing pictures of people sought. Raises Forbidden.

    `session` is the SHA-256 of the signed-in session's key, 64 hex digits. An earlier sitting of that session ends.
    """
    powers.demand(actor, "begin_sitting")
    reason = why.strip()
    if not SHORTEST <= len(reason) <= LONGEST:
        raise Forbidden(f"Say in {SHORTEST} to {LONGEST} characters why you are viewing these images.")
    with moving(actor, now) as log:
        officer = (
            Officer.objects.select_for_update(no_key=True).filter(pk=actor.officer_id or 0, is_active=True).first()
        )
        if officer is None:
            raise Forbidden("Only a person with an active account may look at these pictures.")
        for old in ReviewSession.objects.filter(officer=officer, ended_at__isnull=True):
            if old.session == session or sittings.is_over(old, now):
                ReviewSession.objects.filter(pk=old.pk).update(ended_at=old.used_at)
                log.note("sitting_ended", sitting=old.pk, officer=officer.pk)
        sitting = ReviewSession.objects.create(officer=officer, session=session, why=reason, began_at=now, used_at=now)
        log.note("sitting_began", text=reason, sitting=sitting.pk, officer=officer.pk)
    return sitting


@clean_texts
def record_view(actor: Actor, sitting: ReviewSession, item: Item, sha256: str, *, now: datetime) -> bool:
    """Log that a picture of a person sought is about to be read (DPA 2018 s.62).

    Returns True the first time in this sitting. Written before the first byte goes out, so that nobody reads a picture
    without a line in the log.
    """
    if now - sitting.used_at >= sittings.TO_THE_MINUTE:
        ReviewSession.objects.filter(pk=sitting.pk, ended_at__isnull=True, used_at__lt=now).update(used_at=now)
    if Consultation.objects.filter(sitting=sitting, item=item, sha256=sha256).exists():
        return False
    with moving(actor, now) as log:
        _, first = Consultation.objects.get_or_create(
            sitting=sitting, item=item, sha256=sha256, defaults={"at": now}
        )  # fmt: skip
        if first:
            log.note("picture_read", item=item.pk, sha256=sha256, sitting=sitting.pk, officer=sitting.officer_id)
    return first


@clean_texts
def handed_over(
    actor: Actor, session: str, item: Item, sha256: str, part: tuple[int, int], *, size: int, began_at: datetime,
    now: datetime,
) -> Viewing:  # fmt: skip
    """Record that bytes [from, to) of a file of `size` bytes went to this session.

    The Viewing is whole once no byte is missing (R6).
    """
    with transaction.atomic():
        key = {"officer_id": actor.officer_id, "session": session, "item_id": item.pk, "sha256": sha256}
        rows = Viewing.objects.select_for_update(no_key=True).filter(**key)
        viewing = rows.first()
        if viewing is None:
            # Item before Officer, as a decision locks them: a new row's foreign keys hold both. And whoever holds the
            # Item is alone in making the row, so that the second look at it is the last.
            Item.objects.select_for_update(no_key=True).get(pk=item.pk)
            viewing = rows.first() or Viewing(**key, began_at=began_at)
        viewing.parts = merged([*((first, to) for first, to in viewing.parts), part])
        viewing.began_at = min(viewing.began_at, began_at)
        if viewing.whole_at is None and viewing.parts == [[0, size]]:
            viewing.whole_at = now
        # A new row has no key yet, so that this inserts it.
        viewing.save(update_fields=None if viewing._state.adding else ["parts", "began_at", "whole_at"])
    return viewing


def merged(parts: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Returns half-open parts in order: those that overlap or touch become one, empty ones are left out."""
    found: list[list[int]] = []
    for first, to in sorted(part for part in parts if part[0] < part[1]):
        if found and first <= found[-1][1]:
            found[-1][1] = max(found[-1][1], to)
        else:
            found.append([first, to])
    return found
