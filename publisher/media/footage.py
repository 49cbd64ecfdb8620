"""Footage: from the Original to the MP4 that is published, and the poster frame taken from that.

H.264 as YouTube's upload page asks: progressive, two B-frames, closed GOP of half a second, the file's own frame
times, index first, no edit list. Sound is left out unless it was authorised, since voices identify people.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from publisher.media import clips
from publisher.media.brand import Brand
from publisher.media.clips import Clip, Tally, Timing
from publisher.media.errors import BadMedia
from publisher.media.frames import TIME_BASE, Paint, Shape, Upright, shape_of
from publisher.media.made import Made, check_brand, clipped, whole
from publisher.media.marks import Mark, make_mark
from publisher.media.poster import render_poster
from publisher.media.recipe import Recipe
from publisher.media.sound import Sound
from publisher.media.vault import digest

__all__ = ["render_footage", "render_poster"]

Progress = Callable[[float], None]

NAME = "This footage"
# CRF 18: the platform encodes again. The thread count is part of what x264 writes, so it is fixed.
ENCODER = {"preset": "veryfast", "crf": "18", "bf": "2", "flags": "+cgop", "threads": "2"}
# use_editlist=0 alone starts the film late by two frames; with negative offsets it starts at 0 (measured with
# FFmpeg 8.1). bitexact leaves out the muxer's name and version.
MUXER = {"movflags": "+faststart+negative_cts_offsets", "use_editlist": "0", "fflags": "+bitexact"}


def render_footage(original: Path, recipe: Recipe, brand: Brand, out: Path, progress: Progress | None = None) -> Made:
    """Make the published MP4 at `out`; `progress` is called with 0.0 to 1.0. Same input, same bytes.

    Raises BadMedia where the Original cannot be used or the result would not fit the destination. What could
    not be read of it is said in the answer's `warnings`.
    """
    check_brand(recipe, brand)
    with clips.opened(original, NAME) as clip:
        fps = _frame_rate(clip, recipe)
        first = clips.first_frame(clip)
        shape = shape_of(first, clip.video.sample_aspect_ratio)
        for box in recipe.redactions:
            clipped(box, (shape.width, shape.height))
        mark = make_mark(shape.width, shape.height, recipe, brand)
        graph = Upright(first, shape, mark.canvas[1])
        start = Timing.of(clip).start(first)
    with whole(out) as temporary, clips.opened(original, NAME) as clip:
        rendering = _Rendering(clip, recipe, shape, mark, fps, start)
        rendering.write(temporary, graph, progress or _nothing)
        if temporary.stat().st_size > recipe.profile.max_bytes:
            raise BadMedia(
                f"The finished footage is larger than {recipe.profile.max_bytes} bytes, the most the destination "
                "takes. Cut it to the part that is needed and add that."
            )
    return Made(
        path=out,
        sha256=digest(out),
        size=out.stat().st_size,
        width=mark.canvas[0],
        height=mark.canvas[1],
        media_type="video/mp4",
        mark_box=mark.box,
        seconds=rendering.seconds,
        warnings=rendering.warnings(),
    )


class _Rendering:
    """One film on its way from decoder to file."""

    def __init__(self, clip: Clip, recipe: Recipe, shape: Shape, mark: Mark, fps: Fraction, start: Fraction) -> None:
        self._clip = clip
        self._declared = clip.seconds
        self._start = start
        self._shape = shape
        self._canvas = mark.canvas
        self._fps = fps
        self._sound_wanted = recipe.audio_authorised and clip.audio is not None
        self._paint = Paint(mark.banner, mark.box[:2], recipe.redactions, shape.matrix)
        self._tally = Tally()
        self._timing = Timing.of(clip, fps)
        self._written = 0

    @property
    def seconds(self) -> float:
        """The finished film's length."""
        return float((self._timing.last or 0) + 1 / self._fps)

    def warnings(self) -> tuple[str, ...]:
        """What the officer should know of how the Original could be read."""
        words = list(self._tally.warnings(self.seconds, self._declared))
        if self._written != self._tally.frames:
            words.append(f"{self._written} frames were written of {self._tally.frames} that were read. Look closely.")
        return tuple(words)

    def write(self, out: Path, graph: Upright, progress: Progress) -> None:
        """Decode, paint and encode everything into `out`."""
        with av.open(out, "w", format="mp4", container_options=MUXER) as container:
            picture = _picture_stream(container, self._shape, self._canvas, self._fps)
            sound = Sound(container, self._clip, self._start) if self._sound_wanted else None
            for frame in clips.read(self._clip, self._tally, audio=self._sound_wanted):
                if isinstance(frame, AudioFrame):
                    if sound is not None:
                        sound.put(frame)
                    continue
                moment = self._timing.moment(frame)
                for ready in graph.put(frame, moment):
                    self._encode(container, picture, ready)
                progress(min(1.0, float(moment) / (self._declared or float(moment) + 1)))
            self._finish(container, picture, graph, sound)
        progress(1.0)

    def _finish(self, container: OutputContainer, picture: VideoStream, graph: Upright, sound: Sound | None) -> None:
        if self._tally.frames == 0:
            raise BadMedia(f"{NAME} holds no frame that can be decoded. Ask for the recording again.")
        for ready in graph.rest():
            self._encode(container, picture, ready)
        container.mux(picture.encode(None))
        if sound is not None:
            sound.finish()

    def _encode(self, container: OutputContainer, picture: VideoStream, frame: VideoFrame) -> None:
        assert frame.pts is not None
        self._paint.draw(frame, float(frame.pts * TIME_BASE))
        frame.pict_type = 0  # the source's choice of I, P or B is not the encoder's
        container.mux(picture.encode(frame))
        self._written += 1


def _picture_stream(container: OutputContainer, shape: Shape, canvas: tuple[int, int], fps: Fraction) -> VideoStream:
    options = {**ENCODER, "g": str(max(1, round(fps / 2)))}
    stream = container.add_stream("libx264", rate=fps.limit_denominator(1001), options=options)
    stream.width, stream.height = canvas
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.time_base = TIME_BASE
    context.color_range = 1
    context.colorspace = shape.matrix.colorspace
    context.color_primaries = shape.matrix.primaries
    context.color_trc = shape.matrix.transfer
    return stream


def _frame_rate(clip: Clip, recipe: Recipe) -> Fraction:
    if recipe.source_fps:
        try:
            return Fraction(recipe.source_fps)
        except (ValueError, ZeroDivisionError):
            raise BadMedia(
                f"{recipe.source_fps!r} is not a frame rate. Give frames a second, such as 25 or 12.5."
            ) from None
    if clip.is_raw:
        raise BadMedia(
            f"{NAME} is a bare stream that does not say how many frames a second it has, so its speed would be a "
            "guess. Ask the recorder's owner and give the frame rate."
        )
    return clip.fps


def _nothing(_: float) -> None:
    return None
