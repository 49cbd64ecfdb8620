"""A published still differs from its Original inside the mark and nowhere else, and tells no secrets."""

from __future__ import annotations

import dataclasses
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from publisher.media import stills
from publisher.media.brand import Brand
from publisher.media.errors import BadMedia
from publisher.media.metadata import check_clean, segments
from publisher.media.recipe import MarkStyle, Profile, Recipe, Redaction

from .conftest import as_bytes

Recipes = Callable[..., Recipe]
PHONE = "synth_phone_12mp_exif_gps_thumb_p3_o6.jpg"


def outside(made: stills.Composite) -> tuple[np.ndarray, np.ndarray]:
    """Source and composite, cut to the source's size, with mark and redactions cut out of both."""
    source = np.array(made.source)
    composed = np.array(made.composed)[: made.source.height, : made.source.width]
    for x, y, width, height in (made.mark_box, *made.covered):
        source[y : y + height, x : x + width] = 0
        composed[y : y + height, x : x + width] = 0
    return source, composed


@pytest.mark.parametrize("style", MarkStyle)
def test_every_pixel_outside_the_mark_is_the_original_s(
    brand: Brand, recipe: Recipes, write: Callable[..., Path], photograph: Image.Image, style: MarkStyle
) -> None:
    original = write(photograph, "a.png")
    made = stills.compose(original, recipe(mark=style, exercise=True), brand)
    source, composed = outside(made)
    assert (source == composed).all()
    # And the source is the Original itself, pixel by pixel, not merely something consistent.
    assert (np.array(made.source) == np.array(photograph)).all()


def test_the_mark_box_really_holds_the_mark(
    brand: Brand, recipe: Recipes, write: Callable[..., Path], photograph: Image.Image
) -> None:
    made = stills.compose(write(photograph, "a.png"), recipe(mark=MarkStyle.PLATE), brand)
    x, y, width, height = made.mark_box
    box = (x, y, x + width, y + height)
    changed = np.array(made.source.crop(box)) != np.array(made.composed.crop(box))
    assert changed.mean() > 0.9
    assert width * height < 0.4 * made.source.width * made.source.height


def test_the_proof_finds_a_single_changed_pixel(
    brand: Brand, recipe: Recipes, write: Callable[..., Path], photograph: Image.Image
) -> None:
    made = stills.compose(write(photograph, "a.png"), recipe(), brand)
    stills.prove(made)
    red, green, blue = made.composed.getpixel((3, 5))  # type: ignore[misc]
    made.composed.putpixel((3, 5), (red, green ^ 1, blue))
    with pytest.raises(BadMedia, match="outside its mark"):
        stills.prove(made)


def test_a_composite_that_fails_its_proof_is_never_published(
    brand: Brand, recipe: Recipes, write: Callable[..., Path], photograph: Image.Image, tmp_path: Path
) -> None:
    made = stills.compose(write(photograph, "a.png"), recipe(), brand)
    made.composed.paste((1, 2, 3), (100, 100, 101, 101))
    with pytest.raises(BadMedia, match="outside its mark"):
        stills.finish(made, recipe(), tmp_path / "out.jpg")
    assert not (tmp_path / "out.jpg").exists()


def test_a_composite_that_still_carries_a_comment_is_never_published(
    brand: Brand, recipe: Recipes, write: Callable[..., Path], photograph: Image.Image, tmp_path: Path
) -> None:
    made = stills.compose(write(photograph, "a.png"), recipe(), brand)
    made.composed.info["comment"] = b"camera 12, serial 00451"
    with pytest.raises(BadMedia, match="metadata that is not ours"):
        stills.finish(made, recipe(), tmp_path / "out.jpg")
    assert not (tmp_path / "out.jpg").exists()


def test_a_telephone_picture_is_turned_upright_and_colour_managed(
    brand: Brand, recipe: Recipes, odd: Callable[[str], Path]
) -> None:
    made = stills.compose(odd(PHONE), recipe(), brand)
    with Image.open(odd(PHONE)) as stored:
        profile = stored.info["icc_profile"]
        turned = ImageOps.exif_transpose(stored)
    ImageCms.profileToProfile(
        turned,
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        inPlace=True,
    )
    assert made.source.size == (3024, 4032)
    assert (np.array(made.source) == np.array(turned)).all()


