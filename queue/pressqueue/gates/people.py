"""R7 to R9, R11, R23 and R51: what is answered of each person shown."""

from __future__ import annotations

from pressqueue.gates.base import AND_LIVE, FROM_SUBMIT, Case, Gate, Live
from pressqueue.models import Item, Subject


class PersonNumbered(Gate):
    """R51: an appeal names by number the person it shows, so that everything showing them can come down at once."""

    number = "R51"
    steps = FROM_SUBMIT
    source = "Metropolitan Police, Operation Withern: a reference number beside each image"
    item_fields = ("subjects",)

    def fault(self, case: Case) -> str:
        """Refuses an appeal for a person that names no Subject."""
        if case.seeks_a_person and not case.people:
            return "Say whom it shows: every person has a number of their own (choose one, or give a new one)."
        return ""


class AgeAnswered(Gate):
    """R7: for every person shown, the record says whether they appear to be under 18, and how that was assessed.

    Of somebody who may be, also whether they appear to be under ten: nobody else's silence answers it.
    """

    number = "R7"
    steps = FROM_SUBMIT
    source = "JR38 [2015] UKSC 42; GMP 2011: riot galleries will contain children; unsure counts as yes"

    def fault(self, case: Case) -> str:
        """Lists the people shown of whom an answer about their apparent age is missing."""
        open_ = [person.number for person in case.people if not (person.appears_under_18 and person.age_basis.strip())]
        if case.seeks_a_person and open_:
            return f"Answer whether {_and(open_)} appears to be under 18 (yes, no, unsure), and what that rests on."
        young = [person.number for person in case.people if person.may_be_a_child and person.appears_under_10 is None]
        if case.seeks_a_person and young:
            return f"{_and(young)} may be under 18: also answer “Appears under 10”."
        return ""

    def is_open(self, person: Subject) -> bool:
        """Whether an answer about this person's apparent age is missing."""
        if not (person.appears_under_18 and person.age_basis.strip()):
            return True
        return person.may_be_a_child and person.appears_under_10 is None


class ChildJustified(Gate):
    """R7: for a person who appears under 18: why less intrusive options would not work, how the child is protected."""

    number = "R7"
    steps = FROM_SUBMIT
    source = "JR38 [2015] UKSC 42; Northern Ireland Policing Board: only when all reasonable methods have failed"
    answers = ("less_intrusive", "child_welfare")

    def fault(self, case: Case) -> str:
        """Refuses somebody who may be under 18 unless the record gives the reasons for showing a child."""
        if not (case.seeks_a_person and case.people and case.shows_a_child):
            return ""
        record = case.appeal
        if record.less_intrusive.strip() and record.child_welfare.strip():
            return ""
        return (
            "Somebody shown appears to be under 18, or nobody is sure: say why nothing less intrusive would do, "
            "and what was considered for the child's welfare."
        )


class NeverUnderTen(Gate):
    """R8: nobody under ten is ever shown: below the age of criminal responsibility."""

    number = "R8"
    steps = AND_LIVE
    live = Live.WITHDRAW
    source = "CYPA 1933 s.50; proposed default: always blocked"

    def fault(self, case: Case) -> str:
        """Refuses an Item that shows somebody who appears under ten."""
        young = [person.number for person in case.people if person.appears_under_10]
        return f"{_and(young)} appears to be under ten: such a picture is never published." if young else ""

    def is_open(self, person: Subject) -> bool:
        """Whether this person is recorded as appearing under ten."""
        return bool(person.appears_under_10)


class NoVictim(Gate):
    """R9: a victim's image is never published in an appeal."""

    number = "R9"
    steps = AND_LIVE
    live = Live.WITHDRAW
    source = "Sexual Offences (Amendment) Act 1992; APP: anonymity includes any identifying detail"

    def fault(self, case: Case) -> str:
        """Refuses an Item that shows somebody recorded as a victim."""
        victims = [person.number for person in case.people if person.category == Subject.Category.VICTIM]
        return f"{_are(victims)} a victim: a victim's image is never published in an appeal." if victims else ""

    def is_open(self, person: Subject) -> bool:
        """Whether this person is recorded as a victim."""
        return person.category == Subject.Category.VICTIM


class CategoryFits(Gate):
    """R23: who is shown is what the appeal says: suspects in one for suspects; nobody convicted in this version."""

    number = "R23"
    steps = FROM_SUBMIT
    source = "DPA 2018 Part 3: suspects, convicted, victims and witnesses are told apart"

    def fault(self, case: Case) -> str:
        """Refuses people without a category, or with one that does not fit the appeal."""
        if not case.seeks_a_person:
            return ""
        if open_ := [person.number for person in case.people if not person.category]:
            return f"Say what {_are(open_)} sought as: suspect or witness."
        named = case.item.kind == Item.Kind.WANTED
        convicted = [person.number for person in case.people if person.category == Subject.Category.CONVICTED]
        if convicted and not named:
            return f"{_are(convicted)} convicted: such a picture needs an authorisation this version has not."
        suspect = named or case.item.purpose == Item.Purpose.SUSPECT
        expected = Subject.Category.SUSPECT if suspect else Subject.Category.WITNESS
        fitting = (expected, Subject.Category.VICTIM, Subject.Category.CONVICTED)
        if wrong := [person.number for person in case.people if person.category not in fitting]:
            return f"{_are(wrong)} not recorded as {expected}, which this appeal says: correct one of the two."
        return ""

    def is_open(self, person: Subject) -> bool:
        """Always true: a person's category can be the answer to correct."""
        return True


class VulnerabilityAnswered(Gate):
    """R11: for every person shown, the record says whether they are known or seen to be vulnerable."""

    number = "R11"
    steps = FROM_SUBMIT
    deferrable = True
    answered_later = True
    source = "proposed default; ECHR Article 8"

    def fault(self, case: Case) -> str:
        """Lists the people shown of whom nobody has answered whether, and in what way, they are vulnerable."""
        if not case.seeks_a_person:
            return ""
        if open_ := [person.number for person in case.people if person.vulnerable is None]:
            return f"Answer whether {_are(open_)} known, or seen, to be vulnerable."
        vague = [person.number for person in case.people if person.vulnerable and not person.vulnerability.strip()]
        return f"{_are(vague)} vulnerable: say in what way." if vague else ""

    def is_open(self, person: Subject) -> bool:
        """Whether the answer about this person's vulnerability is missing or without detail."""
        return person.vulnerable is None or not person.vulnerability.strip()


def _and(numbers: list[str]) -> str:
    return numbers[0] if len(numbers) == 1 else f"{', '.join(numbers[:-1])} and {numbers[-1]}"


def _are(numbers: list[str]) -> str:
    return f"{_and(numbers)} {'is' if len(numbers) == 1 else 'are'}"
