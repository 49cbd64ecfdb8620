"""What a file is and says, before anybody relies on it: the first thing done with an upload.

Everything that can be refused is refused here, in a sentence, while the officer who added the file is still
looking; what can be used but should be looked at becomes a warning.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path, PurePath

from av.video.frame import VideoFrame
from PIL import Image

from publisher.media import clips, formats, pictures
from publisher.media.clips import Clip, Tally, Timing
from publisher.media.colour import profile_name, to_srgb
from publisher.media.errors import BadMedia
from publisher.media.formats import Format
from publisher.media.frames import shape_of

FRAMES_READ = 1500  # a minute at 25 a second; the rest is read, and counted again, when it is rendered
MOST_BYTES = 8 * 1024**3
_SMALL_EDGE = 320  # pixels; below it the mark has more detail than the picture
_ORIENTATION, _GPS, _EXIF, _TAKEN_AT, _CHANGED_AT = 0x0112, 0x8825, 0x8769, 0x9003, 0x0132
_UNEVEN = Fraction(1, 4)  # a gap this share longer or shorter than the usual one is a variable frame rate
_HIGH_DYNAMIC_RANGE = (16, 18)  # PQ and HLG


@dataclass(frozen=True, slots=True)
class Probe:
    """What a file holds. `width` and `height` are as displayed, in pixels; `seconds` is None for a still.

    `frames` counts what was read (at most FRAMES_READ are decoded, the rest are counted as declared);
    `taken_at` is naive: the camera's clock, in whatever zone and however wrong.
    """

    kind: str  # "still" or "footage"
    media_type: str
    width: int
    height: int
    seconds: float | None = None
    frames: int = 1
    fps: float | None = None
    has_audio: bool = False
    orientation: int = 1  # EXIF's 1 to 8 for a still, degrees for footage
    colour_profile: str = ""
    has_gps: bool = False
    taken_at: datetime | None = None
    warnings: tuple[str, ...] = ()


def probe(path: Path, *, declared_name: str) -> Probe:
    """Read the file and say what it is. `declared_name` is the name it came with.

    Raises BadMedia, naming the file and the way out, for whatever must not be queued.
    """
    name = PurePath(declared_name).name
    try:
        found = formats.recognise(path, name)
        if path.stat().st_size > MOST_BYTES:
            raise BadMedia(f"{name} is larger than {MOST_BYTES // 1024**3} GiB. Cut it to the part that is needed.")
        return _still(path, name, found) if found.kind == "still" else _footage(path, name, found)
    except OSError as error:
        raise BadMedia(f"{name} cannot be read ({error.strerror or error}). Add it again.") from error


def _still(path: Path, name: str, found: Format) -> Probe:
    with pictures.opened(path, name) as picture:
        exif = _exif(picture)
        width, height = picture.size
        orientation = exif.get(_ORIENTATION, 1)
        orientation = orientation if orientation in range(1, 9) else 1
        profile = picture.info.get("icc_profile")
        to_srgb(picture.copy() if min(picture.size) < 64 else picture.crop((0, 0, 64, 64)), name)
        return Probe(
            kind="still",
            media_type=found.media_type,
            width=height if orientation > 4 else width,
            height=width if orientation > 4 else height,
            orientation=orientation,
            colour_profile=profile_name(profile),
            has_gps=bool(exif.get_ifd(_GPS)) or b"GPSLatitude" in _xmp(picture),
            taken_at=_camera_time(exif.get_ifd(_EXIF).get(_TAKEN_AT) or exif.get(_CHANGED_AT)),
            warnings=tuple(_still_warnings(picture, profile)),
        )


def _still_warnings(picture: Image.Image, profile: bytes | None) -> list[str]:
    words = []
    if picture.format == "MPO":
        words.append("The file holds a second picture (a depth or brightness map). Only the main one is used.")
    if profile and not profile_name(profile):
        words.append("The picture's colour profile cannot be read, so its colours are taken as they are.")
    if min(picture.size) < _SMALL_EDGE:
        words.append(
            f"The picture is only {picture.width} × {picture.height} pixels. Use a larger copy if there is one."
        )
    return words


def _exif(picture: Image.Image) -> Image.Exif:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return picture.getexif()
    except (OSError, ValueError, SyntaxError, TypeError):
        return Image.Exif()  # unreadable, and thrown away in any case


def _xmp(picture: Image.Image) -> bytes:
    packet = picture.info.get("xmp") or b""
    return packet.encode() if isinstance(packet, str) else bytes(packet)


def _camera_time(words: object) -> datetime | None:
    try:
        return datetime.strptime(str(words).strip("\x00 "), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 -- a camera has no zone
    except ValueError:
        return None


def _footage(path: Path, name: str, found: Format) -> Probe:
    with clips.opened(path, name) as clip:
        tally, timing = Tally(), Timing.of(clip)
        first, gaps, read_all = _look_through(clip, tally, timing)
        if first is None:
            raise BadMedia(f"{name} holds no frame that can be decoded. Ask for the recording again.")
        shape = shape_of(first, clip.video.sample_aspect_ratio)
        frames = tally.frames if read_all else max(tally.frames, clip.video.frames)
        looked = float((timing.last or 0) + 1 / clip.fps)
        return Probe(
            kind="footage",
            media_type=found.media_type,
            width=shape.width,
            height=shape.height,
            seconds=looked if read_all else max(looked, clip.seconds or 0.0),
            frames=frames,
            fps=None if clip.is_raw else float(clip.fps),
            has_audio=clip.audio is not None,
            orientation=shape.rotation,
            has_gps=any("location" in key.lower() or "gps" in key.lower() for key in _tags(clip)),
            taken_at=_film_time(_tags(clip).get("creation_time", "")),
            warnings=tuple(_footage_warnings(clip, first, tally, gaps, looked if read_all else None)),
        )


def _look_through(clip: Clip, tally: Tally, timing: Timing) -> tuple[VideoFrame | None, set[Fraction], bool]:
    """Decode the film's beginning: its first frame, the lengths of time between frames, whether that was all."""
    first, gaps, before = None, set[Fraction](), Fraction(0)
    for frame in clips.read(clip, tally):
        assert isinstance(frame, VideoFrame)
        now = timing.moment(frame)
        if first is None:
            first = frame
        else:
            gaps.add(now - before)
        before = now
        if tally.frames >= FRAMES_READ:
            return first, gaps, False
    return first, gaps, True


