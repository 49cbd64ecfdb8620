"""The word of the officer in the case, on a signed form, and a threat to life."""

from __future__ import annotations

from typing import Any

from django import forms

from pressqueue import policy
from publisher.desk.moments import LocalMoment


class SignedForm(forms.Form):
    """The form an officer in the case signed, for exactly the digest they were shown."""

    digest = forms.CharField(widget=forms.HiddenInput)
    file = forms.FileField(
        label="The signed form",
        help_text="A PDF, or a JPEG or PNG picture of it; at most 20 MB.",
        error_messages={"required": "Choose the file with the signed form."},
    )
    signed_at = LocalMoment(label="Signed on", error_messages={"required": "Say when it was signed."})


class ReadForm(forms.Form):
    """What an approver read on a signed form, and which form and Package they were shown."""

    digest = forms.CharField(widget=forms.HiddenInput)
    sha256 = forms.CharField(widget=forms.HiddenInput)
    name = forms.CharField(
        label="Name of the officer, as you read it on the form",
        max_length=120,
        error_messages={"required": "Enter the name you read on the form."},
    )
    rank = forms.ChoiceField(
        label="Rank of the officer, as you read it on the form",
        error_messages={"required": "Choose the rank you read on the form."},
    )
    confirm = forms.BooleanField(
        label="I have opened the form and compared it with the picture and the record: the officer signed for these.",
        error_messages={"required": "Open the form, compare it, then tick that you did."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rank = self.fields["rank"]
        assert isinstance(rank, forms.ChoiceField)
        rank.choices = [("", "Choose a rank"), *((each, each.capitalize()) for each in policy.current().ranks)]


class EmergencyForm(forms.Form):
    """A threat to life, which lets some answers come later (R55)."""

    reason = forms.CharField(
        label="Whose life is at risk, and why it cannot wait", widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )
