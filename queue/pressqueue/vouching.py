"""Whether what one publication rests on was written by this program and told in its log; asked before it goes out.

A publication is whatever leaves for the public: a Post, the words written anew into one, an album's, a press pack.

A withdrawal never asks: what must come down comes down from a forged row as well, and without the key.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Model

from pressqueue import key_rotation, locks, sealing, seals
from pressqueue.errors import Forbidden
from pressqueue.models import Alarm, Approval, ApprovedText, ChainHead, Edit, Item, Package, Post, Verification

NO_KEY = (
    "The integrity key is missing, so nothing can be shown to be approved. Put integrity_key back where the other keys "
    "are; taking down goes on without it."
)
BROKEN = (
    "The audit log or its head was not written by this program. Nothing is sent or revealed until two people have "
    "ended the alarm: `publisher audit verify` says what was found."
)


def demand(held: locks.Held, post: Post) -> None:
    """Raise Forbidden unless everything that this Post rests on is sealed and logged. The caller holds the rows."""
    _demand_nothing_stops_all()
    _demand_scopes(held, scopes_of(held.item, post), post.package_id)


def demand_package(held: locks.Held, package: Package) -> None:
    """Raise Forbidden unless everything that this Package of the Item rests on is sealed and logged.

    The caller holds the rows.
    """
    _demand_nothing_stops_all()
    _demand_scopes(held, _scopes_of_package(held.item, package.pk), package.pk)


def demand_text(text: ApprovedText) -> None:
    """Raise Forbidden unless this text was drafted, approved and ended as the Seals say."""
    scopes = [f"standing_text:{text.pk}"]
    if seals.faults(scopes):
        with transaction.atomic():
            _hold_still()
            if found := seals.faults(scopes):
                raise Forbidden(f"{found[0]} Nothing is published with its words.")


def stops_all() -> str:
    """Returns the sentence of why nothing at all may be published now; empty where nothing stands against it."""
    if not sealing.has_key():
        return NO_KEY
    if alarm := Alarm.objects.filter(ended_at__isnull=True).order_by("pk").first():
        return f"{alarm.words} Nothing is sent or revealed until two people have ended this alarm."
    if not seals.is_vouched(ChainHead.objects.get()):
        return key_rotation.RESTART if key_rotation.is_outdated() else BROKEN
    return ""


def _demand_nothing_stops_all() -> None:
    if because := stops_all():
        raise Forbidden(because)


def _demand_scopes(held: locks.Held, scopes: Sequence[str], package: int) -> None:
    loaded: Sequence[Model] = (held.office, held.campaign, held.item)
    if _found(scopes, package, loaded) and (found := _asked_again(scopes, package)):
        raise Forbidden(f"{found[0]} Nothing of {held.item.reference} is sent or revealed.")


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


def _found(scopes: Sequence[str], package: int, loaded: Sequence[Model] = ()) -> list[seals.Fault]:
    return seals.faults(scopes, loaded) or seals.unlogged([f"package:{package}"])


def _asked_again(scopes: Sequence[str], package: int) -> list[seals.Fault]:
    """Rows and Seals are read one after the other: what disagrees is asked again while nobody writes."""
    _hold_still()
    return _found(scopes, package)


def _hold_still() -> None:
    """Nobody writes from here on, and where another key is in force by now we have it."""
    seals.is_vouched(ChainHead.objects.select_for_update(no_key=True).get())


def scopes_of(item: Item, post: Post) -> list[str]:
    """Returns the scopes of the Seals of every row that this Post rests on."""
    return [*_scopes_of_package(item, post.package_id), f"post:{post.pk}", f"account:{post.destination}"]


def _scopes_of_package(item: Item, package: int) -> list[str]:
    people = {
        *Edit.objects.filter(item=item).values_list("officer_id", flat=True),
        *Approval.objects.filter(package=package).values_list("approver_id", flat=True),
    }
    for words in Verification.objects.filter(package=package).values_list("investigator_id", "confirmed_by_id"):
        people |= set(words)
    shown = item.subjects.values_list("pk", flat=True)
    return [
        "office",
        f"campaign:{item.campaign_id}",
        f"item:{item.pk}",
        f"original:{item.original_id}",
        f"package:{package}",
        *(f"officer:{pk}" for pk in sorted(each for each in people if each is not None)),
        *(f"subject:{pk}" for pk in shown),
    ]
