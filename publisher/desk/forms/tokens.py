"""A personal token for the command line."""

from __future__ import annotations

from datetime import timedelta

from django import forms


class TokenForm(forms.Form):
    """A personal token for the command line."""

    label = forms.CharField(label="What it is for", max_length=60, error_messages={"required": "Say what it is for."})
    scope = forms.ChoiceField(
        label="What it may do",
        widget=forms.RadioSelect,
        initial="read",
        choices=[("read", "Look only"), ("author", "Look, queue and change Items, take down")],
        error_messages={"required": "Say what it may do."},
    )
    days = forms.IntegerField(
        label="Days until it ends",
        min_value=1,
        max_value=90,
        initial=30,
        error_messages={
            "required": "Say after how many days it ends.",
            "max_value": "A token lasts at most 90 days.",
            "min_value": "A token lasts at least one day.",
        },
    )
    present = forms.CharField(
        label="Your password",
        strip=False,
        help_text="A token acts for you without it, so you give it once more to make one.",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Enter your password."},
    )

    def life(self) -> timedelta:
        return timedelta(days=self.cleaned_data["days"])
