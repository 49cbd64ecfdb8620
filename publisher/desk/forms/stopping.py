"""Taking down: one Item, or a whole operation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from pressqueue.models import Campaign
from pressqueue.moves.takedown import REASONS


class TakeDownForm(forms.Form):
    """One reason, one button: nobody else is asked (R25)."""

    reason = forms.ChoiceField(
        label="Why it comes down",
        choices=[("", "Choose a reason"), *REASONS.items()],
        error_messages={"required": "Choose a reason."},
    )


class OperationForm(forms.Form):
    """Taking a whole operation down: its name is typed, so that no slip of a finger does it."""

    confirm = forms.CharField(label="Type the operation’s name", widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, campaign: Campaign, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._names = (campaign.title, campaign.slug)
        self.fields["confirm"].help_text = f"It is “{campaign.title}”; {campaign.slug} will do."

    def clean_confirm(self) -> str:
        """The campaign's own title or short name, in capitals or not, and nothing else."""
        typed = " ".join(str(self.cleaned_data["confirm"]).split())
        if typed.casefold() not in {" ".join(name.split()).casefold() for name in self._names}:
            raise ValidationError(f"Type “{self._names[0]}” or {self._names[1]} to take all of it down.")
        return typed
