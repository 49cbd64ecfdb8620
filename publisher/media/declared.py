"""Which colours a still's numbers mean, where it says so: an ICC profile, or the ways files have where there is none.

PNG's cICP, gAMA and cHRM chunks (PNG, third edition, 4.3: the order in which they count), AVIF's nclx, the profile in
a BMP, and EXIF's R03, which is Adobe RGB. What cannot be honoured is told to the officer.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from publisher.media import caps, profiles
from publisher.media.exif import Camera
from publisher.media.profiles import ADOBE, ADOBE_CURVE, BT709, SRGB_CURVE, Curve, Primaries

_NCLX = re.compile(rb"colrnclx(..)(..)", re.DOTALL)
_HEAD = 1 << 16  # bytes: an AVIF's properties stand before its pictures
_SAME_POINT, _SAME_GAMMA = 0.002, 0.0005
_PNG_SRGB_GAMMA = 0.45455  # what the PNG standard has software write beside sRGB
_TIFF_WHITE, _TIFF_PRIMARIES, _TIFF_TRANSFER = 318, 319, 301
_BMP_HEADER, _BMP_EMBEDDED = 14, b"DEBM"
_NOT_HONOURED = "The picture says which colours it was made in, in a way that is not known here"
_AS_SRGB = "its colours are taken as ordinary ones (sRGB). Check them, or save it with a colour profile."


class Colours(NamedTuple):
    """The ICC profile of what is declared, empty for sRGB or nothing; and a sentence where it is not honoured."""

    profile: bytes = b""
    untold: str = ""


def of(picture: Image.Image, path: Path, camera: Camera) -> Colours:
    """Returns the colours that this picture, loaded from `path`, declares.

    Of several declarations the one that takes precedence counts.
    """
    embedded = picture.info.get("icc_profile") or b""
    return (
        (_coded(_png_coding(path)) if picture.format == "PNG" else None)
        or (Colours(embedded) if embedded else None)
        or _by_format(picture, path)
        or _by_camera(camera)
        or Colours()
    )


def _by_format(picture: Image.Image, path: Path) -> Colours | None:
    if picture.format == "PNG":
        return _png(picture)
    if picture.format == "AVIF":
        return _coded(_avif_coding(path))
    if picture.format == "BMP":
        return _bmp(path)
    tags = getattr(picture, "tag_v2", {})
    if any(tag in tags for tag in (_TIFF_WHITE, _TIFF_PRIMARIES, _TIFF_TRANSFER)):
        return Colours(untold=f"{_NOT_HONOURED}; {_AS_SRGB}")
    return None


def _by_camera(camera: Camera) -> Colours | None:
    if camera.colours == "adobe":
        return Colours(profiles.made("Adobe RGB (1998)", ADOBE, ADOBE_CURVE))
    if camera.colours == "other":
        return Colours(untold=f"The camera says that its colours are not the ordinary ones, but not which; {_AS_SRGB}")
    return None


def _coded(coding: tuple[int, int] | None) -> Colours | None:
    """Code points of H.273: primaries and transfer. None where they are not there, or say nothing."""
    if coding is None or 2 in coding:
        return None
    primaries, transfer = coding
    if transfer in profiles.HIGH_DYNAMIC_RANGE:
        return Colours(untold="The picture has high dynamic range, which is not converted: its colours will look flat.")
    if coding == (1, 13):
        return Colours()
    if primaries not in profiles.PRIMARIES or transfer not in profiles.CURVES:
        return Colours(untold=f"{_NOT_HONOURED}; {_AS_SRGB}")
    return _made(f"H.273 {primaries}/{transfer}", profiles.PRIMARIES[primaries], profiles.CURVES[transfer])


def _made(name: str, primaries: Primaries, curve: Curve) -> Colours:
    try:
        return Colours(profiles.made(name, primaries, curve))
    except ValueError:
        return Colours(untold=f"{_NOT_HONOURED}; {_AS_SRGB}")


def _png_coding(path: Path) -> tuple[int, int] | None:
    with path.open("rb") as body:
        for at in caps.chunks(path, 8, "big", 12):
            body.seek(at)
            head = body.read(12)
            if head[4:8] == b"cICP" and len(head) == 12:
                return head[8], head[9]
            if head[4:8] == b"IDAT":
                break
    return None


def _png(picture: Image.Image) -> Colours | None:
    gamma, points = picture.info.get("gamma"), picture.info.get("chromaticity")
    if "srgb" in picture.info or (gamma is None and points is None):
        return None
    primaries = BT709 if points is None else Primaries(*(tuple(points[at : at + 2]) for at in range(0, 8, 2)))
    usual = bool(np.allclose(primaries, BT709, atol=_SAME_POINT))
    if usual and (gamma is None or abs(gamma - _PNG_SRGB_GAMMA) < _SAME_GAMMA):
        return Colours()
    if gamma is not None and not 0.1 <= gamma <= 5:
        return Colours(untold=f"{_NOT_HONOURED}; {_AS_SRGB}")
    return _made("PNG gAMA and cHRM", primaries, SRGB_CURVE if gamma is None else profiles.power(1 / gamma))


def _avif_coding(path: Path) -> tuple[int, int] | None:
    with path.open("rb") as body:
        found = _NCLX.search(body.read(_HEAD))
    return None if found is None else (int.from_bytes(found[1], "big"), int.from_bytes(found[2], "big"))


def _bmp(path: Path) -> Colours | None:
    """Windows' BITMAPV5HEADER: a profile within the file."""
    with path.open("rb") as body:
        head = body.read(_BMP_HEADER + 124)
        size = int.from_bytes(head[14:18], "little")
        if size < 124 or head[70:74] != _BMP_EMBEDDED:
            return None
        place, length = struct.unpack("<II", head[126:134])
        body.seek(_BMP_HEADER + place)
        return Colours(body.read(length))
