"""Withdrawal: any officer, alone, in one action."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F, Q

from pressqueue import locks, powers, register
from pressqueue.actors import MACHINE, Actor
from pressqueue.audit import Log, moving
from pressqueue.cleaning import clean_texts
from pressqueue.destination_names import name_of
from pressqueue.errors import Forbidden
from pressqueue.models import BlockedImage, Campaign, Item, Officer, Post, Subject, UnmanagedMedia
from pressqueue.moves.duties import eliminated, wrong_image
from pressqueue.moves.end_publication import end_post, end_publication
from pressqueue.moves.item_access import demand_own_case
from pressqueue.moves.recalls import recall_recipients
from pressqueue.moves.releases import writers_of
from pressqueue.states import COUNTS_AS_PUBLIC, ItemMove, ItemState, PostState, next_item_state

REASONS = {
    "identified": "The person has been identified",
    "surrendered": "The person has come forward",
    "arrested": "The person has been arrested",
    "charged": "The person has been charged",
    "eliminated": "The person has been eliminated from the enquiry",
    "wrong_image": "It is the wrong image",
    "court_order": "A court has ordered it",
    "victim_request": "The victim has asked for it",
    "consent_withdrawn": "Consent has been withdrawn",
    "expired": "Its time has run out",
    "withdrawn": "The appeal is no longer needed",
    "rule": "A rule no longer allows it",
    "kill_switch": "The whole operation has been taken down",
}
# Of one Item's own reasons these outlive it: the same bytes may not be queued again without new authority (R29).
BLOCKING = frozenset({"wrong_image", "court_order", "eliminated"})


@clean_texts
def withdraw(actor: Actor, item: Item, reason: str, *, now: datetime) -> Item:
    """Every state -> withdrawn. Waiting Posts are cancelled, published copies removed, unconfirmed ones flagged.

    Withdrawing again is not an error: it returns the Item as it is. Raises Forbidden.
    """
    powers.demand(actor, "withdraw")
    if reason not in REASONS:
        raise Forbidden(f"“{reason}” is not a reason to withdraw. Known are: {', '.join(REASONS)}.")
    demand_own_case(actor, Item.objects.filter(pk=item.pk), f"{item.reference} is not your case")
    with moving(actor, now) as log:
        held = locks.item(item.pk, posts=True)
        withdraw_held(log, held, reason, now)
        if reason in BLOCKING:
            block(log, [held.item], reason, now)
    return held.item


@clean_texts
def withdraw_operation(actor: Actor, campaign: Campaign, *, now: datetime) -> list[Item]:
    """R56: withdraw everything in a campaign in one action, whatever its state; returns the Items.

    Unmanaged media that show a person of this campaign come down too. Raises Forbidden.
    """
    powers.demand(actor, "withdraw_operation")
    demand_own_case(actor, Item.objects.none(), "A whole operation is nobody's own case")
    with moving(actor, now) as log:
        office = locks.office()
        people = locks.subjects(campaign.subjects.values_list("pk", flat=True))
        locks.campaign(campaign.pk)
        held = locks.items(Item.objects.filter(campaign=campaign).values_list("pk", flat=True), office)
        for each in held:
            withdraw_held(log, each, "kill_switch", now)
        take_down_inherited(log, people, "kill_switch", now)
        log.note("operation_withdrawn", campaign=campaign.pk, items=[each.item.pk for each in held])
    return [each.item for each in held]


def withdraw_held(log: Log, held: locks.Held, reason: str, now: datetime) -> None:
    """Withdraw an Item that the caller holds locked with everything below it."""
    item = held.item
    if item.state != ItemState.WITHDRAWN:
        was = item.state
        item.state = next_item_state(was, ItemMove.WITHDRAW)
        item.ended_reason = reason
        item.save(update_fields=["state", "ended_reason"])
        log.note("item_withdraw", item=item.pk, was=was, now=str(item.state), reason=reason)
        register.note(now, "withdrawn", item=item.reference, reason=reason, image=item.original_id)
    recall_recipients(log, item, reason, now)
    if reason == "eliminated":
        eliminated(log, item, now)
    elif reason == "wrong_image":
        wrong_image(log, item, now)
    end_publication(log, held, reason, now)


def block(log: Log, items: Iterable[Item], reason: str, now: datetime, subject: Subject | None = None) -> None:
    """Block these Items' Originals, and every file made from them, from being queued again."""
    rows = {
        sha256: BlockedImage(sha256=sha256, subject=subject, item=item, reason=reason, since=now)
        for item in items
        for sha256 in [item.original_id, *item.renditions.values_list("sha256", flat=True)]
    }
    standing = BlockedImage.objects.filter(sha256__in=rows, lifted_at__isnull=True).values_list("sha256", flat=True)
    blocked = set(standing)  # what is blocked already stays so; the caller holds the office, so nobody blocks meanwhile
    BlockedImage.objects.bulk_create(row for sha256, row in rows.items() if sha256 not in blocked)
    if rows:
        register.note(now, "blocked", hashes=sorted(rows), reason=reason, subject=subject.number if subject else "")
        log.note("images_blocked", sha256=sorted(rows), reason=reason, subject=subject.pk if subject else None)