def test_a_black_and_white_picture_is_turned_too(brand: Brand, recipe: Recipes, write: Callable[..., Path]) -> None:
    exif = Image.Exif()
    exif[0x0112] = 8
    grey = Image.fromarray(np.arange(320 * 480, dtype=np.uint32).reshape(320, 480).astype(np.uint8))
    made = stills.compose(write(grey, "a.png", exif=exif), recipe(), brand)
    assert made.source.size == (320, 480)
    assert (np.array(made.source.getchannel(0)) == np.array(grey.rotate(90, expand=True))).all()


@pytest.mark.parametrize(
    ("name", "mode"), [("a.jpg", "CMYK"), ("a.png", "I;16"), ("a.png", "LA"), ("a.png", "P"), ("a.tif", "RGBA")]
)
def test_an_unusual_picture_is_published_whole(
    brand: Brand, recipe: Recipes, tmp_path: Path, photograph: Image.Image, name: str, mode: str
) -> None:
    original = tmp_path / name
    if mode == "I;16":
        Image.fromarray(np.array(photograph.convert("L"), dtype=np.uint16) * 256).save(original)
    else:
        photograph.convert(mode).save(original)
    made = stills.render_still(original, recipe(), brand, tmp_path / "out.jpg")
    with Image.open(made.path) as published:
        assert published.mode == "RGB"
        assert abs(np.array(published.crop((0, 0, 480, 320))).mean() - np.array(photograph).mean()) < 12


@pytest.mark.parametrize("ground", ["white", "black", "grey", "noise"])
@pytest.mark.parametrize("style", MarkStyle)
def test_the_mark_looks_the_same_on_every_ground(
    brand: Brand, recipe: Recipes, write: Callable[..., Path], photograph: Image.Image, ground: str, style: MarkStyle
) -> None:
    picture = photograph if ground == "noise" else Image.new("RGB", photograph.size, ground)
    made = stills.compose(write(picture, "a.png"), recipe(mark=style), brand)
    x, y, width, height = made.mark_box
    drawn = made.composed.crop((x, y, x + width, y + height))
    plain = stills.make_mark(*photograph.size, recipe(mark=style), brand).banner
    assert drawn.tobytes() == plain.tobytes()


