"""Sound is left out unless it was authorised, and then it is in step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from .moving import moving, rgb_of

Film = Callable[..., Path]
Decoded = Callable[[Path], Iterator[av.VideoFrame]]
Odd = Callable[[str], Path]

RATE = 16_000


@pytest.fixture
def talking(tmp_path: Path) -> Callable[[float], Path]:
    """Three seconds of footage whose picture flashes and whose sound beeps at second 2; sound begins at `start`."""

    def make(start: float) -> Path:
        place = tmp_path / "talking.mkv"
        with av.open(str(place), "w") as container:
            picture = container.add_stream("libx264", rate=25, options={"preset": "ultrafast", "bf": "0"})
            picture.width, picture.height, picture.pix_fmt = 160, 120, "yuv420p"
            sound = container.add_stream("pcm_s16le", rate=RATE, layout="mono")
            for number in range(75):
                level = 250 if number == 50 else 10
                frame = av.VideoFrame.from_ndarray(np.full((120, 160, 3), level, np.uint8), format="rgb24")
                frame.pts, frame.time_base = number, Fraction(1, 25)
                container.mux(picture.encode(frame))
            container.mux(picture.encode(None))
            beep = np.zeros(3 * RATE, np.int16)
            beep[2 * RATE : 2 * RATE + RATE // 4] = 20_000 * np.sin(np.arange(RATE // 4) * 0.4)
            for at in range(round(start * RATE), 3 * RATE, 800):
                spoken = av.AudioFrame.from_ndarray(beep[None, at : at + 800], format="s16", layout="mono")
                spoken.pts, spoken.sample_rate, spoken.time_base = at, RATE, Fraction(1, RATE)
                container.mux(sound.encode(spoken))
            container.mux(sound.encode(None))
        return place

    return make


def test_sound_is_left_out(talking: Callable[[float], Path], made: Callable[..., Path]) -> None:
    with av.open(str(made(talking(0.0)))) as container:
        assert [stream.type for stream in container.streams] == ["video"]


@pytest.mark.parametrize("start", [0.0, 0.5, 1.23])
def test_authorised_sound_is_kept_in_step(
    talking: Callable[[float], Path], decoded: Decoded, made: Callable[..., Path], start: float
) -> None:
    place = made(talking(start), audio_authorised=True)
    (flash,) = [frame.time for frame in decoded(place) if rgb_of(frame)[:100].mean() > 150]
    with av.open(str(place)) as container:
        assert container.streams.audio[0].codec_context.name == "aac"
        loud = [
            float(frame.time + np.argmax(np.abs(heard) > 0.3) / frame.sample_rate)
            for frame in container.decode(audio=0)
            if (np.abs(heard := frame.to_ndarray()[0]) > 0.3).any()
        ]
    assert flash == pytest.approx(2.0)
    # A lip is out of step from about 45 ms on; AAC's own start-up is 21 ms.
    assert loud[0] == pytest.approx(2.0, abs=0.04)


def test_a_recorder_s_telephone_quality_sound_can_be_kept(odd: Odd, made: Callable[..., Path]) -> None:
    with av.open(str(made(odd("derived_interlaced_mulaw.avi"), audio_authorised=True))) as container:
        sound = container.streams.audio[0]
        assert sound.start_time == 0
        assert float(sound.duration * sound.time_base) == pytest.approx(8.0, abs=0.05)


def test_authorised_but_absent_sound_is_no_error(film: Film, made: Callable[..., Path]) -> None:
    with av.open(str(made(film(moving(4)), audio_authorised=True))) as container:
        assert not container.streams.audio