@clean_texts
def unblock(actor: Actor, sha256: str, authority: str, *, now: datetime) -> list[BlockedImage]:
    """Let a blocked image be queued again, with everything blocked with it. Returns the blocks that were lifted.

    An approver decides, never one who wrote or edited the Item it came from, or handed in its file. Raises Forbidden.
    """
    powers.demand(actor, "unblock")
    if not authority.strip():
        raise Forbidden("Say who gave the new authority, and when.")
    with moving(actor, now) as log:
        locks.office()
        named = BlockedImage.objects.filter(sha256=sha256, lifted_at__isnull=True).first()
        if named is None:
            raise Forbidden("There is no block on this image.")
        officer = _may_unblock(actor, named.item)
        together = Q(item=named.item) if named.item is not None else Q(pk=named.pk)
        open_blocks = BlockedImage.objects.select_for_update(no_key=True).filter(together, lifted_at__isnull=True)
        lifted = list(open_blocks.order_by("pk"))
        for each in lifted:
            each.lifted_at, each.lifted_by = now, officer
            each.save(update_fields=["lifted_at", "lifted_by"])
        log.note("images_unblocked", text=authority, sha256=[each.sha256 for each in lifted], item=named.item_id)
    return lifted


def _may_unblock(actor: Actor, item: Item | None) -> Officer:
    officer = Officer.objects.filter(pk=actor.officer_id or 0, is_active=True, may_approve=True).first()
    if officer is None:
        raise Forbidden("Only an active approver may let a blocked image be queued again.")
    if item is not None and officer.pk in writers_of(Item.objects.filter(pk=item.pk)):
        raise Forbidden(f"{officer.name} had a hand in {item.reference}: somebody else must lift its block.")
    return officer


def take_down_inherited(log: Log, people: Iterable[Subject], reason: str, now: datetime) -> None:
    """Take down what was at an account before this office managed it and shows one of these people."""
    standing = UnmanagedMedia.objects.filter(
        subject__in=[person.pk for person in people], take_down_asked_at__isnull=True, removed_at__isnull=True
    )
    rows = list(standing.order_by("pk"))
    pks = [row.pk for row in rows]
    for destination in sorted({row.destination for row in rows}):
        ids = sorted(row.remote_id for row in rows if row.destination == destination)
        register.note(now, "inherited_down", destination=destination, ids=ids, reason=reason)
    UnmanagedMedia.objects.filter(pk__in=pks).update(
        take_down_asked_at=now, reason=reason, not_before=now, decision=UnmanagedMedia.Decision.WITHDRAWN
    )
    if pks:
        log.note("inherited_take_down", inherited=pks, reason=reason)