def _footage_warnings(
    clip: Clip, first: VideoFrame, tally: Tally, gaps: set[Fraction], read: float | None
) -> list[str]:
    """`read` is the length in seconds, None where only the beginning was read."""
    words = [] if read is None else list(tally.warnings(read, clip.seconds))
    if clip.is_raw:
        words.append(
            "The file is a bare stream that does not say how many frames a second it has. Ask the recorder's owner "
            "and give the frame rate, or it would play at the wrong speed."
        )
    elif gaps and max(gaps) > min(gaps) * (1 + _UNEVEN):
        words.append("The frame rate varies. Every frame keeps its own moment; check the clock shown in the picture.")
    if first.interlaced_frame:
        words.append("The footage is interlaced; its two half-pictures are joined, which can soften fast movement.")
    if int(first.color_trc) in _HIGH_DYNAMIC_RANGE:
        words.append("The footage has high dynamic range, which is not converted: its colours will look flat.")
    if clip.audio is not None:
        words.append("The footage has sound. It is left out unless its publication was authorised.")
    return words


def _tags(clip: Clip) -> dict[str, str]:
    return {**clip.video.metadata, **clip.container.metadata}


def _film_time(words: str) -> datetime | None:
    try:
        return datetime.fromisoformat(words).replace(tzinfo=None)
    except ValueError:
        return None
