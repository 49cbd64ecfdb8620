"""What officers fill in. A form checks what can be typed wrongly; whether a thing is allowed is for the gates."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from pressqueue.models import Campaign, Item, Original, Subject
from pressqueue.moves import ENDINGS, REASONS
from pressqueue.moves.looking import LONGEST, SHORTEST
from pressqueue.proceedings import WORDS
from publisher.desk.asking import Worded
from publisher.desk.moments import LocalMoment

NEXT_SLOT, WINDOW = "slot", "window"
USUAL = "usual"
CORNERS = ("top-left", "top-right", "bottom-left", "bottom-right")


class ItemForm(Worded):
    """An Item's words, places and times. `kept` is the SHA-256 of a file taken in with an earlier try."""

    kept = forms.CharField(required=False, widget=forms.HiddenInput)
    file = forms.FileField(
        required=False,
        label="Picture or film",
        help_text="JPEG, PNG or TIFF; MP4, MOV or AVI. It is kept exactly as you send it.",
    )
    kind = forms.ChoiceField(
        label="What is it?",
        widget=forms.RadioSelect,
        choices=[
            (Item.Kind.FEATURE, "Feature: a photo of the day"),
            (Item.Kind.APPEAL, "Appeal: do you know this person, vehicle or thing?"),
            (Item.Kind.WANTED, "Wanted: a named person"),
        ],
    )
    purpose = forms.ChoiceField(
        required=False,
        label="Appeals only: what is sought",
        choices=[
            ("", "Not an appeal"),
            (Item.Purpose.SUSPECT, "A person who may be able to help: suspect"),
            (Item.Purpose.WITNESS, "A person who may be able to help: witness"),
            (Item.Purpose.PROPERTY, "Property, a vehicle or a scene: no person"),
        ],
    )
    people = forms.CharField(
        required=False,
        max_length=2000,
        label="People shown",
        help_text="The numbers of those who have one already, such as WTN-0012, separated by commas.",
    )
    new_people = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=20,
        label="New people shown",
        help_text="How many of those shown have no number yet: each is given one.",
        error_messages={"max_value": "At most twenty people are given numbers at once."},
    )
    campaign = forms.ModelChoiceField(
        queryset=Campaign.objects.none(), label="Campaign", to_field_name="slug", empty_label="Choose a campaign"
    )
    title = forms.CharField(
        label="Title",
        max_length=250,
        help_text="{day} becomes the campaign's day number, {reference} the reference number.",
    )
    caption = forms.CharField(
        label="Caption",
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="An appeal must show {reference}, so that a caller can quote it.",
    )
    alt_text = forms.CharField(
        label="Alternative text",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Say what is to be seen, for those who cannot see it. At most 250 characters.",
    )
    tags = forms.CharField(required=False, label="Tags", help_text="Separate them with commas.")
    destinations = forms.MultipleChoiceField(label="Where it goes", widget=forms.CheckboxSelectMultiple)
    when = forms.ChoiceField(
        label="When it goes out",
        widget=forms.RadioSelect,
        initial=NEXT_SLOT,
        choices=[(NEXT_SLOT, "At the campaign's next free hour"), (WINDOW, "Between two times")],
    )
    publish_from = LocalMoment(required=False, label="Not before")
    publish_until = LocalMoment(required=False, label="Not after")
    expires_at = LocalMoment(
        required=False, label="Taken down on", help_text="It comes down then by itself. Leave empty if it may stay."
    )
    mark_style = forms.ChoiceField(
        label="Our mark",
        widget=forms.RadioSelect,
        initial=USUAL,
        choices=[
            (USUAL, "As usual: a plate on a feature, a strip below an appeal"),
            ("strip", "A strip below the picture: covers nothing"),
            ("plate", "A plate in a corner"),
        ],
    )
    mark_corner = forms.ChoiceField(
        label="Corner of the plate",
        required=False,
        initial="bottom-left",
        choices=[(corner, corner.replace("-", " ").capitalize()) for corner in CORNERS],
    )
    poster_at = forms.FloatField(
        label="Film: second shown as its still picture", required=False, initial=1.0, min_value=0
    )
    audio_authorised = forms.BooleanField(
        required=False, label="Film: its sound may be published", help_text="A voice can identify a person."
    )
    comments = forms.BooleanField(required=False, label="Feature: the public may comment")

    def __init__(self, *args: Any, destinations: list[str], now: datetime, item: Item | None = None, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.now, self.item = now, item
        self.fields["campaign"].queryset = Campaign.objects.order_by("title")  # type: ignore[attr-defined]
        names = {"flickr": "Flickr", "youtube": "YouTube"}
        self.fields["destinations"].choices = [  # type: ignore[attr-defined]
            (name, names.get(name, name.capitalize())) for name in destinations
        ]
        if item is not None:  # neither changes what a reference number once meant
            for fixed in ("kind", "campaign"):
                del self.fields[fixed]
        for name, field in self.fields.items():
            field.error_messages["required"] = _MISSING.get(name, "Fill this in.")

    def clean_people(self) -> list[Subject]:
        """In the order of their numbers, each once."""
        typed = [part for part in re.split(r"[,;\s]+", str(self.cleaned_data["people"]).upper()) if part]
        found = {each.number: each for each in Subject.objects.filter(number__in=typed).order_by("number")}
        if strange := [number for number in dict.fromkeys(typed) if number not in found]:
            raise ValidationError(f"Nobody has the number {strange[0]}. Look it up on an Item that shows the person.")
        return list(found.values())

    def clean_new_people(self) -> int:
        return int(self.cleaned_data["new_people"] or 0)

    def clean_kept(self) -> Original | None:
        return Original.objects.filter(pk=self.cleaned_data["kept"]).first()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.item and not cleaned.get("file") and not cleaned.get("kept") and "file" not in self.errors:
            self.add_error("file", "Choose the picture or film.")
        self._clean_shown(cleaned)
        if cleaned.get("when") == WINDOW:
            self._clean_window(cleaned)
        else:
            cleaned["publish_from"] = cleaned["publish_until"] = None
        expires = cleaned.get("expires_at")
        if expires is not None and expires <= self.now:
            self.add_error("expires_at", "This time has passed. Choose a later one, or leave it empty.")
        elif expires is not None and (begins := cleaned.get("publish_from")) and expires <= begins:
            self.add_error("expires_at", "It would come down before it goes out. Choose a later time.")
        return cleaned

    def _clean_shown(self, cleaned: dict[str, Any]) -> None:
        """Only what seeks a person shows one."""
        kind = self.item.kind if self.item else cleaned.get("kind")
        if kind == Item.Kind.FEATURE or cleaned.get("purpose") == Item.Purpose.PROPERTY:
            for name in ("people", "new_people"):
                if cleaned.get(name):
                    self.add_error(name, "A feature, or an appeal about property, shows nobody who is sought.")

    def _clean_window(self, cleaned: dict[str, Any]) -> None:
        begins, ends = cleaned.get("publish_from"), cleaned.get("publish_until")
        for name, value in (("publish_from", begins), ("publish_until", ends)):
            if value is None and name not in self.errors:
                self.add_error(name, "Give both times, or choose the campaign's next free hour.")
            elif value is not None and value <= self.now:
                self.add_error(name, "This time has passed. Choose a later one.")
        if begins and ends and ends <= begins:
            self.add_error("publish_until", "This must be later than the time before it.")

    def words(self) -> dict[str, Any]:
        """What `moves.add_item` and `moves.edit` take."""
        cleaned = self.cleaned_data
        names = ("title", "caption", "alt_text", "tags", "destinations", "publish_from", "publish_until")
        more = ("expires_at", "audio_authorised", "comments", "purpose")
        found = {name: cleaned[name] for name in names + more}
        kind = self.item.kind if self.item else cleaned["kind"]
        usual = "plate" if kind == Item.Kind.FEATURE else "strip"
        found["mark_style"] = usual if cleaned["mark_style"] == USUAL else cleaned["mark_style"]
        found["mark_corner"] = cleaned["mark_corner"] or "bottom-left"
        found["poster_at"] = 1.0 if cleaned["poster_at"] is None else cleaned["poster_at"]
        return found


_MISSING = {
    "kind": "Say what it is.",
    "campaign": "Choose a campaign.",
    "title": "Write a title.",
    "caption": "Write a caption.",
    "alt_text": "Describe the picture for those who cannot see it.",
    "destinations": "Choose at least one place it goes to.",
    "when": "Say when it goes out.",
    "mark_style": "Choose how our mark is shown.",
}


class SignedForm(forms.Form):
    """The form an officer in the case signed, for exactly the digest they were shown."""

    digest = forms.CharField(widget=forms.HiddenInput)
    file = forms.FileField(
        label="The signed form",
        help_text="A PDF, or a JPEG or PNG picture of it; at most 20 MB.",
        error_messages={"required": "Choose the file with the signed form."},
    )
    signed_at = LocalMoment(label="Signed on", error_messages={"required": "Say when it was signed."})


class EmergencyForm(forms.Form):
    """A threat to life, which lets some answers come later (R55)."""

    reason = forms.CharField(
        label="Whose life is at risk, and why it cannot wait", widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )


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
        label="Why you look",
        help_text="For example: to decide about this week's appeals; an enquiry from the officer in the case.",
        widget=forms.Textarea(attrs={"rows": 3}),
        min_length=SHORTEST,
        max_length=LONGEST,
        error_messages={
            "required": "Say why you look.",
            "min_length": "Say it in a few words more.",
            "max_length": f"Say it in at most {LONGEST} characters.",
        },
    )


