"""Every still is published the way up that a browser shows it, whatever else its camera wrote."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageOps, TiffImagePlugin

from publisher.media import exif, stills
from publisher.media.brand import Brand
from publisher.media.probe import probe
from publisher.media.recipe import Recipe

from .conftest import as_bytes

HERE = Path(__file__).parent / "samples"
SIZE = (96, 64)
# Upright: red top left, green top right, blue bottom left, white bottom right.
COLOURS = {(0, 0): (255, 0, 0), (1, 0): (0, 255, 0), (0, 1): (0, 0, 255), (1, 1): (255, 255, 255)}
# How the stored picture is made from the upright one: the inverse of what the orientation asks for (EXIF, 4.6.4).
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
ODD = sorted((HERE / "exif").iterdir())


def upright() -> Image.Image:
    picture = Image.new("RGB", SIZE)
    for (right, down), colour in COLOURS.items():
        picture.paste(colour, (right * 48, down * 32, right * 48 + 48, down * 32 + 32))
    return picture


def stored(orientation: int) -> Image.Image:
    turn = STORED[orientation]
    return upright() if turn is None else upright().transpose(turn)


def said(orientation: int) -> bytes:
    """An EXIF block of one tag, little-endian."""
    return b"Exif\0\0II*\0" + struct.pack("<IHHHIII", 8, 1, 0x0112, 3, 1, orientation, 0)


def corners(picture: Image.Image) -> dict[tuple[int, int], tuple[int, ...]]:
    """The colour a quarter in from each corner, rounded to full or none."""
    width, height = picture.size
    return {
        (right, down): _rounded(picture, (1 + 2 * right) * width // 4, (1 + 2 * down) * height // 4)
        for right, down in COLOURS
    }


def _rounded(picture: Image.Image, x: int, y: int) -> tuple[int, ...]:
    found = picture.getpixel((x, y))
    assert isinstance(found, tuple)
    return tuple(255 * (level > 127) for level in found)


def tiff(orientation: int, **options: object) -> bytes:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[0x0112] = orientation
    return as_bytes(stored(orientation), "TIFF", tiffinfo=tags, **options)


FORMATS: dict[str, Callable[[int], bytes]] = {
    "a.jpg": lambda number: as_bytes(stored(number), "JPEG", exif=said(number)),
    "grey.jpg": lambda number: as_bytes(stored(number).convert("L"), "JPEG", exif=said(number)),
    "a.png": lambda number: as_bytes(stored(number), "PNG", exif=said(number)),
    "palette.png": lambda number: as_bytes(stored(number).quantize(8), "PNG", exif=said(number)),
    "a.webp": lambda number: as_bytes(stored(number), "WEBP", exif=said(number), lossless=True),
    "a.tif": tiff,
    "packed.tif": lambda number: tiff(number, compression="tiff_lzw"),
    "a.avif": lambda number: as_bytes(stored(number), "AVIF", exif=said(number)),
}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("orientation", STORED)
def test_every_orientation_of_every_format_is_published_upright(name: str, orientation: int, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(FORMATS[name](orientation))
    found = stills.upright(tmp_path / name)
    assert found.size == SIZE
    wanted = COLOURS if not name.startswith("grey") else corners(upright().convert("L").convert("RGB"))
    assert corners(found) == wanted
    looked = probe(tmp_path / name, declared_name=name)
    assert (looked.width, looked.height, looked.orientation) == (*SIZE, orientation)


@pytest.mark.parametrize("name", ["xmp_says_6.jpg", "xmp_says_6_beside_exif.jpg"])
def test_an_orientation_in_xmp_turns_nothing(name: str) -> None:
    with Image.open(HERE / name) as picture:
        assert b'Orientation="6"' in picture.info["xmp"] or b"Orientation>6" in picture.info["xmp"]
        as_it_stands = picture.convert("RGB").tobytes()
    assert stills.upright(HERE / name).tobytes() == as_it_stands
    assert probe(HERE / name, declared_name=name).orientation == 1


@pytest.mark.parametrize("name", [path.name for path in ODD])
def test_one_odd_tag_loses_no_picture(name: str, brand: Brand, recipe: Callable[..., Recipe], tmp_path: Path) -> None:
    assert (len(ODD), probe(HERE / "exif" / name, declared_name=name).orientation) == (31, 6)
    made = stills.render_still(HERE / "exif" / name, recipe(), brand, tmp_path / "out.jpg")
    assert made.width == 432  # the stored width is 768


TAGS = [
    0x00FE, 0x0100, 0x0101, 0x0102, 0x0103, 0x0106, 0x010E, 0x010F, 0x0110, 0x0111, 0x0112, 0x0115, 0x0116, 0x0117,
    0x011A, 0x011B, 0x011C, 0x0128, 0x012D, 0x0131, 0x0132, 0x013B, 0x013C, 0x013D, 0x013E, 0x013F, 0x0142, 0x0201,
    0x0202, 0x0211, 0x0212, 0x0213, 0x0214, 0x02BC, 0x1001, 0x4746, 0x8298, 0x829A, 0x829D, 0x83BB, 0x8649, 0x8769,
    0x8773, 0x8822, 0x8825, 0x8827, 0x8830, 0x9000, 0x9003, 0x9004, 0x9010, 0x9101, 0x9201, 0x9202, 0x9204, 0x9208,
    0x927C, 0x9286, 0x9290, 0x9C9B, 0x9C9C, 0xA000, 0xA001, 0xA002, 0xA005, 0xA20E, 0xA300, 0xA401, 0xA430, 0xEA1C,
]  # fmt: skip
TYPES = range(14)


def with_tag(picture: bytes, tag: int, kind: int) -> bytes:
    """A JPEG whose EXIF has this tag, as this type, before (if lower) or after an orientation of 6."""
    entries = sorted([(0x0112, 3, 1, 6), (tag, kind, 2, 0xFFFFFFF0 if kind in (9, 13) else 26)])
    block = b"II*\0" + struct.pack("<IH", 8, 2) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    segment = b"Exif\0\0" + block + bytes(8) + b"\xff" * 12
    return picture[:2] + b"\xff\xe1" + (len(segment) + 2).to_bytes(2, "big") + segment + picture[2:]


def test_no_pair_of_tag_and_type_loses_a_picture(tmp_path: Path) -> None:
    picture, lost = as_bytes(Image.new("RGB", (48, 32), "navy"), "JPEG"), []
    for tag in TAGS:
        for kind in TYPES:
            (tmp_path / "a.jpg").write_bytes(with_tag(picture, tag, kind))
            if stills.upright(tmp_path / "a.jpg").size != (32, 48):
                lost.append((tag, kind))
    assert (len(TAGS) * len(TYPES), lost) == (980, [])


@pytest.mark.parametrize(("kind", "tag"), [("PNG", 0x011A), ("WEBP", 0x011A), ("AVIF", 0x0131), ("TIFF", 0x0131)])
@pytest.mark.parametrize("of_type", TYPES)
def test_an_odd_tag_loses_no_picture_of_another_format(kind: str, tag: int, of_type: int, tmp_path: Path) -> None:
    name = f"a.{kind.lower()}"
    if kind in ("PNG", "WEBP"):
        body = as_bytes(stored(6), kind, exif=with_tag(b"", tag, of_type)[4:])
    else:
        plain = Image.Exif()
        plain[0x0112], plain[tag] = 6, "2026:11:29"
        body = as_bytes(stored(6), kind, exif=plain)
        assert sum(body.count(struct.pack(f"{order}HH", tag, 2)) for order in "<>") == 1
        for order in "<>":
            body = body.replace(struct.pack(f"{order}HH", tag, 2), struct.pack(f"{order}HH", tag, of_type))
    (tmp_path / name).write_bytes(body)
    assert stills.upright(tmp_path / name).size == SIZE


def test_what_the_reader_of_exif_believes() -> None:
    def tags(*entries: tuple[int, int, int, bytes]) -> bytes:
        lines = b"".join(struct.pack("<HHI", tag, kind, count) + value for tag, kind, count, value in entries)
        return b"II*\0" + struct.pack("<IH", 8, len(entries)) + lines + bytes(4)

    for value in (b"\x06\0\0\0",):
        for kind in (1, 3, 4, 6, 8, 9, 13):
            assert exif.read(tags((0x0112, kind, 1, value))).orientation == 6
    for nonsense in (0, 9, 255, 65535):
        assert exif.read(tags((0x0112, 3, 1, struct.pack("<I", nonsense)))).orientation == 1
    assert exif.read(tags((0x0112, 3, 1, b"\xff\0\0\0"), (0x0112, 3, 1, b"\x03\0\0\0"))).orientation == 3
    for blob in (
        b"",
        b"II",
        b"II*\0",
        b"MM\0*\xff\xff\xff\xff",
        b"Exif\0\0",
        tags()[:9],
        bytes(40),
        b"II*\0" + b"\xff" * 60,
    ):
        assert exif.read(blob) == exif.Camera()


def test_a_tiff_with_a_thumbnail_page_is_a_photograph(tmp_path: Path) -> None:
    large, small = upright().resize((384, 256)), upright().resize((80, 53))
    for number, pages in enumerate(([large, small], [small, large], [large, small, small])):
        place = tmp_path / f"{number}.tif"
        pages[0].save(place, save_all=True, append_images=pages[1:])
        found = stills.upright(place)
        assert found.size == (384, 256) and corners(found) == COLOURS
        assert probe(place, declared_name=place.name).width == 384


def test_a_tiff_whose_thumbnail_is_turned_is_turned_by_the_tag_of_its_own_page(tmp_path: Path) -> None:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[0x0112] = 6
    large = stored(6)
    large.encoderinfo = {"tiffinfo": tags}  # what Pillow saves an appended page with
    stored(6).resize((16, 24)).save(tmp_path / "a.tif", save_all=True, append_images=[large])
    assert corners(stills.upright(tmp_path / "a.tif")) == COLOURS
    assert probe(tmp_path / "a.tif", declared_name="a.tif").orientation == 6


def test_rewriting_what_the_camera_wrote_would_lose_many() -> None:
    """The control: Pillow's own way to turn a picture writes its EXIF anew."""
    lost = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path in ODD:
            with Image.open(path) as picture:
                try:
                    lost += ImageOps.exif_transpose(picture).size != (432, 768)
                except (TypeError, ValueError, OSError, struct.error, AttributeError, OverflowError, SyntaxError):
                    lost += 1
    assert lost > len(ODD) / 4
