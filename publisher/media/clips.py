"""Opening footage safely and reading its frames in order, whatever the recorder wrote.

FFmpeg is only ever given an open file and the formats it may see in it. A playlist renamed to .mp4 would
otherwise make it open the files the playlist names, and a protocol whitelist alone does not stop that
(measured with FFmpeg 5.1).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from publisher.media import containers, limits
from publisher.media.axis import Stamp
from publisher.media.errors import BadMedia

FORMATS = "mov,matroska,avi,mpegts,mpeg,h264,hevc,asf"
RAW_STREAMS = ("h264", "hevc")  # carry no times: FFmpeg answers 25 frames a second whatever is true
MOST_FRAMES = limits.FOOTAGE_SECONDS * limits.FOOTAGE_FPS
DECODER_THREADS = 2
_MOST_HEARD = 1_000_000  # packets of sound
_NO_FILM = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
_WRAPPING = ("mpegts", "mpeg")
_WRAP = Fraction(2**33, 90_000)  # seconds after which MPEG's clock begins anew


@dataclass(frozen=True, slots=True)
class Clip:
    """An open film: the chosen video stream, the first audio stream if it has one, and how many films it holds."""

    container: InputContainer
    video: VideoStream
    audio: AudioStream | None
    name: str
    path: Path
    tracks: int = 1

    @property
    def is_raw(self) -> bool:
        """Whether it is a bare stream, which does not record its own frame rate."""
        return self.container.format.name in RAW_STREAMS

    @property
    def by_decoding(self) -> bool:
        """Whether pictures are numbered in decoding order: AVI has no other times."""
        return self.container.format.name == "avi"

    @property
    def wraps(self) -> bool:
        """Whether its clock starts again from zero every 26.5 hours."""
        return self.container.format.name in _WRAPPING

    @property
    def fps(self) -> Fraction:
        """Frames a second as the file says; 25 where it does not say."""
        return self.video.average_rate or self.video.guessed_rate or Fraction(25)

    @property
    def seconds(self) -> float | None:
        """The declared length in seconds; None where the file declares none."""
        if self.container.duration is not None and self.container.duration > 0:
            return self.container.duration / av.time_base
        return None


@dataclass(slots=True)
class Tally:
    """What reading a film came to: packets of pictures seen, frames decoded, frames damaged, whether it broke off.

    `due` are the times of the pictures that are to be shown, `heard` those of the sound's packets; `picture_end` and
    `end` are when the last picture, and the last of everything, ends on the file's own clock.
    """

    packets: int = 0
    frames: int = 0
    corrupt: int = 0
    failed: int = 0
    sound_failed: int = 0
    broke_off: bool = False
    due: list[Fraction] = field(default_factory=list)
    heard: list[Fraction] = field(default_factory=list)
    picture_end: Fraction | None = None
    end: Fraction | None = None


@contextmanager
def opened(path: Path, name: str, track: int = 1) -> Iterator[Clip]:
    """Open the video, whose declared size is checked first. Raises BadMedia.

    `name` is the file name the officer sees; `track` is which of the file's videos, from 1.
    """
    with path.open("rb") as body:
        containers.check_index(path, name)
        with _container(body, name) as container:
            films = [stream for stream in container.streams.video if not stream.disposition & _NO_FILM]
            if not films:
                raise BadMedia(f"{name} holds no video, only sound, a cover picture or nothing. Add the video itself.")
            if not 1 <= track <= len(films):
                raise BadMedia(f"{name} holds {len(films)} video(s); there is no number {track}. Choose another.")
            video = films[track - 1]
            _check_decoder(video, path, name)
            video.thread_type = "AUTO"
            video.codec_context.thread_count = DECODER_THREADS
            audio = container.streams.audio[0] if container.streams.audio else None
            clip = Clip(container, video, audio, name, path, len(films))
            limits.check_footage(name, video.width, video.height, None, 0)
            yield clip


def read(
    clip: Clip, tally: Tally, *, audio: bool = False, most: int = MOST_FRAMES
) -> Iterator[VideoFrame | AudioFrame]:
    """Yields every frame that can be decoded, in order; `tally` counts those that cannot.

    After `most` pictures nothing more is decoded; the times of the rest are still counted.
    """
    wanted = [clip.video] if clip.audio is None else [clip.video, clip.audio]
    packets = clip.container.demux(wanted)
    audible = audio and clip.audio is not None and is_known(clip.audio)
    while True:
        try:
            packet = next(packets, None)
        except IndexError:
            # A stream began midway in a transport stream. PyAV 18 passes its packets over; at the end, having flushed
            # ours, it may try to flush that one too, which it does not know: a byte of memory that it never wrote
            # decides. So the file is over, and nothing is told of it.
            break
        except av.error.FFmpegError:
            tally.broke_off = True
            break
        if packet is None:
            break
        _note(tally, clip, packet)
        if tally.frames < most and (packet.stream is clip.video or audible):
            yield from _decoded(packet, tally, is_picture=packet.stream is clip.video)


def stamp(clip: Clip, frame: VideoFrame) -> Stamp:
    """Returns the frame's time on the file's own clock, in seconds; None where it has none that can be believed."""
    if clip.is_raw:
        return None
    return seconds(frame.dts if clip.by_decoding else frame.pts, frame.time_base)


def seconds(ticks: int | None, time_base: Fraction | None) -> Stamp:
    """Returns so many ticks as seconds."""
    return None if ticks is None or time_base is None else Fraction(ticks * time_base)


def unwrapped(clip: Clip, stamps: list[Stamp]) -> list[Stamp]:
    """Returns the same times without the leaps of a clock that restarts by design (and FFmpeg's guesses at them)."""
    if not clip.wraps:
        return stamps
    last: Stamp = None
    found = list[Stamp]()
    for each in stamps:
        turns = 0 if each is None or last is None else round((each - last) / _WRAP)
        found.append(None if each is None else each - turns * _WRAP)
        last = last if each is None else found[-1]
    return found


def is_known(stream: Stream) -> bool:
    """Whether there is a decoder for it: PyAV's types promise one, but it is None where there is not."""
    return getattr(stream, "codec_context", None) is not None


def first_frame(clip: Clip) -> VideoFrame:
    """Returns the first picture that can be decoded. Raises BadMedia where there is none."""
    for frame in read(clip, Tally()):
        assert isinstance(frame, VideoFrame)
        return frame
    raise BadMedia(no_picture(clip))


def no_picture(clip: Clip) -> str:
    """Returns the sentence for a video of which nothing can be decoded."""
    if containers.is_cut_off(clip.path):
        return (
            f"{clip.name} is cut off before its first picture is complete, so it holds no frame that can be decoded. "
            "Copy it again, or ask for the recording again."
        )
    name = containers.coding(clip.path)
    coded = f" (it says it is coded as {name})" if name else ""
    return (
        f"{clip.name} holds no frame that can be decoded{coded}. "
        "Ask for the recording again, exported from the recorder as MP4."
    )


def _decoded(packet: Packet[Stream], tally: Tally, *, is_picture: bool) -> Iterator[VideoFrame | AudioFrame]:
    try:
        frames: Sequence[object] = packet.decode()
    except av.error.FFmpegError:
        tally.failed += is_picture
        tally.sound_failed += not is_picture
        return
    for frame in frames:
        if isinstance(frame, VideoFrame):
            tally.frames += 1
            tally.corrupt += frame.is_corrupt
        if isinstance(frame, VideoFrame | AudioFrame):
            yield frame


def _note(tally: Tally, clip: Clip, packet: Packet[Stream]) -> None:
    """Count the packet, which is not a picture where it is empty, and none that is shown where an edit cuts it."""
    is_picture = packet.stream is clip.video
    ticks = packet.dts if clip.by_decoding or packet.pts is None else packet.pts
    at = seconds(ticks, packet.time_base)
    if not packet.size or packet.is_discard:
        return
    tally.packets += is_picture
    if tally.packets > MOST_FRAMES:
        raise BadMedia(f"{clip.name} holds more than {MOST_FRAMES} pictures. Cut it to the part that is needed.")
    if at is None or len(tally.heard) > _MOST_HEARD:
        return
    (tally.due if is_picture else tally.heard).append(at)
    ends = at + (seconds(packet.duration, packet.time_base) or 0)
    tally.end = max(ends, tally.end or ends)
    if is_picture:
        tally.picture_end = max(ends, tally.picture_end or ends)


def _check_decoder(video: VideoStream, path: Path, name: str) -> None:
    if is_known(video):
        return
    coded = containers.coding(path)
    raise BadMedia(
        f"{name} is coded in a way{f' ({coded})' if coded else ''} not known here. Export it again from the recorder "
        "as MP4 (H.264), or convert it with the player that its maker supplies."
    )


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
