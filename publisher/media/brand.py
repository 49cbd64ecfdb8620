"""The force's brand as files and strings: what a mark is drawn from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageFont, UnidentifiedImageError

from publisher.media.errors import BadMedia
from publisher.media.recipe import BrandIdentity
from publisher.media.vault import digest

LEAST_CONTRAST = 4.5  # WCAG 2.2, success criterion 1.4.3
_COLOUR = re.compile(r"#[0-9a-f]{6}")
Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Brand:
    """A force's name, lines, crest and fonts. Colours are "#rrggbb".

    `contact` is drawn on strips, `handle` (an address or account) on plates. Every file is read when a mark is
    drawn, so `check` should be called once where the brand is configured: it raises BadMedia in words.
    """

    force: str
    contact: str
    crest: Path
    font: Path  # bold: the force's name and the reference
    light_font: Path  # medium: everything else
    handle: str = ""
    plate: str = "#0b1f3f"
    ink: str = "#ffffff"
    accent: str = "#f2b632"

    @classmethod
    def from_folder(cls, folder: Path, *, force: str, contact: str, handle: str = "", **colours: str) -> Brand:
        """Returns the brand whose files are in `folder`: crest.png and the two fonts shipped in config/brand.

        Raises BadMedia as `check` does.
        """
        brand = cls(
            force=force,
            contact=contact,
            handle=handle,
            crest=folder / "crest.png",
            font=folder / "Inter-Bold.otf",
            light_font=folder / "Inter-Medium.otf",
            **colours,
        )
        brand.check()
        return brand

    @property
    def identity(self) -> BrandIdentity:
        """What a Recipe records of this brand. Reads and hashes the files; raises OSError."""
        return BrandIdentity(
            force=self.force,
            contact=self.contact,
            handle=self.handle,
            crest_sha256=digest(self.crest),
            font_sha256=digest(self.font),
            light_font_sha256=digest(self.light_font),
            colours=(self.plate, self.ink, self.accent),
        )

    def check(self) -> None:
        """Raise BadMedia where a text is missing, a file cannot be used or the colours cannot be read."""
        if not self.force.strip():
            raise BadMedia("The brand has no force name. Set it in the configuration.")
        for colour in (self.plate, self.ink, self.accent):
            if not _COLOUR.fullmatch(colour):
                raise BadMedia(f"The brand colour {colour!r} is not of the form #rrggbb (lower case).")
        for front in (self.ink, self.accent):
            if contrast(rgb(front), rgb(self.plate)) < LEAST_CONTRAST:
                raise BadMedia(
                    f"The brand colours {front} on {self.plate} cannot be read: their contrast is below "
                    f"{LEAST_CONTRAST}:1. Choose a lighter or darker one."
                )
        self._check_files()

    def _check_files(self) -> None:
        try:
            with Image.open(self.crest, formats=("PNG",)) as crest:
                crest.verify()
        except (OSError, UnidentifiedImageError, SyntaxError):
            raise BadMedia(f"The crest {self.crest} is not a PNG picture that can be read. Replace it.") from None
        for font in (self.font, self.light_font):
            try:
                ImageFont.truetype(font, 20)
            except OSError:
                raise BadMedia(
                    f"The font {font} cannot be read. Replace it with a TrueType or OpenType font."
                ) from None


def rgb(colour: str) -> Colour:
    """Returns "#0b1f3f" as three numbers from 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def contrast(one: Colour, other: Colour) -> float:
    """Returns the contrast ratio of two colours as WCAG 2.2 defines it, 1.0 to 21.0."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
