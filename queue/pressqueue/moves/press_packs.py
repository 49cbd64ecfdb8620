"""Press packs: who was given what, on record before the first byte goes out (R31)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from pressqueue import gates, local, locks, powers, records, register, vouching
from pressqueue.actors import Actor
from pressqueue.audit import moving
from pressqueue.cleaning import clean_texts
from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.holds import held_because
from pressqueue.models import Disclosure, Item, Office, Package
from pressqueue.states import COUNTS_AS_PUBLIC, ItemState, PostState

USUAL_CONDITIONS = (
    "For news reporting of this release only. Do not alter the picture, do not pass it on, and delete every copy "
    "when it is recalled. Copyright remains with the force."
)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who receives a press pack, and where a recall reaches them."""

    organisation: str
    name: str
    email: str


@clean_texts
def conditions_of(item: Item) -> str:
    """Returns the terms on which its pictures are handed over: the record's own, else the usual ones."""
    return str(getattr(records.of(item), "conditions_of_use", "")).strip() or USUAL_CONDITIONS


@clean_texts
def demand_disclosable(
    actor: Actor, item: Item, recipient: Recipient, embargo_until: datetime | None, *, now: datetime
) -> None:
    """Raise what `disclose` would raise now, before anything is packed: Forbidden or GatesClosed."""
    powers.demand(actor, "demand_disclosable")
    _demand_recipient(recipient)
    held = locks.Held(Office.objects.get(), item.campaign, item, None, list(item.posts.all()))
    _demand_open(held, embargo_until, now)


@clean_texts
def disclose(
    actor: Actor, package: Package, recipient: Recipient, *, archive: str, files: list[Mapping[str, str | int]],
    conditions: str, embargo_until: datetime | None, recall_address: str, now: datetime,
) -> Disclosure:  # fmt: skip
    """Record that this recipient is given this file; a byte of it may go out only after this returns.

    `archive`: SHA-256 of the very file; `files`: name, sha256 and size of each file within it, made from `package`.
    Raises Forbidden or GatesClosed where the Item may not be published now, is withdrawn, held, or was changed since.
    """
    officer = powers.demand(actor, "disclose")
    known = _demand_recipient(recipient)
    with moving(actor, now) as log:
        held = locks.item(package.item_id, posts=True)
        _demand_open(held, embargo_until, now)
        if held.item.package_id != package.pk:
            raise Forbidden(f"{held.item.reference} was changed meanwhile: make the press pack again.")
        vouching.demand_package(held, package)
        made = Disclosure.objects.create(
            item=held.item, package=package, digest=package.digest, archive=archive,
            files=[dict(file) for file in files],
            organisation=known.organisation, name=known.name, email=known.email, conditions=conditions,
            embargo_until=embargo_until, recall_address=recall_address, given_at=now, given_by=officer, door=actor.door,
        )  # fmt: skip
        log.note(
            "disclosed", text=f"{known.organisation}, {known.name}, {known.email}", item=held.item.pk,
            disclosure=made.pk, digest=package.digest, archive=archive, sha256=[str(file["sha256"]) for file in files],
        )  # fmt: skip
        # A database restored from before this knows that somebody holds a copy, though not who.
        register.note(now, "disclosed", item=held.item.reference, archive=archive)
    return made


def _demand_open(held: locks.Held, embargo_until: datetime | None, now: datetime) -> None:
    item = held.item
    if item.state != ItemState.APPROVED:
        ended = item.state in (ItemState.WITHDRAWN, ItemState.EXPIRED)
        why = "It came down: nothing of it is given out any more." if ended else "It is not approved."
        raise Forbidden(f"No press pack of {item.reference} can be made. {why}")
    if why := held_because(held.office, held.campaign, item):
        raise Forbidden(f"{why} Until then no press pack is given out.")
    shown = COUNTS_AS_PUBLIC - {PostState.REMOVING}
    revealed = any(PostState(post.state) in shown for post in held.posts)
    case = gates.Case(gates.Step.TAKE, item, now, package=item.package)
    if failures := gates.faults_at_disclosure(case, revealed=revealed):
        raise GatesClosed(failures)
    _demand_embargo(item, revealed, embargo_until, now)


def _demand_embargo(item: Item, revealed: bool, embargo_until: datetime | None, now: datetime) -> None:
    if embargo_until is not None and embargo_until <= now:
        raise Forbidden("The embargo has passed already: give a later time, or none.")
    if revealed:
        return
    if embargo_until is None:
        raise Forbidden(f"{item.reference} is not public yet: say until when the pack is under embargo.")
    if item.publish_from is not None and embargo_until < item.publish_from:
        raise Forbidden(f"{item.reference} goes out at {local.at(item.publish_from)}: the embargo may not end before.")


def _demand_recipient(recipient: Recipient) -> Recipient:
    known = Recipient(*(part.strip() for part in (recipient.organisation, recipient.name, recipient.email)))
    if not known.organisation or not known.name:
        raise Forbidden("Say who receives it: the organisation and the person.")
    try:
        validate_email(known.email)
    except ValidationError:
        raise Forbidden("Give the recipient's e-mail address: a recall must reach them.") from None
    return known
