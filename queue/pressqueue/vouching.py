"""Whether what one publication rests on was written by this program and told in its log; asked before it goes out.

A publication is whatever leaves for the public: a Post, the words written anew into one, an album's, a press pack.

A withdrawal never asks: what must come down comes down from a forged row as well, and without the key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Model

from pressqueue import key_rotation, locks, sealing, seals
from pressqueue.basis import Basis
from pressqueue.errors import Forbidden
from pressqueue.models import Alarm, ApprovedText, ChainHead, Item, Package, Post

NO_KEY = (
    "The integrity key is missing, so nothing can be shown to be approved. Put integrity_key back where the other keys "
    "are; taking down goes on without it."
)
BROKEN = (
    "The audit log or its head was not written by this program. Nothing is sent or revealed until two people have "
    "ended the alarm: `publisher audit verify` says what was found."
)


def demand(held: locks.Held, post: Post) -> Basis:
    """Raise Forbidden unless everything that this Post rests on is sealed and logged; returns what that is.

    The caller holds the rows.
    """
    return _demand(held, post.package_id, post)


def demand_package(held: locks.Held, package: Package) -> Basis:
    """Raise Forbidden unless everything that this Package of the Item rests on is sealed and logged; returns that.

    The caller holds the rows.
    """
    return _demand(held, package.pk, None)


def demand_text(text: ApprovedText) -> None:
    """Raise Forbidden unless this text was drafted, approved and ended as the Seals say."""
    scopes = [f"standing_text:{text.pk}"]
    if seals.faults(scopes):
        with transaction.atomic():
            _hold_still()
            if found := seals.faults(scopes):
                raise Forbidden(f"{found[0]} Nothing is published with its words.")


def stops_all(alarms: Iterable[Alarm] | None = None) -> str:
    """Returns the sentence of why nothing at all may be published now; empty where nothing stands against it.

    `alarms`: all of them, where the caller has read them.
    """
    if not sealing.has_key():
        return NO_KEY
    standing = Alarm.objects.filter(ended_at__isnull=True).order_by("pk")[:1] if alarms is None else alarms
    if alarm := next((each for each in standing if each.ended_at is None), None):
        return f"{alarm.words} Nothing is sent or revealed until two people have ended this alarm."
    if not seals.is_vouched(ChainHead.objects.get()):
        return key_rotation.RESTART if key_rotation.is_outdated() else BROKEN
    return ""


def _demand(held: locks.Held, package: int, post: Post | None) -> Basis:
    basis = Basis.of(held, package, post.destination if post else None)
    if because := stops_all(basis.alarms):
        raise Forbidden(because)
    if _found(basis, post, held):
        # Rows and Seals are read one after the other: what disagrees is asked again while nobody writes.
        _hold_still()
        basis = Basis(held.item, package, basis.destination)
        if found := _found(basis, post):
            raise Forbidden(f"{found[0]} Nothing of {held.item.reference} is sent or revealed.")
    return basis


def demand_rows(scopes: Sequence[str], what: str) -> None:
    """Raise Forbidden unless the rows of these scopes are as this program wrote them.

    `what` names what rests on them: "this request". For moves that give or end something; never for one that stops or
    takes down.
    """
    if not sealing.has_key():
        raise Forbidden(NO_KEY)
    if seals.faults(scopes):
        _hold_still()
        if found := seals.faults(scopes):
            raise Forbidden(f"{found[0]} Nothing is done on {what} until two people have looked into it.")


def faults_of(item: Item, post: Post) -> list[seals.Fault]:
    """Returns what does not agree of all that this Post rests on. Reads it afresh."""
    return _found(Basis(item, post.package_id, post.destination), post)


def _found(basis: Basis, post: Post | None, held: locks.Held | None = None) -> list[seals.Fault]:
    scopes = [*_scopes_of_package(basis), *(_scopes_of_post(post) if post else ())]
    return seals.faults(scopes, _rows(basis, held), logged=f"package:{basis.package}")


def _rows(basis: Basis, held: locks.Held | None) -> dict[str, Sequence[Model]]:
    """What was read already, by kind: all rows of that kind in these scopes."""
    rows: dict[str, Sequence[Model]] = {
        "alarm": basis.alarms, "edit": basis.edits, "glass": basis.emergencies, "amendment": basis.amendments,
        "original": basis.originals, "blocked_image": basis.blocks, "approval": basis.approvals,
        "verification": basis.verifications, "officer": basis.officers, "subject": basis.subjects,
    }  # fmt: skip
    if basis.destination:
        rows["account"] = [basis.account] if basis.account else []
    if held is not None:
        rows |= {"office": [held.office], "campaign": [held.campaign], "item": [held.item]}
    return rows


def _hold_still() -> None:
    """Nobody writes from here on, and where another key is in force by now we have it."""
    seals.is_vouched(ChainHead.objects.select_for_update(no_key=True).get())


def _scopes_of_post(post: Post) -> list[str]:
    return [f"post:{post.pk}", f"account:{post.destination}"]


def _scopes_of_package(basis: Basis) -> list[str]:
    """The scopes of the Seals of every row that a Package rests on."""
    item = basis.item
    return [
        "office",
        f"campaign:{item.campaign_id}",
        f"item:{item.pk}",
        f"original:{item.original_id}",
        f"package:{basis.package}",
        *(f"officer:{officer.pk}" for officer in basis.officers),
        *(f"subject:{subject.pk}" for subject in basis.subjects),
    ]
