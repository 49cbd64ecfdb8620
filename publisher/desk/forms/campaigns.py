"""What is filled in for a campaign: an hour of it, its title, its lateness."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from pressqueue.models import Campaign, Slot
from publisher.desk.asking import day

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOUR = timedelta(hours=1)
MOST = 24 * 7  # hours of lateness


class HourForm(forms.Form):
    """On which days of the week, and when, by the clock of the campaign's zone."""

    days = forms.TypedMultipleChoiceField(
        label="Days",
        coerce=int,
        choices=list(enumerate(DAYS)),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick at least one day of the week."},
    )
    at = forms.TimeField(
        label="Time of day",
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        input_formats=["%H:%M", "%H:%M:%S"],
        error_messages={"required": "Enter a time of day.", "invalid": "Enter a time of day, such as 08:00."},
    )


class ChangeHourForm(HourForm):
    """Another time, or other days, of an hour there is."""

    def __init__(self, slot: Slot, data: Any = None) -> None:
        super().__init__(data, prefix=f"hour-{slot.pk}", initial={"days": slot.weekdays, "at": slot.wall_time})


class AddHourForm(HourForm):
    """A new hour, from today or from a later day on."""

    starts = day(required=False, label="First day", help_text="Leave it empty to begin with the next time it comes.")

    def __init__(self, campaign: Campaign, today: date, data: Any = None) -> None:
        super().__init__(data, prefix=f"add-{campaign.slug}", initial={"days": list(range(7))})
        self.today = today

    def clean_starts(self) -> date:
        """Today where none is given."""
        starts: date = self.cleaned_data["starts"] or self.today
        if starts < self.today:
            raise ValidationError("This day is past: an hour begins today or later.")
        return starts


class EditForm(forms.Form):
    """What it is called, whom to contact, and how late.

    What somebody else changed meanwhile, and this form did not, stays theirs.
    """

    title = forms.CharField(
        label="Title", max_length=200, show_hidden_initial=True, error_messages={"required": "Enter a title."}
    )
    contact = forms.CharField(
        label="Contact details",
        required=False,
        show_hidden_initial=True,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For appeals that give none of their own, such as “Call 101 quoting {reference}”.",
    )
    lateness = forms.FloatField(
        label="Lateness, in hours",
        required=False,
        show_hidden_initial=True,
        widget=forms.NumberInput(attrs={"step": "any", "min": "0"}),
        help_text="How long after its hour a missed post may still go out. After that it is skipped.",
        error_messages={"invalid": "Enter a number of hours, such as 4 or 0.5."},
    )

    def __init__(self, campaign: Campaign, data: Any = None) -> None:
        hours = campaign.lateness / HOUR
        shown = int(hours) if hours.is_integer() else hours
        initial = {"title": campaign.title, "contact": campaign.contact, "lateness": shown}
        super().__init__(data, prefix=f"edit-{campaign.slug}", initial=initial)

    def clean_lateness(self) -> float | None:
        """More than nothing and at most a week; None where the form did not ask."""
        hours: float | None = self.cleaned_data["lateness"]
        if hours is None and self.add_prefix("lateness") in self.data:
            raise ValidationError("Enter a number of hours, such as 4 or 0.5.")
        if hours is not None and not 0 < hours <= MOST:
            raise ValidationError(f"The lateness is more than nothing and at most a week: {MOST} hours.")
        return hours

    def clean_contact(self) -> str:
        """Emptied contact details are refused: appeals of the campaign may rely on them."""
        contact: str = self.cleaned_data["contact"].strip()
        if not contact and self.initial["contact"] and self.add_prefix("contact") in self.data:
            raise ValidationError("Enter the contact details: appeals of this campaign rely on them.")
        return contact

    def changes(self) -> dict[str, Any]:
        """Of what was typed, what differs from what the page showed, as the move takes it."""
        given = {name: self.cleaned_data[name] for name in self.changed_data}
        if given.get("lateness") is not None:
            given["lateness"] = timedelta(hours=given["lateness"])
        return given
