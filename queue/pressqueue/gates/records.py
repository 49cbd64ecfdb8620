"""R1, R9, R10, R12, R14 and R19: the answers an appeal needs before anybody may be shown."""

from __future__ import annotations

from datetime import timedelta

from pressqueue.gates.base import AND_LIVE, EVERY_STEP, FROM_SUBMIT, Case, Gate, Leads, Live, Settable, Step
from pressqueue.models import AppealRecord, Item, Source, Subject

APP = "College of Policing APP, Media and communications"
# What R1 asks of every appeal, in the officer's words. The rest is asked by the rules below.
REQUIRED = {
    "offence": "the offence, as a reported crime",
    "crime_reference": "the crime or occurrence reference",
    "location": "the location, as the public may read it",
    "incident_at": "when it happened",
    "exhibit": "the exhibit reference",
    "source": "where the picture comes from",
    "source_verified_by": "who verified the source",
    "policing_purpose": "the policing purpose",
    "legal_basis": "the legal basis",
    "means_tried": "at least one other means that was tried",
    "seriousness": "how serious it is",
    "proportionality": "why it is proportionate",
    "reach": "why a worldwide platform is",
    "risk": "the risk assessment",
    "restrictions": "whether reporting restrictions are in force",
    "conditions_of_use": "the conditions of use",
    "review_at": "the review date",
}
# R55: what a threat to life may defer. Never when, where and what is shown, nor a date that ends it.
NARRATIVE = frozenset({"policing_purpose", "legal_basis", "means_tried", "proportionality", "reach", "risk"})


def unanswered(record: AppealRecord) -> list[str]:
    """Returns the names of the answers R1 requires and nobody has given."""
    missing = []
    for name in REQUIRED:
        answer = getattr(record, name)
        if answer is None or answer in ("", []) or (isinstance(answer, str) and not answer.strip()):
            missing.append(name)
    return missing


class RecordComplete(Gate):
    """R1: every appeal has its record: what, where, when, whose picture, why, and until when."""

    number = "R1"
    steps = FROM_SUBMIT
    answered_later = True
    source = f"{APP}: all decisions, reasons and any risk assessment recorded; Crook v CC Essex [2015] EWHC 988 (QB)"
    answers = (
        *REQUIRED, "link_to_offence", "clock_offset", "restrictions_checked_on", "restrictions_checked_by", "contact",
    )  # fmt: skip
    leads_to = Leads.EMPTY
    item_fields = ("expires_at",)

    def fault(self, case: Case) -> str:
        """Lists what the appeal's record does not say; a threat to life defers the narrative answers."""
        if not case.is_appeal:
            return ""
        later = NARRATIVE if case.emergency else frozenset()
        missing = [REQUIRED[name] for name in unanswered(case.appeal) if name not in later]
        if case.seeks_a_person and not case.appeal.link_to_offence.strip():
            missing.append("why this person is connected with it")
        if case.appeal.source == Source.CCTV and case.appeal.clock_offset is None:
            missing.append("by how much the camera's clock is wrong")
        if not (case.appeal.contact.strip() or case.item.campaign.contact.strip()):
            missing.append("where callers turn to")
        if case.item.expires_at is None:
            missing.append("the date on which it comes down")
        if case.appeal.restrictions and not (
            case.appeal.restrictions_checked_on and case.appeal.restrictions_checked_by.strip()
        ):
            missing.append("who checked for reporting restrictions, and when")
        return f"The record does not say: {'; '.join(missing)}." if missing else ""


class SaysWhatIsSought(Gate):
    """R1: an appeal says what it seeks: a suspect, a witness, or property. Every person shown must fit it."""

    number = "R1"
    steps = frozenset({Step.SUBMIT})  # what was submitted before this was asked goes on
    source = "DPA 2018 Part 3: suspects, convicted, victims and witnesses are told apart"
    item_fields = ("purpose",)

    def fault(self, case: Case) -> str:
        """Refuses an appeal that does not say what it seeks."""
        if case.item.kind != Item.Kind.APPEAL or case.item.purpose:
            return ""
        return "Say what this appeal seeks: a suspect, a witness, or property, a vehicle or a scene."


