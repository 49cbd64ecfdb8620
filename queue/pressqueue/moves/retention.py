"""Evidence is kept on a clock of its own: holds, reviews, and the purge that two people decide (R40)."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from pressqueue import locks, powers, register
from pressqueue.actors import MACHINE, Actor
from pressqueue.audit import Log, moving
from pressqueue.cleaning import clean_texts
from pressqueue.errors import Forbidden, NotFound
from pressqueue.models import AppealRecord, Item, LegalHold, MediaAddress, Purge, RetentionReview, Subject
from pressqueue.moves import erasure
from pressqueue.states import ENDED, ItemState, PostState

_DOWN = (ItemState.WITHDRAWN, ItemState.EXPIRED)


@clean_texts
def place_hold(actor: Actor, on: Item | Subject, why: str, authority: str, *, now: datetime) -> LegalHold:
    """Keep everything of this Item, or of what shows this person, from being purged.

    Any active officer may, alone. Raises Forbidden.
    """
    powers.demand(actor, "place_hold")
    _demand_said(why, "Say why it must be kept: the case, the appeal, the complaint.")
    _demand_said(authority, "Say who ordered the hold, and when.")
    item, subject = (on, None) if isinstance(on, Item) else (None, on)
    with moving(actor, now) as log:
        _lock(item, subject)
        hold = LegalHold.objects.create(
            item=item, subject=subject, why=why.strip(), authority=authority.strip(), placed_at=now,
            placed_by_id=actor.officer_id or 0,
        )  # fmt: skip
        message = f"{hold.why} ({hold.authority})"
        log.note("legal_hold", text=message, hold=hold.pk, item=hold.item_id, subject=hold.subject_id)
        _register_hold("legal_hold", hold, now)
    return hold


@clean_texts
def lift_hold(actor: Actor, hold: LegalHold, authority: str, *, now: datetime) -> LegalHold:
    """End a legal hold whose reason has ended. An approver decides, never who placed it. Raises Forbidden."""
    officer = powers.demand(actor, "lift_hold")
    _demand_said(authority, "Say who allowed the hold to end, and when.")
    with moving(actor, now) as log:
        _lock(hold.item, hold.subject)
        locked = LegalHold.objects.select_for_update(no_key=True).get(pk=hold.pk)
        if locked.lifted_at is not None:
            raise Forbidden("This hold was lifted already.")
        if locked.placed_by_id == officer.pk:
            raise Forbidden(f"{officer.name} placed this hold: somebody else must lift it.")
        locked.lifted_at, locked.lifted_by, locked.lifted_authority = now, officer, authority.strip()
        locked.save(update_fields=["lifted_at", "lifted_by", "lifted_authority"])
        log.note(
            "legal_hold_lifted",
            text=locked.lifted_authority,
            hold=locked.pk,
            item=locked.item_id,
            subject=locked.subject_id,
        )
        _register_hold("legal_hold_lifted", locked, now)
    return locked


@clean_texts
def review_retention(actor: Actor, item: Item, until: date, why: str, *, now: datetime) -> RetentionReview:
    """Record a retention review: the evidence is still needed and is kept until `until`, the next review.

    Raises Forbidden.
    """
    powers.demand(actor, "review_retention")
    _demand_said(why, "Say why it is kept until then.")
    if until <= now.date():
        raise Forbidden("The next review lies in the past: give a later day.")
    with moving(actor, now) as log:
        locks.item(item.pk)
        made = RetentionReview.objects.create(
            item=item, until=until, why=why.strip(), by_id=actor.officer_id or 0, at=now
        )
        log.note("retention_reviewed", text=made.why, item=item.pk, until=until.isoformat())
    return made


@clean_texts
def kept_until(item: Item) -> date | None:
    """Returns the day of the next retention review; None where nobody has set one."""
    newest = item.retention_reviews.order_by("-pk").values_list("until", flat=True).first()
    record = AppealRecord.objects.filter(item=item).values_list("retention_review_on", flat=True).first()
    return newest or record


@clean_texts
def holds_on(item: Item) -> QuerySet[LegalHold]:
    """Returns the legal holds in force on an Item or on anybody it shows."""
    on_either = Q(item=item) | Q(subject__in=item.subjects.all())
    return LegalHold.objects.filter(on_either, lifted_at__isnull=True).select_related("item", "subject").order_by("pk")


@clean_texts
def why_kept(item: Item, now: datetime) -> list[str]:
    """Returns every reason, as a sentence, why nothing of this Item may be purged now; none where it may be."""
    found = [*_still_up(item)]
    for hold in holds_on(item):
        what = hold.subject.number if hold.subject else item.reference
        found.append(f"There is a legal hold on {what} since {hold.placed_at:%-d %B %Y}: {hold.why}")
    until = kept_until(item)
    if until is None and item.kind != Item.Kind.FEATURE:
        found.append("No retention review was ever set: set its day first.")
    elif until is not None and until > now.date():
        found.append(f"It is kept until its retention review on {until:%-d %B %Y}.")
    if item.duties.filter(done_at__isnull=True).exists():
        found.append("Duties that follow from it are still open.")
    if item.recalls.filter(acknowledged_at__isnull=True).exists():
        found.append("A recipient of a press pack has not acknowledged the recall.")
    return found


def _still_up(item: Item) -> list[str]:
    if item.state not in _DOWN:
        return [f"{item.reference} is {item.state.replace('_', ' ')}: only what was withdrawn or expired is purged."]
    if any(PostState(state) not in ENDED for state in item.posts.values_list("state", flat=True)):
        return ["It is not confirmed down everywhere yet."]
    if MediaAddress.objects.filter(post__item=item, gone_at__isnull=True).exists():
        return ["A direct address of its picture still answers."]
    return []


@clean_texts
def ask_purge(actor: Actor, item: Item, authority: str, *, now: datetime) -> Purge:
    """The first of two people asks for an Item's evidence to be erased. Nothing is erased yet. Raises Forbidden."""
    officer = powers.demand(actor, "ask_purge")
    _demand_said(authority, "Say which retention decision allows it, and whose it is.")
    with moving(actor, now) as log:
        held = locks.item(item.pk, posts=True)
        if held.item.purged_at is not None:
            raise Forbidden(f"{held.item.reference} was purged already.")
        if Purge.objects.filter(item=held.item, dropped_at__isnull=True).exists():
            raise Forbidden(f"A purge of {held.item.reference} was asked for already.")
        _demand_purgeable(held.item, now)
        purge = Purge.objects.create(item=held.item, authority=authority.strip(), asked_by=officer, asked_at=now)
        log.note("purge_asked", purge=purge.pk, item=held.item.pk)
    return purge


