"""People sought: their numbers, the Items that show them, and what became of the search."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from pressqueue import locks, notices, register
from pressqueue.actors import Actor
from pressqueue.audit import Log, moving
from pressqueue.errors import Forbidden
from pressqueue.models import Campaign, Item, Officer, Subject
from pressqueue.moves.takedown import block, demand_active, take_down_inherited, withdraw_held

# What ends a search takes everything down at once and needs nobody's consent (R25).
ENDINGS = ("identified", "surrendered", "arrested", "charged", "eliminated")
NAMED = "named_unconfirmed"  # somebody gave a name: a person looks again, nothing comes down
OUTCOMES = (*ENDINGS, NAMED)


def make_subject(actor: Actor, campaign: Campaign, *, now: datetime) -> Subject:
    """A person sought, with the campaign's next number. Raises Forbidden for anyone but an active author.

    Items and Subjects share one sequence, so a number the public quotes means one thing and is never used again.
    """
    if not Officer.objects.filter(pk=actor.officer_id or 0, is_active=True, may_author=True).exists():
        raise Forbidden("Only an active author may give a person a number.")
    with moving(actor, now) as log:
        locks.office()
        held = locks.campaign(campaign.pk)
        subject = Subject.objects.create(number=f"{held.prefix}-{held.next_number:04d}", campaign=held, created_at=now)
        held.next_number += 1
        held.save(update_fields=["next_number"])
        log.note("subject_made", subject=subject.pk, number=subject.number)
    return subject


def link(log: Log, item: Item, subjects: Iterable[Subject]) -> None:
    """Say who is shown. The caller holds the Item and every one of these Subjects; Raises Forbidden."""
    people = list(locks.subjects(each.pk for each in subjects))
    faceless = item.kind == Item.Kind.FEATURE or item.purpose == Item.Purpose.PROPERTY
    if people and faceless:
        raise Forbidden("A feature, or an appeal about property, a vehicle or a scene, shows nobody who is sought.")
    for each in people:
        if each.outcome in ENDINGS:
            raise Forbidden(f"The search for {each.number} is over ({each.outcome}): no Item may show that person.")
    item.subjects.set(people)
    log.note("subjects_linked", item=item.pk, subjects=[each.pk for each in people])


def outcome(actor: Actor, subject: Subject, became: str, *, now: datetime) -> list[Item]:
    """What became of the search, recorded by any active officer alone; answers the Items that come down.

    An ending withdraws everything that shows this person, whole and whatever its state, also what only shares its
    Original, and blocks the pictures. `named_unconfirmed` withdraws nothing and asks for a review.
    """
    if became not in OUTCOMES:
        raise Forbidden(f"“{became}” is no outcome. Known are: {', '.join(OUTCOMES)}.")
    demand_active(actor, "record an outcome")
    with moving(actor, now) as log:
        office = locks.office()
        (mine,) = locks.subjects([subject.pk])
        if became == NAMED and mine.outcome in ENDINGS:
            raise Forbidden(f"The search for {mine.number} is over already ({mine.outcome}).")
        mine.outcome, mine.outcome_at = became, now
        mine.save(update_fields=["outcome", "outcome_at"])
        log.note("subject_outcome", subject=mine.pk, number=mine.number, outcome=became)
        if became == NAMED:
            _ask_for_a_review(mine, now)
            return []
        held = locks.items(_showing(mine), office)
        for each in held:
            withdraw_held(log, each, became, now)
        block(log, [each.item for each in held], became, now, mine)
        take_down_inherited(log, [mine], became, now)
        down = [each.item.reference for each in held]
        register.note(now, "outcome", subject=mine.number, outcome=became, items=down)
        notices.clear(f"named:{mine.pk}", now)
    return [each.item for each in held]


def _showing(subject: Subject) -> list[int]:
    """Every Item that shows this person: linked, or made of the same bytes as one that is."""
    originals = Item.objects.filter(subjects=subject).values("original_id")
    shown = Item.objects.filter(Q(subjects=subject) | Q(original_id__in=originals))
    return list(shown.distinct().order_by("pk").values_list("pk", flat=True))


def _ask_for_a_review(subject: Subject, now: datetime) -> None:
    words = (
        f"Somebody was named as {subject.number}, not confirmed yet. Decide whether it should stay up; once it is "
        f"certain: `publisher outcome {subject.number} identified`."
    )
    notices.tell(f"named:{subject.pk}", words, now, subject.number)
