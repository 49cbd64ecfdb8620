"""What a picture is, is told by its content: read where it can be, and otherwise called what it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from publisher.media import formats, stills
from publisher.media.errors import BadMedia
from publisher.media.probe import probe

from .conftest import as_bytes


def boxed(brand: bytes, *others: bytes) -> bytes:
    brands = b"".join(others)
    return (16 + len(brands)).to_bytes(4, "big") + b"ftyp" + brand + bytes(4) + brands + b"\0\0\0\x44meta" + bytes(400)


HEIC = "a HEIC picture"
NAMED = {
    **{brand: (boxed(brand.encode(), b"mif1", b"heic"), HEIC) for brand in (
        "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "msf1", "MiHE")},
    "mif1 of nothing said": (boxed(b"mif1"), HEIC),
    "jxl ": (boxed(b"jxl "), "a JPEG XL picture"),
    "jxl, boxed": (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(40), "a JPEG XL picture"),
    "jxl, bare": (b"\xff\x0a" + bytes(40), "a JPEG XL picture"),
    "jp2": (b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(40), "a JPEG 2000 picture"),
    "crx ": (boxed(b"crx ", b"isom"), "a camera's raw picture"),
}  # fmt: skip


@pytest.mark.parametrize("name", ["IMG_1.heic", "IMG_1.jpg", "IMG_1.mp4"])
@pytest.mark.parametrize("brand", NAMED)
def test_a_picture_that_cannot_be_read_is_called_what_it_is(brand: str, name: str, tmp_path: Path) -> None:
    body, says = NAMED[brand]
    (tmp_path / name).write_bytes(body)
    with pytest.raises(BadMedia) as refused:
        probe(tmp_path / name, declared_name=name)
    assert says in refused.value.message and "JPEG" in refused.value.message.removeprefix(f"{name} is {says}")


def test_a_heic_picture_s_sentence_names_what_to_do_on_the_telephone(tmp_path: Path) -> None:
    (tmp_path / "a.heic").write_bytes(boxed(b"heic"))
    with pytest.raises(BadMedia, match="Settings, Camera, Formats, Most Compatible"):
        probe(tmp_path / "a.heic", declared_name="a.heic")


@pytest.mark.parametrize("name", ["a.avif", "a.heic", "a.jpg", "a.png"])
def test_an_avif_picture_is_read_under_any_picture_s_name(name: str, photograph: Image.Image, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(as_bytes(photograph, "AVIF"))
    found = probe(tmp_path / name, declared_name=name)
    assert (found.kind, found.media_type, found.width) == ("still", "image/avif", 480)
    assert stills.upright(tmp_path / name).size == photograph.size


@pytest.mark.parametrize("name", ["IMG_1.heic", "IMG_1.HEIF", "IMG_1.hif", "IMG_1.avif"])
def test_a_jpeg_that_a_telephone_names_heic_is_a_jpeg(name: str, photograph: Image.Image, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(as_bytes(photograph, "JPEG"))
    assert probe(tmp_path / name, declared_name=name).media_type == "image/jpeg"


def test_a_film_is_still_a_film(odd: Callable[[str], Path], tmp_path: Path) -> None:
    for brand in (b"isom", b"mp42", b"qt  ", b"M4V ", b"3gp5", b"avc1", b"XAVC", b"MSNV", b"dash"):
        assert formats.sniff(boxed(brand, b"isom")) is formats.MP4
    with pytest.raises(BadMedia, match="holds an MP4"):
        probe(odd("derived_vfr.mp4"), declared_name="a.heic")


def test_an_animated_avif_is_no_photograph(photograph: Image.Image, tmp_path: Path) -> None:
    photograph.save(tmp_path / "a.avif", save_all=True, append_images=[photograph.rotate(90)])
    with pytest.raises(BadMedia, match="an animation"):
        probe(tmp_path / "a.avif", declared_name="a.avif")
