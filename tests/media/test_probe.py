"""What a file is, and every file that is refused: each in a sentence that names it and the way out."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from publisher.media import clips, limits
from publisher.media.errors import BadMedia
from publisher.media.probe import probe

from .conftest import as_bytes

Odd = Callable[[str], Path]


def refusal(place: Path, name: str | None = None) -> str:
    with pytest.raises(BadMedia) as caught:
        probe(place, declared_name=name or place.name)
    words = caught.value.message
    assert (name or place.name) in words
    assert words.endswith(".")
    return words


def test_a_telephone_picture_is_described_upright(odd: Odd) -> None:
    found = probe(odd("synth_phone_12mp_exif_gps_thumb_p3_o6.jpg"), declared_name="IMG_0001.JPG")
    assert (found.kind, found.media_type) == ("still", "image/jpeg")
    assert (found.width, found.height) == (3024, 4032)
    assert found.orientation == 6
    assert found.has_gps
    assert found.colour_profile == "sP3C"


def test_the_camera_s_own_time_is_read_without_a_zone(write: Callable[..., Path], photograph: Image.Image) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2026:11:14 15:42:07"
    place = write(photograph, "a.jpg", exif=exif)
    taken_at = probe(place, declared_name="a.jpg").taken_at
    assert taken_at is not None and taken_at.tzinfo is None
    assert taken_at.isoformat() == "2026-11-14T15:42:07"


@pytest.mark.parametrize("orientation", [0, 9, 255])
def test_an_orientation_that_does_not_exist_is_ignored(
    write: Callable[..., Path], photograph: Image.Image, orientation: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = probe(write(photograph, "a.jpg", exif=exif), declared_name="a.jpg")
    assert (found.orientation, found.width, found.height) == (1, 480, 320)


def test_an_empty_file(tmp_path: Path) -> None:
    place = tmp_path / "empty.jpg"
    place.touch()
    assert "0 bytes" in refusal(place)


@pytest.mark.parametrize(
    ("body", "name", "says"),
    [
        (b"<!DOCTYPE html><html><body>Not found</body></html>", "photo.jpg", "a web page"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "clip.mp4", "an SVG drawing"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "crest.jpg", "PostScript"),
        (b"\xc5\xd0\xd3\xc6" + bytes(40), "crest.png", "PostScript"),
        (b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:10,\nfile:///etc/passwd\n", "clip.mp4", "a playlist"),
        (b"%PDF-1.7\n", "photo.jpg", "a PDF document"),
        (b"PK\x03\x04" + bytes(40), "photos.jpg", "an archive"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(40), "IMG_2.jpg", "a HEIC picture"),
        (b"not a picture at all", "photo.jpg", "a file of no kind known here"),
    ],
)
def test_a_file_of_another_kind(tmp_path: Path, body: bytes, name: str, says: str) -> None:
    place = tmp_path / "upload"
    place.write_bytes(body)
    assert says in refusal(place, name)


def test_a_name_that_says_another_format(write: Callable[..., Path], photograph: Image.Image) -> None:
    place = write(photograph, "a.png")
    words = refusal(place, "a.jpg")
    assert "a PNG picture" in words and "a JPEG picture" in words and ".png" in words


def test_a_film_named_as_a_picture(odd: Odd) -> None:
    assert "an MP4 or QuickTime video" in refusal(odd("derived_hevc.mp4"), "still.jpg")


@pytest.mark.parametrize("name", ["photo", "photo.exe", "photo.eps"])
def test_an_ending_that_is_not_known(write: Callable[..., Path], photograph: Image.Image, name: str) -> None:
    assert "Rename it" in refusal(write(photograph, "a.jpg"), name)


def test_a_name_with_a_path_is_only_a_name(write: Callable[..., Path], photograph: Image.Image) -> None:
    assert probe(write(photograph, "a.jpg"), declared_name="../../etc/a.JPEG").kind == "still"


@pytest.mark.parametrize("share", [0.3, 0.7, 0.99])
@pytest.mark.parametrize("kind", ["jpg", "png"])
def test_a_truncated_picture(tmp_path: Path, photograph: Image.Image, kind: str, share: float) -> None:
    body = as_bytes(photograph, {"jpg": "JPEG", "png": "PNG"}[kind])
    place = tmp_path / f"cut.{kind}"
    place.write_bytes(body[: int(len(body) * share)])
    assert "damaged" in refusal(place)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}, {"restart_marker_rows": 1}])
def test_damaged_bytes_that_pillow_loads_in_silence(
    tmp_path: Path, photograph: Image.Image, options: dict[str, object]
) -> None:
    damaged = bytearray(as_bytes(photograph, "JPEG", **options))
    for at in np.random.default_rng(3).integers(len(damaged) // 4, len(damaged) - 2, 30):
        damaged[at] ^= 0x10
    place = tmp_path / "flipped.jpg"
    place.write_bytes(damaged)
    with Image.open(place) as picture:
        picture.load()  # no word
    assert "damaged" in refusal(place)


@pytest.mark.parametrize(
    "options",
    [{}, {"progressive": True}, {"subsampling": 0}, {"subsampling": 1}, {"restart_marker_blocks": 4}, {"quality": 100}],
)
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_sound_jpeg_of_any_make_is_taken(
    write: Callable[..., Path], photograph: Image.Image, mode: str, options: dict[str, object]
) -> None:
    place = write(photograph.convert(mode), "a.jpg", **options)
    assert probe(place, declared_name="a.jpg").kind == "still"


def test_bytes_after_a_jpeg_s_end_do_no_harm(tmp_path: Path, photograph: Image.Image) -> None:
    place = tmp_path / "polyglot.jpg"
    place.write_bytes(as_bytes(photograph, "JPEG") + b"PK\x03\x04" + b"payload" * 100)
    assert probe(place, declared_name="polyglot.jpg").kind == "still"


def png_declaring(width: int, height: int) -> bytes:
    """A PNG of that size whose pixels are all zero: a few kilobytes for hundreds of megapixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width // 8 + 2) * height), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(9_500, 9_500), (14_000, 14_000)])
