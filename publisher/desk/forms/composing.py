"""An Item's words, places and times. A form checks what can be typed wrongly; the gates say what is allowed."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from pressqueue.models import Campaign, Item, Original, Subject
from publisher.desk.access import office
from publisher.desk.asking import Worded
from publisher.desk.moments import LocalMoment
from publisher.workers import plugins

NEXT_SLOT, WINDOW = "slot", "window"
USUAL = "usual"
CORNERS = ("top-left", "top-right", "bottom-left", "bottom-right")


class ItemForm(Worded):
    """An Item's words, places and times. `kept` is the SHA-256 of a file taken in with an earlier try."""

    kept = forms.CharField(required=False, widget=forms.HiddenInput)
    file = forms.FileField(
        required=False,
        label="Picture or video",
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
        help_text="How many of the people shown have no number yet. Publisher gives each one a number.",
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
        help_text="Describe the image for people who cannot see it. At most 250 characters.",
    )
    tags = forms.CharField(required=False, label="Tags", help_text="Separate them with commas.")
    destinations = forms.MultipleChoiceField(label="Destinations", widget=forms.CheckboxSelectMultiple)
    when = forms.ChoiceField(
        label="Schedule",
        widget=forms.RadioSelect,
        initial=NEXT_SLOT,
        choices=[(NEXT_SLOT, "At the campaign's next available slot"), (WINDOW, "Between two times")],
    )
    publish_from = LocalMoment(required=False, label="Not before")
    publish_until = LocalMoment(required=False, label="Not after")
    expires_at = LocalMoment(
        required=False, label="Taken down on", help_text="Publisher takes it down then. Leave empty if it may stay."
    )
    mark_style = forms.ChoiceField(
        label="Watermark",
        widget=forms.RadioSelect,
        initial=USUAL,
        choices=[
            (USUAL, "Usual: a corner badge on a feature, a banner below an appeal"),
            ("strip", "A banner below the picture, which covers nothing"),
            ("plate", "A badge in a corner"),
        ],
    )
    mark_corner = forms.ChoiceField(
        label="Corner of the badge",
        required=False,
        initial="bottom-left",
        choices=[(corner, corner.replace("-", " ").capitalize()) for corner in CORNERS],
    )
    poster_at = forms.FloatField(label="Video: thumbnail taken at (seconds)", required=False, initial=1.0, min_value=0)
    frame_rate = forms.CharField(
        label="Video: frames per second",
        required=False,
        max_length=16,
        help_text="The file does not say how fast it plays. Ask the recorder's owner: for example 25, or 12.5.",
    )
    track = forms.IntegerField(
        label="Which video in the file",
        required=False,
        initial=1,
        min_value=1,
        help_text="The file holds several, for example from two cameras: 1 is the first.",
    )
    audio_authorised = forms.BooleanField(
        required=False, label="Video: publish its sound", help_text="A voice can identify a person."
    )
    comments = forms.BooleanField(required=False, label="Feature: the public may comment")

    def __init__(self, *args: Any, destinations: list[str], now: datetime, item: Item | None = None, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.now, self.item = now, item
        self.fields["campaign"].queryset = Campaign.objects.order_by("title")  # type: ignore[attr-defined]
        self.fields["destinations"].choices = [  # type: ignore[attr-defined]
            (name, plugins.display_name(office(), name)) for name in destinations
        ]
        if item is not None:  # neither changes what a reference number once meant
            for fixed in ("kind", "campaign"):
                del self.fields[fixed]
        for name, field in self.fields.items():
            field.error_messages["required"] = _MISSING.get(name, "Fill this in.")

    def clean_people(self) -> list[Subject]:
        """In the order of their numbers, each once."""
        typed = [part for part in re.split(r"[,;\s]+", str(self.cleaned_data["people"]).upper()) if part]
        found = {subject.number: subject for subject in Subject.objects.filter(number__in=typed).order_by("number")}
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
            self.add_error("file", "Choose the picture or video.")
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
        """An appeal says what it seeks; only what seeks a person shows one."""
        kind = self.item.kind if self.item else cleaned.get("kind")
        if kind == Item.Kind.APPEAL and not cleaned.get("purpose") and "purpose" not in self.errors:
            self.add_error("purpose", "Say what the appeal seeks.")
        if kind == Item.Kind.FEATURE or cleaned.get("purpose") == Item.Purpose.PROPERTY:
            for name in ("people", "new_people"):
                if cleaned.get(name):
                    self.add_error(name, "A feature, or an appeal about property, shows nobody who is sought.")

    def _clean_window(self, cleaned: dict[str, Any]) -> None:
        begins, ends = cleaned.get("publish_from"), cleaned.get("publish_until")
        for name, value in (("publish_from", begins), ("publish_until", ends)):
            if value is None and name not in self.errors:
                self.add_error(name, "Give both times, or choose the campaign's next available slot.")
            elif value is not None and value <= self.now:
                self.add_error(name, "This time has passed. Choose a later one.")
        if begins and ends and ends <= begins:
            self.add_error("publish_until", "This must be later than the time before it.")

    def words(self) -> dict[str, Any]:
        """What `items.add_item` and `items.edit` take."""
        cleaned = self.cleaned_data
        names = ("title", "caption", "alt_text", "tags", "destinations", "publish_from", "publish_until")
        more = ("expires_at", "audio_authorised", "comments", "purpose")
        found = {name: cleaned[name] for name in names + more}
        kind = self.item.kind if self.item else cleaned["kind"]
        usual = "plate" if kind == Item.Kind.FEATURE else "strip"
        found["mark_style"] = usual if cleaned["mark_style"] == USUAL else cleaned["mark_style"]
        found["mark_corner"] = cleaned["mark_corner"] or "bottom-left"
        found["frame_rate"], found["track"] = cleaned["frame_rate"], cleaned["track"] or 1
        found["poster_at"] = 1.0 if cleaned["poster_at"] is None else cleaned["poster_at"]
        return found


_MISSING = {
    "kind": "Say what it is.",
    "campaign": "Choose a campaign.",
    "title": "Write a title.",
    "caption": "Write a caption.",
    "alt_text": "Describe the picture for those who cannot see it.",
    "destinations": "Choose at least one place it goes to.",
    "when": "Choose when to publish it.",
    "mark_style": "Choose how the watermark is shown.",
}
