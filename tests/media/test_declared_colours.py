"""Whatever space a still says its colours are in, they are published within three levels of what they look like."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from publisher.media import colour, profiles, stills
from publisher.media.probe import probe
from publisher.media.profiles import Curve, Primaries

from .conftest import as_bytes

HERE = Path(__file__).parent / "samples"
LEVELS = 3
# Colours inside sRGB, so that every space has numbers for them: greys, and soft hues.
SEEN = np.array([(40, 40, 40), (110, 110, 110), (200, 200, 200), (150, 90, 90), (90, 150, 100), (90, 100, 160)])
P3 = profiles.PRIMARIES[12]
P3_SRGB = ("P3", P3, profiles.SRGB_CURVE)


def to_light(levels: np.ndarray, curve: Curve) -> np.ndarray:
    power, a, b, c, d = curve
    return np.where(levels >= d, np.maximum(a * levels + b, 0) ** power, c * levels)


def from_light(light: np.ndarray, curve: Curve) -> np.ndarray:
    steps = np.linspace(0, 1, 65537)
    return np.interp(light, to_light(steps, curve), steps)


def xyz(primaries: Primaries) -> np.ndarray:
    """Linear RGB to XYZ, columns red, green, blue: from the definition, not adapted (every white here is D65)."""
    columns = np.array([[x / y, 1, (1 - x - y) / y] for x, y in primaries[1:]]).T
    x, y = primaries.white
    return columns * np.linalg.solve(columns, [x / y, 1, (1 - x - y) / y])


def stored(primaries: Primaries, curve: Curve) -> Image.Image:
    """A picture of the colours SEEN, in the numbers of that space."""
    light = to_light(SEEN / 255, profiles.SRGB_CURVE) @ xyz(profiles.BT709).T @ np.linalg.inv(xyz(primaries)).T
    numbers = np.rint(from_light(np.clip(light, 0, 1), curve) * 255).astype(np.uint8)
    return Image.fromarray(np.repeat(np.repeat(numbers[None], 32, 0), 32, 1))


def published(place: Path) -> np.ndarray:
    found = np.asarray(stills.upright(place), dtype=int)
    return found[16, 16::32]


def chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def png(picture: Image.Image, *chunks: bytes) -> bytes:
    body = as_bytes(picture, "PNG")
    return body[:33] + b"".join(chunks) + body[33:]


def chromaticities(primaries: Primaries) -> bytes:
    return chunk(b"cHRM", b"".join(round(each * 100_000).to_bytes(4, "big") for point in primaries for each in point))


def gamma(value: float) -> bytes:
    return chunk(b"gAMA", round(value * 100_000).to_bytes(4, "big"))


def cicp(primaries: int, transfer: int) -> bytes:
    return chunk(b"cICP", bytes((primaries, transfer, 0, 1)))


def exif_colours(space: int, index: bytes = b"") -> bytes:
    """EXIF with a ColorSpace and, where given, an InteroperabilityIndex."""
    first = struct.pack("<HHHIII", 1, 0x8769, 4, 1, 26, 0)
    camera = struct.pack("<HHHIIHHIII", 2, 0xA001, 3, 1, space, 0xA005, 4, 1, 56, 0)
    shared = struct.pack("<HHHI4sI", 1, 1, 2, 4, index, 0)
    return b"Exif\0\0II*\0\x08\0\0\0" + first + camera + shared


def avif(primaries: Primaries, curve: Curve, codes: tuple[int, int]) -> bytes:
    """Pillow always writes BT.709 and sRGB: other code points are put in their place."""
    body = as_bytes(stored(primaries, curve), "AVIF", quality=100, subsampling="4:4:4")
    assert b"colrnclx\0\x01\0\x0d" in body
    return body.replace(b"colrnclx\0\x01\0\x0d", b"colrnclx" + struct.pack(">HH", *codes))


ADOBE = (profiles.ADOBE, profiles.ADOBE_CURVE)
LINEAR = profiles.power(1.0)
FALSE_NAME = ("sRGB-elle-V2-g10.icc", profiles.BT709, LINEAR)
SPACES: dict[str, Callable[[], bytes]] = {
    "an-icc-profile-of-p3.jpg": lambda: as_bytes(stored(P3, P3_SRGB[2]), "JPEG", quality=100, subsampling=0,
                                                 icc_profile=profiles.made(*P3_SRGB)),
    "an-icc-profile-of-p3.webp": lambda: as_bytes(stored(P3, P3_SRGB[2]), "WEBP", lossless=True,
                                                  icc_profile=profiles.made(*P3_SRGB)),
    "an-icc-profile-of-p3.tif": lambda: as_bytes(stored(P3, P3_SRGB[2]), "TIFF", icc_profile=profiles.made(*P3_SRGB)),
    "linear-called-srgb.png": lambda: as_bytes(stored(profiles.BT709, LINEAR), "PNG",
                                               icc_profile=profiles.made(*FALSE_NAME)),
    "adobe-called-srgb.png": lambda: as_bytes(stored(*ADOBE), "PNG", icc_profile=profiles.made("sRGB", *ADOBE)),
    "srgb-called-otherwise.png": lambda: as_bytes(stored(profiles.BT709, profiles.SRGB_CURVE), "PNG",
                                                  icc_profile=profiles.made("x", profiles.BT709, profiles.SRGB_CURVE)),
    "exif-r03.jpg": lambda: as_bytes(stored(*ADOBE), "JPEG", quality=100, subsampling=0,
                                     exif=exif_colours(0xFFFF, b"R03\0")),
    "exif-2.jpg": lambda: as_bytes(stored(*ADOBE), "JPEG", quality=100, subsampling=0, exif=exif_colours(2)),
    "exif-r03.webp": lambda: as_bytes(stored(*ADOBE), "WEBP", lossless=True, exif=exif_colours(0xFFFF, b"R03\0")),
    "exif-r03.png": lambda: as_bytes(stored(*ADOBE), "PNG", exif=exif_colours(0xFFFF, b"R03\0")),
    "exif-srgb.jpg": lambda: as_bytes(stored(profiles.BT709, profiles.SRGB_CURVE), "JPEG", quality=100, subsampling=0,
                                      exif=exif_colours(1)),
    "nothing.jpg": lambda: as_bytes(stored(profiles.BT709, profiles.SRGB_CURVE), "JPEG", quality=100, subsampling=0),
    "gamma-and-primaries.png": lambda: png(stored(*ADOBE), gamma(256 / 563), chromaticities(profiles.ADOBE)),
    "gamma-alone.png": lambda: png(stored(profiles.BT709, profiles.power(1.8)), gamma(1 / 1.8)),
    "linear-gamma.png": lambda: png(stored(profiles.BT709, LINEAR), gamma(1.0)),
    "primaries-alone.png": lambda: png(stored(P3, profiles.SRGB_CURVE), chromaticities(P3)),
    "srgb-beside-its-gamma.png": lambda: png(stored(profiles.BT709, profiles.SRGB_CURVE), chunk(b"sRGB", b"\0"),
                                             gamma(0.45455), chromaticities(profiles.BT709)),
    "what-software-writes-for-srgb.png": lambda: png(stored(profiles.BT709, profiles.SRGB_CURVE), gamma(0.45455),
                                                     chromaticities(profiles.BT709)),
    "coded-p3.png": lambda: png(stored(P3, profiles.SRGB_CURVE), cicp(12, 13)),
    "coded-bt2020.png": lambda: png(stored(profiles.PRIMARIES[9], profiles.CURVES[14]), cicp(9, 14)),
    "coded-srgb-before-a-profile.png": lambda: png(stored(profiles.BT709, profiles.SRGB_CURVE), cicp(1, 13),
                                                   chunk(b"iCCP", b"P3\0\0" + zlib.compress(profiles.made(*P3_SRGB)))),
    "coded-p3.avif": lambda: avif(P3, profiles.SRGB_CURVE, (12, 13)),
    "coded-bt709.avif": lambda: avif(profiles.BT709, profiles.CURVES[1], (1, 1)),
    "coded-srgb.avif": lambda: avif(profiles.BT709, profiles.SRGB_CURVE, (1, 13)),
    "coded-gamma.avif": lambda: avif(profiles.BT709, profiles.power(2.8), (1, 5)),
}  # fmt: skip


@pytest.mark.parametrize("name", SPACES)
def test_a_declared_space_is_honoured(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(SPACES[name]())
    assert np.abs(published(tmp_path / name) - SEEN).max() <= LEVELS


def test_the_table_would_show_a_space_that_is_not_honoured(tmp_path: Path) -> None:
    """The control: the same numbers without what they mean are far off."""
    for name, primaries, curve in (("a.png", *ADOBE), ("b.png", P3, profiles.SRGB_CURVE)):
        (tmp_path / name).write_bytes(as_bytes(stored(primaries, curve), "PNG"))
        assert np.abs(published(tmp_path / name) - SEEN).max() > 2 * LEVELS


@pytest.mark.parametrize("name", ["linear_called_srgb.jpg", "linear.jpg"])
def test_a_profile_is_known_by_what_it_does_not_by_its_name(name: str) -> None:
    with Image.open(HERE / name) as picture:
        stored_grey = np.asarray(picture.convert("L"), dtype=int)
    found = np.asarray(stills.upright(HERE / name), dtype=int)
    assert np.abs(found[stored_grey == 40] - 110).max() <= LEVELS


def test_profiles_of_srgb_by_other_makers_change_no_pixel(photograph: Image.Image) -> None:
    for profile in (
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        profiles.made("c2", profiles.BT709, profiles.SRGB_CURVE),
    ):
        assert colour.is_srgb(profile)
        assert colour.to_srgb(photograph.copy(), "a", profile).tobytes() == photograph.tobytes()
    for other in (profiles.made(*P3_SRGB), profiles.made("sRGB", profiles.BT709, profiles.power(2.2)), b"", b"rubbish"):
        assert not colour.is_srgb(other)


def test_a_grey_picture_with_a_profile_of_rgb_is_converted_too(tmp_path: Path) -> None:
    grey = Image.new("L", (64, 64), 40)
    (tmp_path / "a.png").write_bytes(as_bytes(grey, "PNG", icc_profile=profiles.made("g10", profiles.BT709, LINEAR)))
    assert abs(stills.upright(tmp_path / "a.png").getpixel((5, 5))[0] - 110) <= LEVELS  # type: ignore[index]  # RGB


@pytest.mark.parametrize(
    ("name", "made", "says"),
    [
        ("a.jpg", lambda: as_bytes(stored(*ADOBE), "JPEG", exif=exif_colours(0xFFFF)), "not the ordinary ones"),
        ("a.png", lambda: png(stored(*ADOBE), cicp(9, 16)), "high dynamic range"),
        ("a.png", lambda: png(stored(*ADOBE), cicp(9, 18)), "high dynamic range"),
        ("a.png", lambda: png(stored(*ADOBE), cicp(4, 13)), "not known here"),
        ("a.png", lambda: png(stored(*ADOBE), gamma(90.0)), "not known here"),
        ("a.png", lambda: png(stored(*ADOBE), chunk(b"cHRM", bytes(32))), "not known here"),
        ("a.avif", lambda: avif(*ADOBE, (9, 16)), "high dynamic range"),
    ],
)
def test_what_is_not_honoured_is_told(name: str, made: Callable[[], bytes], says: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(made())
    assert any(says in words for words in probe(tmp_path / name, declared_name=name).warnings)
    assert published(tmp_path / name).shape == SEEN.shape


def test_ordinary_pictures_are_told_nothing_about_colours(tmp_path: Path) -> None:
    for name in ("nothing.jpg", "exif-srgb.jpg", "coded-srgb.avif", "what-software-writes-for-srgb.png"):
        (tmp_path / name).write_bytes(SPACES[name]())
        assert not [words for words in probe(tmp_path / name, declared_name=name).warnings if "colour" in words]


def test_a_bitmap_s_own_profile_is_honoured(tmp_path: Path) -> None:
    profile, plain = profiles.made(*P3_SRGB), as_bytes(stored(P3, profiles.SRGB_CURVE), "BMP")
    pixels = plain[54:]
    head = struct.pack("<I", 124) + plain[18:54] + bytes(16) + b"DEBM" + bytes(48)
    head += struct.pack("<IIII", 4, 124 + len(pixels), len(profile), 0)
    whole = b"BM" + struct.pack("<IHHI", 14 + 124 + len(pixels) + len(profile), 0, 0, 14 + 124) + head
    (tmp_path / "a.bmp").write_bytes(whole + pixels + profile)
    assert np.abs(published(tmp_path / "a.bmp") - SEEN).max() <= LEVELS