def test_a_decompression_bomb(tmp_path: Path, width: int, height: int) -> None:
    # Pillow only warns up to twice its limit and refuses above.
    place = tmp_path / "bomb.png"
    place.write_bytes(png_declaring(width, height))
    assert place.stat().st_size < 100_000
    assert "60 megapixels" in refusal(place)


@pytest.mark.parametrize(("kind", "name"), [("GIF", "a.gif"), ("PNG", "a.png"), ("WEBP", "a.webp")])
def test_an_animation_as_a_photo(write: Callable[..., Path], photograph: Image.Image, kind: str, name: str) -> None:
    more = [photograph.rotate(angle) for angle in (90, 180)]
    place = write(photograph, name, format=kind, save_all=True, append_images=more)
    assert "animation" in refusal(place)


def test_a_still_gif_is_one_photograph(write: Callable[..., Path], photograph: Image.Image) -> None:
    assert probe(write(photograph, "a.gif"), declared_name="a.gif").media_type == "image/gif"


def test_a_second_picture_inside_is_announced(write: Callable[..., Path], photograph: Image.Image) -> None:
    place = write(photograph, "a.jpg", format="MPO", save_all=True, append_images=[photograph.rotate(180)])
    assert any("second picture" in words for words in probe(place, declared_name="a.jpg").warnings)


def test_a_picture_too_small_to_show_anything(write: Callable[..., Path]) -> None:
    assert "too small" in refusal(write(Image.new("RGB", (12, 400)), "a.png"))


def test_measurements_are_not_a_picture(write: Callable[..., Path]) -> None:
    assert "32 bits" in refusal(write(Image.new("F", (64, 64)), "a.tif"))


def test_a_png_text_bomb(tmp_path: Path, photograph: Image.Image) -> None:
    text = b"Comment\x00\x00" + zlib.compress(bytes(80_000_000))
    chunk = struct.pack(">I", len(text)) + b"zTXt" + text + struct.pack(">I", zlib.crc32(b"zTXt" + text))
    body = as_bytes(photograph, "PNG")
    place = tmp_path / "text.png"
    place.write_bytes(body[:33] + chunk + body[33:])
    assert "cannot be read" in refusal(place)


def test_cctv_footage_is_described(odd: Odd) -> None:
    found = probe(odd("derived_hevc.mp4"), declared_name="cam.mp4")
    assert (found.kind, found.width, found.height, found.frames, found.fps) == ("footage", 768, 432, 63, 12.5)
    assert found.seconds == pytest.approx(5.04)
    assert not found.has_audio and found.warnings == ()


def test_footage_on_its_side_is_described_upright_and_its_sound_announced(odd: Odd) -> None:
    found = probe(odd("derived_rot90_aac.mp4"), declared_name="phone.mp4")
    assert (found.width, found.height, found.orientation) == (720, 1280, 90)
    assert found.has_audio
    assert any("sound" in words for words in found.warnings)


def test_oblong_pixels_are_counted_as_displayed(odd: Odd) -> None:
    found = probe(odd("derived_cif_sar6-11_fullrange.mkv"), declared_name="a.mkv")
    assert (found.width, found.height) == (384, 288)


def test_interlaced_footage_is_announced_and_its_length_is_right(odd: Odd) -> None:
    found = probe(odd("derived_interlaced_mulaw.avi"), declared_name="a.avi")
    assert any("interlaced" in words for words in found.warnings)
    assert (found.frames, found.seconds) == (100, 8.0)


