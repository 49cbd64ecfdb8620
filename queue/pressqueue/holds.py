"""Holds and freezes: flags, not states. Holding never takes anything down."""

from __future__ import annotations

from pressqueue.models import Campaign, Item, Office


def held_because(office: Office, campaign: Campaign, item: Item) -> str:
    """Returns why this Item may not be published now, or an empty text."""
    if office.recovering_since is not None:
        return (
            "This office was restored from a backup: nothing is sent or revealed until `publisher reconcile` has "
            "looked at every account and somebody resumed it."
        )
    if office.frozen == "all":
        return "All publishing is paused. Nothing is made public until two people resume it on the Holds page."
    if office.frozen == "features" and item.kind == Item.Kind.FEATURE:
        return "Features are paused. Appeals and withdrawals continue."
    if campaign.held:
        return f"The campaign {campaign.slug} is held."
    if item.held:
        return f"{item.reference} is held."
    return ""
