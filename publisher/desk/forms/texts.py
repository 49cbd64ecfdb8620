"""What is filled in for a text the machine publishes by itself."""

from __future__ import annotations

from django import forms

from pressqueue.models import ApprovedText, Campaign

Kind = ApprovedText.Kind
OFFICE = "office"
_KINDS = {
    Kind.ALBUM: "The album of a campaign: {shown} and {removed} are its totals",
    Kind.TOMBSTONE: "Where an appeal was: {reference}, {published}, {force}, {contact}",
    Kind.CORRECTION: "Where somebody was shown wrongly: {reference}, {published}, {force}, {contact}",
}


class TextForm(forms.Form):
    """A draft. What it may say is decided by the move."""

    kind = forms.ChoiceField(label="What the text is for", choices=list(_KINDS.items()))
    whose = forms.ChoiceField(label="Where it is used")
    title = forms.CharField(label="Title of the album", required=False, max_length=200)
    body = forms.CharField(
        label="Text",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Do not name anybody or say what happened to a person. A second person approves the text.",
    )

    def __init__(self, *given: object, **more: object) -> None:
        super().__init__(*given, **more)  # type: ignore[arg-type]  # as Form takes them
        campaigns = [(campaign.slug, campaign.title) for campaign in Campaign.objects.order_by("title")]
        whose = self.fields["whose"]
        assert isinstance(whose, forms.ChoiceField)
        whose.choices = [(OFFICE, "The whole office"), *campaigns]

    def campaign(self) -> Campaign | None:
        """The campaign that was chosen; None for the whole office."""
        return Campaign.objects.filter(slug=self.cleaned_data["whose"]).first()
