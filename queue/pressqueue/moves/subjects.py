"""People sought: their numbers, the Items that show them, and what became of the search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from pressqueue import gates, local, locks, powers, records, register
from pressqueue.actors import Actor
from pressqueue.audit import Log, moving
from pressqueue.cleaning import clean_texts
from pressqueue.errors import Forbidden
from pressqueue.gates.checks import counts_somewhere
from pressqueue.models import Campaign, Edit, Item, ProceedingsCheck, Subject
from pressqueue.moves import notices
from pressqueue.moves.item_access import demand_own_case
from pressqueue.moves.reopening import reopen_held
from pressqueue.moves.takedown import block, take_down_inherited, withdraw_held
from pressqueue.proceedings import Proceedings, forbids_more
from pressqueue.states import COUNTS_AS_PUBLIC, ItemState, PostState

# What ends a search takes everything down at once and needs nobody's consent (R25).
ENDINGS = ("identified", "surrendered", "arrested", "charged", "eliminated")
NAMED = "named_unconfirmed"  # somebody gave a name: a person looks again, nothing comes down
OUTCOMES = (*ENDINGS, NAMED)


@clean_texts
def make_subject(actor: Actor, campaign: Campaign, *, now: datetime) -> Subject:
    """Create a person sought, with the campaign's next number. Raises Forbidden for anyone but an active author.

    Items and Subjects share one sequence, so a number the public quotes means one thing and is never used again.
    """
    powers.demand(actor, "make_subject")
    with moving(actor, now) as log:
        locks.office()
        held = locks.campaign(campaign.pk)
        subject = Subject.objects.create(number=f"{held.prefix}-{held.next_number:04d}", campaign=held, created_at=now)
        held.next_number += 1
        held.save(update_fields=["next_number"])
        log.note("subject_made", subject=subject.pk, number=subject.number)
    return subject


@clean_texts
def describe(actor: Actor, subject: Subject, answers: Mapping[str, Any], *, now: datetime) -> Subject:
    """Record the answers about a person: sought as what, apparent age, vulnerability. Raises Forbidden.

    Whoever answers counts as an editor. Items that show the person and are not public go back to review; for a public
    one a Notice asks for a review.
    """
    officer = powers.demand(actor, "describe")
    with moving(actor, now) as log:
        office = locks.office()
        (locked,) = locks.subjects([subject.pk])
        changed = records.answer(locked, answers)
        if not changed:
            return locked
        locked.save(update_fields=changed)
        log.note("subject_described", text=", ".join(changed), subject=locked.pk, number=locked.number)
        shown = Item.objects.filter(subjects=locked).exclude(state__in=[ItemState.WITHDRAWN, ItemState.EXPIRED])
        for held in locks.items(shown.values_list("pk", flat=True), office):
            Edit.objects.create(item=held.item, officer=officer, at=now, door=actor.door)
            _answers_changed(log, held, locked, now)
    return locked


def _answers_changed(log: Log, held: locks.Held, subject: Subject, now: datetime) -> None:
    """Nothing comes down because an answer was mended; what no answer allows comes down by the rule it breaks."""
    item = held.item
    if any(PostState(post.state) in COUNTS_AS_PUBLIC for post in held.posts):
        if take_down_if_forbidden(log, held, now):
            return
        message = f"{subject.number} was described anew while {item.reference} is public: look at whether it may stay."
        notices.notify(f"described:{item.pk}:{now:%Y%m%d%H%M}", message, now, item.reference)
        return
    item.edition += 1
    item.rendering_tries, item.rendering_until = 0, None
    item.save(update_fields=["edition", "rendering_tries", "rendering_until"])
    if item.state in (ItemState.IN_REVIEW, ItemState.APPROVED):
        reopen_held(log, held, "person_described", now)


@clean_texts
def record_check(
    actor: Actor, subject: Subject, state: str, *, name: str, at: datetime | None = None, confirmed_by: str = "",
    now: datetime,
) -> list[Item]:  # fmt: skip
    """Record that somebody looked up a person's proceedings. Returns the Items that come down because of it.

    `name`: of the check (PNC, Niche, the OIC by telephone); `at`: when it was looked up. Any active officer records
    one. What the new state forbids and is public, or approved to be, is withdrawn in the same transaction (R22).

    It confirms something only from the officer in the case, or from somebody who had no hand in what shows the person
    (R24). Anybody else's is kept as a note, and counts only where it forbids more than the state before. Raises
    Forbidden.
    """
    officer = powers.demand(actor, "record_check")
    if state not in list(Proceedings):
        raise Forbidden(f"“{state}” is no state of proceedings. Known are: {', '.join(Proceedings)}.")
    if not name.strip():
        raise Forbidden("Say where it was looked up: the name of the check.")
    looked_up = at or now
    if looked_up > now:
        raise Forbidden("The check lies in the future: say when it was made.")
    demand_own_case(actor, Item.objects.filter(subjects=subject), f"{subject.number} is not your case")
    with moving(actor, now) as log:
        office = locks.office()
        (locked,) = locks.subjects([subject.pk])
        if locked.proceedings_at is not None and looked_up < locked.proceedings_at:
            raise Forbidden(f"{locked.number} was looked up since, at {local.at(locked.proceedings_at)}.")
        check = ProceedingsCheck(
            subject=locked, state=state, at=looked_up, by=officer, name=name.strip()[:120],
            confirmed_by=confirmed_by.strip()[:120], recorded_at=now,
        )  # fmt: skip
        was, counts = locked.proceedings, _stands(locked, check)
        log.note(
            "proceedings_checked", text=name, subject=locked.pk, number=locked.number, was=was, now=locked.proceedings,
            found=state, counts=counts,
        )  # fmt: skip
        shown = Item.objects.filter(subjects=locked).exclude(state__in=[ItemState.WITHDRAWN, ItemState.EXPIRED])
        held = locks.items(shown.order_by("pk").values_list("pk", flat=True), office)
        down = [each.item for each in held if _wanted_out(each) and take_down_if_forbidden(log, each, now)]
        notices.clear(f"check:{locked.pk}", now)
    return down


def _stands(subject: Subject, check: ProceedingsCheck) -> bool:
    """Keep a check, and let it stand if it counts or forbids more than what stood. Returns whether it counts."""
    forbids = forbids_more(check.state, subject.proceedings)
    subject.proceedings, subject.proceedings_at = check.state, check.at
    subject.proceedings_by, subject.proceedings_asked = check.by, bool(check.confirmed_by)
    check.note = not counts_somewhere(subject)
    check.save()
    columns = ["proceedings", "proceedings_at", "proceedings_by", "proceedings_asked"]
    if forbids or not check.note:
        subject.save(update_fields=columns)
    else:
        subject.refresh_from_db(fields=columns)
    return not check.note


def _wanted_out(held: locks.Held) -> bool:
    return held.item.state == ItemState.APPROVED or any(
        PostState(post.state) in COUNTS_AS_PUBLIC for post in held.posts
    )


def take_down_if_forbidden(log: Log, held: locks.Held, now: datetime) -> bool:
    """Withdraw a locked Item that breaks a rule which calls for withdrawal. Returns whether it did."""
    case = gates.Case(gates.Step.LIVE, held.item, now, package=held.item.package)
    broken = [(gate, message) for gate, message in gates.on_live(case) if gate.live is gates.Live.WITHDRAW]
    if not broken:
        return False
    log.note("rule_broken", item=held.item.pk, rules=sorted({gate.number for gate, _ in broken}))
    withdraw_held(log, held, "rule", now)
    message = " ".join(sentence for _, sentence in broken)
    notices.notify(f"rule:{held.item.pk}", f"{held.item.reference} is withdrawn. {message}", now, held.item.reference)
    return True


def link(log: Log, item: Item, subjects: Iterable[Subject]) -> None:
    """Record who is shown. The caller holds the Item and every one of these Subjects. Raises Forbidden."""
    people = list(locks.subjects(subject.pk for subject in subjects))
    faceless = item.kind == Item.Kind.FEATURE or item.purpose == Item.Purpose.PROPERTY
    if people and faceless:
        raise Forbidden("A feature, or an appeal about property, a vehicle or a scene, shows nobody who is sought.")
    for person in people:
        if person.outcome in ENDINGS:
            raise Forbidden(f"The search for {person.number} is over ({person.outcome}): no Item may show that person.")
    item.subjects.set(people)
    log.note("subjects_linked", item=item.pk, subjects=[person.pk for person in people])


@clean_texts
def outcome(actor: Actor, subject: Subject, became: str, *, now: datetime) -> list[Item]:
    """Record the outcome of the appeal; returns the Items that come down. Any active officer may, alone.

    An ending withdraws everything that shows this person, completely and in whatever state, also what only shares its
    Original, and blocks the pictures. `named_unconfirmed` withdraws nothing and asks for a review. Raises Forbidden.
    """
    powers.demand(actor, "outcome")
    if became not in OUTCOMES:
        raise Forbidden(f"“{became}” is no outcome. Known are: {', '.join(OUTCOMES)}.")
    demand_own_case(actor, Item.objects.filter(subjects=subject), f"{subject.number} is not your case")
    with moving(actor, now) as log:
        office = locks.office()
        (locked,) = locks.subjects([subject.pk])
        if became == NAMED and locked.outcome in ENDINGS:
            raise Forbidden(f"The search for {locked.number} is over already ({locked.outcome}).")
        locked.outcome, locked.outcome_at, locked.outcome_by_id = became, now, actor.officer_id
        locked.save(update_fields=["outcome", "outcome_at", "outcome_by"])
        log.note("subject_outcome", subject=locked.pk, number=locked.number, outcome=became)
        if became == NAMED:
            _ask_for_a_review(locked, now)
            return []
        held = locks.items(_showing(locked), office)
        for each in held:
            withdraw_held(log, each, became, now)
        block(log, [each.item for each in held], became, now, locked)
        take_down_inherited(log, [locked], became, now)
        down = [each.item.reference for each in held]
        register.note(now, "outcome", subject=locked.number, outcome=became, items=down)
        notices.clear(f"named:{locked.pk}", now)
    return [each.item for each in held]


def _showing(subject: Subject) -> list[int]:
    """Every Item that shows this person: linked, or made of the same bytes as one that is."""
    originals = Item.objects.filter(subjects=subject).values("original_id")
    shown = Item.objects.filter(Q(subjects=subject) | Q(original_id__in=originals))
    return list(shown.distinct().order_by("pk").values_list("pk", flat=True))


def _ask_for_a_review(subject: Subject, now: datetime) -> None:
    message = (
        f"Somebody was named as {subject.number}, not confirmed yet. Decide whether it should stay up; once it is "
        f"certain: `publisher outcome {subject.number} identified`."
    )
    notices.notify(f"named:{subject.pk}", message, now, subject.number)
