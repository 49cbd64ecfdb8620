"""Opening footage safely and reading its frames in order, whatever the recorder wrote.

FFmpeg is only ever given an open file and the formats it may see in it. A playlist renamed to .mp4 would
otherwise make it open the files the playlist names, and a protocol whitelist alone does not stop that
(measured with FFmpeg 5.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from publisher.media import limits
from publisher.media.errors import BadMedia

FORMATS = "mov,matroska,avi,mpegts,mpeg,h264,hevc,asf"
RAW_STREAMS = ("h264", "hevc")  # carry no times: FFmpeg answers 25 frames a second whatever is true
DECODER_THREADS = 2
_TOLERANCE = 0.02  # of the declared length: containers round, and sound may run on
_BOX_HEADER = 8
_LARGEST_INDEX = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Clip:
    """An open film: its first video stream, and the first audio stream if it has one."""

    container: InputContainer
    video: VideoStream
    audio: Stream | None
    name: str

    @property
    def is_raw(self) -> bool:
        """Whether it is a bare stream, which does not know its own frame rate."""
        return self.container.format.name in RAW_STREAMS

    @property
    def fps(self) -> Fraction:
        """Frames a second as the file says, 25 where it says nothing."""
        return self.video.average_rate or self.video.guessed_rate or Fraction(25)

    @property
    def seconds(self) -> float | None:
        """The declared length; None where the file declares none."""
        if self.container.duration is not None and self.container.duration > 0:
            return self.container.duration / av.time_base
        return None


@dataclass(slots=True)
class Tally:
    """What reading a film came to: packets seen, frames decoded, frames damaged, whether it broke off."""

    packets: int = 0
    frames: int = 0
    corrupt: int = 0
    declared: int = 0
    broke_off: bool = False

    def warnings(self, read: float, declared: float | None) -> tuple[str, ...]:
        """Sentences for the officer; empty where all is well. `read` and `declared` are lengths in seconds.

        FFmpeg itself ends without an error for a truncated film, whatever the container (measured).
        """
        words = []
        if declared is not None and self.declared == 0 and read < declared - max(1.0, declared * _TOLERANCE):
            words.append(
                f"The footage is incomplete: it ends after {read:.1f} of {declared:.1f} seconds. "
                "Ask for the recording again, or look closely at what is left."
            )
        missing = max(self.declared, self.packets) - self.frames
        if self.broke_off or missing > 1:
            words.append(
                f"The footage is incomplete: {self.frames} of {max(self.declared, self.packets)} frames could be read. "
                "Ask for the recording again, or look closely at what is left."
            )
        if self.corrupt:
            words.append(
                f"{self.corrupt} of {self.frames} frames are damaged and may show smears. "
                "Ask for the recording again, or look closely at each moment."
            )
        return tuple(words)


@dataclass(slots=True)
class Timing:
    """Gives each frame its moment in seconds from the first: the file's own where it makes sense.

    Variable frame rates are kept. A missing or backward time (damaged files) becomes one frame later than the
    last; a raw stream's times are counted by `fps`; in AVI, which numbers frames in decoding order only, that
    number is the time (by its presentation times, 83 of 100 frames of an interlaced AVI came out of order).
    """

    fps: Fraction
    counted: bool = False
    by_decoding: bool = False
    first: Fraction | None = None
    last: Fraction | None = None

    @classmethod
    def of(cls, clip: Clip, fps: Fraction | None = None) -> Timing:
        """The timing that suits the film's container; `fps` where an officer knows better."""
        return cls(fps or clip.fps, counted=clip.is_raw, by_decoding=clip.container.format.name == "avi")

    def moment(self, frame: VideoFrame) -> Fraction:
        """Seconds since the first frame, strictly growing."""
        step = 1 / self.fps
        if self.last is None:
            self.first = self._stamp(frame) or Fraction(0)
            self.last = Fraction(0)
            return self.last
        stamp = None if self.counted else self._stamp(frame)
        now = self.last + step if stamp is None or self.first is None else stamp - self.first
        if now <= self.last:
            now = self.last + step
        self.last = now
        return now

    def start(self, frame: VideoFrame) -> Fraction:
        """When the first frame is shown, on the clock that the film's sound shares; 0 where there is none."""
        return Fraction(0) if self.counted or self.by_decoding else self._stamp(frame) or Fraction(0)

    def _stamp(self, frame: VideoFrame) -> Fraction | None:
        stamp = frame.dts if self.by_decoding else frame.pts
        if stamp is None or frame.time_base is None:
            return None
        return Fraction(stamp * frame.time_base)


