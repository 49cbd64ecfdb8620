"""Fields for the answers of a record or of a person: made from the models, worded by the table of questions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from pressqueue import policy
from pressqueue.field_kinds import Kind, column_of, kind_of
from pressqueue.models import Officer
from pressqueue.records import LONGEST
from publisher.desk.moments import FORMATS, LocalMoment, as_wall
from publisher.desk.questions import QUESTIONS, Question

RADIOS = 4  # up to so many choices are shown at once
LINES = ("name", "rights")  # a line, though kept as text
BRIEF = ("offence", "location", "source_detail", "age_basis", "vulnerability")
INTEGER = 2**31 - 1  # what an integer column of PostgreSQL holds
_BOOLEANS = {"true": True, "false": False}


class Text(forms.CharField):
    """Several lines. A browser sends CRLF where LF was stored, which is no change."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class Worded(forms.Form):
    """A form with `alt_text` and `tags`, as every Item has them."""

    def clean_alt_text(self) -> str:
        text = str(self.cleaned_data["alt_text"])
        if len(text) > 250:
            raise ValidationError(f"The alternative text has {len(text)} characters; at most 250 are allowed.")
        return text

    def clean_tags(self) -> list[str]:
        """In order, each once; Flickr and YouTube both take spaces within a tag."""
        tags = (tag.strip() for tag in str(self.cleaned_data["tags"]).replace("\n", ",").split(","))
        return list(dict.fromkeys(tag for tag in tags if tag))


class StandingMoment(LocalMoment):
    """A moment that may stand already: sent back as it was shown, it is the same, to the second and in any night."""

    def __init__(self, stands: datetime | None, **options: Any) -> None:
        super().__init__(**options)
        self._stands = stands

    def to_python(self, value: Any) -> datetime | None:
        shown = as_wall(self._stands).strftime(FORMATS[0]) if self._stands else None
        return self._stands if shown is not None and value == shown else super().to_python(value)


def field_for(row: models.Model, name: str) -> forms.Field:
    """The form's field for one answer of this row. Nothing is required: what must be answered is for the gates."""
    column, question = column_of(row, name), QUESTIONS[name]
    kind = kind_of(column)
    given: dict[str, Any] = {"required": False, "label": question.label, "help_text": question.help}
    if kind is Kind.CHECKLIST:
        given["help_text"] = "Tick each that holds; all are needed."
        return forms.MultipleChoiceField(
            widget=forms.CheckboxSelectMultiple, choices=policy.current().safety_checklist, **given
        )
    if kind is Kind.ACCOUNT:
        return _accounts(getattr(row, column.attname), given)
    if question.choices:
        return _choice(column, question, given)
    if kind is Kind.MOMENT:
        return StandingMoment(getattr(row, name), **given)
    if kind is Kind.DAY:
        return day(**given)
    if kind is Kind.NUMBER:
        return forms.IntegerField(min_value=-INTEGER, max_value=INTEGER, **given)
    if isinstance(column, models.TextField) and name not in LINES:
        rows = 2 if name in BRIEF else 4
        return Text(max_length=LONGEST, widget=forms.Textarea(attrs={"rows": rows}), **given)
    return forms.CharField(max_length=getattr(column, "max_length", None) or LONGEST, **given)


def _choice(column: Any, question: Question, given: dict[str, Any]) -> forms.Field:
    """All at once where there are few."""
    choices, few = list(question.choices.items()), len(question.choices) <= RADIOS
    if not few:
        return forms.ChoiceField(choices=[("", "Choose one"), *choices], **given)
    if kind_of(column) is not Kind.YES_OR_NO:
        return forms.ChoiceField(widget=forms.RadioSelect, choices=choices, **given)
    empty = None if column.null else column.get_default()
    coerce = _BOOLEANS.__getitem__
    return forms.TypedChoiceField(widget=forms.RadioSelect, choices=choices, coerce=coerce, empty_value=empty, **given)


def day(**given: Any) -> forms.DateField:
    """A calendar day, as browsers send it."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    words = {"invalid": "Enter a day, such as 3 August 2026."}
    return forms.DateField(widget=widget, input_formats=["%Y-%m-%d", "%d/%m/%Y"], error_messages=words, **given)


def initial_of(row: models.Model, name: str) -> Any:
    """The answer as the form shows it."""
    value = getattr(row, name)
    if isinstance(value, bool):
        return str(value).lower()
    return value.pk if isinstance(value, Officer) else value


def changed(row: models.Model, answers: dict[str, Any]) -> dict[str, Any]:
    """Of these answers, those that differ from what the row holds."""
    return {name: value for name, value in answers.items() if value != _standing(row, name)}


def _standing(row: models.Model, name: str) -> Any:
    value = getattr(row, name)
    if kind_of(column_of(row, name)) is Kind.CHECKLIST:  # a question no longer asked is no answer of this form
        return [key for key, _ in policy.current().safety_checklist if key in value]
    return value


def _accounts(chosen: int | None, given: dict[str, Any]) -> forms.Field:
    """Active investigators, and whoever is chosen already."""
    given["help_text"] = "An investigator's account here; where there is none, give name and rank below."
    found = Officer.objects.filter(Q(investigator=True, is_active=True) | Q(pk=chosen)).order_by("name")
    known = {str(each.pk): each for each in found}
    choices = [("", "No account here: name and rank below"), *((key, _named(each)) for key, each in known.items())]
    return forms.TypedChoiceField(choices=choices, coerce=known.__getitem__, empty_value=None, **given)


def _named(officer: Officer) -> str:
    rank = f", {officer.rank}" if officer.rank else ""
    return f"{officer.name}{rank} ({officer.username})"
