"""Items, Posts and the people shown, by the names people use for them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from publisher.cli.moments import iso
from publisher.output import Declined

if TYPE_CHECKING:
    from pressqueue.models import Item, Post, Subject
    from publisher.cli.session import Session
    from publisher.destinations.base import Limits


def find(reference: str) -> Item:
    """The Item of this reference. Raises Declined."""
    from pressqueue.models import Item

    found = Item.objects.select_related("campaign", "original").filter(reference=reference.strip().upper()).first()
    if found is None:
        raise Declined(f"There is no Item {reference}. `publisher list` shows those there are.")
    return found


def post_at(item: Item, destination: str) -> Post:
    """The Item's newest Post at a destination. Raises Declined naming where it has one."""
    posts = list(item.posts.order_by("-pk"))
    for post in posts:
        if post.destination == destination:
            return post
    there = ", ".join(sorted({post.destination for post in posts}))
    raise Declined(
        f"{item.reference} has no Post at {destination}. " + (f"It has one at: {there}." if there else "It has none.")
    )


def find_subject(number: str) -> Subject:
    """The person of this number; or the one person an Item of this reference shows. Raises Declined."""
    from pressqueue.models import Subject

    wanted = number.strip().upper()
    if subject := Subject.objects.filter(number=wanted).first():
        return subject
    shown = list(Subject.objects.filter(items__reference=wanted).order_by("number"))
    if len(shown) == 1:
        return shown[0]
    if shown:
        raise Declined(f"{wanted} shows {len(shown)} people: {', '.join(each.number for each in shown)}. Name one.")
    raise Declined(f"There is no person {number}, and no Item of that reference that shows one.")


def describe_subject(subject: Subject) -> dict[str, Any]:
    """A number with its dates and code; never a name, of which there is none."""
    return {
        "number": subject.number,
        "campaign": subject.campaign.slug,
        "made": iso(subject.created_at),
        "outcome": subject.outcome,
        "outcome_at": iso(subject.outcome_at),
        "items": [
            {"reference": item.reference, "state": str(item.state)} for item in subject.items.order_by("reference")
        ],
    }


def described(item: Item) -> dict[str, Any]:
    """An Item with its Posts, for machines."""
    return {
        "reference": item.reference,
        "kind": item.kind,
        "purpose": item.purpose,
        "campaign": item.campaign.slug,
        "state": str(item.state),
        "held": item.held,
        "title": item.title,
        "author": item.author.username,
        "refusal": item.refusal,
        "ended_reason": item.ended_reason,
        "destinations": item.destinations,
        "from": iso(item.publish_from),
        "until": iso(item.publish_until),
        "expires": iso(item.expires_at),
        "posts": [describe_post(post) for post in item.posts.all()],
    }


def describe_post(post: Post) -> dict[str, Any]:
    """A Post, for machines. `confirmed_down` is true only where the platform itself said so."""
    return {
        "destination": post.destination,
        "state": str(post.state),
        "remote_id": post.remote_id,
        "url": post.url,
        "title": post.title,
        "due": iso(post.due_at),
        "live_since": iso(post.live_at),
        "take_down_asked": iso(post.take_down_asked_at),
        "removed": iso(post.removed_at),
        "confirmed_down": post.state in ("removed", "cancelled") if post.take_down_asked_at else None,
        "waits_for_a_person": post.parked_at is not None,
        "words": post.words,
    }


def post_summary(item: Item) -> str:
    """Where an Item's Posts are, in one line."""
    return ", ".join(
        f"{post.destination}: {'not confirmed down' if _going(post) else post.state}" for post in item.posts.all()
    )


def _going(post: Post) -> bool:
    return post.take_down_asked_at is not None and post.state not in ("removed", "cancelled")


def before_its_hour(session: Session, items: Sequence[Item]) -> dict[int, list[str]]:
    """Of each Item that is approved and would not go out at its hour, by its key: what somebody has to do."""
    from publisher.scheduling import schedule_text

    limits: dict[str, Limits] = {}

    def attest(name: str) -> bool:
        if not limits:
            limits.update(limits_of(session))
        return name in limits and limits[name].needs_comment_attestation

    found = {item.pk: [each.sentence for each in schedule_text.ahead_of(item, session.now, attest)] for item in items}
    return {key: sentences for key, sentences in found.items() if sentences}


def limits_of(session: Session) -> dict[str, Limits]:
    """What each destination takes, of those that are connected; the others are asked when the Item is prepared."""
    from publisher.workers.worker import build_destination

    known = {}
    for name in session.office.destinations:
        with suppress(ValueError):
            known[name] = build_destination(session.office, session.secrets, name).limits()
    return known
