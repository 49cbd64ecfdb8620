"""What is done to an Original to make a Rendition: a value that can be stored, hashed and repeated.

Its JSON is canonical (sorted keys, whole numbers only), so that the same Recipe always has the same text.
Times are given in seconds and kept to the millisecond.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Any

import av
import PIL
from PIL import features

from publisher.media.errors import BadMedia
from publisher.media.limits import FOOTAGE_FPS

TONE = "bt2100-white203-cut"  # the one operator there is; `tone` says what it does
# Fields that older Recipes do not have: they are written only where they say something.
_LATER = {"track": 1, "tone": ""}
OURS = "3"  # raised whenever this package would draw the same Recipe differently


class MarkStyle(StrEnum):
    """Where the mark goes: STRIP below the picture (covers nothing), PLATE in a corner of it."""

    STRIP = "strip"
    PLATE = "plate"


class Corner(StrEnum):
    """The corner a plate sits in."""

    TOP_LEFT = "top-left"
    TOP_RIGHT = "top-right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM_RIGHT = "bottom-right"


@dataclass(frozen=True, slots=True)
class BrandIdentity:
    """Which brand was used: its texts, colours and the SHA-256 of its files."""

    force: str
    contact: str
    handle: str
    crest_sha256: str
    font_sha256: str
    light_font_sha256: str
    colours: tuple[str, str, str]  # plate, ink, accent, each "#rrggbb"


@dataclass(frozen=True, slots=True)
class Redaction:
    """A box that is filled solid. Pixels of the upright picture; seconds of footage, None: to the end.

    Solid, since blur and mosaic can be undone: of 42 characters pixelated at 8 px all were recovered, of 42
    under a solid box none.
    """

    x: int
    y: int
    width: int
    height: int
    start: float | None = None
    end: float | None = None

    def __post_init__(self) -> None:
        if min(self.x, self.y) < 0 or min(self.width, self.height) < 1:
            raise ValueError("a redaction lies within the picture and is at least one pixel large")
        object.__setattr__(self, "start", _to_millisecond(self.start))
        object.__setattr__(self, "end", _to_millisecond(self.end))

    def covers(self, seconds: float) -> bool:
        """Whether the box is drawn on the frame at this time. Both ends are included: never a frame too few."""
        return (self.start is None or seconds >= self.start) and (self.end is None or seconds <= self.end)


@dataclass(frozen=True, slots=True)
class Profile:
    """What the destinations take: the media type wanted and the largest file, in bytes."""

    media_type: str = "image/jpeg"
    max_bytes: int = 200_000_000


@lru_cache(maxsize=1)
def versions() -> tuple[tuple[str, str], ...]:
    """Returns the software whose version can change a Rendition's bytes, sorted by name."""
    found = {
        "pillow": PIL.__version__,
        "libjpeg": str(features.version("libjpeg_turbo") or features.version("jpg")),
        "littlecms": str(features.version("littlecms2")),
        "freetype": str(features.version("freetype2")),
        "pyav": av.__version__,
        "avcodec": ".".join(str(part) for part in av.library_versions["libavcodec"]),
        "publisher.media": OURS,
    }
    return tuple(sorted(found.items()))


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides the bytes of a Rendition, besides the Original itself."""

    reference: str
    brand: BrandIdentity
    mark: MarkStyle = MarkStyle.STRIP
    corner: Corner = Corner.BOTTOM_RIGHT
    exercise: bool = False
    redactions: tuple[Redaction, ...] = ()
    audio_authorised: bool = False
    poster_at: float = 0.0  # seconds into the footage
    source_fps: str = ""  # "25" or "25/2": said by the officer where a raw stream does not know its own
    track: int = 1  # which film of a file that holds several
    tone: str = ""  # the operator (TONE) that maps light which BT.709 cannot say; empty: none
    credit: str = ""
    copyright: str = ""
    usage_terms: str = ""
    profile: Profile = Profile()
    versions: tuple[tuple[str, str], ...] = field(default_factory=versions)

    def __post_init__(self) -> None:
        object.__setattr__(self, "mark", MarkStyle(self.mark))
        object.__setattr__(self, "corner", Corner(self.corner))
        object.__setattr__(self, "poster_at", _to_millisecond(self.poster_at))

    def as_json(self) -> str:
        """Returns canonical JSON: the same text for the same Recipe, whatever made it."""
        plain = asdict(self)
        plain["poster_at_ms"] = _ms(plain.pop("poster_at"))
        plain["versions"] = dict(self.versions)
        for name, usual in _LATER.items():
            if plain[name] == usual:
                del plain[name]
        for box in plain["redactions"]:
            box["start_ms"], box["end_ms"] = _ms(box.pop("start")), _ms(box.pop("end"))
        return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Recipe:
        """Returns the Recipe that `as_json` wrote. Raises ValueError, KeyError or TypeError for anything else."""
        plain: dict[str, Any] = json.loads(text)
        brand = plain.pop("brand")
        return cls(
            brand=BrandIdentity(**{**brand, "colours": tuple(brand["colours"])}),
            redactions=tuple(_redaction(box) for box in plain.pop("redactions")),
            profile=Profile(**plain.pop("profile")),
            poster_at=_seconds(plain.pop("poster_at_ms")) or 0.0,
            versions=tuple(sorted(plain.pop("versions").items())),
            **plain,
        )


def frame_rate(text: str) -> Fraction:
    """Returns frames a second as an officer writes them: 25, 12.5 or 25/2. Raises BadMedia for anything else."""
    try:
        rate = Fraction(text.strip())
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not 0 < rate <= FOOTAGE_FPS:
        raise BadMedia(
            f"{text!r} is not a frame rate. Give frames a second, above 0 and at most {FOOTAGE_FPS}, "
            "such as 25 or 12.5."
        )
    return rate


def _redaction(box: dict[str, int | None]) -> Redaction:
    start, end = _seconds(box.pop("start_ms")), _seconds(box.pop("end_ms"))
    return Redaction(**box, start=start, end=end)  # type: ignore[arg-type]


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000


def _to_millisecond(seconds: float | None) -> float | None:
    return _seconds(_ms(seconds))
