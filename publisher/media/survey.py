"""A film read once from end to end before anything is made of it: its time axis, and what is missing.

Pictures are decoded only for their times. Of a film that is only looked at, its beginning is; the times of the rest
are then those of its packets.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

from publisher.media import clips, containers, limits, transport_streams
from publisher.media.axis import NOTABLE, Axis, Stamp, follow, lay
from publisher.media.clips import MOST_FRAMES, Clip, Tally
from publisher.media.errors import BadMedia

_TOLERANCE = 0.02  # of the declared length: containers round
_DECLARING = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "asf")  # whose length is not FFmpeg's own guess
_TOLD = 3  # leaps that are told one by one
_SLACK = Fraction(6, 5)


@dataclass(frozen=True, slots=True)
class Survey:
    """What a film holds. `sounds` is when each decoded piece of sound is heard, `stereo` whether any has two sides;
    `read_all` is whether every picture was decoded."""

    first: VideoFrame
    axis: Axis
    sounds: tuple[Fraction, ...]
    stereo: bool
    tally: Tally
    fps: Fraction
    read_all: bool
    incomplete: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """The length that is published, in seconds."""
        return float(self.axis.moments[-1] + 1 / self.fps)

    def warnings(self) -> tuple[str, ...]:
        """Returns sentences for the officer; empty where there is nothing to report."""
        words = list(self.incomplete)
        if self.tally.corrupt + self.tally.failed:
            words.append(
                f"{self.tally.corrupt + self.tally.failed} of {self.tally.frames + self.tally.failed} frames are "
                "damaged and may show smears. Ask for the recording again, or look closely at each moment."
            )
        return (*words, *_of_time(self.axis))


def survey(
    clip: Clip,
    *,
    sound: bool = False,
    most: int = MOST_FRAMES,
    fps: Fraction | None = None,
    look: Callable[[VideoFrame], None] | None = None,
) -> Survey:
    """Read the video; `look` is called with each decoded picture.

    `fps` is the frame rate that an officer gave for a bare stream. Raises BadMedia where nothing can be decoded or what
    would be published is too long or too fast.
    """
    reading = _Reading(clip)
    for frame in clips.read(clip, reading.tally, audio=sound, most=most):
        reading.add(frame, look)
    if reading.first is None:
        raise BadMedia(clips.no_picture(clip))
    read_all = reading.tally.frames < most
    axis = reading.axis(1 / (fps or clip.fps), read_all)
    rate = _rate(clip, axis, fps)
    found = Survey(
        reading.first,
        axis,
        follow(list(zip(clips.unwrapped(clip, reading.sounds), reading.lengths, strict=True)), axis),
        reading.stereo,
        reading.tally,
        rate,
        read_all,
        tuple(_missing(clip, reading, axis, read_all)),
    )
    _check_length(clip, found)
    return found


@dataclass(slots=True)
class _Reading:
    """What is gathered on the way through a film."""

    clip: Clip
    tally: Tally = field(default_factory=Tally)
    first: VideoFrame | None = None
    stamps: list[Stamp] = field(default_factory=list)
    sounds: list[Stamp] = field(default_factory=list)
    lengths: list[Fraction] = field(default_factory=list)
    stereo: bool = False

    def add(self, frame: VideoFrame | AudioFrame, look: Callable[[VideoFrame], None] | None) -> None:
        """Note a decoded frame."""
        if isinstance(frame, AudioFrame):
            self.sounds.append(clips.seconds(frame.pts, frame.time_base))
            self.lengths.append(Fraction(frame.samples, frame.sample_rate))
            self.stereo = self.stereo or frame.layout.nb_channels > 1
            return
        self.first = self.first or frame
        self.stamps.append(clips.stamp(self.clip, frame))
        if look is not None:
            look(frame)

    def axis(self, nominal: Fraction, read_all: bool) -> Axis:
        """The axis of what was decoded or, where that was the beginning only, of the packets."""
        stamps = clips.unwrapped(self.clip, self.stamps)
        heard = [each for each in clips.unwrapped(self.clip, list(self.tally.heard)) if each is not None]
        if not read_all and not self.clip.is_raw:
            stamps = clips.unwrapped(self.clip, _in_order(self.tally.due))
        if not read_all and self.clip.is_raw:
            stamps = [None] * max(self.tally.packets, len(stamps))
        laid = lay(stamps, nominal, heard)
        return _from_its_beginning(laid, stamps, self.tally) if self.clip.by_decoding else laid


def _from_its_beginning(axis: Axis, stamps: list[Stamp], tally: Tally) -> Axis:
    """The clocks of an AVI as its sound has them: its pictures' numbers lag by what the decoder holds back."""
    first = next((stamp for stamp in stamps if stamp is not None), None)
    if first is None or not tally.due:
        return axis
    lag = first - min(tally.due[0], first)
    return Axis(
        axis.moments, axis.step, tuple(clock - lag for clock in axis.clocks), axis.jumps, axis.gaps, axis.steady
    )


