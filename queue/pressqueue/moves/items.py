"""Items: made, changed, submitted, prepared, approved, sent back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from pressqueue import gates, locks, packages, powers, register
from pressqueue.actors import MACHINE, Actor
from pressqueue.audit import Log, moving
from pressqueue.cleaning import clean_texts
from pressqueue.errors import Forbidden
from pressqueue.gates.shown import seconds_shown, to_be_shown
from pressqueue.models import Approval, Campaign, Edit, Item, Officer, Original, Package, Post, Rendition, SentBack
from pressqueue.moves import packaging, recording
from pressqueue.moves.decisions import grant, overrides_of
from pressqueue.moves.end_publication import end_publication
from pressqueue.moves.recalls import recall_recipients
from pressqueue.moves.reopening import change, reopen_held, void_approvals
from pressqueue.moves.subjects import link
from pressqueue.moves.verification import FORM
from pressqueue.states import COUNTS_AS_PUBLIC, ItemMove, ItemState, PostState

# What an officer may change. Everything else follows from moves.
EDITABLE = frozenset(
    {
        "title", "caption", "alt_text", "tags", "destinations", "licence", "comments", "audio_authorised",
        "poster_at", "mark_style", "mark_corner", "redactions", "publish_from", "publish_until", "expires_at",
        "original", "purpose", "subjects", "record", "frame_rate", "track",
    }
)  # fmt: skip


@clean_texts
def demand_author(actor: Actor) -> None:
    """Raise Forbidden unless this person may add files; called before anything reads the file."""
    powers.demand(actor, "add_item")


@clean_texts
def receive_original(
    actor: Actor,
    *,
    sha256: str,
    size: int,
    media_type: str,
    kind: str,
    filename: str,
    probe: dict[str, Any],
    now: datetime,
) -> Original:
    """Record a file that is already stored. The same bytes are the same Original; a purged one becomes valid again."""
    powers.demand(actor, "receive_original")
    with moving(actor, now) as log:
        locks.office()
        original, new = Original.objects.get_or_create(
            sha256=sha256,
            defaults={
                "size": size,
                "media_type": media_type,
                "kind": kind,
                "filename": filename[:255],
                "probe": probe,
                "received_at": now,
                "received_by_id": _person(actor),
            },
        )
        if original.purged_at is not None:
            original.filename, original.probe, original.purged_at, new = filename[:255], probe, None, True
            original.received_at, original.received_by_id = now, _person(actor)
            original.save()
        if new:
            log.note("original_received", text=filename, sha256=sha256, size=size)
    return original


@clean_texts
def add_item(actor: Actor, *, campaign: Campaign, kind: str, original: Original, now: datetime, **words: Any) -> Item:
    """Create a draft with the campaign's next reference number. Raises GatesClosed, having made nothing.

    The gates are evaluated now, so that what is already known to be wrong is refused before anything is queued.
    """
    powers.demand(actor, "add_item")
    _only_known(words)
    subjects, record = words.pop("subjects", []), words.pop("record", {})
    if original.kind == FORM:
        raise Forbidden("A signed form is attached to what it verifies, never published.")
    if kind not in Item.Kind.values:
        raise Forbidden(f"“{kind}” is no kind of Item this version takes: {', '.join(Item.Kind.values)}.")
    with moving(actor, now) as log:
        locks.office()
        locks.subjects(subject.pk for subject in subjects)
        held = locks.campaign(campaign.pk)
        if held.closed_at is not None:
            raise Forbidden(f"“{held.title}” is closed: it takes no new Item.")
        item = Item(
            campaign=held,
            kind=kind,
            author_id=_person(actor),
            original=original,
            created_at=now,
            reference=f"{held.prefix}-{held.next_number:04d}",
            queue_order=held.next_number,
            **words,
        )
        item.save()
        held.next_number += 1
        held.save(update_fields=["next_number"])
        recording.fill(item, record)
        if subjects:
            link(log, item, subjects)
        gates.demand(gates.Case(gates.Step.DRAFT, item, now))
        Edit.objects.create(item=item, officer_id=_person(actor), at=now, door=actor.door)
        log.note("item_added", text=item.title, item=item.pk, reference=item.reference, original=original.sha256)
    return item


@clean_texts
def edit(actor: Actor, item: Item, *, now: datetime, **changes: Any) -> Item:
    """Change an Item. Its Approvals become void, and it is prepared and reviewed again.

    Raises Forbidden, GatesClosed.
    """
    powers.demand(actor, "edit")
    _only_known(changes)
    edited = sorted(set(changes) - {"record"})
    subjects, record = changes.pop("subjects", None), changes.pop("record", {})
    with moving(actor, now) as log:
        held = locks.item(item.pk, posts=True, also=[each.pk for each in subjects or []])
        _nothing_public(held.posts)
        if held.item.state in (ItemState.WITHDRAWN, ItemState.EXPIRED):
            raise Forbidden(f"{held.item.reference} is {held.item.state}; it can no longer be changed.")
        for name, value in changes.items():
            setattr(held.item, name, value)
        held.item.edition += 1
        held.item.rendering_tries = 0
        held.item.rendering_until = None
        held.item.save(update_fields=[*changes, "edition", "rendering_until", "rendering_tries"])
        edited += [f"record: {name}" for name in recording.fill(held.item, record)]
        if subjects is not None:
            link(log, held.item, subjects)
        # A draft may still lack answers; what waits for a decision, or has one, may not lose any.
        step = gates.Step.DRAFT if held.item.state == ItemState.DRAFT else gates.Step.SUBMIT
        gates.demand(gates.Case(step, held.item, now))
        Edit.objects.create(item=held.item, officer_id=_person(actor), at=now, door=actor.door)
        log.note("item_edited", text=", ".join(edited), item=held.item.pk)
        if held.item.state in (ItemState.IN_REVIEW, ItemState.APPROVED):
            reopen_held(log, held, "edited", now)
        else:  # a restored office may hold a hidden copy of what it sends through review again
            end_publication(log, held, "edited", now)
    return held.item


@clean_texts
def submit(actor: Actor, item: Item, *, now: datetime) -> Item:
    """draft -> submitted: the machine prepares the Renditions next. Raises GatesClosed."""
    powers.demand(actor, "submit")
    with moving(actor, now) as log:
        held = locks.item(item.pk)
        gates.demand(gates.Case(gates.Step.SUBMIT, held.item, now))
        change(log, held.item, ItemMove.SUBMIT, refusal="", rendering_tries=0, rendering_until=None)
    return held.item


@clean_texts
def rendered(
    item: Item, main: Rendition, thumbnail: Rendition | None, *, alt_text_fields: Collection[str] = (), now: datetime
) -> Package | None:
    """submitted -> in_review: the bytes that will be published exist. None where the Item has moved on.

    Returns the Package made from them. `alt_text_fields`: as `packages.files_of`.
    """
    with moving(MACHINE, now) as log:
        held = locks.item(item.pk)
        if held.item.state != ItemState.SUBMITTED or held.item.edition != item.edition:
            return None
        package = packaging.make(held.item, packages.files_of(held.item, main, thumbnail, alt_text_fields), now)
        change(log, held.item, ItemMove.RENDERED, package=package, rendering_until=None)
        log.note("package_made", item=item.pk, package=package.digest, rendition=main.sha256)
    return package


@clean_texts
def render_failed(item: Item, message: str, *, now: datetime) -> None:
    """submitted -> draft: the file could not be prepared; the author reads why."""
    with moving(MACHINE, now) as log:
        held = locks.item(item.pk)
        if held.item.state == ItemState.SUBMITTED and held.item.edition == item.edition:
            change(log, held.item, ItemMove.SEND_BACK, text=message, refusal=message, rendering_until=None)


@clean_texts
def send_back(
    actor: Actor, item: Item, reason: str, *, deciding: gates.Deciding | None = None, now: datetime
) -> Item:  # fmt: skip
    """submitted or in_review -> draft, with a reason. Any author or approver may send back.

    `deciding` as in `approve`: for an Item in review, the seconds its picture was shown are kept too (R50).
    """
    officer = powers.demand(actor, "send_back")
    if not reason.strip():
        raise Forbidden("Say why it is sent back, so that the author knows what to mend.")
    with moving(actor, now) as log:
        held = locks.item(item.pk)
        package = held.item.package if held.item.state == ItemState.IN_REVIEW else None
        change(log, held.item, ItemMove.SEND_BACK, text=reason, refusal=reason)
        if package is not None:
            _note_sent_back(log, held.item, package, officer, deciding or gates.Deciding(), now)
        void_approvals(log, held.item, "sent_back", now)  # of those who were not enough alone
    return held.item


def _note_sent_back(
    log: Log, item: Item, package: Package, officer: Officer, said: gates.Deciding, now: datetime
) -> None:
    """A decision about a version that could have been approved, with what it rests on."""
    case = gates.Case(gates.Step.APPROVE, item, now, package=package, approver=officer, deciding=said)
    kept = SentBack.objects.create(
        package=package, officer=officer, at=now, sitting_id=said.sitting, seconds=seconds_shown(case), batch=said.batch
    )
    log.note(
        "sent_back", item=item.pk, package=package.digest, sitting=kept.sitting_id, batch=kept.batch,
        milliseconds=round((kept.seconds or 0) * 1000),
    )  # fmt: skip


@clean_texts
def approve(
    actor: Actor, item: Item, digest: str, *, deciding: gates.Deciding | None = None, now: datetime
) -> Approval:
    """in_review -> approved, for exactly the Package whose digest was shown. Raises GatesClosed, Forbidden.

    `deciding` names the session that the picture was shown in; the seconds are counted here, whatever it says (R50).
    Rules that it lets pass, with reasons, pass for this Package and no other. Where one Approval is not enough (R2, R7,
    R9, R11) it is kept, and the Item waits in review for the next.
    """
    powers.demand(actor, "approve")
    said = deciding or gates.Deciding()
    overrides = overrides_of(said)
    with moving(actor, now) as log:
        held = locks.item(item.pk)
        package = held.item.package
        if held.item.state != ItemState.IN_REVIEW or package is None:
            raise Forbidden(f"{held.item.reference} is {held.item.state}, not in review.")
        if digest != package.digest:
            raise Forbidden("The Item changed while you looked at it. Look again, then decide.")
        approver = _officer(actor, lock=True)
        case = gates.Case(gates.Step.APPROVE, held.item, now, package=package, approver=approver, deciding=said)
        case = replace(case, deciding=replace(said, seconds=seconds_shown(case)))
        gates.demand(case)
        approval = grant(case)
        wanting = sorted({number for number, _ in gates.wanting(case)})
        if not wanting:
            change(log, held.item, ItemMove.APPROVE, approved_at=now)
        log.note(
            "approved", item=item.pk, package=digest, approval=approval.pk, sitting=approval.sitting_id,
            batch=approval.batch, others=approval.others,
            milliseconds=round((case.deciding.seconds or 0) * 1000), shown=sorted(to_be_shown(case)), wanting=wanting,
        )  # fmt: skip
        for number, reason in sorted(overrides.items()):
            log.note("rule_overridden", text=reason, item=item.pk, rule=number, package=digest, approval=approval.pk)
    return approval


@clean_texts
def reopen(actor: Actor, item: Item, reason: str, *, now: datetime) -> bool:
    """approved or in_review -> submitted: an Approval lapsed, or the window has passed.

    Returns False where the Item has left these states, or is public.
    """
    with moving(actor, now) as log:
        held = locks.item(item.pk, posts=True)
        if held.item.state not in (ItemState.IN_REVIEW, ItemState.APPROVED) or _public(held.posts):
            return False
        reopen_held(log, held, reason, now)
    return True


@clean_texts
def expire(item: Item, *, now: datetime) -> bool:
    """approved -> expired, once no copy of it can still go out. Published copies come down as in a withdrawal.

    Returns False where the Item is no longer approved.
    """
    with moving(MACHINE, now) as log:
        held = locks.item(item.pk, posts=True)
        if held.item.state != ItemState.APPROVED:
            return False
        expire_held(log, held, now)
    return True


def expire_held(log: Log, held: locks.Held, now: datetime) -> None:
    """Expire an approved Item that the caller holds locked with its Posts."""
    item = held.item
    change(log, item, ItemMove.EXPIRE, ended_reason="expired")
    register.note(now, "withdrawn", item=item.reference, reason="expired", image=item.original_id)
    recall_recipients(log, item, "expired", now)
    end_publication(log, held, "expired", now)


def _public(posts: list[Post]) -> bool:
    return any(PostState(post.state) in COUNTS_AS_PUBLIC for post in posts)


def _nothing_public(posts: list[Post]) -> None:
    if _public(posts):
        raise Forbidden(
            "This is public or coming down. Its words are mended by `publisher amend`; to change the picture, withdraw "
            "it and queue a new one."
        )


def _only_known(changes: dict[str, Any]) -> None:
    if strange := set(changes) - EDITABLE:
        raise Forbidden(f"“{min(strange)}” cannot be set on an Item.")
    if "destinations" in changes:
        changes["destinations"] = list(dict.fromkeys(changes["destinations"]))


def _person(actor: Actor) -> int:
    if actor.officer_id is None:
        raise Forbidden("Only a person may do this.")
    return actor.officer_id


def _officer(actor: Actor, *, lock: bool = False) -> Officer:
    people = Officer.objects.select_for_update(no_key=True) if lock else Officer.objects.all()
    officer = people.get(pk=_person(actor))
    if not officer.is_active:
        raise Forbidden("This account is disabled.")
    return officer