class TakeDownForm(forms.Form):
    """One reason, one button: nobody else is asked (R25)."""

    reason = forms.ChoiceField(
        label="Why it comes down",
        choices=[("", "Choose a reason"), *REASONS.items()],
        error_messages={"required": "Choose a reason."},
    )


class OutcomeForm(forms.Form):
    """What became of a search, in one choice."""

    WORDS: ClassVar[dict[str, str]] = {
        **{outcome: REASONS[outcome] for outcome in ENDINGS},
        "named_unconfirmed": "Somebody was named, which is not confirmed",
    }
    outcome = forms.ChoiceField(
        label="Outcome",
        choices=[("", "Choose an outcome"), *WORDS.items()],
        error_messages={"required": "Choose an outcome."},
    )


class CheckForm(forms.Form):
    """Proceedings were looked up: what was found, where, when, and by whose word."""

    state = forms.ChoiceField(
        label="What was found",
        choices=[("", "Choose one"), *((state, f"{said[:1].upper()}{said[1:]}") for state, said in WORDS.items())],
        help_text="What may no longer be shown comes down at once.",
        error_messages={"required": "Say what was found."},
    )
    name = forms.CharField(
        label="Where it was looked up",
        max_length=120,
        help_text="The name of the check: PNC, Niche, the officer in the case by telephone.",
        error_messages={"required": "Say where it was looked up."},
    )
    at = LocalMoment(required=False, label="When it was looked up", help_text="Left empty: now.")
    confirmed_by = forms.CharField(
        required=False, max_length=120, label="Confirmed by", help_text="Whose word it is, where not your own."
    )


class FoundForm(forms.Form):
    """An officer's answer to "is it there?"."""

    remote_id = forms.CharField(
        label="Its number there",
        max_length=80,
        error_messages={"required": "Copy the number from the platform's own page."},
    )
    url = forms.URLField(required=False, label="Its address there", assume_scheme="https")


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

    def life(self) -> timedelta:
        return timedelta(days=self.cleaned_data["days"])


class OperationForm(forms.Form):
    """Taking a whole operation down: its name is typed, so that no slip of a finger does it."""

    confirm = forms.CharField(label="Type the operation’s name", widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, campaign: Campaign, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._slug = campaign.slug
        self.fields["confirm"].help_text = f"It is {campaign.slug}."

    def clean_confirm(self) -> str:
        """The campaign's own slug, and nothing else."""
        typed = str(self.cleaned_data["confirm"]).strip()
        if typed != self._slug:
            raise ValidationError(f"Type {self._slug} to take all of it down.")
        return typed