@clean_texts
def drop_purge(actor: Actor, purge: Purge, *, now: datetime) -> Purge:
    """Refuse a purge: any active officer may while nothing was erased. Raises Forbidden."""
    powers.demand(actor, "drop_purge")
    with moving(actor, now) as log:
        locked = _locked(purge)
        if locked.erased_at is not None or locked.dropped_at is not None:
            raise Forbidden("This purge was carried out or dropped already.")
        locked.dropped_at = now
        locked.save(update_fields=["dropped_at"])
        log.note("purge_dropped", purge=locked.pk, item=locked.item_id)
    return locked


@clean_texts
def confirm_purge(actor: Actor, purge: Purge, *, now: datetime) -> Purge:
    """The second person confirms: texts are erased now; the files to be removed are noted. Raises Forbidden.

    An approver, and never the one who asked. Everything is checked again in this transaction.
    """
    officer = powers.demand(actor, "confirm_purge")
    with moving(actor, now) as log:
        locked = _locked(purge)
        if locked.dropped_at is not None or locked.confirmed_at is not None:
            raise Forbidden("This purge was confirmed or dropped already.")
        if locked.asked_by_id == officer.pk:
            raise Forbidden(f"{officer.name} asked for this purge: somebody else must confirm it.")
        _demand_purgeable(locked.item, now)
        locked.confirmed_at, locked.confirmed_by = now, officer
        locked.save(update_fields=["confirmed_at", "confirmed_by"])
        _erase(log, locked, now)
    return locked


