"""Authorised sound, carried along as AAC."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer

from publisher.media.clips import Clip

RATE = 48_000  # samples a second
_BITS_PER_SECOND = 128_000
_FRAME = 1024  # samples in one AAC frame: 21 ms


class Sound:
    """Encodes a film's sound into `container`, as mono or stereo, in step with the picture.

    `picture_start` is the moment of the first picture on the file's own clock, in seconds. Without an edit list
    every track of an MP4 starts at 0, so sound that begins later is preceded by silence, and what was heard
    before the first picture is left out.
    """

    def __init__(self, container: OutputContainer, clip: Clip, picture_start: Fraction) -> None:
        assert clip.audio is not None
        self._layout = "mono" if getattr(clip.audio.codec_context, "channels", 1) == 1 else "stereo"
        self._container = container
        self._stream: AudioStream = container.add_stream("aac", rate=RATE, layout=self._layout)
        self._stream.bit_rate = _BITS_PER_SECOND
        self._resampler = AudioResampler(format="fltp", layout=self._layout, rate=RATE, frame_size=_FRAME)
        self._picture_start = picture_start
        self._samples = 0
        self._begun = False

    def put(self, frame: AudioFrame) -> None:
        """Add a decoded frame."""
        if not self._begun:
            late = self._late(frame)
            if late * frame.sample_rate <= -frame.samples:
                return
            self._be_silent(round(late * RATE / _FRAME))
            self._begun = True
        frame.pts = None
        for ready in self._resampler.resample(frame):
            self._encode(ready)

    def finish(self) -> None:
        """Write what is left."""
        if self._begun:
            for ready in self._resampler.resample(None):
                self._encode(ready)
        self._container.mux(self._stream.encode(None))

    def _late(self, frame: AudioFrame) -> Fraction:
        """How many seconds after the first picture this frame is heard; 0 where the file does not say."""
        if frame.pts is None or frame.time_base is None:
            return Fraction(0)
        return frame.pts * frame.time_base - self._picture_start

    def _be_silent(self, frames: int) -> None:
        nothing = np.zeros((1 if self._layout == "mono" else 2, _FRAME), np.float32)
        for _ in range(frames):
            silence = AudioFrame.from_ndarray(nothing, format="fltp", layout=self._layout)
            silence.sample_rate = RATE
            self._encode(silence)

    def _encode(self, frame: AudioFrame) -> None:
        frame.pts, frame.time_base = self._samples, Fraction(1, RATE)
        self._samples += frame.samples
        self._container.mux(self._stream.encode(frame))
