"""A Recipe is a value: one text for one Recipe, and back."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from publisher.media.recipe import Corner, MarkStyle, Profile, Recipe, Redaction, versions

Recipes = Callable[..., Recipe]


def test_a_recipe_survives_being_written_down(recipe: Recipes) -> None:
    full = recipe(
        mark=MarkStyle.PLATE,
        corner=Corner.TOP_LEFT,
        exercise=True,
        redactions=(Redaction(1, 2, 30, 40), Redaction(5, 6, 7, 8, start=1.25, end=3.5)),
        audio_authorised=True,
        poster_at=16.6,
        source_fps="25/2",
        profile=Profile("video/mp4", 1_000_000),
    )
    assert Recipe.from_json(full.as_json()) == full


def test_the_text_is_canonical(recipe: Recipes) -> None:
    text = recipe(poster_at=0.1 + 0.2).as_json()
    assert text == recipe(poster_at=0.3).as_json()
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def test_no_number_in_it_depends_on_how_a_fraction_is_written(recipe: Recipes) -> None:
    def refuse(number: str) -> float:
        raise AssertionError(f"{number} is not a whole number")

    text = recipe(poster_at=16.6, redactions=(Redaction(0, 0, 1, 1, start=0.04, end=1 / 3),)).as_json()
    json.loads(text, parse_float=refuse)


@pytest.mark.parametrize(
    "change",
    [
        {"reference": "WTN-0124"},
        {"mark": MarkStyle.PLATE},
        {"exercise": True},
        {"redactions": (Redaction(0, 0, 1, 1),)},
        {"audio_authorised": True},
        {"poster_at": 0.001},
        {"credit": "somebody else"},
        {"profile": Profile(max_bytes=1)},
        {"versions": (("pillow", "1.0"),)},
    ],
)
def test_whatever_changes_the_bytes_changes_the_text(recipe: Recipes, change: dict[str, object]) -> None:
    assert recipe(**change).as_json() != recipe().as_json()


def test_it_records_the_software_that_decides_the_bytes(recipe: Recipes) -> None:
    assert recipe().versions == versions()
    assert {"pillow", "libjpeg", "littlecms", "freetype", "pyav", "avcodec", "publisher.media"} == set(dict(versions()))


@pytest.mark.parametrize("box", [(-1, 0, 5, 5), (0, -1, 5, 5), (0, 0, 0, 5), (0, 0, 5, -5)])
def test_a_redaction_that_covers_nothing_is_refused(box: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="at least one pixel"):
        Redaction(*box)


@pytest.mark.parametrize(
    ("start", "end", "covered"),
    [(None, None, [0, 1, 2, 3]), (1.0, None, [1, 2, 3]), (None, 2.0, [0, 1, 2]), (1.0, 2.0, [1, 2])],
)
def test_both_ends_of_a_redaction_are_covered(start: float | None, end: float | None, covered: list[int]) -> None:
    box = Redaction(0, 0, 1, 1, start, end)
    assert [second for second in range(4) if box.covers(second)] == covered


def test_an_unknown_mark_is_refused(recipe: Recipes) -> None:
    with pytest.raises(ValueError, match="halo"):
        recipe(mark="halo")