def test_a_varying_frame_rate_is_announced(odd: Odd) -> None:
    found = probe(odd("derived_vfr.mp4"), declared_name="a.mp4")
    assert found.frames == 79
    assert any("varies" in words for words in found.warnings)


def test_a_bare_stream_asks_for_its_frame_rate(odd: Odd) -> None:
    found = probe(odd("derived_raw_12.5fps.h264"), declared_name="a.h264")
    assert found.fps is None
    assert any("how many frames a second" in words for words in found.warnings)


def test_a_position_in_footage_is_seen(odd: Odd) -> None:
    assert probe(odd("derived_metadata_leak.mp4"), declared_name="a.mp4").has_gps


def test_truncated_footage_is_usable_but_announced(odd: Odd, tmp_path: Path) -> None:
    place = tmp_path / "cut.mkv"
    place.write_bytes(odd("derived_cif_sar6-11_fullrange.mkv").read_bytes()[:150_000])
    found = probe(place, declared_name="cut.mkv")
    assert 0 < found.frames < 100
    assert any("incomplete: it ends after" in words for words in found.warnings)


def test_damaged_footage_is_announced(odd: Odd, tmp_path: Path) -> None:
    body = bytearray(odd("derived_4fps.mp4").read_bytes())
    for at in np.random.default_rng(5).integers(50_000, len(body) - 50_000, 300):
        body[at] ^= 0xFF
    place = tmp_path / "flipped.mp4"
    place.write_bytes(body)
    found = probe(place, declared_name="flipped.mp4")
    assert any("damaged" in words or "incomplete" in words for words in found.warnings)


def test_an_mp4_without_its_index(odd: Odd, tmp_path: Path) -> None:
    body = odd("derived_4fps.mp4").read_bytes()
    place = tmp_path / "crashed.mp4"
    place.write_bytes(body.replace(b"moov", b"free"))
    words = refusal(place)
    assert "no index (moov)" in words and "Export it again" in words


def test_encrypted_footage(odd: Odd, tmp_path: Path) -> None:
    place = tmp_path / "locked.mp4"
    place.write_bytes(odd("derived_4fps.mp4").read_bytes().replace(b"avc1", b"encv"))
    assert "encrypted" in refusal(place)


def test_a_file_that_only_starts_like_a_film(tmp_path: Path) -> None:
    place = tmp_path / "a.mkv"
    place.write_bytes(b"\x1a\x45\xdf\xa3" + bytes(4000))
    assert "cannot be read as footage" in refusal(place)


def test_a_playlist_can_make_ffmpeg_open_no_other_file(film: Callable[..., Path], tmp_path: Path) -> None:
    """Even one that got past the look at its first bytes."""
    secret = film([np.zeros((64, 64, 3), np.uint8)] * 5, "secret.ts")
    place = tmp_path / "list.m3u8"
    place.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:2,\n{secret}\n#EXT-X-ENDLIST\n")
    # The control: FFmpeg by itself, even held to local files, plays what the list names.
    with place.open("rb") as body, av.open(body, options={"protocol_whitelist": "file,pipe"}) as container:
        assert container.format.name == "hls"
        assert len(list(container.decode(video=0))) == 5
    with pytest.raises(BadMedia, match="cannot be read as footage"), clips.opened(place, "list.m3u8"):
        pass


@pytest.mark.parametrize(
    ("width", "height", "seconds", "fps", "says"),
    [
        (8192, 8192, 1.0, 25.0, "at most 4096 × 2160"),
        (16, 40_192, 7.8, 5.0, "no side of footage may have more than 8,192"),  # what a damaged recording declared
        (8194, 100, 1.0, 25.0, "no side of footage may have more than 8,192"),
        (1920, 1080, 400_000.0, 25.0, "at most 15 are taken"),
        (1920, 1080, 10.0, 1000.0, "at most 120"),
        (1920, 8, 10.0, 25.0, "too small"),
    ],
)
def test_footage_over_a_limit_is_refused_before_it_is_decoded(
    width: int, height: int, seconds: float, fps: float, says: str
) -> None:
    with pytest.raises(BadMedia, match=says):
        limits.check_footage("a.mp4", width, height, seconds, fps)


def test_oversized_footage_is_refused(film: Callable[..., Path]) -> None:
    place = film([np.zeros((2200, 4200, 3), np.uint8)], preset="ultrafast")
    assert "at most 4096 × 2160" in refusal(place)


def test_footage_of_absurd_length_is_refused(film: Callable[..., Path]) -> None:
    black = np.zeros((64, 64, 3), np.uint8)
    said = refusal(film([black, black, black], moments=[0.0, 1.0, 20_000.0]))
    assert "at most 15 are taken: its clock leaps by 5 hours 33 minutes after 0:01.0 (before picture 3)." in said
    assert "Cut it there" in said