@contextmanager
def opened(path: Path, name: str) -> Iterator[Clip]:
    """The film, with its declared size and length already checked. Raises BadMedia.

    `name` is what the officer knows the file by.
    """
    with path.open("rb") as body:
        _check_index(path, name)
        with _container(body, name) as container:
            if not container.streams.video:
                raise BadMedia(f"{name} holds no picture, only sound or nothing. Add the film itself.")
            video = container.streams.video[0]
            video.thread_type = "AUTO"
            video.codec_context.thread_count = DECODER_THREADS
            audio = container.streams.audio[0] if container.streams.audio else None
            clip = Clip(container, video, audio, name)
            limits.check_footage(name, video.width, video.height, clip.seconds, float(clip.fps))
            yield clip


def read(clip: Clip, tally: Tally, *, audio: bool = False) -> Iterator[VideoFrame | AudioFrame]:
    """Every frame that can be decoded, in order; what cannot be is counted in `tally`, never silently lost."""
    wanted = [clip.video, clip.audio] if audio and clip.audio is not None else [clip.video]
    tally.declared = clip.video.frames
    packets = clip.container.demux(wanted)
    while True:
        try:
            packet = next(packets, None)
        except av.error.FFmpegError:
            tally.broke_off = True
            break
        if packet is None:
            break
        is_picture = packet.stream is clip.video
        tally.packets += is_picture and packet.size > 0
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            tally.corrupt += is_picture
            continue
        for frame in frames:
            if isinstance(frame, VideoFrame):
                tally.frames += 1
                tally.corrupt += frame.is_corrupt
            yield frame  # type: ignore[misc]


def first_frame(clip: Clip) -> VideoFrame:
    """The first picture that can be decoded. Raises BadMedia where there is none."""
    for frame in read(clip, Tally()):
        assert isinstance(frame, VideoFrame)
        return frame
    raise BadMedia(f"{clip.name} holds no frame that can be decoded. Ask for the recording again.")


@contextmanager
def _container(body: object, name: str) -> Iterator[InputContainer]:
    try:
        container = av.open(
            body,
            options={"format_whitelist": FORMATS, "protocol_whitelist": "file,pipe"},
            metadata_errors="replace",
        )
    except av.error.FFmpegError:
        raise BadMedia(
            f"{name} cannot be read as footage. Export it again from the recorder, as MP4 if it offers a choice."
        ) from None
    assert isinstance(container, InputContainer)
    with container:
        yield container


def _check_index(path: Path, name: str) -> None:
    """An MP4 is unreadable without its index, and what it protects is noise without the key."""
    if path.stat().st_size < _BOX_HEADER:
        return
    found = dict(_boxes(path))
    if not found.keys() & {b"ftyp", b"mdat", b"moov"}:
        return  # not an MP4
    if b"moov" not in found:
        raise BadMedia(
            f"{name} has no index (moov): the recording was cut off before it was finished, and nothing in it can be "
            "found. Export it again from the recorder."
        )
    start, length = found[b"moov"]
    with path.open("rb") as body:
        body.seek(start)
        if b"encv" in body.read(min(length, _LARGEST_INDEX)):
            raise BadMedia(f"{name} is encrypted. Export it again from the recorder without protection.")


def _boxes(path: Path) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """The top-level boxes of an MP4: kind, then where each starts and how long it is, in bytes."""
    end, at = path.stat().st_size, 0
    with path.open("rb") as body:
        while at + _BOX_HEADER <= end:
            body.seek(at)
            header = body.read(2 * _BOX_HEADER)
            length = int.from_bytes(header[:4], "big")
            if length == 1:
                length = int.from_bytes(header[8:16], "big")
            length = length or end - at
            if length < _BOX_HEADER:
                return
            yield header[4:8], (at, length)
            at += length