def _in_order(due: list[Fraction]) -> list[Stamp]:
    """Packets' times in the order in which they are shown: each decoder holds back at most sixteen pictures."""
    waiting, found = list[Fraction](), list[Stamp]()
    for each in due:
        if waiting and abs(each - waiting[-1]) > 2:
            found += sorted(waiting)
            waiting = []
        waiting.append(each)
        if len(waiting) > 32:
            waiting.sort()
            found += waiting[:16]
            waiting = waiting[16:]
    return [*found, *sorted(waiting)]


def _rate(clip: Clip, axis: Axis, fps: Fraction | None) -> Fraction:
    """Frames a second: what the officer or the file says, unless the pictures' own times say otherwise."""
    if fps is not None or clip.is_raw:
        return fps or clip.fps
    measured = 1 / axis.step
    agrees = clip.fps <= limits.FOOTAGE_FPS and Fraction(1, 2) < clip.fps / measured < 2
    return clip.fps if agrees else measured


def _check_length(clip: Clip, found: Survey) -> None:
    pictures, seconds = len(found.axis.moments), found.seconds
    longest = max(found.axis.gaps, key=lambda gap: gap.by, default=None)
    if longest is not None and seconds > limits.FOOTAGE_SECONDS:
        raise BadMedia(
            f"{clip.name} would be {seconds / 60:.0f} minutes long, and at most {limits.FOOTAGE_SECONDS // 60} are "
            f"taken: its clock leaps by {_length(longest.by)} after {_moment(longest.at)} (before picture "
            f"{longest.picture + 1}). Cut it there and add the part that is needed."
        )
    rate = (pictures - 1) / float(found.axis.moments[-1]) if pictures > 1 else 0
    limits.check_footage(clip.name, clip.video.width, clip.video.height, seconds, rate)


def _missing(clip: Clip, reading: _Reading, axis: Axis, read_all: bool) -> Iterator[str]:
    """Sentences on what the file says it holds and does not; what was not decoded yet is taken to be whole."""
    tally, there = reading.tally, len(axis.moments)
    lacking = _lacking(clip, tally)
    lost = _lost(clip, reading, axis.step) if read_all else 0
    pictures = round(lacking / axis.step) if lacking else 0
    if tally.broke_off or lost > 1 or (pictures > 1 and clip.video.frames):
        yield (
            f"The footage is incomplete: {there} of {there + lost + pictures} frames could be read. "
            "Ask for the recording again, or look closely at what is left."
        )
    elif lacking:
        seconds = float((tally.picture_end or 0) - _began(clip))
        yield (
            f"The footage is incomplete: it ends after {seconds:.1f} of {seconds + float(lacking):.1f} seconds. "
            "Ask for the recording again, or look closely at what is left."
        )
    elif containers.is_cut_off(clip.path):
        yield (
            "The footage is incomplete: the recording was cut off or never finished, as by a loss of power; its end "
            "may be missing. "
            "Ask for the recording again, or look closely at what is left."
        )
    if clip.container.format.name == "mpegts" and transport_streams.changes(clip.path):
        yield (
            "From some moment on the file holds other video or sound than at its beginning, as where recordings were "
            "joined. What began later may not be used. Look closely at what is left, and add each recording by itself "
            "if something is missing."
        )


