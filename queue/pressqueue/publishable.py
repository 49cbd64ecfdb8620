"""Whether a Post may go out at this moment: asked when it is taken and once more in the deciding commit."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction

from pressqueue import gates, locks, packages, vouching
from pressqueue.destination_names import name_of
from pressqueue.errors import Forbidden
from pressqueue.hashing import about_of
from pressqueue.holds import held_because
from pressqueue.hours import is_late
from pressqueue.models import Amendment, Entry, Item, Post
from pressqueue.states import ItemState, PostState


def check_publishable(
    held: locks.Held, post: Post, step: gates.Step, needs_attestation: bool, now: datetime, account: str | None = None
) -> str:
    """Check everything that must hold before a Post becomes public; the caller holds the Item locked.

    Returns the account it goes to. Raises Forbidden or GatesClosed.
    """
    item = held.item
    if item.state != ItemState.APPROVED:
        raise Forbidden(f"{item.reference} is {item.state}.")
    if item.package_id != post.package_id:
        raise Forbidden(f"{item.reference} was prepared anew; this Post belongs to an older version.")
    if step is gates.Step.BEGIN_REVEAL and post.amending_id is not None:
        raise Forbidden(f"The words of {item.reference} were amended: the new ones are written first.")
    if because := held_because(held.office, held.campaign, item):
        raise Forbidden(because)
    basis = vouching.demand(held, post)
    booking = held.booking
    if booking is not None and post.booking_id == booking.pk:
        if now < booking.due_at:  # a clock that ran ahead gave it an hour that is yet to come
            raise Forbidden(f"It is not yet the hour of {item.reference}.")
        if is_late(booking, now):
            raise Forbidden(f"{item.reference} has missed its hour by more than {held.campaign.slug} allows.")
    row = basis.account
    known = account if account is not None else (row.identity if row else "")
    _demand_its_account(item, post, step, known)
    gates.demand(
        gates.Case(
            step, item, now,
            package=post.package,
            destination=post.destination,
            account=row,
            needs_comment_attestation=needs_attestation,
            rows=basis,
        )
    )  # fmt: skip
    return known


def check_decided(post: Post) -> None:
    """Check that the log tells of the commit that decided to show this Post, and of nothing later that undid it.

    Raises Forbidden. Asked before a platform is asked again to show a copy: the Post's state by itself is a column that
    anybody with the database's password can write.
    """
    if because := vouching.stops_all():
        raise Forbidden(because)
    at = post.revealing_at.astimezone(UTC).isoformat(timespec="microseconds") if post.revealing_at else ""
    moves = Entry.objects.filter(act__startswith="post_").order_by("number")
    since = moves.filter(at=at).values_list("number", flat=True).first()
    told = moves.filter(number__gte=since).values_list("about", flat=True) if since is not None else ()
    states = [about["now"] for about in map(about_of, told) if about.get("post") == post.pk and "now" in about]
    if states[-1:] != [PostState.REVEALING]:
        raise Forbidden(f"The audit log does not say that {post.item.reference} may be shown now.")
    with transaction.atomic():
        vouching.demand_rows([f"package:{post.package_id}", f"post:{post.pk}"], post.item.reference)
    package = post.package
    approved = package.approvals.filter(digest=package.digest).exists()  # sealed with its digest; the Package is not
    if not approved or packages.digest(package.content) != package.digest:
        raise Forbidden(f"What was approved of {post.item.reference} was changed: it is not shown again.")


def check_rewritable(post: Post) -> None:
    """Check that the texts which are to be written anew into this public copy are those that were approved.

    Raises Forbidden. Asked before each time they are written: the platform shows them at once.
    """
    with transaction.atomic():
        held = locks.item(post.item_id)
        item, package = held.item, post.package
        vouching.demand(held, post)
        in_effect = Amendment.objects.filter(
            pk=post.amending_id or 0, item=item, package=package, state=Amendment.State.APPROVED
        )
        if item.state != ItemState.APPROVED or item.package_id != package.pk or not in_effect.exists():
            raise Forbidden(f"No amendment of {item.reference} is in effect that changes these texts.")
        whole = packages.digest(package.content) == package.digest
        if not whole or not package.approvals.filter(void_at__isnull=True, digest=package.digest).exists():
            raise Forbidden(f"The amended texts of {item.reference} are not those that were approved.")


def _demand_its_account(item: Item, post: Post, step: gates.Step, known: str) -> None:
    """What was approved for one account goes to no other; what was sent to one is revealed at no other."""
    approved_for = {packages.account_in(post.package, post.destination)}
    if step is gates.Step.BEGIN_REVEAL:
        approved_for.add(post.account)
    if approved_for - {"", known}:
        raise Forbidden(
            f"{item.reference} was approved for another account than {name_of(post.destination)} is now. Connect the "
            "account it was approved for, or let it be approved again for this one."
        )
