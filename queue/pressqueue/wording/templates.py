"""Texts to start from: written once, filled from the record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

# What the record fills. {reference} stays as it is where the machine fills it at publication.
PLACEHOLDERS = ("reference", "location", "date", "offence", "name", "contact", "force", "published")
_HOLE = re.compile(r"\{([^{}]*)\}|[{}]")


class NotFilled(ValueError):
    """The record lacks what a template asks for; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Template:
    """One kind's texts, with placeholders."""

    name: str
    kind: str  # what its texts are checked as
    title: str
    caption: str
    alt_text: str = ""

    def unknown(self) -> list[str]:
        """Returns every brace that is not a placeholder."""
        texts = f"{self.title}\n{self.caption}\n{self.alt_text}"
        return [found.group(0) for found in _HOLE.finditer(texts) if found.group(1) not in PLACEHOLDERS]

    def asks_for(self) -> list[str]:
        """Returns the placeholders it holds, in order, each once."""
        texts = f"{self.title}\n{self.caption}\n{self.alt_text}"
        return list(dict.fromkeys(found.group(1) for found in _HOLE.finditer(texts)))

    def filled(self, values: Mapping[str, str]) -> Template:
        """Returns it with every placeholder filled from `values`.

        Raises NotFilled for a value that is empty or missing.
        """
        empty = [name for name in self.asks_for() if not values.get(name, "").strip()]
        if empty:
            raise NotFilled(
                f"The template “{self.name}” asks for the {' and the '.join(empty)}, and the record does not say: "
                "fill it in first."
            )

        def fill(text: str) -> str:
            return _HOLE.sub(lambda hole: values[hole.group(1)].strip(), text).strip()

        return Template(self.name, self.kind, fill(self.title), fill(self.caption), fill(self.alt_text))
