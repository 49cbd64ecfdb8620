"""The form of an Item's record, and of a person's answers: every question, none of them required."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict

from pressqueue import records
from pressqueue.models import Item, Subject
from publisher.desk import asking
from publisher.desk.questions import APPEAL_GROUPS, FEATURE_GROUPS, PERSON_GROUPS, QUESTIONS, Question

MEANS = "means_tried"
SPARE, MOST = 2, 50  # empty rows shown; rows that are read
WANTED = "A wanted person"  # asked of nobody else


@dataclass(frozen=True, slots=True)
class FormQuestion:
    """One question on the page: a field, or the rows of what else was tried."""

    name: str
    question: Question
    bound: BoundField | None
    rows: list[tuple[BoundField, BoundField]] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        """What is wrong with any of the rows."""
        return [str(error) for pair in self.rows for each in pair for error in each.errors]


@dataclass(frozen=True, slots=True)
class Group:
    """A heading and what is asked below it."""

    heading: str
    asked: list[FormQuestion]


def groups_of(item: Item, record: records.Record) -> dict[str, dict[str, Question]]:
    """What is asked of this Item. What only a wanted person's record needs is left out elsewhere while it is empty."""
    if item.kind == Item.Kind.FEATURE:
        return FEATURE_GROUPS
    if item.kind == Item.Kind.WANTED or any(getattr(record, name) for name in APPEAL_GROUPS[WANTED]):
        return APPEAL_GROUPS
    return {heading: asked for heading, asked in APPEAL_GROUPS.items() if heading != WANTED}


class RecordForm(forms.Form):
    """Every answer of an Item's record. `edition`: the Item's, as it stood when the page was made."""

    edition = forms.IntegerField(widget=forms.HiddenInput)
    rows = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=MOST)

    def __init__(
        self, item: Item, data: QueryDict | None = None, *, typed: QueryDict | None = None, without: str = ""
    ) -> None:
        """`data` is sent to be saved; `typed` is only shown again, with room for more rows. One may be left out."""
        self.item, self.record = item, records.of(item)
        self._groups = {
            heading: {name: each for name, each in asked.items() if name != without}
            for heading, asked in groups_of(item, self.record).items()
        }
        self._names = [name for asked in self._groups.values() for name in asked]
        self._count = self._rows(data, typed)
        fresh = {"edition": item.edition, "rows": self._count}
        super().__init__(data, initial={**self._stands(), **(self._typed(typed) if typed else {}), **fresh})
        for name in self._names:
            if name == MEANS:
                self._add_rows()
            else:
                self.fields[name] = asking.field_for(self.record, name)

    def _rows(self, data: QueryDict | None, typed: QueryDict | None) -> int:
        if data is None and typed is None:
            return len(getattr(self.record, MEANS, [])) + SPARE
        sent = str((data if data is not None else typed or QueryDict()).get("rows", ""))
        count = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 4 else SPARE
        return min(count + (SPARE if typed is not None else 0), MOST)

    def _add_rows(self) -> None:
        for number in range(self._count):
            place = number + 1
            self.fields[f"{MEANS}_{number}_on"] = asking.day(required=False, label=f"Day of means {place}")
            self.fields[f"{MEANS}_{number}_means"] = forms.CharField(
                required=False, label=f"Means {place}", max_length=2000
            )

    def _stands(self) -> dict[str, Any]:
        """The record as it stands."""
        found = {name: asking.initial_of(self.record, name) for name in self._names if name != MEANS}
        for number, each in enumerate(getattr(self.record, MEANS, [])):
            found |= {f"{MEANS}_{number}_on": each["on"], f"{MEANS}_{number}_means": each["means"]}
        return found

    def _typed(self, sent: QueryDict) -> dict[str, Any]:
        names = {*self._names, *(name for name in sent if name.startswith(f"{MEANS}_"))}
        return {name: sent.getlist(name) if name == "checklist" else sent.get(name, "") for name in names}

    def groups(self) -> Iterator[Group]:
        """For the page, in the table's order."""
        for heading, asked in self._groups.items():
            yield Group(heading, [self._asked(name, question) for name, question in asked.items()])

    def _asked(self, name: str, question: Question) -> FormQuestion:
        if name != MEANS:
            return FormQuestion(name, question, self[name])
        rows = [(self[f"{MEANS}_{row}_on"], self[f"{MEANS}_{row}_means"]) for row in range(self._count)]
        return FormQuestion(name, question, None, rows)

    def clean(self) -> dict[str, Any]:
        """Each other means has its day and its words, or neither."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if MEANS in self._names:
            cleaned[MEANS] = self._means(cleaned)
        return cleaned

    def _means(self, cleaned: Mapping[str, Any]) -> list[dict[str, str]]:
        found = []
        for row in range(self._count):
            names = f"{MEANS}_{row}_on", f"{MEANS}_{row}_means"
            on, means = (cleaned.get(name) for name in names)
            if isinstance(on, date) and means:
                found.append({"on": on.isoformat(), "means": str(means)})
            elif on and names[1] not in self.errors:
                self.add_error(names[1], f"Say what was tried on {on:%-d %B %Y}, or clear the day.")
            elif means and names[0] not in self.errors:
                self.add_error(names[0], f"Say on which day this was tried: {str(means)[:60]}.")
        return found

    def changes(self) -> dict[str, Any]:
        """What `items.edit` takes as `record`: the answers that differ from those that stand."""
        return asking.changed(self.record, {name: self.cleaned_data[name] for name in self._names})


class DescribeForm(forms.Form):
    """What is asked of a person who is shown."""

    def __init__(self, subject: Subject, data: QueryDict | None = None) -> None:
        self.subject = subject
        initial = {name: asking.initial_of(subject, name) for name in records.ANSWERS}
        super().__init__(data, initial=initial, prefix="answer")
        for name in PERSON_GROUPS["The person shown"]:
            self.fields[name] = asking.field_for(subject, name)

    def changes(self) -> dict[str, Any]:
        """What `subjects.describe` takes."""
        return asking.changed(self.subject, self.cleaned_data)


def labels(names: Mapping[str, Any]) -> str:
    """The questions behind these names, in words."""
    return ", ".join(QUESTIONS[name].label for name in names)
