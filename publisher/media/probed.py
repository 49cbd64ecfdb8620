"""What looking at a file found out: the answer of `probe`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Probe:
    """What a file holds. `width` and `height` are as displayed, in pixels; `seconds` is None for a still.

    `frames` counts what was read (a minute or so is decoded, the rest is counted as declared);
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
    films: int = 1  # how many films the file holds, such as those of two cameras
    warnings: tuple[str, ...] = ()
