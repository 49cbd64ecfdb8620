"""What somebody must do by a time, after something happened (R30, R31): opened with its trigger, done once."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from pressqueue import local, locks, policy, powers
from pressqueue.actors import Actor
from pressqueue.audit import Log, moving
from pressqueue.cleaning import clean_texts
from pressqueue.errors import Forbidden, NotFound
from pressqueue.models import Duty, Item, Subject
from pressqueue.moves import notices

ROLES = {"author": "press officer", "approver": "approver", "investigator": "officer in the case"}


@clean_texts
def open_duty(
    log: Log, rule: str, kind: str, cause: str, message: str, *, who: str, now: datetime,
    item: Item | None = None, subject: Subject | None = None,
) -> Duty:  # fmt: skip
    """Open a duty, or return the one that exists for this `cause`. Call it inside the trigger's transaction.

    The force's policy says, by `kind`, how long there is for it.
    """
    duty, new = Duty.objects.get_or_create(
        cause=cause,
        defaults={
            "rule": rule, "kind": kind, "words": message, "who": who, "item": item, "subject": subject,
            "since": now, "due_at": now + policy.current().time_for(kind),
        },
    )  # fmt: skip
    if new:
        log.note("duty_opened", duty=duty.pk, rule=rule, kind=kind, item=duty.item_id, subject=duty.subject_id)
    return duty


def eliminated(log: Log, item: Item, now: datetime) -> None:
    """R30: open the correction, letter and recall that are due once somebody shown is accepted as innocent.

    Austin v MPS: the picture of a man who had been eliminated stayed up, and in a newspaper, for weeks.
    """
    given, ref = item.disclosures.count(), item.reference
    shown = item.posts.filter(revealing_at__isnull=False).count()
    where = f"It was public at {shown} place{'' if shown == 1 else 's'}" if shown else "Nothing of it was public"
    open_duty(
        log, "R30", "correction", f"correction:{item.pk}",
        f"{ref} showed somebody who has been eliminated. {where}. Publish a correction and an apology wherever it was "
        "seen, or note why none is needed.",
        who="author", item=item, now=now,
    )  # fmt: skip
    open_duty(
        log, "R30", "recall", f"recall:{item.pk}",
        f"{given} press pack{' was' if given == 1 else 's were'} given out of {ref}. See that every recipient has "
        "acknowledged the recall, and ask whoever else was given the picture: posters, partners, other forces.",
        who="author", item=item, now=now,
    )  # fmt: skip
    for person in item.subjects.order_by("pk"):
        open_duty(
            log, "R30", "letter", f"letter:{person.pk}",
            f"{person.number} has been eliminated. Write to the person: what was published, where, that it was "
            "removed, and what is done to correct it.",
            who="investigator", subject=person, item=item, now=now,
        )  # fmt: skip


def wrong_image(log: Log, item: Item, now: datetime) -> None:
    """R30: open the correction that is due where a picture showed somebody else; none where nobody outside saw it.

    Dutch police aired an uninvolved woman and published an agreed correction; West Midlands Police sent a newspaper the
    wrong man's picture (2010).
    """
    given, ref = item.disclosures.count(), item.reference
    shown = item.posts.filter(revealing_at__isnull=False).count()
    if not (given or shown):
        return
    open_duty(
        log, "R30", "correction", f"correction:{item.pk}",
        f"{ref} showed the wrong picture, at {shown} place{'' if shown == 1 else 's'} and in {given} press "
        f"pack{'' if given == 1 else 's'}. Publish a correction wherever it was seen, agreed with the person it showed "
        "if that is known, or note why none is needed.",
        who="author", item=item, now=now,
    )  # fmt: skip


@clean_texts
def duty_done(actor: Actor, duty: Duty, note: str, *, now: datetime) -> Duty:
    """Somebody did it, and says what they did. Raises Forbidden where it was done already, or `note` is empty.

    A duty to recall is not done before every recipient has acknowledged the recall.
    """
    powers.demand(actor, "duty_done")
    if not note.strip():
        raise Forbidden("Say what was done: it is the record of it.")
    with moving(actor, now) as log:
        locks.office()
        locked = Duty.objects.select_for_update(no_key=True).filter(pk=duty.pk).first()
        if locked is None:
            raise NotFound(f"There is no duty with the number {duty.pk}.")
        if locked.done_at is not None:
            by = locked.done_by.name if locked.done_by else "somebody"
            raise Forbidden(f"This was done already, by {by} at {local.at(locked.done_at)}.")
        if locked.kind == "recall" and locked.item is not None:
            _demand_acknowledged(locked.item)
        locked.done_at, locked.done_by_id, locked.note = now, actor.officer_id, note.strip()
        locked.save(update_fields=["done_at", "done_by", "note"])
        log.note(
            "duty_done",
            text=locked.note,
            duty=locked.pk,
            kind=locked.kind,
            item=locked.item_id,
            subject=locked.subject_id,
        )
        notices.clear(f"duty:{locked.pk}", now)
    return locked


def _demand_acknowledged(item: Item) -> None:
    open_recalls = item.recalls.filter(acknowledged_at__isnull=True).order_by("pk")
    if silent := [each.organisation for each in open_recalls]:
        raise Forbidden(
            f"Not every recipient has acknowledged the recall of {item.reference}: {', '.join(silent)}. Telephone "
            "them and record what they say, then this is done."
        )


def open_duties() -> QuerySet[Duty]:
    """Returns the duties that are still open, the most overdue first."""
    return (
        Duty.objects.filter(done_at__isnull=True).select_related("item__campaign", "subject").order_by("due_at", "pk")
    )


@clean_texts
def notify_overdue_duties(now: datetime) -> int:
    """Raise a Notice for each overdue duty. Repeatable; returns how many Notices are new."""
    notified = 0
    for duty in open_duties().filter(due_at__lte=now):
        about = duty.item.reference if duty.item else duty.subject.number if duty.subject else ""
        message = f"Overdue since {duty.due_at:%-d %B %Y} ({duty.rule}): {duty.words}"
        notified += notices.notify(f"duty:{duty.pk}", message, now, about)
    return notified
