"""R20 to R24: what proceedings allow, and how fresh the look at them must be."""

from __future__ import annotations

from datetime import timedelta

from pressqueue import durations, proceedings
from pressqueue.gates.base import EVERY_STEP, FROM_SUBMIT, PUBLISHING, Case, Gate, Live, Settable, Step
from pressqueue.gates.checks import counts, who_counts
from pressqueue.models import Item, Subject
from pressqueue.proceedings import AT_LARGE, ENDED, WORDS, Proceedings

_ASKED = frozenset({*EVERY_STEP, Step.LIVE})


def _said(person: Subject) -> str:
    return f"{person.number}: {WORDS[Proceedings(person.proceedings)]}"


def _not_lately(case: Case, when: str) -> str:
    named, within = case.item.kind == Item.Kind.WANTED, _within(case)
    stale = _stale(case, within)
    if not stale:
        return ""
    what = "Look up the proceedings" if named else "Have the officer in the case confirm “still unidentified”"
    message = f"{what} for {', '.join(stale)}{when}: nobody whose word counts did within {durations.text(within)}."
    return f"{message} {who_counts(named=named)}"


def _within(case: Case) -> timedelta:
    return case.policy.named_check if case.item.kind == Item.Kind.WANTED else case.policy.unidentified_check


def _stale(case: Case, within: timedelta) -> list[str]:
    """Whose proceedings nobody whose word counts looked up within this time."""
    return [person.number for person in case.people if not _looked_up(case, person, within)]


def _looked_up(case: Case, person: Subject, within: timedelta) -> bool:
    at = person.proceedings_at
    fresh = at is not None and case.now - at <= within
    return fresh and counts(person, case.item.kind, case.appeal.investigator_id)


class UnidentifiedOnly(Gate):
    """R20: an appeal for somebody unidentified is published only while there are no proceedings."""

    number = "R20"
    steps = _ASKED
    live = Live.WITHDRAW
    source = "Contempt of Court Act 1981, ss.2-3 and Sch. 1"
    looks_up = True

    def fault(self, case: Case) -> str:
        """Refuses an appeal that shows an unidentified person against whom there are proceedings."""
        if not case.seeks_a_person or case.item.kind == Item.Kind.WANTED:
            return ""
        found = [_said(person) for person in case.people if person.proceedings and person.proceedings not in (
            *proceedings.UNIDENTIFIED, *ENDED, Proceedings.CONCLUDED_GUILTY
        )]  # fmt: skip
        return f"An unidentified person's picture may not be published with {'; '.join(found)}." if found else ""

    def is_open(self, person: Subject) -> bool:
        """Whether any state of proceedings but “none” is recorded for this person."""
        return person.proceedings != Proceedings.NONE


class NamedWhileAtLarge(Gate):
    """R21: somebody who is often charged already is shown as wanted only with the officer's and a legal check."""

    number = "R21"
    steps = FROM_SUBMIT
    source = "Attorney General's assurance (Commons, 1981): an appeal to catch a wanted person; second-hand source"
    answers = ("legal_check",)

    def fault(self, case: Case) -> str:
        """Refuses a wanted person who is at large after charge or conviction where no legal check is recorded."""
        if case.item.kind != Item.Kind.WANTED or case.appeal.legal_check.strip():
            return ""
        found = [_said(person) for person in case.people if person.proceedings in AT_LARGE]
        return f"{'; '.join(found)}: record who made the legal check, and when." if found else ""


class NotAfterArrest(Gate):
    """R22: after arrest, summons or charge, an acquittal or no further action, nothing is published or stays up."""

    number = "R22"
    steps = _ASKED
    live = Live.WITHDRAW
    source = "Contempt of Court Act 1981, Sch. 1; APP: once apprehended, remove the photo as soon as possible"
    looks_up = True

    def fault(self, case: Case) -> str:
        """Refuses an appeal that shows somebody whose proceedings have ended the search or the case."""
        if not case.seeks_a_person:
            return ""
        found = [_said(person) for person in case.people if person.proceedings in ENDED]
        return f"Nothing may be published of {'; '.join(found)}." if found else ""

    def is_open(self, person: Subject) -> bool:
        """Whether this person's recorded proceedings have ended the search or the case."""
        return person.proceedings in ENDED


class NoCourtResult(Gate):
    """R23: somebody found guilty is shown only as another kind, with its own authorisation: not in this version."""

    number = "R23"
    steps = _ASKED
    live = Live.WITHDRAW
    source = "proposed default; reporting restrictions have to be checked for each result"
    looks_up = True

    def fault(self, case: Case) -> str:
        """Refuses an Item that shows somebody found guilty."""
        guilty = [person.number for person in case.people if person.proceedings == Proceedings.CONCLUDED_GUILTY]
        return (
            f"{', '.join(guilty)} was found guilty: court results are not published by this version." if guilty else ""
        )

    def is_open(self, person: Subject) -> bool:
        """Whether this person is recorded as found guilty."""
        return person.proceedings == Proceedings.CONCLUDED_GUILTY


class CheckedLately(Gate):
    """R24: proceedings were looked up shortly before the reveal: 24 hours for a named person, 72 otherwise.

    By the officer in the case, or by somebody who had no hand in what shows the person.
    """

    number = "R24"
    steps = PUBLISHING
    deferrable = True
    source = "Contempt of Court Act 1981, s.3: all reasonable care; Austin v MPS"
    looks_up = True
    settings = (
        Settable("[proceedings] named_hours", "named_check", "a named person, looked up within"),
        Settable("[proceedings] unidentified_hours", "unidentified_check", "somebody unidentified, confirmed within"),
    )

    def fault(self, case: Case) -> str:
        """Lists the people whose proceedings nobody whose check counts has looked up lately enough."""
        if not case.seeks_a_person:
            return ""
        return _not_lately(case, "")

    def within(self, case: Case) -> timedelta:
        """Returns how old a check may be: one span for a wanted person, another for everybody else."""
        return _within(case)

    def stale(self, case: Case) -> list[str]:
        """Returns the numbers of the people whose proceedings must be looked up again."""
        return _stale(case, _within(case))

    def is_open(self, person: Subject) -> bool:
        """Always true: a check becomes stale by the passing of time."""
        return True


class CheckedAtReview(Gate):
    """R24: who decides that somebody stays up knows that nobody was arrested: it was looked up for the review."""

    number = "R24"
    steps = frozenset({Step.APPROVE})
    source = "Contempt of Court Act 1981, s.3: all reasonable care; Austin v MPS"

    def fault(self, case: Case) -> str:
        """At a review, lists the people whose proceedings nobody has looked up lately enough to keep them up."""
        if not (case.reviewing and case.seeks_a_person):
            return ""
        return _not_lately(case, " before it is kept up")


class CheckedWhileLive(Gate):
    """R24: a named person's proceedings are looked up every week while they are shown."""

    number = "R24"
    steps = frozenset({Step.LIVE})
    live = Live.REVIEW
    source = "Contempt of Court Act 1981, s.3: all reasonable care"
    settings = (Settable("[proceedings] named_again_days", "named_recheck", "and while live, again within"),)

    def fault(self, case: Case) -> str:
        """Lists the wanted people whose proceedings must be looked up again while they are shown."""
        if case.item.kind != Item.Kind.WANTED:
            return ""
        within = case.policy.named_recheck
        stale = _stale(case, within)
        if not stale:
            return ""
        span = durations.text(within)
        message = f"Look up the proceedings for {', '.join(stale)} again: nobody whose word counts did within {span}."
        return f"{message} {who_counts(named=True)}"
