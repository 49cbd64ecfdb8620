"""R13 to R16: what may be said of somebody nobody has convicted, and what an appeal must say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pressqueue import texts, wording
from pressqueue.gates.approval import valid_approvals
from pressqueue.gates.base import FROM_SUBMIT, PUBLISHING, Case, Gate, Step
from pressqueue.models import Campaign, Item, Subject

AUSTIN = "Austin v Commissioner of Police of the Metropolis: a heading said more than was known"


def published(item: Item) -> dict[str, str]:
    """Returns every text of an Item that the public reads, by field, filled as at publication."""
    campaign = item.campaign
    read = {
        "title": item.title,
        "caption": item.caption,
        "tags": " \n".join(f"#{tag}" for tag in item.tags),
        "alternative text": item.alt_text,
        "file name": item.reference.lower(),
        **named(campaign.title, campaign.album_title, campaign.album_description),
    }
    return {name: texts.fill(text, reference=item.reference, day=1) for name, text in read.items()}


def named(title: str, album_title: str, album_description: str) -> dict[str, str]:
    """Returns a campaign's published texts, by field."""
    return {"campaign title": title, "album title": album_title, "album description": album_description}


def kind_of(item: Item, people: Iterable[Subject]) -> str:
    """Returns the kind by which the Item's texts are checked: one of `wording.KINDS`."""
    if item.kind == Item.Kind.FEATURE:
        return "feature"
    if item.kind == Item.Kind.WANTED:
        shown = list(people)
        at_large = bool(shown) and all(each.category == Subject.Category.CONVICTED for each in shown)
        return "convicted" if at_large else "wanted"
    return item.purpose or Item.Purpose.SUSPECT


def findings(item: Item, people: Iterable[Subject]) -> list[wording.Finding]:
    """Returns every listed phrase in the texts that an Item publishes."""
    return wording.current().check(published(item), kind_of(item, people))


def missing(item: Item, people: Iterable[Subject], *, do_not_approach: bool) -> list[wording.Line]:
    """Returns the lines that its title and caption lack."""
    kind = kind_of(item, people)
    return wording.current().missing(_read_by_callers(item), kind, do_not_approach=do_not_approach)


def faults_of_campaign(kind: str, prefix: str, texts: dict[str, str]) -> list[tuple[str, str]]:
    """Returns (rule number, sentence) of what no text of a new campaign may say, whomever it comes to show.

    No approver can let it pass: it would be shown above every Item. What only some campaigns may not say is checked
    with each Item.
    """
    texts = {**texts, "file name": prefix}
    if kind == Campaign.Kind.SERIES:
        found = wording.current().check(texts, "feature")
    else:
        found = [each for each in wording.current().check(texts, "suspect") if "wanted" in each.phrase.kinds]
    return [(each.phrase.rule, _sentence(each)) for each in found]


def _read_by_callers(item: Item) -> str:
    texts = published(item)
    return f"{texts['title']}\n{texts['caption']}"


def _sentence(finding: wording.Finding) -> str:
    return finding.sentence if finding.sentence.endswith((".", "”")) else f"{finding.sentence}."


def _all(found: Iterable[wording.Finding]) -> str:
    return " ".join(_sentence(each) for each in found)


def let_pass(case: Case, number: str) -> bool:
    """Whether a valid approver let a rule's findings pass, with a reason, for this very Package."""
    if case.step is Step.APPROVE:
        return bool(case.deciding.overrides.get(number, "").strip())
    if case.step not in PUBLISHING or case.package is None:
        return False
    return any(str(approval.overrides.get(number, "")).strip() for approval in valid_approvals(case))


class NeverSaid(Gate):
    """R13: no insulting or inflammatory language: phrases nobody may let pass."""

    number = "R13"
    steps = FROM_SUBMIT
    source = AUSTIN

    def fault(self, case: Case) -> str:
        """Lists each phrase of R13 that no approver may let pass."""
        found = findings(case.item, case.people)
        return _all(each for each in found if each.phrase.rule == self.number and not each.phrase.override)


class NoGuiltSaid(Gate):
    """R13: the text calls nobody guilty before a court has, unless an approver accepts it with a reason."""

    number = "R13"
    # Not at SUBMIT: only an approver may let a phrase stand, so it must be able to reach one.
    steps = frozenset({Step.APPROVE, *PUBLISHING})
    source = AUSTIN
    may_override = True

    def fault(self, case: Case) -> str:
        """Lists each phrase of R13 that an approver may let pass, unless one has."""
        found = [
            finding
            for finding in findings(case.item, case.people)
            if finding.phrase.rule == self.number and finding.phrase.override
        ]
        if not found or let_pass(case, self.number):
            return ""
        return f"{_all(found)} If it must stand, the approver says why."


