"""Text of a known cap height, wrapped to a width: the typesetting under the marks.

Pillow's basic layout engine is used everywhere, since the other one depends on libraries that differ between
machines, and the same Recipe must give the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import ImageDraw, ImageFont

from publisher.media.brand import Colour

_PROBE_SIZE = 200


@dataclass(frozen=True, slots=True)
class Face:
    """A font at the size that gives capital letters `cap` pixels of height."""

    file: Path
    cap: int

    @property
    def font(self) -> ImageFont.FreeTypeFont:
        """The loaded font, at the size that gives its capitals `cap` pixels of height."""
        return _font(self.file, self.cap)

    def width(self, text: str) -> int:
        """Returns how many pixels the text takes from left to right."""
        return -(-int(self.font.getlength(text) * 64) // 64)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text as it will be drawn."""

    text: str
    face: Face
    colour: Colour

    @property
    def width(self) -> int:
        """The line's width in pixels."""
        return self.face.width(self.text)

    @property
    def height(self) -> int:
        """The height of the line's capitals in pixels; descenders reach below it."""
        return self.face.cap

    def draw(self, on: ImageDraw.ImageDraw, left: int, top: int) -> None:
        """Draw with the top of the capitals at `top`; descenders reach below `top + height`."""
        on.text((left, top + self.height), self.text, fill=self.colour, font=self.face.font, anchor="ls")


@dataclass(frozen=True, slots=True)
class Block:
    """Lines under each other, set left or right."""

    lines: tuple[Line, ...]
    gap: int

    @property
    def width(self) -> int:
        """The width of the widest line in pixels; 0 without lines."""
        return max((line.width for line in self.lines), default=0)

    @property
    def height(self) -> int:
        """The height of all lines and the gaps between them, in pixels."""
        return sum(line.height for line in self.lines) + self.gap * max(0, len(self.lines) - 1)

    def draw(self, on: ImageDraw.ImageDraw, left: int, top: int, *, right_aligned: bool = False) -> None:
        """Draw with the block's top left corner at (left, top)."""
        for line in self.lines:
            line.draw(on, left + (self.width - line.width if right_aligned else 0), top)
            top += line.height + self.gap


def wrapped(text: str, face: Face, colour: Colour, width: int) -> tuple[Line, ...]:
    """Returns the text in as many lines as it needs to stay within `width` pixels; a long word is cut."""
    lines: list[str] = []
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and face.width(joined) <= width:
            lines[-1] = joined
        else:
            lines.extend(_pieces(word, face, width))
    return tuple(Line(line, face, colour) for line in lines)


def _pieces(word: str, face: Face, width: int) -> list[str]:
    pieces = [""]
    for letter in word:
        if pieces[-1] and face.width(pieces[-1] + letter) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


@lru_cache(maxsize=64)
def _font(file: Path, cap: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(file, max(1, -(-cap * _PROBE_SIZE // _cap_at_probe_size(file))), layout_engine=_BASIC)


@lru_cache(maxsize=16)
def _cap_at_probe_size(file: Path) -> int:
    _, top, _, bottom = ImageFont.truetype(file, _PROBE_SIZE, layout_engine=_BASIC).getbbox("H")
    return int(bottom - top)


_BASIC = ImageFont.Layout.BASIC