class DatesPossible(Gate):
    """R1: the dates are possible: no past event lies in the future, and nothing ends before it begins."""

    number = "R1"
    steps = EVERY_STEP
    source = "proposed default"
    answers = (
        "incident_at", "incident_until", "victim_consulted_on", "restrictions_checked_on", "image_taken_on",
        "review_at",
    )  # fmt: skip
    leads_to = Leads.GIVEN
    item_fields = ("expires_at",)

    def fault(self, case: Case) -> str:
        """Refuses past events dated in the future, and periods that end before they begin."""
        begins, ends, record = case.item.publish_from, case.item.expires_at, case.appeal
        if begins and ends and ends <= begins:
            return "It would come down before it goes out: choose a later expiry, or an earlier hour."
        if not case.is_appeal:
            return ""
        if record.incident_at and record.incident_at > case.now:
            return "The incident lies in the future: check its date and time."
        if record.incident_at and record.incident_until and record.incident_until < record.incident_at:
            return "The incident ends before it begins: check both times."
        for name, words in _PAST.items():
            day = getattr(record, name)
            if day and day > case.now.date():
                return f"{words} lies in the future: check the date."
        if record.review_at and ends and record.review_at > ends:
            return "The review would come after it has come down: choose an earlier review."
        return ""


_PAST = {
    "victim_consulted_on": "The day the victim was consulted",
    "restrictions_checked_on": "The day reporting restrictions were checked",
    "image_taken_on": "The day the picture was taken",
}


class DatesNear(Gate):
    """R1: the first review and the end date are no later than the force allows."""

    number = "R1"
    steps = frozenset({Step.SUBMIT, Step.APPROVE})
    source = f"{APP}: processes to regularly review publication and archive"
    answers = ("review_at",)
    leads_to = Leads.GIVEN
    item_fields = ("expires_at",)
    settings = (
        Settable("[review] first_review_days", "longest_review", "first review within"),
        Settable("[review] longest_life_days", "longest_life", "down within"),
    )

    def fault(self, case: Case) -> str:
        """Refuses an appeal whose first review or expiry lies further ahead than the policy allows."""
        if not case.is_appeal:
            return ""
        begins = max(case.now, case.item.publish_from or case.now)
        review, ends = case.appeal.review_at, case.item.expires_at
        if review and review <= case.now and not case.amending:  # while it is public R34 says so, every hour
            return "The review date has passed: choose a later one."
        if review and review - begins > case.policy.longest_review:
            return f"The first review must be within {_days(case.policy.longest_review)} of publication."
        if ends and ends - begins > case.policy.longest_life:
            return f"An appeal comes down within {_days(case.policy.longest_life)}; a review may extend it."
        return ""


class NoRestriction(Gate):
    """R1: nothing is published against a reporting restriction."""

    number = "R1"
    steps = AND_LIVE
    live = Live.WITHDRAW
    source = "YJCEA 1999 s.45; CYPA 1933 s.49; breach is an offence"
    answers = ("restrictions",)

    def fault(self, case: Case) -> str:
        """Refuses an appeal while a reporting restriction is recorded as in force."""
        if case.is_appeal and case.appeal.restrictions == AppealRecord.Restrictions.IN_FORCE:
            return "A reporting restriction is in force: this may not be published."
        return ""


class AnonymityAnswered(Gate):
    """R9: the record says whether anybody in the case has a right to anonymity."""

    number = "R9"
    steps = FROM_SUBMIT
    source = "Sexual Offences (Amendment) Act 1992; Modern Slavery Act 2015; via APP"
    answers = ("anonymity",)

    def fault(self, case: Case) -> str:
        """Refuses an appeal where nobody has answered whether it carries a right to anonymity."""
        if case.is_appeal and case.appeal.anonymity is None:
            return "Answer whether this is a sexual offence, or somebody in it has a right to anonymity."
        return ""