@clean_texts
def carry_out_purge(purge: Purge, *, now: datetime) -> bool:
    """Erase, after a restore, what was purged before it, once it is down everywhere.

    Returns False where it is not down yet, or was already erased.
    """
    with moving(MACHINE, now) as log:
        locked = _locked(purge)
        if locked.confirmed_at is None or locked.dropped_at or locked.erased_at or _still_up(locked.item):
            return False
        _erase(log, locked, now)
    return True


def purges_to_carry_out() -> QuerySet[Purge]:
    """Returns confirmed purges whose texts still exist, as after a restore only."""
    open_purges = Purge.objects.filter(confirmed_at__isnull=False, dropped_at__isnull=True, erased_at__isnull=True)
    return open_purges.select_related("item").order_by("pk")


def purges_with_files() -> QuerySet[Purge]:
    """Returns purges whose texts are erased and whose files may still exist.

    The process crashed in between, or is removing them now.
    """
    return Purge.objects.filter(erased_at__isnull=False, files_gone_at__isnull=True).order_by("pk")


@clean_texts
def files_gone(purge: Purge, *, now: datetime) -> None:
    """Record that every file of the purge that nothing else needs is gone from the vaults."""
    with moving(MACHINE, now) as log:
        if Purge.objects.filter(pk=purge.pk, files_gone_at__isnull=True).update(files_gone_at=now):
            log.note("purge_files_gone", purge=purge.pk, item=purge.item_id)


@clean_texts
def purgeable(now: datetime) -> list[Item]:
    """Returns the Items that nothing keeps: their retention review has passed, and somebody must decide."""
    newest = RetentionReview.objects.filter(item=OuterRef("pk")).order_by("-pk").values("until")[:1]
    until = Coalesce(Subquery(newest), F("appeal_record__retention_review_on"))
    over = Q(kept_until__lte=now.date()) | Q(kept_until__isnull=True, kind=Item.Kind.FEATURE)
    asked = Purge.objects.filter(dropped_at__isnull=True).values("item")
    down = Item.objects.filter(state__in=_DOWN, purged_at__isnull=True).exclude(pk__in=asked)
    due = down.annotate(kept_until=until).filter(over).order_by("reference")
    return [item for item in due if not why_kept(item, now)]


def _erase(log: Log, purge: Purge, now: datetime) -> None:
    item = purge.item
    purge.original = item.original_id
    purge.renditions = sorted(set(item.renditions.values_list("sha256", flat=True)))
    purge.forms, texts = erasure.erase(item, now)
    purge.erased_at = now
    purge.save(update_fields=["original", "renditions", "forms", "erased_at"])
    digests = sorted(item.packages.values_list("digest", flat=True))
    hashes = [purge.original, *purge.renditions, *purge.forms]
    # Noted by reference and hash; the authority stays readable in the stub, and the chain without it whole.
    log.note("purged", purge=purge.pk, item=item.pk, packages=digests, sha256=hashes, texts=texts)
    if purge.asked_by_id is not None:
        register.note(now, "purged", item=item.reference, hashes=hashes)


def _locked(purge: Purge) -> Purge:
    locks.item(purge.item_id, posts=True)
    found = Purge.objects.select_for_update(no_key=True).filter(pk=purge.pk).first()
    if found is None:
        raise NotFound("There is no such purge.")
    return found


def _lock(item: Item | None, subject: Subject | None) -> None:
    if item is not None:
        locks.item(item.pk)
        return
    locks.office()
    locks.subjects([subject.pk] if subject else [])


def _register_hold(kind: str, hold: LegalHold, now: datetime) -> None:
    on = hold.item.reference if hold.item else hold.subject.number if hold.subject else ""
    register.note(now, kind, on=on, at=hold.placed_at.isoformat())


def _demand_purgeable(item: Item, now: datetime) -> None:
    if reasons := why_kept(item, now):
        raise Forbidden(f"{item.reference} is kept. {' '.join(reasons)}")


def _demand_said(message: str, ask: str) -> None:
    if not message.strip():
        raise Forbidden(ask)
