"""Authorised sound, carried along as AAC."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer
from numpy.typing import NDArray

from publisher.media.errors import BadMedia

RATE = 48_000  # samples a second
_BITS_PER_SECOND = 128_000
_FRAME = 1024  # samples in one AAC frame: 21 ms
# The encoder puts one frame of nothing before what it is given, and without an edit list that is heard: so the
# sound's first frame is left out (measured with FFmpeg 8.1).
_PRIMING = _FRAME
_APART = RATE // 60  # samples that sound may be off its place, under half of what anybody notices

Samples = NDArray[np.float32]


class Sound:
    """Encodes a film's sound into `container`, as mono or stereo, each piece at its moment on the film's axis.

    Where nothing is heard there is silence; what would be heard before the first picture, after `end` (seconds), or
    twice at once is left out. Layout, rate and coding may change at any piece.
    """

    def __init__(self, container: OutputContainer, *, stereo: bool, end: Fraction) -> None:
        self._layout = "stereo" if stereo else "mono"
        self._container = container
        self._stream: AudioStream = container.add_stream("aac", rate=RATE, layout=self._layout)
        self._stream.bit_rate = _BITS_PER_SECOND
        self._end = round(end * RATE)
        self._resampler: AudioResampler | None = None
        self._form: tuple[str, str, int] | None = None
        self._due = Fraction(0)  # where the source's next sample belongs, in samples from the first picture
        self._at = 0  # how many samples from the first picture are dealt with
        self._skip = 0  # samples to come whose time is dealt with
        self._waiting = np.zeros((2 if stereo else 1, 0), np.float32)  # less than one AAC frame
        self._encoded = 0

    @property
    def cut(self) -> Fraction:
        """How many seconds of sound there were after the last picture."""
        return Fraction(max(0, self._at - self._end), RATE)

    def put(self, frame: AudioFrame, moment: Fraction) -> None:
        """Add a decoded piece that is heard from `moment` (seconds) on.

        Raises BadMedia where it cannot be converted.
        """
        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._resampler is None or form != self._form or abs(moment * RATE - self._due) > _APART:
            self._flush()
            self._resampler = AudioResampler(format="fltp", layout=self._layout, rate=RATE)
            self._form, self._due = form, moment * RATE
            self._move_to(round(self._due))
        self._due += Fraction(frame.samples * RATE, frame.sample_rate)
        frame.pts = None
        try:
            ready = self._resampler.resample(frame)
        except (av.error.FFmpegError, ValueError) as error:
            raise BadMedia(
                "The footage's sound is formed in a way that cannot be converted. Publish the video without its sound."
            ) from error
        self._take(ready)

    def finish(self) -> None:
        """Encode and write the remaining samples."""
        self._flush()
        if self._waiting.shape[1]:
            self._encode(self._waiting)
        self._container.mux(self._stream.encode(None))

    def _flush(self) -> None:
        if self._resampler is not None:
            self._take(self._resampler.resample(None))
            self._resampler = None

    def _move_to(self, place: int) -> None:
        """Be silent until `place`; where that is past already, leave out as much of what comes."""
        self._skip = max(0, self._at - place)
        while self._at < min(place, self._end):
            self._add(np.zeros((len(self._waiting), min(RATE, place - self._at)), np.float32))

    def _take(self, frames: list[AudioFrame]) -> None:
        for frame in frames:
            samples = frame.to_ndarray().astype(np.float32, copy=False)
            left_out = min(self._skip, samples.shape[1])
            self._skip -= left_out
            self._add(samples[:, left_out:])

    def _add(self, samples: Samples) -> None:
        at, self._at = self._at, self._at + samples.shape[1]
        fitting = samples[:, max(0, _PRIMING - at) : max(0, self._end - at)]
        self._waiting = np.concatenate([self._waiting, fitting], axis=1)
        while self._waiting.shape[1] >= _FRAME:
            self._encode(self._waiting[:, :_FRAME])
            self._waiting = self._waiting[:, _FRAME:]

    def _encode(self, samples: Samples) -> None:
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=self._layout)
        frame.sample_rate = RATE
        frame.pts, frame.time_base = self._encoded, Fraction(1, RATE)
        self._encoded += frame.samples
        self._container.mux(self._stream.encode(frame))
