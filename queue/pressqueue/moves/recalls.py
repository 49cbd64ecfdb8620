"""Recall notices: everybody who was given a press pack is told when it comes down, and asked to say so (R30, R31).

Queued in the transaction that takes the Item down; mailed by a lane of its own. A death between the mail and its
record mails it again: a recall that arrives twice does no harm, one that never arrives did (Austin v MPS: a newspaper
ran the picture a week after he had been cleared).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, QuerySet

from pressqueue import locks, policy, powers
from pressqueue.actors import MACHINE, Actor
from pressqueue.audit import Log, moving
from pressqueue.cleaning import clean_texts
from pressqueue.errors import Forbidden, NotFound
from pressqueue.models import Item, RecallAttempt, RecallNotice
from pressqueue.models.disclosing import CALLED_BACK
from pressqueue.moves import notices

RECIPIENT = Actor(None, "link")  # whoever holds the link of a mail; nobody signs in for it
CLAIM = timedelta(minutes=5)  # longer than a mail server may keep us waiting: then another may try
LONGEST_PAUSE = timedelta(minutes=30)
TOLD_AFTER = 5  # failed tries before a person is asked to telephone
# Said anew although the recipient was told before that it came down: now nobody may call the person a suspect.
SAID_AGAIN = frozenset({"eliminated", "wrong_image"})
_State = RecallNotice.State


def recall_recipients(log: Log, item: Item, reason: str, now: datetime) -> list[RecallNotice]:
    """Queue one notice for each recipient of the Item; a second call makes none. The caller holds the Item.

    For a reason in CALLED_BACK, one for each pack they were given since they were last called back.
    """
    made, seen = [], set()
    for given in item.disclosures.order_by("-pk"):
        email = given.email.lower()
        if email in seen or _was_told(item, email, reason, given.given_at):
            continue
        seen.add(email)
        notice = RecallNotice(item=item, organisation=given.organisation, name=given.name, email=email, reason=reason)
        notice.recall_address, notice.queued_at, notice.next_at = given.recall_address, now, now
        notice.save()
        made.append(notice)
    if made:
        log.note("recalls_queued", item=item.pk, recalls=[each.pk for each in made], reason=reason)
    return made


def _was_told(item: Item, email: str, reason: str, given_at: datetime) -> bool:
    """Whether they know already what this reason asks of them."""
    earlier = RecallNotice.objects.filter(item=item, email=email)
    if reason in CALLED_BACK:
        return earlier.filter(queued_at__gte=given_at).exists()
    if reason in SAID_AGAIN:
        return earlier.filter(reason=reason).exists()
    return earlier.exclude(reason__in=CALLED_BACK).exists()


@clean_texts
def recalls_due(now: datetime) -> QuerySet[RecallNotice]:
    """Returns the notices that are due to be mailed now."""
    return RecallNotice.objects.select_related("item").filter(state=_State.QUEUED, next_at__lte=now).order_by("pk")


@clean_texts
def take_recall(recall: RecallNotice, token: str, *, now: datetime) -> RecallAttempt | None:
    """Claim one notice for a try, which is written before anything is sent; None where another worker was quicker.

    `token`: SHA-256 of the random token in the mail's link. Links of earlier tries stay valid: a recipient may answer a
    mail of which nobody learnt whether it arrived.
    """
    with moving(MACHINE, now) as log:
        queued = RecallNotice.objects.filter(pk=recall.pk, state=_State.QUEUED, next_at__lte=now)
        if queued.update(next_at=now + CLAIM, tries=F("tries") + 1) != 1:
            return None
        attempt = RecallAttempt.objects.create(recall=recall, token=token, began_at=now)
        log.note("recall_attempt", recall=recall.pk, item=recall.item_id)
    return attempt


@clean_texts
def recall_sent(attempt: RecallAttempt, *, now: datetime) -> None:
    """Record that the mail server accepted the mail."""
    with moving(MACHINE, now) as log:
        RecallAttempt.objects.filter(pk=attempt.pk).update(ended_at=now)
        queued = RecallNotice.objects.filter(pk=attempt.recall_id, state=_State.QUEUED)
        queued.update(state=_State.SENT, sent_at=now, words="")
        log.note("recall_sent", recall=attempt.recall_id, item=attempt.recall.item_id)


@clean_texts
def recall_failed(attempt: RecallAttempt, message: str, *, now: datetime) -> None:
    """Record that the mail was not accepted, or that nobody knows: it is tried again.

    After TOLD_AFTER tries a Notice asks an officer to telephone.
    """
    with moving(MACHINE, now) as log:
        RecallAttempt.objects.filter(pk=attempt.pk).update(ended_at=now, words=message)
        recall = RecallNotice.objects.select_for_update(no_key=True).select_related("item").get(pk=attempt.recall_id)
        pause = min(LONGEST_PAUSE, timedelta(minutes=1) * 2 ** min(recall.tries - 1, 10))
        queued = RecallNotice.objects.filter(pk=recall.pk, state=_State.QUEUED)
        queued.update(next_at=now + pause, words=message)
        log.note("recall_failed", recall=recall.pk, item=recall.item_id)
    if recall.tries >= TOLD_AFTER:
        ask = f"The recall of {recall.item.reference} cannot be mailed to {recall.organisation}: telephone them now."
        notices.notify(f"recall:{recall.pk}:unsent", ask, now, recall.item.reference)


@clean_texts
def by_token(token: str) -> RecallNotice:
    """Returns the notice that a link belongs to, by the SHA-256 of its token. Raises NotFound."""
    attempt = RecallAttempt.objects.select_related("recall__item").filter(token=token).first()
    if attempt is None:
        raise NotFound(
            "This link is not one of our links, or part of it is missing. Open it exactly as it is in the email."
        )
    return attempt.recall


@clean_texts
def acknowledge_by_link(token: str, *, now: datetime) -> RecallNotice:
    """The recipient says that they no longer use it. The same link again changes nothing. Raises NotFound."""
    recall = by_token(token)
    _acknowledge(RECIPIENT, recall, "", now)
    return RecallNotice.objects.select_related("item").get(pk=recall.pk)


@clean_texts
def acknowledge_for(actor: Actor, recall: RecallNotice, note: str, *, now: datetime) -> RecallNotice:
    """An officer records what the recipient said. Raises Forbidden where `note` is empty, or it is known already."""
    powers.demand(actor, "acknowledge_for")
    if not note.strip():
        raise Forbidden("Say who acknowledged it, and how: by telephone, by letter.")
    if not _acknowledge(actor, recall, note.strip(), now):
        raise Forbidden("This recall was acknowledged already.")
    return RecallNotice.objects.select_related("item").get(pk=recall.pk)


def _acknowledge(actor: Actor, recall: RecallNotice, note: str, now: datetime) -> bool:
    with moving(actor, now) as log:
        locks.item(recall.item_id)
        standing = RecallNotice.objects.filter(pk=recall.pk, acknowledged_at__isnull=True)
        changes = {"acknowledged_at": now, "acknowledged_by": actor.officer_id, "note": note}
        if standing.update(state=_State.ACKNOWLEDGED, **changes) != 1:
            return False
        log.note("recall_acknowledged", text=note, recall=recall.pk, item=recall.item_id)
        notices.clear(f"recall:{recall.pk}", now)
    return True


def open_recalls() -> QuerySet[RecallNotice]:
    """Returns the notices that nobody has acknowledged yet, the oldest first."""
    return RecallNotice.objects.filter(acknowledged_at__isnull=True).select_related("item").order_by("queued_at", "pk")


@clean_texts
def notify_unacknowledged(now: datetime) -> int:
    """Raise a Notice for each recall not acknowledged in the policy's time. Returns how many are new."""
    patience, notified = policy.current().time_for("recall"), 0
    for recall in open_recalls().filter(queued_at__lte=now - patience):
        sent = "was mailed and not acknowledged" if recall.sent_at else "could not be mailed yet"
        message = (
            f"The recall of {recall.item.reference} to {recall.organisation} {sent}. Telephone them, then record what "
            "they say on the Tasks due page."
        )
        notified += notices.notify(f"recall:{recall.pk}", message, now, recall.item.reference)
    return notified