class SaysItMayHelp(Gate):
    """R13: an appeal says who or what the police want to find, and that they may be able to help."""

    number = "R13"
    steps = FROM_SUBMIT
    source = AUSTIN

    def fault(self, case: Case) -> str:
        """Lists the lines of R13 that an appeal lacks."""
        return _lacking(case, self.number)


class NamesOnlyWanted(Gate):
    """R13: only a wanted person's name is published."""

    number = "R13"
    steps = FROM_SUBMIT
    reads_words = True
    source = "College of Policing APP, Media and communications: names only exceptionally; Crook v CC Essex"

    def fault(self, case: Case) -> str:
        """Refuses a text that holds the recorded name of a person who is not wanted."""
        if not case.seeks_a_person or case.item.kind == Item.Kind.WANTED:
            return ""
        for person in case.people:
            own = [token.form for token in wording.tokens(person.name)]
            for field, text in published(case.item).items():
                forms = [token.form for token in wording.tokens(text)]
                if own and any(forms[n : n + len(own)] == own for n in range(len(forms))):
                    return (
                        f"The {field} holds the name recorded for {person.number}. Only a wanted person is named: "
                        "take the name out, here and in the record."
                    )
        return ""


class RoutesGiven(Gate):
    """R14: callers read 101 or the online page, Crimestoppers, text relay, and, if it is them, how to come forward."""

    number = "R14"
    steps = FROM_SUBMIT
    source = "Metropolitan Police, Operation Withern; Merseyside Police 2024; PSBAR 2018"

    def fault(self, case: Case) -> str:
        """Lists the lines of R14 that an appeal lacks."""
        return _lacking(case, self.number)


class ApproachAsRecorded(Gate):
    """R14: the public is told not to approach exactly where the record says so."""

    number = "R14"
    steps = FROM_SUBMIT
    reads_words = True
    source = "proposed default; risk assessment under the APP"

    def fault(self, case: Case) -> str:
        """Refuses a warning not to approach where the record says that the public may."""
        if not case.seeks_a_person or case.appeal.do_not_approach is not False:
            return ""  # where the record says yes, the line is one that must be there
        if wording.current().says(_read_by_callers(case.item), "do_not_approach"):
            return "The text tells the public not to approach, and the record says they may: correct one of the two."
        return ""


class EthnicityReasoned(Gate):
    """R15: ethnicity and nationality are named only where the record says why that is necessary."""

    number = "R15"
    steps = FROM_SUBMIT
    source = "Equality Act 2010 s 149; DPA 2018 s 35(8)"

    def fault(self, case: Case) -> str:
        """Lists each phrase of R15 while the record gives no reason for it."""
        if not case.is_appeal or case.appeal.ethnicity_reason.strip():
            return ""
        found = [finding for finding in findings(case.item, case.people) if finding.phrase.rule == self.number]
        return f"{_all(found)} Or record why it is necessary (ethnicity_reason)." if found else ""


class DateAsRecorded(Gate):
    """R16: the date an appeal gives is the recorded one, or the record says why not."""

    number = "R16"
    steps = FROM_SUBMIT
    reads_words = True
    source = "Northern Ireland Policing Board: a batch of images was captioned with the wrong date"

    def fault(self, case: Case) -> str:
        """Refuses dates that do not exist, have the wrong weekday, or differ from the recorded incident."""
        record = case.appeal
        if not case.is_appeal or record.incident_at is None or record.date_reason.strip():
            return ""
        zone = ZoneInfo(case.item.campaign.zone)
        first, last = _day(record.incident_at, zone), _day(record.incident_until or record.incident_at, zone)
        text = _read_by_callers(case.item)
        given = [each for dates in wording.current().dates for each in dates.find(text)]
        days = {each: {day for year in (first.year, last.year) if (day := each.on(year))} for each in given}
        if never := next((each for each in given if not days[each]), None):
            return f"“{never.written}” is no day of the calendar: correct it."
        if wrong := next((each for each in given if not _weekday_fits(each, days[each])), None):
            return f"“{wrong.written}” names a weekday that day was not: correct one of the two."
        if given and not any(first <= day <= last for found in days.values() for day in found):
            span = _in_words(first) if first == last else f"{_in_words(first)} to {_in_words(last)}"
            return (
                f"The text says “{given[0].written}”; the record says {span}. Correct one of the two, or record why "
                "they differ (date_reason)."
            )
        return ""


def _lacking(case: Case, number: str) -> str:
    if not case.is_appeal:
        return ""
    lines = missing(case.item, case.people, do_not_approach=bool(case.appeal.do_not_approach))
    return " ".join(f"{line.why} {wording.advised(line.better)}." for line in lines if line.rule == number)


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def _weekday_fits(named_date: wording.Named, days: set[date]) -> bool:
    return named_date.weekday is None or named_date.weekday in {day.weekday() for day in days}


def _in_words(day: date) -> str:
    written = wording.current().dates
    return written[0].written(day) if written else day.isoformat()
