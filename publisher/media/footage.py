"""Footage: from the Original to the MP4 that is published, and the poster frame taken from that.

H.264 as YouTube's upload page asks: progressive, two B-frames, closed GOP of half a second, the file's own frame
times, index first, no edit list. Sound is left out unless it was authorised, since voices identify people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from publisher.media import clips
from publisher.media.brand import Brand
from publisher.media.clips import Clip, Tally
from publisher.media.errors import BadMedia
from publisher.media.frames import TIME_BASE, Paint, Shape, Upright, shape_of
from publisher.media.made import RenderedFile, atomic_output, check_brand, clipped
from publisher.media.marks import Mark, make_mark
from publisher.media.poster import render_poster
from publisher.media.recipe import TONE, Recipe, frame_rate
from publisher.media.sound import Sound
from publisher.media.survey import Survey, survey
from publisher.media.vault import digest

__all__ = ["render_footage", "render_poster"]

Progress = Callable[[float], None]

NAME = "This footage"
_SURVEYED = 0.15  # of the whole work is reading the film for its times
_NOTABLE_SOUND = 1  # second
# CRF 18: the platform encodes again. The thread count is part of what x264 writes, so it is fixed. Without the
# macroblock tree: it read memory that nothing was written to, so that the same film came out in different bytes
# (measured with x264 core 165 in PyAV 18.1, sizes that are not multiples of 16; not on every processor).
ENCODER = {"preset": "veryfast", "crf": "18", "bf": "2", "flags": "+cgop", "threads": "2", "mbtree": "0"}
# use_editlist=0 alone starts the film late by two frames; with negative offsets it starts at 0 (measured with
# FFmpeg 8.1). bitexact leaves out the muxer's name and version.
MUXER = {"movflags": "+faststart+negative_cts_offsets", "use_editlist": "0", "fflags": "+bitexact"}


def render_footage(
    original: Path, recipe: Recipe, brand: Brand, out: Path, progress: Progress | None = None
) -> RenderedFile:
    """Make the published MP4 at `out`; `progress` is called with 0.0 to 1.0.

    The same Original and Recipe give the same bytes. Raises BadMedia where the Original cannot be used or the result
    would not fit the destination. The result's `warnings` say what could not be read, and what was healed.
    """
    check_brand(recipe, brand)
    progress = progress or _nothing
    with clips.opened(original, NAME, recipe.track) as clip:
        found = survey(
            clip, sound=recipe.audio_authorised, fps=_frame_rate(clip, recipe), look=_Looking(clip, progress)
        )
        shape = shape_of(found.first, clip.video.sample_aspect_ratio, tone=_is_mapped(recipe))
        for box in recipe.redactions:
            clipped(box, (shape.width, shape.height))
        mark = make_mark(shape.width, shape.height, recipe, brand)
        graph = Upright(found.first, shape, mark.canvas[1])
    with atomic_output(out) as temporary, clips.opened(original, NAME, recipe.track) as clip:
        rendering = _Rendering(clip, recipe, shape, mark, found)
        rendering.write(temporary, graph, progress)
        if temporary.stat().st_size > recipe.profile.max_bytes:
            raise BadMedia(
                f"The finished footage is larger than {recipe.profile.max_bytes} bytes, the most the destination "
                "takes. Cut it to the part that is needed and add that."
            )
    return RenderedFile(
        path=out,
        sha256=digest(out),
        size=out.stat().st_size,
        width=mark.canvas[0],
        height=mark.canvas[1],
        media_type="video/mp4",
        mark_box=mark.box,
        seconds=found.seconds,
        warnings=rendering.warnings(),
    )


class _Looking:
    """Tells how far the first reading is."""

    def __init__(self, clip: Clip, progress: Progress) -> None:
        self._frames = max(1.0, (clip.seconds or 0) * float(clip.fps))
        self._progress = progress
        self._seen = 0

    def __call__(self, _: VideoFrame) -> None:
        self._seen += 1
        self._progress(_SURVEYED * min(1.0, self._seen / self._frames))


class _Rendering:
    """One film on its way from decoder to file."""

    def __init__(self, clip: Clip, recipe: Recipe, shape: Shape, mark: Mark, found: Survey) -> None:
        self._clip = clip
        self._shape = shape
        self._canvas = mark.canvas
        self._found = found
        self._moments = iter(found.axis.moments)
        self._heard = iter(found.sounds)
        self._paint = Paint(mark.banner, mark.box[:2], recipe.redactions, shape.matrix)
        self._tally = Tally()
        self._written = 0
        self._cut = Fraction(0)
        self._recoloured = False

    def warnings(self) -> tuple[str, ...]:
        """What the officer should know of how the Original could be read."""
        words = list(self._found.warnings())
        if self._written != len(self._found.axis.moments):
            words.append(
                f"{self._written} frames were written of {len(self._found.axis.moments)} that were read. Look closely."
            )
        if self._recoloured:
            words.append(
                "The footage codes its colours in another way from some moment on; they are shown as those of its "
                "beginning. Compare them with the recorder's player."
            )
        if self._tally.sound_failed and self._found.sounds:
            words.append(
                f"{self._tally.sound_failed} pieces of the sound could not be read; it is silent there. Listen closely."
            )
        if self._cut > _NOTABLE_SOUND:
            words.append(
                f"The sound goes on for {float(self._cut):.1f} seconds after the last picture; that part is left out."
            )
        return tuple(words)

    def write(self, out: Path, graph: Upright, progress: Progress) -> None:
        """Decode, paint and encode everything into `out`."""
        with av.open(out, "w", format="mp4", container_options=MUXER) as container:
            picture = _picture_stream(container, self._shape, self._canvas, self._found.fps)
            sound = self._sound(container)
            for frame in clips.read(self._clip, self._tally, audio=sound is not None):
                if isinstance(frame, AudioFrame):
                    if sound is not None:
                        sound.put(frame, _next(self._heard))
                    continue
                moment = _next(self._moments)
                for ready in graph.put(frame, moment):
                    self._encode(container, picture, ready)
                progress(_SURVEYED + (1 - _SURVEYED) * float(moment / self._found.axis.end))
            self._finish(container, picture, graph, sound)
            self._recoloured = graph.recoloured
        progress(1.0)

    def _sound(self, container: OutputContainer) -> Sound | None:
        if not self._found.sounds:
            return None
        return Sound(container, stereo=self._found.stereo, end=self._found.axis.end)

    def _finish(self, container: OutputContainer, picture: VideoStream, graph: Upright, sound: Sound | None) -> None:
        for ready in graph.rest():
            self._encode(container, picture, ready)
        container.mux(picture.encode(None))
        if sound is not None:
            sound.finish()
            self._cut = sound.cut

    def _encode(self, container: OutputContainer, picture: VideoStream, frame: VideoFrame) -> None:
        assert frame.pts is not None
        self._paint.draw(frame, float(frame.pts * TIME_BASE))
        frame.pict_type = 0  # the source's choice of I, P or B is not the encoder's
        container.mux(picture.encode(frame))
        self._written += 1


def _next(moments: Iterator[Fraction]) -> Fraction:
    """The moment of the next frame. Raises BadMedia where the file reads otherwise than a minute ago."""
    moment = next(moments, None)
    if moment is None:
        raise BadMedia(f"{NAME} does not read the same way twice, so it is damaged. Copy it again.")
    return moment


def _picture_stream(container: OutputContainer, shape: Shape, canvas: tuple[int, int], fps: Fraction) -> VideoStream:
    options = {**ENCODER, "g": str(max(1, round(fps / 2)))}
    stream = container.add_stream("libx264", rate=fps.limit_denominator(1001), options=options)
    stream.width, stream.height = canvas
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.time_base = TIME_BASE
    context.color_range = 1
    context.colorspace = shape.matrix.colorspace
    context.color_primaries = shape.primaries
    context.color_trc = shape.matrix.transfer
    return stream


def _frame_rate(clip: Clip, recipe: Recipe) -> Fraction | None:
    """What the officer says, if that was needed. Raises BadMedia where it is needed and was not said."""
    if recipe.source_fps:
        return frame_rate(recipe.source_fps)
    if clip.is_raw:
        raise BadMedia(
            f"{NAME} is a bare stream that does not say how many frames a second it has, so its speed would be a "
            "guess. Ask the recorder's owner and give the frame rate."
        )
    return None


def _is_mapped(recipe: Recipe) -> bool:
    """Whether light is mapped as the Recipe says; Recipes from before there was an operator say nothing."""
    if recipe.tone not in ("", TONE):
        raise BadMedia(f"This rendition was asked for with “{recipe.tone}”, which is not known. Submit the item again.")
    return bool(recipe.tone)


def _nothing(_: float) -> None:
    return None
