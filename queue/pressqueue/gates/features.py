"""R48: what may be filed as a feature."""

from __future__ import annotations

from pressqueue.gates.base import EVERY_STEP, Case, Gate
from pressqueue.models import Campaign, Item


class FeatureIsNoAppeal(Gate):
    """R48: a feature belongs to a series and shows no Subject; an appeal belongs to an operation or countdown."""

    number = "R48"
    steps = EVERY_STEP
    source = "proposed default; two legal regimes in one tool (UK GDPR and DPA 2018 Part 3)"

    def fault(self, case: Case) -> str:
        item = case.item
        if item.kind == Item.Kind.FEATURE:
            if item.campaign.kind != Campaign.Kind.SERIES:
                return "A feature belongs to a daily series, not to an operation."
            if item.subjects.exists():
                return "A feature shows no Subject: what seeks a person is an appeal."
        elif item.campaign.kind == Campaign.Kind.SERIES:
            return "An appeal belongs to an operation, not to a daily series."
        return ""