def _lacking(clip: Clip, tally: Tally) -> Fraction:
    """How many seconds sooner the pictures end than the file says; 0 where it says nothing that can be relied on."""
    if clip.container.format.name not in _DECLARING:
        return Fraction(0)
    if clip.video.frames and clip.video.duration and clip.video.time_base:
        end = Fraction((clip.video.start_time or 0) + clip.video.duration) * clip.video.time_base
        lacking = end - (tally.picture_end or 0)
        return lacking if lacking * clip.fps > _SLACK else Fraction(0)
    declared = clip.seconds
    if declared is None or clip.video.frames:
        return Fraction(0)
    lacking = Fraction(declared) + _began(clip) - (tally.end or 0)
    return lacking if lacking > max(1.0, declared * _TOLERANCE) else Fraction(0)


def _began(clip: Clip) -> Fraction:
    return Fraction(clip.container.start_time or 0, 1_000_000)


def _lost(clip: Clip, reading: _Reading, step: Fraction) -> int:
    """How many pictures that are in the file were not shown. Two packets may be one picture, and one picture two."""
    tally = reading.tally
    if clip.is_raw or clip.by_decoding:
        fields = tally.packets >= 2 * tally.frames - 2 and not tally.failed
        return 0 if fields else max(0, tally.packets - tally.frames)
    shown = sorted(stamp for stamp in reading.stamps if stamp is not None)
    lost = len({each for each in tally.due if not _is_near(each, shown, step)})
    return min(lost, max(0, len(set(tally.due)) - tally.frames))


def _is_near(at: Fraction, shown: list[Fraction], step: Fraction) -> bool:
    place = bisect_left(shown, at)
    return any(abs(each - at) < step * 3 / 4 for each in shown[max(0, place - 1) : place + 1])


def _of_time(axis: Axis) -> Iterator[str]:
    """What the recorder's clock did."""
    for jump in axis.jumps[:_TOLD]:
        way = "forward" if jump.by > 0 else "back"
        yield (
            f"The recorder's clock jumps {way} by {_length(abs(jump.by))} at {_moment(jump.at)} (before picture "
            f"{jump.picture + 1}). The video goes on there one picture after the other; check the clock shown in it."
        )
    if len(axis.jumps) > _TOLD:
        yield f"The recorder's clock jumps {len(axis.jumps)} times in all. Look closely at the whole video."
    yield from _of_gaps(axis)


def _of_gaps(axis: Axis) -> Iterator[str]:
    """Why the film is longer than its pictures at their usual rate, where it is by more than anybody expects."""
    usual = len(axis.moments) * axis.step
    if axis.gaps:
        longest = max(axis.gaps, key=lambda gap: gap.by)
        whole = sum((gap.by for gap in axis.gaps), Fraction(0))
        yield (
            f"For {_length(whole)} in all the recorder took no picture, the longest time after {_moment(longest.at)}. "
            "The last picture is held for that time, as the recorder's clock says."
        )
    elif axis.end - usual > NOTABLE:
        yield (
            f"The pictures come unevenly: the video lasts {_length(axis.end)}, and at their usual rate its pictures "
            f"would last {_length(usual)}. Check the clock shown in it."
        )


def _length(seconds: Fraction) -> str:
    """A length in words: 2.5 seconds, 3 minutes, 2 hours 39 minutes."""
    if seconds < 120:
        return f"{float(seconds):.1f} seconds"
    minutes = round(seconds / 60)
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours {minutes % 60} minutes"


def _moment(at: Fraction) -> str:
    return f"{int(at) // 60}:{float(at % 60):04.1f}"
