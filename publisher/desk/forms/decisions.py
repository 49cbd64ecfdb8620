"""What an approver fills in with a decision."""

from __future__ import annotations

from typing import Any

from django import forms

from pressqueue import gates
from pressqueue.gates.shown import declaration
from pressqueue.models import AppealRecord, Item


class ApproveForm(forms.Form):
    """The decision, for exactly the digest that was shown (R3, R6), with who else is in the frame (R12)."""

    digest = forms.CharField(widget=forms.HiddenInput)
    confirm = forms.BooleanField(
        label="I have looked at it in full size: this is the right person or picture, and the text is right.",
        error_messages={"required": "Look at it in full size and confirm that it is right, or send it back."},
        widget=forms.CheckboxInput(attrs={"accesskey": "c"}),
    )
    others = forms.BooleanField(
        error_messages={"required": "Look at everybody else in the frame and declare what you found, or send it back."},
        widget=forms.CheckboxInput(attrs={"accesskey": "o"}),
    )
    reason = forms.CharField(
        required=False,
        label="Reason",
        help_text="Needed for somebody who appears under 18, and where a threat to life defers answers.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )
    let_pass = forms.CharField(
        required=False,
        label="Why this wording is acceptable",
        help_text="Kept with your approval, for exactly this version.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )
    break_glass = forms.BooleanField(
        required=False, label="I know that a threat to life defers some answers of the record."
    )

    def __init__(self, item: Item, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        if item.kind == Item.Kind.FEATURE:
            del self.fields["others"]
        else:
            record = AppealRecord.objects.filter(item=item).first() or AppealRecord(item=item)
            self.fields["others"].label = f"I have looked at everybody in the frame: {declaration(record)}."

    def deciding(self) -> gates.Deciding:
        """What was said with the decision."""
        said, why = self.cleaned_data, self.cleaned_data["let_pass"].strip()
        return gates.Deciding(
            reason=said["reason"],
            break_glass=said["break_glass"],
            overrides=dict.fromkeys(gates.MAY_OVERRIDE, why) if why else {},
            others=said.get("others", False),
        )
