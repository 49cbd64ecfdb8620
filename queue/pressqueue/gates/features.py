"""R43 and R48: what a feature needs, and what may be filed as one."""

from __future__ import annotations

from pressqueue.gates.base import AND_LIVE, EVERY_STEP, FROM_SUBMIT, Case, Gate, Leads, Live, Settable
from pressqueue.models import Campaign, FeatureRecord, Item, Source


class FeatureIsNoAppeal(Gate):
    """R48: a feature belongs to a series and shows no Subject; an appeal belongs to an operation or countdown."""

    number = "R48"
    steps = EVERY_STEP
    source = "proposed default; two legal regimes in one tool (UK GDPR and DPA 2018 Part 3)"
    answers = ("source",)

    def fault(self, case: Case) -> str:
        """Refuses a feature outside a series, with a Subject or from a police camera, and an appeal inside a series."""
        item = case.item
        if item.kind == Item.Kind.FEATURE:
            if item.campaign.kind != Campaign.Kind.SERIES:
                return "A feature belongs to a daily series, not to an operation."
            if case.people:
                return "A feature shows no Subject: what seeks a person is an appeal."
            if case.feature.source in (Source.CCTV, Source.CUSTODY, Source.BODY_WORN):
                return "A CCTV, body-worn or custody picture is never a feature: file it as what it is."
        elif item.campaign.kind == Campaign.Kind.SERIES:
            return "An appeal belongs to an operation, not to a daily series."
        return ""


class FeatureRecordComplete(Gate):
    """R43: a feature has its consent or public place, its rights, and its safety checklist answered with yes."""

    number = "R43"
    steps = FROM_SUBMIT
    source = "UK GDPR (features are not law-enforcement processing); force practice"
    answers = ("basis", "consent_detail", "rights", "source", "facet", "checklist")
    settings = (Settable("[features.safety]", "safety_checklist", "safety checklist"),)

    def fault(self, case: Case) -> str:
        """Lists what a feature's record does not say, and each safety question not answered with yes."""
        if case.item.kind != Item.Kind.FEATURE:
            return ""
        record, missing = case.feature, []
        if not record.basis:
            missing.append("whether consent was given, or it was taken in a public place")
        if record.basis == FeatureRecord.Basis.CONSENT and not record.consent_detail.strip():
            missing.append("whose consent it is, and where it is kept")
        if not record.rights.strip():
            missing.append("who holds the rights in the picture")
        if not record.source:
            missing.append("where the picture comes from")
        if not record.facet.strip():
            missing.append("its topic (dogs, roads, people ...)")
        answered = set(record.checklist)
        missing += [f"“{words}”" for key, words in case.policy.safety_checklist if key not in answered]
        return _listed("The feature's record does not say:", missing)


class ConsentStands(Gate):
    """R43: consent and rights have not run out, nor will they before it goes out."""

    number = "R43"
    steps = AND_LIVE
    live = Live.WITHDRAW
    source = "UK GDPR Article 7(3)"
    answers = ("consent_until", "rights_until")
    leads_to = Leads.GIVEN

    def fault(self, case: Case) -> str:
        """Refuses a feature whose consent or rights have run out, or will have before it is published."""
        if case.item.kind != Item.Kind.FEATURE:
            return ""
        for ends, words in ((case.feature.consent_until, "consent"), (case.feature.rights_until, "rights")):
            if ends is not None and max(case.now, case.item.publish_from or case.now) >= ends:
                return f"The {words} of this feature {'have' if words == 'rights' else 'has'} run out."
        return ""


def _listed(begins: str, missing: list[str]) -> str:
    """One answer within the sentence, several below it, each on a line of its own."""
    if len(missing) < 2:
        return f"{begins} {missing[0]}." if missing else ""
    return "\n".join([begins, *(f"- {each}" for each in missing)])
