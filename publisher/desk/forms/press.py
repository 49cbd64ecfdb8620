"""What is filled in about press packs, recalls and duties."""

from __future__ import annotations

from django import forms

from pressqueue.models import Item, Subject
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


class AuthorityForm(forms.Form):
    """Who allowed it."""

    authority = forms.CharField(
        label="By whose authority, and when", max_length=2000,
        error_messages={"required": "Say whose decision this is, and when it was made."},
    )  # fmt: skip


class LegalHoldForm(AuthorityForm):
    """A hold on an Item or a person, by reference or number."""

    on = forms.CharField(
        label="Reference or person's number", max_length=20, error_messages={"required": "Say what is to be kept."}
    )
    why = forms.CharField(
        label="Why it must be kept", max_length=2000, error_messages={"required": "Say why it must be kept."}
    )
    field_order = ("on", "why", "authority")

    def clean_on(self) -> Item | Subject:
        name = str(self.cleaned_data["on"]).strip().upper()
        found = Item.objects.filter(reference=name).first() or Subject.objects.filter(number=name).first()
        if found is None:
            raise forms.ValidationError(f"There is no Item and no person {name}.")
        return found
