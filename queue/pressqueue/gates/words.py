"""R1, R14 and R44: the words that must be there."""

from __future__ import annotations

from pressqueue import texts
from pressqueue.gates.base import EVERY_STEP, Case, Gate

ALT_TEXT_MOST = 250


class HasWords(Gate):
    """R1, as far as every Item goes: a title, a caption and a destination, and only known placeholders."""

    number = "R1"
    place = -1
    steps = EVERY_STEP
    source = "College of Policing APP: conditions of use and reasons recorded with every image"
    item_fields = ("title",)

    def fault(self, case: Case) -> str:
        """Refuses an empty title or caption, an unknown placeholder, and an Item without a destination."""
        item = case.item
        missing = [name for name in ("title", "caption") if not getattr(item, name).strip()]
        if missing:
            return f"The {' and the '.join(missing)} must not be empty."
        strange = texts.unknown_placeholders(f"{item.title}\n{item.caption}\n{' '.join(item.tags)}")
        if strange:
            return f"The text holds {strange[0]}; only {{day}} and {{reference}} are filled in."
        if "{" in item.alt_text or "}" in item.alt_text:
            return "Nothing is filled into the alternative text: write it out, without { and }."
        if not item.destinations:
            return "Choose at least one destination."
        return ""


class ReferenceShown(Gate):
    """R14: an appeal shows its reference number, so that a caller can quote it."""

    number = "R14"
    place = -1
    steps = EVERY_STEP
    source = "Metropolitan Police, Operation Withern: reference number beside each image"
    item_fields = ("caption",)

    def fault(self, case: Case) -> str:
        """Refuses an appeal whose title and caption do not show its reference."""
        shown = f"{case.item.title} {case.item.caption}"
        if case.is_appeal and "{reference}" not in shown and case.item.reference not in shown:
            return "An appeal's title or caption must show its reference: write {reference} where it belongs."
        return ""


class AltText(Gate):
    """R44: alternative text is there, is not a file name, and is at most 250 characters."""

    number = "R44"
    steps = EVERY_STEP
    source = "Public Sector Bodies Accessibility Regulations 2018"
    item_fields = ("alt_text",)

    def fault(self, case: Case) -> str:
        """Refuses alternative text that is empty, a file name, or longer than ALT_TEXT_MOST characters."""
        alt = case.item.alt_text.strip()
        if not alt:
            return "Describe the picture in the alternative text: not everybody can see it."
        if alt == case.item.original.filename or alt.lower().endswith((".jpg", ".jpeg", ".png", ".mp4")):
            return "The alternative text is a file name: describe what is shown."
        if len(alt) > ALT_TEXT_MOST:
            return f"The alternative text has {len(alt)} characters; {ALT_TEXT_MOST} is the most a reader can bear."
        return ""