@clean_texts
def expire_public(item: Item, *, now: datetime) -> bool:
    """R34: withdraw a public Item that is back in review, as after a restore. False where no copy is public."""
    with moving(MACHINE, now) as log:
        held = locks.item(item.pk, posts=True)
        reviewed = held.item.state in (ItemState.DRAFT, ItemState.SUBMITTED, ItemState.IN_REVIEW)
        shown = COUNTS_AS_PUBLIC - {PostState.REMOVING}
        if not reviewed or not any(PostState(post.state) in shown for post in held.posts):
            return False
        withdraw_held(log, held, "expired", now)
    return True


@clean_texts
def take_down_post(actor: Actor, post: Post, reason: str, *, now: datetime) -> Post:
    """Take down one Post only: its Booking was skipped, or the platform rejected it. The Item keeps its state."""
    with moving(actor, now) as log:
        held = locks.item(post.item_id, posts=True)
        locked = next(each for each in held.posts if each.pk == post.pk)
        if PostState(locked.state) in COUNTS_AS_PUBLIC - {PostState.REMOVING}:
            where = {"item": held.item.reference, "destination": locked.destination, "mark": locked.mark}
            register.note(now, "post_down", **where, reason=reason)
        end_post(log, locked, reason, now)
    return locked


@clean_texts
def still_up(
    post: Post, fence: int, *, message: str, not_before: datetime, answered: bool, hand_over: int, now: datetime
) -> None:
    """removing stays removing: this round could not confirm it gone.

    `answered`: the platform was reached and refused. After `hand_over` such failures the removal is also handed to an
    officer. Does nothing where the lease was already lost.
    """
    changes: dict[str, Any] = {"owner": "", "until": None, "not_before": not_before, "words": message}
    changes["tries"] = F("tries") + 1
    with moving(MACHINE, now) as log:
        if answered:
            changes["answered_failures"] = F("answered_failures") + 1
            if post.handed_at is None and post.answered_failures + 1 >= hand_over:
                changes["handed_at"] = now
        changed = Post.objects.filter(pk=post.pk, fence=fence).update(**changes)
        if changed and "handed_at" in changes:
            log.note("post_handed_over", post=post.pk, state=post.state)


@clean_texts
def hand_over(post: Post, *, now: datetime) -> None:
    """Hand an unconfirmed withdrawal to an officer too; from now on it holds nothing else back."""
    with moving(MACHINE, now) as log:
        if Post.objects.filter(pk=post.pk, handed_at__isnull=True).update(handed_at=now):
            log.note("post_handed_over", post=post.pk, state=post.state)


@clean_texts
def by_hand(actor: Actor, post: Post, *, now: datetime) -> Post:
    """An officer says that they removed it by hand. The platform decides: the next look is due at once.

    Raises Forbidden.
    """
    powers.demand(actor, "by_hand")
    demand_own_case(actor, Item.objects.filter(pk=post.item_id), "This is not your case")
    with moving(actor, now) as log:
        held = locks.item(post.item_id, posts=True)
        locked = next(each for each in held.posts if each.pk == post.pk)
        unsure = locked.state == PostState.UNSURE and locked.take_down_asked_at is not None
        if locked.state != PostState.REMOVING and not unsure:
            raise Forbidden(
                f"{held.item.reference} at {name_of(locked.destination)} is {locked.state}: it is not coming down."
            )
        # A higher fence: whoever is in the middle of a round may not put the next look off.
        Post.objects.filter(pk=locked.pk).update(
            by_hand_at=now, by_hand_by_id=actor.officer_id, not_before=now, tries=0,
            fence=F("fence") + 1, owner="", until=None,
        )  # fmt: skip
        log.note("removed_by_hand", post=locked.pk, officer=actor.officer_id)
    return Post.objects.select_related("item").get(pk=post.pk)
