"""What is filled in about press packs, recalls and duties."""

from __future__ import annotations

from django import forms

from publisher.desk.moments import LocalMoment


class PressPackForm(forms.Form):
    """Who receives it. Every download is a disclosure of its own."""

    organisation = forms.CharField(
        label="Organisation", max_length=120, error_messages={"required": "Say which organisation receives it."}
    )
    name = forms.CharField(
        label="Person", max_length=120, error_messages={"required": "Say who there is responsible for it."}
    )
    email = forms.EmailField(
        label="E-mail address",
        help_text="The recall goes here when it comes down.",
        error_messages={"required": "Give the address a recall would reach.", "invalid": "This is no e-mail address."},
    )
    embargo_until = LocalMoment(
        required=False,
        label="Under embargo until",
        help_text="Needed while it is not public yet, and not before it goes out.",
    )


class NoteForm(forms.Form):
    """What was done, or said: it is the record of it."""

    note = forms.CharField(
        label="What was done", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say what was done: it is the record of it."},
    )  # fmt: skip


class AcknowledgedForm(forms.Form):
    """An officer's record of what a recipient said."""

    note = forms.CharField(
        label="Who acknowledged it, and how", max_length=2000,
        error_messages={"required": "Say who acknowledged it, and how: by telephone, by letter."},
    )  # fmt: skip
