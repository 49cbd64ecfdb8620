"""Any picture Pillow can load, as plain 8-bit sRGB: what every browser and both platforms show alike.

A Display P3 picture published without its profile is desaturated (43 dB, up to 16 levels measured), so profiles
are applied, never dropped. Nothing else is changed: no levels, no sharpening, no scaling.
"""

from __future__ import annotations

import io
from functools import lru_cache

from PIL import Image, ImageChops, ImageCms

from publisher.media.errors import BadMedia

PAPER = (255, 255, 255)  # what shows through where a picture is transparent
_SIXTEEN_BIT = ("I;16", "I;16L", "I;16B", "I;16N")
_FLOATING = ("I", "F")
_ROUNDING = 2  # levels of 255


def to_srgb(picture: Image.Image, name: str, profile: bytes | None = None) -> Image.Image:
    """Returns the picture in mode RGB and the sRGB colour space, with white behind transparent parts.

    `profile` says what its colours mean; None: the profile that the picture itself carries. Raises BadMedia for 32-bit
    measurement images, which have no single way to be shown.
    """
    profile = picture.info.get("icc_profile") or b"" if profile is None else profile
    if picture.mode in _FLOATING:
        raise BadMedia(
            f"{name} holds measurements (32 bits a pixel), not a picture. Save it as an 8-bit JPEG or PNG and add that."
        )
    if picture.mode in _SIXTEEN_BIT:
        # convert("L") clips everything above 255 to white; dividing by 256 keeps every tone.
        picture = picture.point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode == "LAB":
        return _from_lab(picture)
    if _is_transparent(picture):
        return _laid_on_paper(picture, profile)
    if picture.mode not in ("RGB", "L", "CMYK"):
        picture = picture.convert("RGB")
    return _coloured(picture, profile)


def profile_name(profile: bytes | None) -> str:
    """Returns the name inside an embedded colour profile; empty where there is none or it cannot be read."""
    if not profile:
        return ""
    try:
        return ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile))).strip()
    except (ImageCms.PyCMSError, OSError, ValueError):
        return ""


def _is_transparent(picture: Image.Image) -> bool:
    return picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info


def _laid_on_paper(picture: Image.Image, profile: bytes) -> Image.Image:
    whole = picture.convert("RGBA")
    sheet = Image.new("RGB", whole.size, PAPER)
    sheet.paste(_coloured(whole.convert("RGB"), profile), mask=whole.getchannel("A"))
    return sheet


def _coloured(picture: Image.Image, profile: bytes) -> Image.Image:
    if not profile or (picture.mode == "RGB" and is_srgb(profile)):
        return picture.convert("RGB")
    try:
        transform = _transform(profile, picture.mode)
    except (ImageCms.PyCMSError, OSError):
        # A profile of RGB counts for a grey picture too. One of another colour space, or a damaged one, for none.
        return picture.convert("RGB") if picture.mode != "L" else _coloured(picture.convert("RGB"), profile)
    if picture.mode == "RGB":
        ImageCms.applyTransform(picture, transform, inPlace=True)
        return picture
    changed = ImageCms.applyTransform(picture, transform)
    assert changed is not None
    return changed


@lru_cache(maxsize=16)
def is_srgb(profile: bytes) -> bool:
    """Whether this profile means the same as sRGB, judged by what it does to colours and not by its name.

    Profiles of sRGB by different makers differ by a level or two in rounding; those are left exactly as they are. One
    that is named sRGB and is linear would be published with grey 110 as 40.
    """
    steps = [*range(0, 256, 17)]
    colours = [(red, green, blue) for red in steps for green in steps for blue in steps]
    colours += [(level, level, level) for level in range(256)]
    before = Image.new("RGB", (len(colours), 1))
    before.putdata(colours)
    try:
        after = ImageCms.applyTransform(before, _transform(profile, "RGB"))
    except (ImageCms.PyCMSError, OSError):
        return False
    assert after is not None
    return max(highest for _, highest in ImageChops.difference(before, after).getextrema()) <= _ROUNDING  # type: ignore[misc]  # RGB: a pair each


@lru_cache(maxsize=16)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform:
    """Building it costs as much as using it, and a camera's pictures share one profile."""
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")


def _from_lab(picture: Image.Image) -> Image.Image:
    changed = ImageCms.profileToProfile(
        picture, ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    assert changed is not None
    return changed