def test_the_same_input_gives_the_same_bytes_in_another_process(
    brand: Brand, recipe: Recipes, odd: Callable[[str], Path], tmp_path: Path
) -> None:
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from publisher.media.brand import Brand\nfrom publisher.media.recipe import Recipe\n"
        "from publisher.media.stills import render_still\n"
        f"brand = Brand.from_folder(Path({str(brand.crest.parent)!r}), force={brand.force!r}, "
        f"contact={brand.contact!r}, handle={brand.handle!r})\n"
        "made = render_still(Path(sys.argv[1]), Recipe.from_json(sys.stdin.read()), brand, Path(sys.argv[2]))\n"
        "print(made.sha256)\n"
    )
    here = stills.render_still(odd(PHONE), recipe(exercise=True), brand, tmp_path / "here.jpg")
    there = subprocess.run(
        [sys.executable, "-c", script, str(odd(PHONE)), str(tmp_path / "there.jpg")],
        input=recipe(exercise=True).as_json(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.strip() == here.sha256
    assert (tmp_path / "there.jpg").read_bytes() == (tmp_path / "here.jpg").read_bytes()


@pytest.mark.parametrize("style", MarkStyle)
def test_nothing_the_camera_wrote_is_published(
    brand: Brand, recipe: Recipes, odd: Callable[[str], Path], tmp_path: Path, style: MarkStyle
) -> None:
    with Image.open(odd(PHONE)) as stored:
        exif = stored.getexif()
        planted = [str(value).encode() for tag, value in exif.items() if tag in (0x010F, 0x0110, 0x0131)]
        planted += [str(value).encode() for tag, value in exif.get_ifd(0x8769).items() if isinstance(value, str)]
        planted.append(stored.info["comment"])
        assert exif.get_ifd(0x8825), "the fixture carries a position"
    assert len(planted) >= 3
    body_before = odd(PHONE).read_bytes()
    assert all(text in body_before for text in planted)

    made = stills.render_still(odd(PHONE), recipe(mark=style), brand, tmp_path / "out.jpg")
    body = made.path.read_bytes()
    assert not [text for text in planted if text in body]
    assert b"Exif\x00\x00" not in body and b"GPS" not in body and b"ICC_PROFILE" not in body
    assert body.count(b"\xff\xd8\xff") == 1  # no thumbnail, no second picture
    with Image.open(made.path) as published:
        assert not published.getexif()
        assert not {"exif", "comment", "icc_profile", "mp"} & set(published.info)


def test_only_the_first_picture_of_several_is_published(
    brand: Brand, recipe: Recipes, write: Callable[..., Path], photograph: Image.Image, tmp_path: Path
) -> None:
    unredacted = photograph.rotate(180)
    original = write(photograph, "a.jpg", format="MPO", save_all=True, append_images=[unredacted])
    assert original.read_bytes().count(b"\xff\xd8\xff") == 2
    made = stills.render_still(original, recipe(), brand, tmp_path / "out.jpg")
    assert made.path.read_bytes().count(b"\xff\xd8\xff") == 1


def test_what_was_hidden_behind_the_picture_is_gone(
    brand: Brand, recipe: Recipes, photograph: Image.Image, tmp_path: Path
) -> None:
    original = tmp_path / "polyglot.jpg"
    original.write_bytes(as_bytes(photograph, "JPEG") + b"PK\x03\x04 hidden archive")
    made = stills.render_still(original, recipe(), brand, tmp_path / "out.jpg")
    assert b"hidden archive" not in made.path.read_bytes()


def test_credit_and_conditions_of_use_are_written_for_picture_desks(
    brand: Brand, recipe: Recipes, write: Callable[..., Path], photograph: Image.Image, tmp_path: Path
) -> None:
    made = stills.render_still(write(photograph, "a.png"), recipe(), brand, tmp_path / "out.jpg")
    with Image.open(made.path) as published:
        iptc = published.info["photoshop"][0x0404]
        xmp = published.info["xmp"].decode()
    for words in ("Northshire Police", "© Northshire Police 2026", "For use with this appeal only", "WTN-0123"):
        assert words.encode() in iptc
        assert words in xmp


def test_the_credit_changes_no_pixel(
    brand: Brand, recipe: Recipes, write: Callable[..., Path], photograph: Image.Image, tmp_path: Path
) -> None:
    original = write(photograph, "a.png")
    bare = recipe(credit="", copyright="", usage_terms="")
    one = stills.render_still(original, recipe(), brand, tmp_path / "one.jpg")
    other = stills.render_still(original, bare, brand, tmp_path / "other.jpg")
    with Image.open(one.path) as credited, Image.open(other.path) as plain:
        assert credited.tobytes() == plain.tobytes()


def test_markup_in_a_credit_stays_text(
    brand: Brand, recipe: Recipes, write: Callable[..., Path], photograph: Image.Image, tmp_path: Path
) -> None:
    made = stills.render_still(write(photograph, "a.png"), recipe(credit="<b>&</b>"), brand, tmp_path / "out.jpg")
    with Image.open(made.path) as published:
        assert b"&lt;b&gt;&amp;&lt;/b&gt;" in published.info["xmp"]


def test_the_encoding_is_the_one_measured(
    brand: Brand, recipe: Recipes, write: Callable[..., Path], photograph: Image.Image, tmp_path: Path
) -> None:
    made = stills.render_still(write(photograph, "a.png"), recipe(), brand, tmp_path / "out.jpg")
    reference = as_bytes(photograph, "JPEG", quality=90)
    with Image.open(made.path) as published, Image.open(io.BytesIO(reference)) as plain:
        assert published.quantization == plain.quantization
        assert "progressive" not in published.info
        assert [layer[1:3] for layer in published.layer] == [(2, 2), (1, 1), (1, 1)]  # 4:2:0


def test_a_redaction_is_solid_whatever_was_there(
    brand: Brand, recipe: Recipes, write: Callable[..., Path], photograph: Image.Image
) -> None:
    made = stills.compose(write(photograph, "a.png"), recipe(redactions=(Redaction(40, 30, 100, 60),)), brand)
    assert np.array(made.composed.crop((40, 30, 140, 90))).max() == 0
    assert made.covered == ((40, 30, 100, 60),)
    source, composed = outside(made)
    assert (source == composed).all()


def test_a_redaction_over_the_edge_covers_to_the_edge(
    brand: Brand, recipe: Recipes, write: Callable[..., Path], photograph: Image.Image
) -> None:
    made = stills.compose(write(photograph, "a.png"), recipe(redactions=(Redaction(470, 310, 500, 500),)), brand)
    assert made.covered == ((470, 310, 10, 10),)


def test_a_redaction_beside_the_picture_is_refused_rather_than_covering_nothing(
    brand: Brand, recipe: Recipes, write: Callable[..., Path], photograph: Image.Image, tmp_path: Path
) -> None:
    with pytest.raises(BadMedia, match="outside the picture"):
        stills.render_still(
            write(photograph, "a.png"), recipe(redactions=(Redaction(500, 10, 5, 5),)), brand, tmp_path / "out.jpg"
        )
    assert not (tmp_path / "out.jpg").exists()


def test_a_picture_too_large_for_the_destination_is_compressed_more_then_refused(
    brand: Brand, recipe: Recipes, write: Callable[..., Path], photograph: Image.Image, tmp_path: Path
) -> None:
    original = write(photograph, "a.png")
    usual = stills.render_still(original, recipe(), brand, tmp_path / "a.jpg")
    tight = recipe(profile=Profile(max_bytes=usual.size - 1))
    assert stills.render_still(original, tight, brand, tmp_path / "b.jpg").size < usual.size
    with pytest.raises(BadMedia, match="larger than 1000 bytes"):
        stills.render_still(original, recipe(profile=Profile(max_bytes=1000)), brand, tmp_path / "c.jpg")
    assert sorted(place.name for place in tmp_path.iterdir()) == ["a.jpg", "a.png", "b.jpg"]


def test_another_brand_than_the_approved_one_is_refused(
    brand: Brand, recipe: Recipes, write: Callable[..., Path], photograph: Image.Image, tmp_path: Path
) -> None:
    renamed = dataclasses.replace(brand, force="Southshire Police")
    with pytest.raises(BadMedia, match="have changed"):
        stills.render_still(write(photograph, "a.png"), recipe(), renamed, tmp_path / "out.jpg")


def test_an_unwritable_folder_is_said_in_words(
    brand: Brand, recipe: Recipes, write: Callable[..., Path], photograph: Image.Image, tmp_path: Path
) -> None:
    with pytest.raises(BadMedia, match="could not be written to"):
        stills.render_still(write(photograph, "a.png"), recipe(), brand, tmp_path / "gone" / "out.jpg")


@pytest.mark.parametrize(
    "options",
    [
        {"comment": b"left over"},
        {"exif": Image.Exif()},
        {"icc_profile": b"some profile"},
        {"xmp": b"<x:xmpmeta/>", "extra": b"\xff\xec\x00\x06DUCK"},
    ],
)
def test_the_last_gate_refuses_a_picture_that_still_tells(
    write: Callable[..., Path], photograph: Image.Image, options: dict[str, object]
) -> None:
    if "exif" in options:
        exif = Image.Exif()
        exif[0x010F] = "maker"
        options = {"exif": exif}
    place = write(photograph, "a.jpg", **options)
    with pytest.raises(BadMedia, match="thrown away"):
        check_clean(place)


def test_the_last_gate_refuses_a_second_picture(write: Callable[..., Path], photograph: Image.Image) -> None:
    place = write(photograph, "a.jpg", format="MPO", save_all=True, append_images=[photograph])
    with pytest.raises(BadMedia, match="thrown away"):
        check_clean(place)


def test_segments_are_listed_up_to_the_picture(photograph: Image.Image) -> None:
    found = segments(as_bytes(photograph, "JPEG", comment=b"hello"))
    assert (0xFE, b"hello") in found
    assert found[0][0] == 0xE0
