"""What the machine says of one Item in public: words two people approved once, else a plain sentence of its own.

Either way it is the number with its day and how to reach the force: never a name, never what became of anybody.
"""

from __future__ import annotations

from pressqueue import drafting, public_texts
from pressqueue.models import ApprovedText, Item

Kind = ApprovedText.Kind
TAKEN_DOWN = "{reference} was taken down. Please do not share copies of it."
NOBODY_SUSPECTED = (
    "Nobody shown in it may be described as suspected of anything. Where it was published, please correct it."
)


def tombstone(item: Item, force: str) -> str:
    """What stands where it was (R32); an empty text for what was never public."""
    if not item.posts.filter(live_at__isnull=False).exists():
        return ""
    return approved(Kind.TOMBSTONE, item, force) or TAKEN_DOWN.format(reference=item.reference)


def approved(kind: str, item: Item, force: str) -> str:
    """The approved words of its campaign, else of the office, filled in; empty where none are in force.

    They speak of appeals: of a feature nothing is said but our own sentence.
    """
    if item.kind == Item.Kind.FEATURE:
        return ""
    text = public_texts.in_force(kind, item.campaign)
    return public_texts.filled(text.body, _values(item, force)) if text else ""


def _values(item: Item, force: str) -> dict[str, str]:
    return {
        "reference": item.reference,
        "published": drafting.published(item),
        "force": force,
        "contact": drafting.contact(item.campaign).replace("{reference}", item.reference),
    }
