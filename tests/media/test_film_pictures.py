"""Which way up a film is, and in which colours: as the file declares it, and as every player shows it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from publisher.media import frames, tone
from publisher.media.brand import Brand
from publisher.media.footage import render_footage
from publisher.media.probe import probe
from publisher.media.recipe import TONE, Recipe
from publisher.media.tone import Light

from support.loops import at_least_one

RED, GREEN, BLUE, GREY = (200, 30, 30), (30, 180, 30), (40, 40, 200), (128, 128, 128)
ONE = 1 << 16
SAMPLES = Path(__file__).parent / "samples" / "recorders"

# The display matrix (a, b, c, d), and which stored corner is shown at top left, top right, bottom left, bottom right;
# stored: red green / blue grey.
TURNS = [
    ((1, 0, 0, 1), [RED, GREEN, BLUE, GREY]),
    ((-1, 0, 0, 1), [GREEN, RED, GREY, BLUE]),
    ((1, 0, 0, -1), [BLUE, GREY, RED, GREEN]),
    ((-1, 0, 0, -1), [GREY, BLUE, GREEN, RED]),
    ((0, 1, -1, 0), [BLUE, RED, GREY, GREEN]),
    ((0, -1, 1, 0), [GREEN, GREY, RED, BLUE]),
    ((0, 1, 1, 0), [RED, BLUE, GREEN, GREY]),
    ((0, -1, -1, 0), [GREY, GREEN, BLUE, RED]),
]


@pytest.fixture
def published(brand: Brand, recipe: Callable[..., Recipe], tmp_path: Path) -> Callable[..., np.ndarray]:
    """The first picture of what is published of a film, as RGB, without the mark."""

    def publish(original: Path, **changes: object) -> np.ndarray:
        found = probe(original, declared_name=original.name)
        made = render_footage(original, recipe(**changes), brand, tmp_path / "out.mp4")
        with av.open(str(made.path)) as container:
            frame = next(container.decode(video=0))
        matrix = {1: "ITU709", 6: "ITU601"}[int(frame.colorspace)]
        whole = frame.to_ndarray(format="rgb24", src_colorspace=matrix, src_color_range="MPEG")
        return whole[: found.height, : found.width]

    return publish


def turned(place: Path, matrix: tuple[int, int, int, int]) -> Path:
    """The same MP4 with another display matrix in its track header."""
    a, b, c, d = (each * ONE for each in matrix)
    body = bytearray(place.read_bytes())
    at = body.find(b"tkhd") + 4 + 4 + 36  # after the version: 20 bytes of times and number, 16 of layer and volume
    assert struct.unpack_from(">9i", body, at) == (ONE, 0, 0, 0, ONE, 0, 0, 0, 1 << 30)
    struct.pack_into(">9i", body, at, a, b, 0, c, d, 0, 0, 0, 1 << 30)
    place.write_bytes(body)
    return place


@pytest.mark.parametrize(("matrix", "corners"), TURNS, ids=[str(row[0]) for row in TURNS])
def test_a_film_is_shown_the_way_its_matrix_says(
    matrix: tuple[int, int, int, int],
    corners: list[tuple[int, int, int]],
    film: Callable[..., Path],
    published: Callable[..., np.ndarray],
) -> None:
    picture = np.full((120, 200, 3), 90, np.uint8)
    picture[:60, :100], picture[:60, 100:], picture[60:, :100], picture[60:, 100:] = RED, GREEN, BLUE, GREY
    original = turned(film([picture] * 3), matrix)
    shown = published(original)
    assert shown.shape[:2] == ((120, 200) if matrix[0] else (200, 120))
    height, width = shown.shape[:2]
    seen = [shown[y, x].astype(int) for y in (20, height - 20) for x in (20, width - 20)]
    for got, wanted in zip(seen, corners, strict=True):
        assert np.abs(got - wanted).max() <= 6, (matrix, seen)


def test_the_corners_see_a_matrix_that_is_not_heeded(
    film: Callable[..., Path], published: Callable[..., np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(frames, "_turn_of", lambda _: TURNS[0][0])
    with pytest.raises(AssertionError):
        test_a_film_is_shown_the_way_its_matrix_says(*TURNS[1], film, published)


PATCHES = [(235, 235, 235), (128, 128, 128), (30, 30, 30), (180, 40, 40), (40, 150, 60), (50, 60, 170), (200, 150, 120)]
WEIGHTS = {1: (0.2126, 0.0722), 4: (0.30, 0.11), 5: (0.299, 0.114), 6: (0.299, 0.114), 7: (0.212, 0.087)}
WEIGHTS |= {9: (0.2627, 0.0593), 2: (0.299, 0.114)}


def coded(
    folder: Path, patches: list[tuple[float, ...]], *, matrix: int, full: bool = False, depth: int = 8,
    primaries: int = 2, curve: int = 2, height: int = 64,
) -> Path:  # fmt: skip
    """A lossless film of flat patches side by side, worked out here in floating point from coded RGB, 0 to 255."""
    red, blue = WEIGHTS[matrix]
    place, scale = folder / "patches.mkv", 1 << depth - 8
    kind = "yuv444p" if depth == 8 else f"yuv444p{depth}le"
    frame = av.VideoFrame(32 * len(patches), height, kind)
    planes = np.zeros((3, height, 32 * len(patches)), np.uint8 if depth == 8 else np.uint16)
    for number, (r, g, b) in enumerate(patches):
        y = red * r + (1 - red - blue) * g + blue * b
        u, v = (b - y) / (2 * (1 - blue)), (r - y) / (2 * (1 - red))
        top = (256 * scale - 1) / 255
        exact = (
            [y * top, 128 * scale + u * top, 128 * scale + v * top]
            if full
            else [(16 + y * 219 / 255) * scale, (128 + u * 224 / 255) * scale, (128 + v * 224 / 255) * scale]
        )
        planes[:, :, 32 * number : 32 * number + 32] = np.rint(exact)[:, None, None]
    for plane, samples in zip(frame.planes, planes, strict=True):
        rows = np.zeros((height, plane.line_size // samples.itemsize), samples.dtype)
        rows[:, : samples.shape[1]] = samples
        plane.update(rows.tobytes())
    with av.open(str(place), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = frame.width, height, kind
        context = stream.codec_context
        context.colorspace, context.color_primaries, context.color_trc = matrix, primaries, curve
        context.color_range = 2 if full else 1
        for number in range(3):
            frame.pts, frame.time_base = number, Fraction(1, 25)
            frame.colorspace, frame.color_range = matrix, 2 if full else 1
            frame.color_primaries, frame.color_trc = primaries, curve
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return place


@pytest.mark.parametrize("depth", [8, 10])
@pytest.mark.parametrize("full", [False, True], ids=["limited", "full"])
@pytest.mark.parametrize("matrix", sorted(WEIGHTS))
def test_declared_colours_are_honoured(
    matrix: int, full: bool, depth: int, tmp_path: Path, published: Callable[..., np.ndarray]
) -> None:
    shown = published(coded(tmp_path, list(PATCHES), matrix=matrix, full=full, depth=depth))
    for number, wanted in enumerate(PATCHES):
        got = shown[20:44, 32 * number + 10 : 32 * number + 22].reshape(-1, 3).mean(axis=0)
        assert np.abs(got - wanted).max() <= 3, (number, got, wanted)


def test_high_definition_that_declares_nothing_is_bt709(tmp_path: Path, published: Callable[..., np.ndarray]) -> None:
    original = coded(tmp_path, list(PATCHES), matrix=1, height=720)
    shown = published(original)
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert int(next(container.decode(video=0)).colorspace) == 1
    assert np.abs(shown[360, 112].astype(int) - PATCHES[3]).max() <= 3


# Coded RGB of the source (0 to 255), then of what is published, worked out in floating point by the operator.
REFERENCE: dict[tuple[int, int], list[tuple[tuple[float, ...], tuple[float, ...]]]] = {
    (18, 9): [
        ((191.25, 191.25, 191.25), (255.0, 255.0, 255.0)),
        ((127.5, 127.5, 127.5), (143.05, 143.05, 143.05)),
        ((51, 51, 51), (57.22, 57.22, 57.22)),
        ((230, 230, 230), (255.0, 255.0, 255.0)),
        ((150, 110, 90), (187.36, 119.27, 102.4)),
        ((60, 90, 140), (0.0, 102.81, 150.62)),
        ((100, 120, 60), (103.58, 135.58, 63.09)),
    ],
    (16, 9): [
        ((148, 148, 148), (254.7, 254.7, 254.7)),
        ((110, 110, 110), (136.76, 136.76, 136.76)),
        ((60, 60, 60), (50.55, 50.55, 50.55)),
        ((190, 190, 190), (255.0, 255.0, 255.0)),
        ((130, 110, 100), (218.44, 127.74, 109.81)),
        ((88, 95, 110), (77.21, 105.7, 140.06)),
        ((100, 110, 75), (101.02, 139.55, 55.84)),
    ],
    (1, 9): [
        ((255, 255, 255), (255.0, 255.0, 255.0)),
        ((128, 128, 128), (128.0, 128.0, 128.0)),
        ((40, 40, 40), (40.0, 40.0, 40.0)),
        ((200, 150, 120), (226.25, 142.19, 114.05)),
        ((90, 120, 160), (45.89, 122.65, 164.17)),
        ((130, 140, 90), (126.03, 141.49, 81.34)),
        ((60, 60, 100), (55.37, 59.49, 103.41)),
    ],
    (1, 12): [
        ((255, 255, 255), (255.0, 255.0, 255.0)),
        ((128, 128, 128), (128.0, 128.0, 128.0)),
        ((40, 40, 40), (40.0, 40.0, 40.0)),
        ((200, 150, 120), (209.06, 147.35, 114.69)),
        ((90, 120, 160), (80.99, 121.04, 163.54)),
        ((130, 140, 90), (127.6, 140.4, 83.01)),
        ((60, 60, 100), (60.0, 60.0, 102.84)),
    ],
    (18, 1): [
        ((191.25, 191.25, 191.25), (255.0, 255.0, 255.0)),
        ((127.5, 127.5, 127.5), (143.05, 143.05, 143.05)),
        ((51, 51, 51), (57.22, 57.22, 57.22)),
        ((230, 230, 230), (255.0, 255.0, 255.0)),
        ((150, 110, 90), (166.1, 125.58, 106.24)),
        ((60, 90, 140), (71.66, 100.46, 146.18)),
        ((100, 120, 60), (114.38, 133.15, 74.73)),
    ],
}


@pytest.mark.parametrize(("curve", "primaries"), [(18, 9), (16, 9), (1, 9), (1, 12), (18, 1)])
def test_more_light_and_colour_than_bt709_is_mapped_by_the_stated_operator(
    curve: int, primaries: int, tmp_path: Path, published: Callable[..., np.ndarray]
) -> None:
    rows = REFERENCE[curve, primaries]
    original = coded(
        tmp_path,
        [row[0] for row in rows],
        matrix=9 if primaries == 9 else 1,
        depth=10,
        primaries=primaries,
        curve=curve,
    )
    shown = published(original, tone=TONE)
    for number, (_, wanted) in enumerate(rows):
        got = shown[20:44, 32 * number + 10 : 32 * number + 22].reshape(-1, 3).mean(axis=0)
        assert np.abs(got - wanted).max() <= 3, (number, got, wanted)


def test_the_numbers_of_the_reference_are_the_operator_s() -> None:
    for (curve, primaries), rows in at_least_one(REFERENCE.items()):
        sources = np.array([row[0] for row in rows]) / 255
        worked_out = tone.mapped(sources, Light(curve, primaries)) * 255
        assert np.abs(worked_out - [row[1] for row in rows]).max() < 0.06


@pytest.mark.parametrize("name", ["hlg_libx265.mov", "pq_libx265.mov"])
def test_a_telephone_s_white_is_white(name: str, brand: Brand, recipe: Callable[..., Recipe], tmp_path: Path) -> None:
    found = probe(SAMPLES / name, declared_name=name)
    assert found.colour_profile.startswith("BT.2100")
    assert any("mapped to BT.709" in words for words in found.warnings)
    luma = []
    for operator in (TONE, ""):  # a Recipe from before there was an operator gives what it gave: flat
        made = render_footage(SAMPLES / name, recipe(tone=operator), brand, tmp_path / "out.mp4")
        with av.open(str(made.path)) as container:
            frame = next(container.decode(video=0))
        luma.append(float(np.asarray(frame.to_ndarray())[40:100, 40:200].mean()))
    assert luma[0] == pytest.approx(235, abs=1) and luma[1] == pytest.approx(180, abs=2)


def test_a_recipe_says_its_operator_only_where_there_is_one(recipe: Callable[..., Recipe]) -> None:
    assert "tone" not in recipe().as_json()
    assert Recipe.from_json(recipe(tone=TONE).as_json()).tone == TONE


def test_colours_that_come_to_be_coded_in_another_way_are_told(
    brand: Brand, recipe: Callable[..., Recipe], tmp_path: Path
) -> None:
    def part(kind: str) -> bytes:
        place = tmp_path / f"{kind}.ts"
        with av.open(str(place), "w") as container:
            stream = container.add_stream("libx264", rate=25)
            stream.width, stream.height, stream.pix_fmt = 128, 96, kind
            for number in range(5):
                frame = av.VideoFrame.from_ndarray(np.full((96, 128, 3), 128, np.uint8), format="rgb24")
                frame = frame.reformat(format=kind)
                frame.pts, frame.time_base = number, Fraction(1, 25)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return place.read_bytes()

    place = tmp_path / "joined.ts"
    for second, told in (("yuv420p", 0), ("yuv444p", 1)):
        place.write_bytes(part("yuv420p") + part(second))
        made = render_footage(place, recipe(), brand, tmp_path / "out.mp4")
        assert sum("codes its colours in another way" in words for words in made.warnings) == told
