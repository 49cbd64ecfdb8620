"""The mark is legible on whatever it is put on, and lies where it says."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from publisher.media.brand import Brand, contrast
from publisher.media.lettering import Face, wrapped
from publisher.media.marks import EXERCISE_INK, EXERCISE_PAPER, LEAST_CAP, cap_height, make_mark
from publisher.media.recipe import Corner, MarkStyle, Recipe

from support.loops import at_least_one

Recipes = Callable[..., Recipe]
SIZES = {
    "ordinary": (1600, 1067),
    "telephone": (3024, 4032),
    "tiny": (200, 150),
    "tiny upright": (120, 200),
    "panorama": (6000, 400),
    "upright film": (480, 848),
    "cctv": (704, 288),
}


@pytest.mark.parametrize("style", MarkStyle)
@pytest.mark.parametrize("exercise", [False, True])
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_the_mark_fits_every_shape(
    brand: Brand, recipe: Recipes, size: tuple[int, int], exercise: bool, style: MarkStyle
) -> None:
    mark = make_mark(*size, recipe(mark=style, exercise=exercise), brand)
    x, y, width, height = mark.box
    assert (width, height) == mark.banner.size
    assert x >= 0 and y >= 0 and x + width <= mark.canvas[0] and y + height <= mark.canvas[1]
    assert mark.canvas[0] == size[0] and mark.canvas[1] >= size[1]
    assert height <= 1.2 * max(size)  # even 120 pixels wide, where every line wraps


@pytest.mark.parametrize("style", MarkStyle)
@pytest.mark.parametrize("exercise", [False, True])
@pytest.mark.parametrize("short", [16, 24, 60, 100, 160])
@pytest.mark.parametrize("long", [16, 200, 3000, 40_000])
def test_the_mark_lies_within_the_narrowest_shapes_that_are_taken(
    brand: Brand, recipe: Recipes, short: int, long: int, exercise: bool, style: MarkStyle
) -> None:
    """A damaged recording declared 16 × 40,192 pixels."""
    for size in ((short, long), (long, short)):
        mark = make_mark(*size, recipe(mark=style, exercise=exercise), brand)
        x, y, width, height = mark.box
        assert x >= 0 and y >= 0 and x + width <= mark.canvas[0] and y + height <= mark.canvas[1]
        assert mark.canvas[0] == size[0] and mark.canvas[1] >= size[1]


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_no_letter_is_cut_off(brand: Brand, recipe: Recipes, size: tuple[int, int]) -> None:
    """The outermost columns and the lowest rows of a banner are plate and nothing else."""
    for style in at_least_one(MarkStyle):
        banner = np.asarray(make_mark(*size, recipe(mark=style), brand).banner)
        plate = np.array(Image.new("RGB", (1, 1), brand.plate))[0, 0]
        body = banner[max(2, round(cap_height(*size) / 5)) :]  # below the accent line
        assert (body[:, :2] == plate).all() and (body[:, -2:] == plate).all() and (body[-2:] == plate).all()


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_capitals_are_at_least_a_fortieth_of_the_short_edge(size: tuple[int, int]) -> None:
    assert cap_height(*size) >= max(LEAST_CAP, min(size) * 0.025)


def test_capitals_are_drawn_as_tall_as_they_say(brand: Brand) -> None:
    for cap in (9, 12, 27, 76):
        _, top, _, bottom = Face(brand.font, cap).font.getbbox("H", anchor="ls")
        assert cap <= bottom - top <= cap + 2


def test_every_word_reaches_its_contrast_in_the_finished_pixels(brand: Brand, recipe: Recipes) -> None:
    """The lightest and darkest colour of each banner row that holds text."""
    banner = make_mark(1600, 1067, recipe(exercise=True), brand).banner
    colours = {colour for count, colour in banner.getcolors(1 << 24) or [] if count > 200}
    plate = Image.new("RGB", (1, 1), brand.plate).getpixel((0, 0))
    assert plate in colours
    for text in (brand.ink, brand.accent):
        drawn = Image.new("RGB", (1, 1), text).getpixel((0, 0))
        assert drawn in colours
        assert contrast(drawn, plate) >= 4.5  # type: ignore[arg-type]
    assert EXERCISE_INK in colours and EXERCISE_PAPER in colours
    assert contrast(EXERCISE_INK, EXERCISE_PAPER) >= 7


def test_a_strip_lies_below_the_picture_and_covers_nothing(brand: Brand, recipe: Recipes) -> None:
    mark = make_mark(1600, 1067, recipe(), brand)
    assert mark.box[:3] == (0, 1067, 1600)
    assert mark.canvas == (1600, 1067 + mark.box[3])


@pytest.mark.parametrize(
    ("corner", "left", "top"),
    [
        (Corner.TOP_LEFT, True, True),
        (Corner.TOP_RIGHT, False, True),
        (Corner.BOTTOM_LEFT, True, False),
        (Corner.BOTTOM_RIGHT, False, False),
    ],
)
def test_a_plate_sits_in_its_corner(brand: Brand, recipe: Recipes, corner: Corner, left: bool, top: bool) -> None:
    mark = make_mark(1600, 1067, recipe(mark=MarkStyle.PLATE, corner=corner), brand)
    x, y, width, height = mark.box
    assert mark.canvas == (1600, 1067)
    assert (x < 100) == left and (x + width > 1500) == (not left)
    assert (y < 100) == top and (y + height > 967) == (not top)


def test_a_plate_that_would_hide_a_small_picture_becomes_a_strip(brand: Brand, recipe: Recipes) -> None:
    mark = make_mark(160, 120, recipe(mark=MarkStyle.PLATE), brand)
    assert mark.box[1] == 120


@pytest.mark.parametrize("style", MarkStyle)
def test_exercise_changes_what_is_drawn(brand: Brand, recipe: Recipes, style: MarkStyle) -> None:
    plain = make_mark(1600, 1067, recipe(mark=style), brand).banner
    marked = make_mark(1600, 1067, recipe(mark=style, exercise=True), brand).banner
    share = (np.asarray(marked) == EXERCISE_PAPER).all(axis=2).mean()
    assert share > 0.1
    assert not (np.asarray(plain) == EXERCISE_PAPER).all(axis=2).any()


def test_the_reference_is_part_of_the_drawing(brand: Brand, recipe: Recipes) -> None:
    one, other = (make_mark(1600, 1067, recipe(reference=ref), brand).banner for ref in ("WTN-0001", "WTN-0002"))
    assert one.tobytes() != other.tobytes()


def test_a_feature_without_a_reference_has_none_drawn(brand: Brand, recipe: Recipes) -> None:
    banner = make_mark(1600, 1067, recipe(reference=""), brand).banner
    accent = Image.new("RGB", (1, 1), brand.accent).getpixel((0, 0))
    below_the_line = np.asarray(banner)[12:, 300:]
    assert not (below_the_line == accent).all(axis=2).any()


def test_a_very_long_name_is_wrapped_rather_than_cut(brand: Brand, recipe: Recipes) -> None:
    long = dataclasses.replace(brand, force="Heddlu Gogledd Cymru ac Awdurdod Heddlu'r Arfordir Gogleddol")
    mark = make_mark(300, 400, dataclasses.replace(recipe(), brand=long.identity), long)
    usual = make_mark(300, 400, recipe(), brand)
    assert mark.box[3] > usual.box[3]


def test_wrapping_loses_no_letter_and_keeps_to_the_width(brand: Brand) -> None:
    face = Face(brand.light_font, 10)
    text = "Call 101 quoting WTN-0123456789012345678901234567890123456789 please"
    lines = wrapped(text, face, (0, 0, 0), 150)
    assert "".join(line.text for line in lines).replace(" ", "") == text.replace(" ", "")
    assert all(line.width <= 150 for line in lines)


@pytest.mark.parametrize("style", MarkStyle)
def test_the_box_lies_on_even_pixels_as_footage_needs(brand: Brand, recipe: Recipes, style: MarkStyle) -> None:
    for size in ((1280, 720), (640, 360), (384, 288), (720, 1280)):
        assert all(part % 2 == 0 for part in make_mark(*size, recipe(mark=style, exercise=True), brand).box)
