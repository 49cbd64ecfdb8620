"""Why something is sent back, held or looked at."""

from __future__ import annotations

from django import forms

from pressqueue.moves.viewing import LONGEST, SHORTEST


class ReasonForm(forms.Form):
    """Why something is sent back or held."""

    reason = forms.CharField(
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        error_messages={"required": "Say why, so that others know what to do."},
    )


class WhyForm(forms.Form):
    """Why an officer looks at pictures of people sought (R37)."""

    why = forms.CharField(
        label="Reason for viewing",
        help_text="For example: to decide about this week's appeals; an enquiry from the officer in the case.",
        widget=forms.Textarea(attrs={"rows": 3}),
        min_length=SHORTEST,
        max_length=LONGEST,
        error_messages={
            "required": "Give a reason for viewing.",
            "min_length": "Say it in a few words more.",
            "max_length": f"Say it in at most {LONGEST} characters.",
        },
    )