class VictimConsulted(Gate):
    """R10: the victim was consulted, or it is said why not, or there is none who can be identified."""

    number = "R10"
    steps = FROM_SUBMIT
    deferrable = True
    answered_later = True
    source = "South Tyneside: a victim's wishes are taken into account before CCTV is disclosed to the media"
    answers = ("victim_consulted",)

    def fault(self, case: Case) -> str:
        """Refuses an appeal that does not say on which day the victim was consulted, or why not."""
        if not case.is_appeal:
            return ""
        record = case.appeal
        if record.victim_consulted == AppealRecord.Consulted.YES and record.victim_consulted_on is None:
            return "Say on which day the victim was consulted."
        if record.victim_consulted == AppealRecord.Consulted.NO and not record.victim_reason.strip():
            return "The victim was not consulted: say why."
        return "" if record.victim_consulted else "Answer whether the victim was consulted."


class OthersCovered(Gate):
    """R12: nobody else can be recognised, or it is said why they must be."""

    number = "R12"
    steps = FROM_SUBMIT
    source = "North Yorkshire Police: no other person may be identifiable in the image"
    answers = ("others_in_frame", "others_reason")

    def fault(self, case: Case) -> str:
        """Refuses an appeal that does not declare who else can be recognised, or whose declaration does not fit."""
        record = case.appeal
        if not case.is_appeal:
            return ""
        if not record.others_in_frame:
            return "Declare whether anybody else can be recognised in the picture: none, covered, or justified."
        if record.others_in_frame == AppealRecord.Others.JUSTIFIED and not record.others_reason.strip():
            return "Others can be recognised: say why they must be."
        if record.others_in_frame == AppealRecord.Others.COVERED and not case.item.redactions:
            return "Others are said to be covered, and the Item has no redaction: draw it, or answer otherwise."
        return ""


class ApproachAnswered(Gate):
    """R14: the record says whether the public must be told not to approach."""

    number = "R14"
    place = 1
    steps = FROM_SUBMIT
    source = "proposed default; risk assessment under the APP"
    answers = ("do_not_approach",)

    def fault(self, case: Case) -> str:
        """Refuses an appeal for a person that does not say whether the public may approach."""
        if case.seeks_a_person and case.appeal.do_not_approach is None:
            return "Answer whether the public must be told not to approach, and to call 999."
        return ""


class WantedJustified(Gate):
    """R19: a wanted person's picture is recent, a custody photograph is justified, and they were looked for first."""

    number = "R19"
    steps = FROM_SUBMIT
    source = "Crook v CC Essex [2015] EWHC 988 (QB): more should have been done to locate him first"
    answers = ("attempts_to_locate", "image_taken_on", "image_age_reason", "custody_reason")
    settings = (Settable("[wanted] recent_image_days", "recent_image", "a picture is recent for"),)

    def fault(self, case: Case) -> str:
        """Lists what the record of a wanted person must say and does not."""
        if case.item.kind != Item.Kind.WANTED:
            return ""
        record, missing = case.appeal, []
        if not record.attempts_to_locate.strip():
            missing.append("what was done to find the person first")
        if record.image_taken_on is None:
            missing.append("when the picture was taken")
        elif case.now.date() - record.image_taken_on > case.policy.recent_image and not record.image_age_reason.strip():
            missing.append(f"why a picture older than {_days(case.policy.recent_image)} is used")
        if record.source == Source.CUSTODY and not record.custody_reason.strip():
            missing.append("why a custody photograph is used")
        if any(not person.name.strip() for person in case.people):
            missing.append("the name of the person who is wanted")
        return f"The record of a wanted person must say: {'; '.join(missing)}." if missing else ""

    def is_open(self, person: Subject) -> bool:
        """Whether this person's name is missing."""
        return not person.name.strip()


def _days(span: timedelta) -> str:
    return f"{span.days} days"
