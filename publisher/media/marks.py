"""The force's mark: a strip below the picture or a plate in one of its corners.

Both are opaque, so that their text is as readable over snow as over night, and both are drawn once as a small
banner and pasted into their own rectangle: no other pixel of the picture is touched. A strip covers nothing at
all, which is why appeals use it: what a camera recorded stays visible to its edge, its clock too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw

from publisher.media.brand import Brand, Colour, rgb
from publisher.media.lettering import Block, Face, Line, wrapped
from publisher.media.recipe import BrandIdentity, Corner, MarkStyle, Recipe

LEAST_CAP = 9  # pixels; below it letters run together
CAP_SHARE = 0.025  # of the short edge
PANORAMA_CAP_SHARE = 0.008  # of the long edge: a panorama is looked at fitted to the screen's width
EXERCISE_PAPER: Colour = (255, 191, 0)
EXERCISE_INK: Colour = (20, 16, 0)
EXERCISE_WORDS = ("EXERCISE – NOT A REAL RELEASE", "EXERCISE")

Box = tuple[int, int, int, int]  # x, y, width, height, in pixels of the finished picture


@dataclass(frozen=True, slots=True)
class Mark:
    """A drawn mark: the banner (RGB), where it goes, and how large the finished picture is."""

    banner: Image.Image
    box: Box
    canvas: tuple[int, int]
    cap: int  # the smallest capital's height in pixels


def make_mark(width: int, height: int, recipe: Recipe, brand: Brand) -> Mark:
    """Returns the mark for an upright picture of this size (pixels). Its box lies on even pixels, as footage needs.

    Where a plate would cover more than a third of a small picture, or stick out of a narrow one, it is a strip.
    """
    wanted = _Wanted(recipe.reference, recipe.exercise, brand, recipe.brand)
    cap = cap_height(width, height)
    if recipe.mark is MarkStyle.PLATE:
        margin = _even(round(cap * 1.2))
        banner = _plate(wanted, cap, width - 2 * margin)
        small = banner.width * banner.height * 3 <= width * height
        if small and banner.width + 2 * margin <= width and banner.height + 2 * margin <= height:
            x, y = _corner(recipe.corner, (width, height), banner.size, margin)
            return Mark(banner, (x, y, *banner.size), (width, height), cap)
    banner = _strip(wanted, cap, width)
    return Mark(banner, (0, height, *banner.size), (width, height + banner.height), cap)


def cap_height(width: int, height: int) -> int:
    """Returns the height of the smallest capitals: 2.5 % of the short edge, more on a panorama, never below 9 px."""
    short, long = sorted((width, height))
    share = max(short * CAP_SHARE, min(long * PANORAMA_CAP_SHARE, short * 2 * CAP_SHARE))
    return max(LEAST_CAP, -(-int(share * 1000) // 1000))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a banner says. `identity` is in it so that a changed crest or font misses the cache."""

    reference: str
    exercise: bool
    brand: Brand
    identity: BrandIdentity

    @property
    def force(self) -> str:
        return self.brand.force

    @property
    def reference_words(self) -> str:
        return f"Ref {self.reference}" if self.reference else ""

    def bold(self, cap: float) -> Face:
        return Face(self.brand.font, round(cap))

    def light(self, cap: float) -> Face:
        return Face(self.brand.light_font, round(cap))

    @property
    def paper(self) -> Colour:
        return rgb(self.brand.plate)

    @property
    def ink(self) -> Colour:
        return rgb(self.brand.ink)

    @property
    def accent(self) -> Colour:
        return rgb(self.brand.accent)


