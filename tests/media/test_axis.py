"""The time axis: every way a recorder's clock can lack, repeat or leap, and what is shown and heard when."""

from __future__ import annotations

from fractions import Fraction

import pytest

from publisher.media.axis import follow, lay

STEP = Fraction(1, 5)
HOUR = 3600


def even(count: int, start: float = 0, step: Fraction = STEP) -> list[Fraction | None]:
    return [Fraction(start) + number * step for number in range(count)]


def without(stamps: list[Fraction | None], *numbers: int) -> list[Fraction | None]:
    return [None if number in numbers else stamp for number, stamp in enumerate(stamps)]


def shifted(stamps: list[Fraction | None], at: int, by: float, until: int | None = None) -> list[Fraction | None]:
    return [
        stamp + Fraction(by) if stamp is not None and at <= number < (until or len(stamps)) else stamp
        for number, stamp in enumerate(stamps)
    ]


WHOLE = even(40)

# what the recorder wrote, whether its clock leapt
HEALED = {
    "nothing wrong": (WHOLE, 0),
    "begins late": (even(40, 5000), 0),
    "begins before zero": (even(40, -3), 0),
    "no times at all": ([None] * 40, 0),
    "the first lacks its time": (without(WHOLE, 0), 0),
    "the first three lack their times": (without(WHOLE, 0, 1, 2), 0),
    "the last lacks its time": (without(WHOLE, 39), 0),
    "the last five lack their times": (without(WHOLE, 35, 36, 37, 38, 39), 0),
    "some lack their times": (without(WHOLE, 7, 8, 9, 20), 0),
    "first and last lack their times": (without(WHOLE, 0, 39), 0),
    "every other lacks its time": (without(WHOLE, *range(0, 40, 2)), 0),
    "each time twice": ([WHOLE[number // 2 * 2] for number in range(40)], 0),
    "forward": (shifted(WHOLE, 20, 2 * HOUR), 1),
    "back": (shifted(WHOLE, 20, -2 * HOUR), 1),
    "back by little": (shifted(WHOLE, 20, -2), 1),
    "there and back": (shifted(WHOLE, 10, 2 * HOUR, 20), 2),
    "there and back by little": (shifted(WHOLE, 10, 3, 20), 2),
    "back and there": (shifted(WHOLE, 10, -2 * HOUR, 20), 2),
    "one outlier": (shifted(WHOLE, 17, 9540, 18), 2),
    "one outlier back": (shifted(WHOLE, 17, -9540, 18), 2),
    "one outlier by little": (shifted(WHOLE, 17, 5, 18), 2),
    "the first is an outlier": (shifted(WHOLE, 0, 9540, 1), 1),
    "the last is an outlier": (shifted(WHOLE, 39, 9540), 1),
    "the last is an outlier back": (shifted(WHOLE, 39, -9540), 1),
    "restart": (even(20, 5000) + even(20), 1),
    "three restarts": (even(10, 900) + even(10, 300) + even(10, 5) + even(10, 7000), 3),
    "forward, times lacking there": (without(shifted(WHOLE, 20, 2 * HOUR), 18, 19, 20, 21), 1),
    "back, times lacking there": (without(shifted(WHOLE, 20, -2 * HOUR), 19, 20), 1),
    "the clock stands still and leaps": (even(10) + [WHOLE[9]] * 20 + shifted(even(10, 2), 0, 1), 1),
}


@pytest.mark.parametrize(("stamps", "leaps"), HEALED.values(), ids=HEALED)
def test_a_steady_film_is_as_steady_whatever_its_clock_did(stamps: list[Fraction | None], leaps: int) -> None:
    axis = lay(stamps, STEP)
    assert [float(moment) for moment in axis.moments] == [float(number * STEP) for number in range(40)]
    assert axis.end == 40 * STEP and axis.gaps == ()
    assert len(axis.jumps) == leaps


@pytest.mark.parametrize("gap", [1, 5, 59])
def test_a_gap_stays(gap: int) -> None:
    axis = lay(shifted(WHOLE, 20, gap), STEP)
    assert axis.moments[19:22] == (19 * STEP, 20 * STEP + gap, 21 * STEP + gap)
    assert axis.jumps == () and [float(each.by) for each in axis.gaps] == ([gap] if gap > 1 else [])


def test_two_gaps_around_missing_times_stay() -> None:
    axis = lay(without(shifted(shifted(WHOLE, 10, 4), 30, 4), 8, 9), STEP)
    assert axis.end == 40 * STEP + 8 and len(axis.gaps) == 2


def test_a_long_gap_through_which_sound_runs_on_stays() -> None:
    stamps = shifted(WHOLE, 20, 100)
    assert lay(stamps, STEP).end == 8
    assert lay(stamps, STEP, [Fraction(second) for second in range(108)]).end == 108


def test_a_varying_rate_is_kept() -> None:
    stamps = [Fraction(each, 10) for each in (0, 1, 3, 4, 9, 10, 30, 31, 32, 33)]
    assert lay(stamps, STEP).moments == tuple(stamps)


def test_pictures_once_a_minute_are_no_leaps() -> None:
    stamps = even(10, 0, Fraction(90))
    assert lay(stamps, STEP).moments == tuple(stamps)


def test_where_nothing_says_the_rate_nothing_is_healed() -> None:
    axis = lay([Fraction(0), Fraction(1), Fraction(20_000)], STEP)
    assert axis.end == 20_001 and not axis.steady
    assert [each.picture for each in axis.gaps] == [2]


def test_moments_always_grow() -> None:
    stamps = [Fraction(each) for each in (5, 3, 3, 9, 1, 1, 1, 50_000, 4, 4, 2, 80, 80, 6)]
    moments = lay(stamps, STEP).moments
    assert len(moments) == len(stamps) and list(moments) == sorted(set(moments))


PIECE = Fraction(1, 50)


def pieces(stamps: list[Fraction | None]) -> list[tuple[Fraction | None, Fraction]]:
    return [(stamp, PIECE) for stamp in stamps]


SPOKEN = even(400, 0, PIECE)
TALK = {
    "nothing wrong": (WHOLE, SPOKEN),
    "no times": (WHOLE, [None] * 400),
    "some times": (WHOLE, without(SPOKEN, 0, 1, 5, 6, 7, 399)),
    "leap of both": (shifted(WHOLE, 20, 2 * HOUR), shifted(SPOKEN, 200, 2 * HOUR)),
    "leap of both, the sound's earlier": (shifted(WHOLE, 20, 2 * HOUR), shifted(SPOKEN, 190, 2 * HOUR)),
    "set back of both": (shifted(WHOLE, 20, -HOUR), shifted(SPOKEN, 203, -HOUR)),
    "set back by little of both": (shifted(WHOLE, 20, -1), shifted(SPOKEN, 200, -1)),
    "there and back of both": (shifted(WHOLE, 10, HOUR, 20), shifted(SPOKEN, 100, HOUR, 200)),
    "leap of the picture": (shifted(WHOLE, 20, 2 * HOUR), SPOKEN),
    "set back of the picture": (shifted(WHOLE, 20, -2), SPOKEN),
    "one picture is an outlier": (shifted(WHOLE, 17, 9540, 18), SPOKEN),
    "the first picture is an outlier": (shifted(WHOLE, 0, 9540, 1), SPOKEN),
    "leap of the sound": (WHOLE, shifted(SPOKEN, 200, HOUR)),
    "set back of the sound": (WHOLE, shifted(SPOKEN, 200, -HOUR)),
    "one piece is an outlier": (WHOLE, shifted(SPOKEN, 200, HOUR, 201)),
    "one piece is an outlier by little": (WHOLE, shifted(SPOKEN, 200, 2, 201)),
    "restart of both": (even(20, 5000) + even(20), even(200, 5000, PIECE) + even(200, 0, PIECE)),
    "the sound has a clock of its own": (even(40, 50_000), SPOKEN),
}


@pytest.mark.parametrize(("pictures", "sounds"), TALK.values(), ids=TALK)
def test_sound_stays_beside_its_picture(pictures: list[Fraction | None], sounds: list[Fraction | None]) -> None:
    moments = follow(pieces(sounds), lay(pictures, STEP))
    apart = [abs(moment - number * PIECE) for number, moment in enumerate(moments)]
    assert max(apart) <= Fraction(1, 50)


@pytest.mark.parametrize("start", [-1, 0, 3])
def test_sound_that_begins_early_or_late_does(start: int) -> None:
    moments = follow(pieces(even(100, 500 + start, PIECE)), lay(even(40, 500), STEP))
    assert moments[0] == start and moments[-1] == start + 99 * PIECE


def test_a_silence_in_the_sound_stays() -> None:
    moments = follow(pieces(shifted(SPOKEN, 100, 3)), lay(WHOLE, STEP))
    assert moments[99] == 99 * PIECE and moments[100] == 100 * PIECE + 3


def test_a_gap_of_both_is_one_gap() -> None:
    moments = follow(pieces(shifted(SPOKEN, 200, 5)), lay(shifted(WHOLE, 20, 5), STEP))
    assert moments[200] == 9


def test_what_lasts_longer_than_its_pictures_is_known() -> None:
    """Many small gaps are no notable one each, and lengthen the film all the same."""
    stamps = [Fraction(number, 5) + Fraction(number // 8 * 9, 10) for number in range(40)]
    axis = lay(stamps, STEP)
    assert axis.gaps == () and axis.end - len(stamps) * axis.step > 3
