"""What is heard stays beside what is seen, over the whole film, whatever the recorder's clocks and sound did."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from publisher.media import sound
from publisher.media.brand import Brand
from publisher.media.footage import render_footage
from publisher.media.made import RenderedFile
from publisher.media.recipe import Recipe

from .talking import FPS, PICTURES, Talk, watched, write

LARGEST = 0.04  # seconds; from about there on a viewer sees that lips and voice are apart
HOUR = 3600


def leap(by: float, at: float = 2, until: float = 99) -> Callable[[Fraction], Fraction]:
    return lambda moment: moment + (Fraction(by) if at <= moment < until else 0)


def late(moment: Fraction) -> Fraction:
    return moment + 5000


LAYOUTS = {
    "nothing odd": Talk(),
    "nothing odd in Matroska": Talk("talk.mkv"),
    "begins at 5000": Talk(picture_clock=late, sound_clock=late),
    "sound begins late": Talk(sound=((0.7, 4),)),
    "sound begins late by a bit": Talk(sound=((0.03, 4),)),
    "sound ends early": Talk(sound=((0, 3.1),)),
    "silence at the start and in the middle": Talk(sound=((0.5, 1.23), (2.345, 4))),
    "many silences": Talk(sound=tuple((each / 2, each / 2 + 0.37) for each in range(8))),
    "mono to stereo": Talk(forms=((0, "mono", 48_000), (2, "stereo", 48_000))),
    "stereo to mono": Talk(forms=((0, "stereo", 48_000), (2.02, "mono", 48_000))),
    "32 to 48 kHz": Talk(forms=((0, "mono", 32_000), (2, "mono", 48_000))),
    "48 to 22.05 kHz stereo": Talk(forms=((0, "mono", 48_000), (1.5, "stereo", 22_050))),
    "to and fro": Talk(forms=((0, "mono", 48_000), (1, "stereo", 32_000), (2, "mono", 48_000), (3, "stereo", 48_000))),
    "changes over a silence": Talk(sound=((0, 1.5), (2.5, 4)), forms=((0, "mono", 32_000), (2, "stereo", 48_000))),
    "layer two": Talk(codec="mp2"),
    "layer two changes": Talk(codec="mp2", forms=((0, "mono", 32_000), (2, "stereo", 48_000))),
    "samples as they are": Talk("talk.mkv", codec="pcm_s16le"),
    "telephone quality": Talk("talk.avi", codec="pcm_mulaw", forms=((0, "mono", 8_000),)),
    "pictures missing at the start": Talk(missing=frozenset(range(1, 20))),
    "pictures missing in the middle": Talk(missing=frozenset(range(40, 70))),
    "both clocks leap": Talk(picture_clock=leap(2 * HOUR), sound_clock=leap(2 * HOUR)),
    "both clocks leap, sound first": Talk(picture_clock=leap(HOUR), sound_clock=leap(HOUR, 1.7)),
    "both clocks are set back": Talk(picture_clock=leap(-HOUR / 2), sound_clock=leap(-HOUR / 2)),
    "both clocks leap there and back": Talk(picture_clock=leap(HOUR, 1, 3), sound_clock=leap(HOUR, 1, 3)),
    "both restart": Talk(
        picture_clock=lambda m: m + 5000 if m < 2 else m - 2, sound_clock=lambda m: m + 5000 if m < 2 else m - 2
    ),
    "both leap by little": Talk(picture_clock=leap(3), sound_clock=leap(3)),
    "both are set back by little": Talk(picture_clock=leap(-1), sound_clock=leap(-1)),
    "the picture's clock leaps": Talk(picture_clock=leap(2 * HOUR)),
    "the picture's clock is set back": Talk(picture_clock=leap(-1.5)),
    "one picture's time is hours off": Talk(picture_clock=leap(9540, 2, 2.04)),
    "the first picture's time is hours off": Talk(picture_clock=leap(9540, 0, 0.04)),
    "the sound's clock leaps": Talk(sound_clock=leap(HOUR)),
    "leap over a silence": Talk(
        picture_clock=leap(HOUR), sound_clock=leap(HOUR), sound=((0, 1.5), (2.5, 4)),
        forms=((0, "mono", 32_000), (2, "stereo", 48_000)),
    ),
}  # fmt: skip


@pytest.fixture
def published(brand: Brand, recipe: Callable[..., Recipe], tmp_path: Path) -> Callable[[Talk], RenderedFile]:
    def publish(talk: Talk) -> RenderedFile:
        original = write(talk, tmp_path)
        return render_footage(original, recipe(audio_authorised=True), brand, tmp_path / "out.mp4")

    return publish


@pytest.mark.first_row
@pytest.mark.parametrize("talk", LAYOUTS.values(), ids=LAYOUTS)
def test_sound_and_picture_stay_together(talk: Talk, published: Callable[[Talk], RenderedFile]) -> None:
    made = published(talk)
    found = watched(made.path)
    assert [number for _, number in found.shown] == [each for each in range(PICTURES) if each not in talk.missing]
    apart = found.apart()
    assert len(apart) > 0.5 * sum(end - start for start, end in talk.sound) * 20
    assert max(map(abs, apart)) < LARGEST
    assert made.seconds == pytest.approx(
        PICTURES / FPS + (3 if talk == LAYOUTS["both leap by little"] else 0), abs=0.05
    )


def test_the_measure_sees_what_is_out_of_step(
    published: Callable[[Talk], RenderedFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: sound put where it comes, as if nothing had happened, is found out."""
    put = sound.Sound.put
    monkeypatch.setattr(sound.Sound, "put", lambda self, frame, _: put(self, frame, self._due / sound.RATE))
    apart = watched(published(LAYOUTS["silence at the start and in the middle"]).path).apart()
    assert max(map(abs, apart)) > 2 * LARGEST