@lru_cache(maxsize=32)
def _strip(wanted: _Wanted, cap: int, width: int) -> Image.Image:
    pad, gap = round(cap * 1.5), round(cap * 1.05)
    left = _block(
        gap, (wanted.force, wanted.bold(cap * 1.4), wanted.ink), (wanted.brand.contact, wanted.light(cap), wanted.ink)
    )
    right = _block(
        gap,
        (wanted.reference_words, wanted.bold(cap * 1.4), wanted.accent),
        (wanted.brand.handle, wanted.light(cap), wanted.ink),
    )
    height = max(left.height, right.height)
    crest = _crest(wanted, height + cap)
    indent = pad + crest.width + pad
    if indent + left.width + 2 * pad + right.width + pad <= width:
        sheet, draw, top = _sheet(wanted, cap, width, height + 2 * pad)
        sheet.paste(crest, (pad, top + pad + (height - crest.height) // 2), crest)
        left.draw(draw, indent, top + pad + (height - left.height) // 2)
        right.draw(draw, width - pad - right.width, top + pad + (height - right.height) // 2, right_aligned=True)
        return sheet
    return _narrow_strip(wanted, cap, width)


def _narrow_strip(wanted: _Wanted, cap: int, width: int) -> Image.Image:
    """For small and upright pictures: under each other and wrapped; the crest if there is room.

    The reference stands on the force's line where both fit.
    """
    pad, gap = cap, round(cap * 0.95)
    crest = _crest(wanted, round(cap * 4.2))
    indent = pad + crest.width + pad if width >= crest.width * 5 else pad
    room = width - indent - pad
    reference = Line(wanted.reference_words, wanted.bold(cap * 1.2), wanted.accent)
    force = wrapped(wanted.force, reference.face, wanted.ink, room)
    beside = len(force) == 1 and force[0].width + 2 * pad + reference.width <= room
    block = Block(
        force
        + (() if beside else wrapped(reference.text, reference.face, reference.colour, room))
        + wrapped(wanted.brand.contact, wanted.light(cap), wanted.ink, room)
        + wrapped(wanted.brand.handle, wanted.light(cap), wanted.ink, room),
        gap,
    )
    least = crest.height if indent > pad else 0
    sheet, draw, top = _sheet(wanted, cap, width, max(block.height, least) + 2 * pad + round(cap * 0.4))
    if indent > pad:
        sheet.paste(crest, (pad, top + pad), crest)
    if beside:
        reference.draw(draw, width - pad - reference.width, top + pad)
    block.draw(draw, indent, top + pad)
    return sheet


@lru_cache(maxsize=32)
def _plate(wanted: _Wanted, cap: int, most: int) -> Image.Image:
    """The corner plate, as wide as its text and at most `most` pixels."""
    pad, gap = cap, round(cap * 0.9)
    crest = _crest(wanted, round(cap * 3.6))
    indent = pad + crest.width + round(pad * 0.9)
    room = max(cap * 6, most - indent - pad)
    block = Block(
        wrapped(wanted.force, wanted.bold(cap * 1.2), wanted.ink, room)
        + wrapped(wanted.reference_words, wanted.bold(cap), wanted.accent, room)
        + wrapped(wanted.brand.handle, wanted.light(cap), wanted.ink, room),
        gap,
    )
    height = max(block.height, crest.height)
    least = wanted.bold(cap * 1.2).width(EXERCISE_WORDS[-1]) + 2 * pad if wanted.exercise else 0
    sheet, draw, top = _sheet(wanted, cap, _even(max(indent + block.width + pad, least)), height + 2 * pad)
    sheet.paste(crest, (pad, top + pad + (height - crest.height) // 2), crest)
    block.draw(draw, indent, top + pad + (height - block.height) // 2)
    return sheet


def _sheet(wanted: _Wanted, cap: int, width: int, inner: int) -> tuple[Image.Image, ImageDraw.ImageDraw, int]:
    """An empty banner with `inner` pixels of room, its accent line and EXERCISE band; and where the room starts."""
    line = max(2, round(cap / 5))
    band = round(cap * 2.6) if wanted.exercise else 0
    sheet = Image.new("RGB", (width, _even(line + band + inner)), wanted.paper)
    draw = ImageDraw.Draw(sheet)
    if wanted.exercise:
        draw.rectangle((0, 0, width, band - 1), fill=EXERCISE_PAPER)
        words = _fitting_exercise(wanted, cap, width - 2 * cap)
        words.draw(draw, (width - words.width) // 2, (band - words.height) // 2)
    draw.rectangle((0, band, width, band + line - 1), fill=wanted.accent)
    return sheet, draw, band + line


def _fitting_exercise(wanted: _Wanted, cap: int, room: int) -> Line:
    """The long words where they fit, else the short one, made smaller only where even that does not."""
    for words in EXERCISE_WORDS:
        for size in (cap * 1.2, cap):
            line = Line(words, wanted.bold(size), EXERCISE_INK)
            if line.width <= room:
                return line
    return Line(EXERCISE_WORDS[-1], wanted.bold(LEAST_CAP), EXERCISE_INK)


def _block(gap: int, *parts: tuple[str, Face, Colour]) -> Block:
    return Block(tuple(Line(text, face, colour) for text, face, colour in parts if text), gap)


@lru_cache(maxsize=32)
def _crest(wanted: _Wanted, height: int) -> Image.Image:
    """The crest at this height, RGBA, proportions kept."""
    with Image.open(wanted.brand.crest, formats=("PNG",)) as opened:
        crest = opened.convert("RGBA")
    width = max(1, round(crest.width * height / crest.height))
    return crest.resize((width, height), Image.Resampling.LANCZOS)


def _corner(corner: Corner, picture: tuple[int, int], banner: tuple[int, int], margin: int) -> tuple[int, int]:
    x = margin if corner.value.endswith("left") else picture[0] - banner[0] - margin
    y = margin if corner.value.startswith("top") else picture[1] - banner[1] - margin
    return x // 2 * 2, y // 2 * 2


def _even(length: int) -> int:
    return length + length % 2
