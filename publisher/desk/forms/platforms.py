"""What an officer saw at a platform: that comments are off, or that a Post is there."""

from __future__ import annotations

from django import forms


class EvidenceForm(forms.Form):
    """That comments are off by default on a channel, with what shows it (R17)."""

    evidence = forms.FileField(
        label="A picture or PDF of the channel’s settings",
        help_text="A PDF, or a JPEG or PNG picture of the page; at most 20 MB.",
        error_messages={"required": "Attach a picture or PDF of the channel’s settings as they are now."},
    )
    looked = forms.BooleanField(
        label="I have looked at the channel’s settings: comments on new uploads are off by default.",
        error_messages={"required": "Look at the channel’s settings first, then tick that you did."},
    )


class FoundForm(forms.Form):
    """An officer's answer to "is it there?"."""

    remote_id = forms.CharField(
        label="Its number there",
        max_length=80,
        error_messages={"required": "Copy the number from the platform's own page."},
    )
    url = forms.URLField(required=False, label="Its address there", assume_scheme="https")
