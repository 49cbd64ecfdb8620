"""Authorised sound, carried along as AAC."""

from __future__ import annotations

from fractions import Fraction

from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer

from publisher.media.clips import Clip

RATE = 48_000  # samples a second
_BITS_PER_SECOND = 128_000
_FRAME = 1024  # samples in one AAC frame


class Sound:
    """Encodes a film's sound into `container`, as mono or stereo, in step with the picture."""

    def __init__(self, container: OutputContainer, clip: Clip) -> None:
        assert clip.audio is not None
        channels = getattr(clip.audio.codec_context, "channels", 1)
        layout = "mono" if channels == 1 else "stereo"
        self._container = container
        self._stream: AudioStream = container.add_stream("aac", rate=RATE, layout=layout)
        self._stream.bit_rate = _BITS_PER_SECOND
        self._resampler = AudioResampler(format="fltp", layout=layout, rate=RATE, frame_size=_FRAME)
        self._samples: int | None = None

    def put(self, frame: AudioFrame, picture_start: Fraction | None) -> None:
        """Add a decoded frame; the first one decides how late the sound starts after the picture."""
        if self._samples is None:
            stamp = Fraction(0) if frame.pts is None or frame.time_base is None else frame.pts * frame.time_base
            start = stamp if picture_start is None else picture_start
            self._samples = max(0, round((stamp - start) * RATE))
        frame.pts = None
        for ready in self._resampler.resample(frame):
            self._encode(ready)

    def finish(self) -> None:
        """Write what is left."""
        for ready in self._resampler.resample(None):
            self._encode(ready)
        self._container.mux(self._stream.encode(None))

    def _encode(self, frame: AudioFrame) -> None:
        assert self._samples is not None
        frame.pts, frame.time_base = self._samples, Fraction(1, RATE)
        self._samples += frame.samples
        self._container.mux(self._stream.encode(frame))
