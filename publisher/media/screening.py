"""Footage, looked at before it is taken: its beginning decoded, its times and its streams read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from av.audio.stream import AudioStream

from publisher.media import clips
from publisher.media.axis import Axis
from publisher.media.clips import Clip
from publisher.media.formats import Format
from publisher.media.frames import is_convertible, shape_of
from publisher.media.probed import Probe
from publisher.media.survey import Survey, survey
from publisher.media.tone import light_of

FRAMES_READ = 1500  # a minute at 25 a second; the rest is read, and counted again, when it is rendered
_UNEVEN = Fraction(1, 4)  # a gap this share longer or shorter than the usual one is a variable frame rate


def screen(path: Path, name: str, found: Format) -> Probe:
    """Returns what this video is, from its beginning and its times. Raises BadMedia where it cannot be used."""
    with clips.opened(path, name) as clip:
        seen = survey(clip, most=FRAMES_READ)
        shape = shape_of(seen.first, clip.video.sample_aspect_ratio)
        light = light_of(seen.first)
        return Probe(
            kind="footage",
            media_type=found.media_type,
            width=shape.width,
            height=shape.height,
            seconds=seen.seconds,
            frames=len(seen.axis.moments),
            fps=None if clip.is_raw else float(seen.fps),
            has_audio=clip.audio is not None,
            orientation=shape.rotation,
            colour_profile=light.name if light else "",
            has_gps=any("location" in key.lower() or "gps" in key.lower() for key in _tags(clip)),
            taken_at=_film_time(_tags(clip).get("creation_time", "")),
            films=clip.tracks,
            warnings=tuple(_warnings(clip, seen)),
        )


def _warnings(clip: Clip, seen: Survey) -> Iterator[str]:
    yield from seen.warnings()
    if clip.tracks > 1:
        yield (
            f"The file holds {clip.tracks} videos, such as those of two cameras. Only the first is used, unless you "
            "choose another by its number (--track, or the field “Which video in the file”)."
        )
    if clip.is_raw:
        yield (
            "The file is a bare stream that does not say how many frames a second it has. Ask the recorder's owner "
            "and give the frame rate, or it would play at the wrong speed."
        )
    elif _varies(seen.axis):
        yield "The frame rate varies. Every frame keeps its own moment; check the clock shown in the picture."
    if seen.first.interlaced_frame:
        yield "The footage is interlaced; its two half-pictures are joined, which can soften fast movement."
    if light := light_of(seen.first):
        yield (
            f"The footage is coded as {light.name}. It is mapped to BT.709, which every player shows: white paper "
            "becomes white, and what is brighter or more colourful than BT.709 can say is cut off there."
        )
    if not is_convertible(seen.first):
        yield "The footage declares colours in a way that is not converted. Compare them with the recorder's player."
    if clip.audio is not None:
        yield _of_sound(clip.audio)


def _of_sound(audio: AudioStream) -> str:
    if not clips.is_known(audio):
        return "The footage has sound that is coded in a way not known here. It is left out."
    return "The footage has sound. It is left out unless its publication was authorised."


def _varies(axis: Axis) -> bool:
    gaps = {after - before for before, after in pairwise(axis.moments)}
    return bool(gaps) and max(gaps) > min(gaps) * (1 + _UNEVEN)


def _tags(clip: Clip) -> dict[str, str]:
    return {**clip.video.metadata, **clip.container.metadata}


def _film_time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None
