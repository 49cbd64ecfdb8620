"""A person sought: what became of the search, and a look at proceedings."""

from __future__ import annotations

from typing import ClassVar

from django import forms

from pressqueue.moves.subjects import ENDINGS
from pressqueue.moves.takedown import REASONS
from pressqueue.proceedings import WORDS
from publisher.desk.moments import LocalMoment


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
        help_text="If the person may no longer be shown, Publisher takes the Items down at once.",
        error_messages={"required": "Say what was found."},
    )
    name = forms.CharField(
        label="Where it was looked up",
        max_length=120,
        help_text="The name of the check: PNC, Niche, the officer in the case by telephone.",
        error_messages={"required": "Say where it was looked up."},
    )
    at = LocalMoment(required=False, label="When it was looked up", help_text="Leave empty if you look it up now.")
    confirmed_by = forms.CharField(
        required=False,
        max_length=120,
        label="Confirmed by",
        help_text="If you are not the officer in the case, the person you asked.",
    )
