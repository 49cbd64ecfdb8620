"""What officers fill in to amend what is public, or to keep it up after a review."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from pressqueue.models import Item
from publisher.desk.asking import StandingMoment, Text, Worded


class WordsForm(Worded):
    """The words of a public Item, and why they change. The picture is not changed in place."""

    title = forms.CharField(label="Title", max_length=250, error_messages={"required": "Write a title."})
    caption = Text(
        label="Caption",
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": "Write a caption."},
    )
    alt_text = Text(
        label="Alternative text",
        help_text="At most 250 characters.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Describe the picture for those who cannot see it."},
    )
    tags = forms.CharField(required=False, label="Tags", help_text="Separate them with commas.")
    reason = Text(
        label="Why it is amended",
        help_text="Whoever decides reads it.",
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        error_messages={"required": "Say why it is amended."},
    )

    def __init__(self, item: Item, data: Any = None) -> None:
        self.item = item
        stands = {name: getattr(item, name) for name in ("title", "caption", "alt_text")}
        super().__init__(data, prefix="words", initial={**stands, "tags": ", ".join(item.tags)})

    def changes(self) -> dict[str, Any]:
        """The words that differ from those that stand."""
        said = self.cleaned_data
        wanted = {name: said[name] for name in ("title", "caption", "alt_text", "tags")}
        return {name: value for name, value in wanted.items() if getattr(self.item, name) != value}


class ReviewForm(forms.Form):
    """Review and keep it published: why, and until when."""

    necessity = Text(
        label="Why it is still necessary to show it",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        error_messages={"required": "Say why it is still necessary to show it."},
    )

    def __init__(self, item: Item, review_at: datetime | None, data: Any = None) -> None:
        super().__init__(data, prefix="review", initial={"review_at": review_at, "expires_at": item.expires_at})
        if item.kind != Item.Kind.FEATURE:
            self.fields["review_at"] = StandingMoment(review_at, required=False, label="Looked at again on")
        self.fields["expires_at"] = StandingMoment(item.expires_at, required=False, label="Taken down on")

    def dates(self) -> dict[str, Any]:
        """What `amendments.draft_review` takes."""
        return {name: self.cleaned_data.get(name) for name in ("review_at", "expires_at")}
