"""A brand, a way to write recipes, and small pictures and films made on the spot."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from publisher.media.brand import Brand
from publisher.media.footage import render_footage
from publisher.media.recipe import Recipe

HERE = Path(__file__).parent
CONFIG = HERE.parents[1] / "config" / "brand"


@pytest.fixture(scope="session")
def odd() -> Callable[[str], Path]:
    """The path of an odd input by its name."""
    return lambda name: HERE / "samples" / name


@pytest.fixture(scope="session")
def brand() -> Brand:
    return Brand.from_folder(
        CONFIG,
        force="Northshire Police",
        contact="Call 101 quoting the reference, or Crimestoppers on 0800 555 111",
        handle="@NorthshirePol",
    )


@pytest.fixture(scope="session")
def recipe(brand: Brand) -> Callable[..., Recipe]:
    """A recipe with the given differences from the ordinary one."""
    ordinary = Recipe(
        reference="WTN-0123",
        brand=brand.identity,
        credit="Northshire Police",
        copyright="© Northshire Police 2026",
        usage_terms="For use with this appeal only. Remove when told.",
    )
    return lambda **changes: dataclasses.replace(ordinary, **changes)


@pytest.fixture(scope="session")
def photograph() -> Image.Image:
    """A picture with fine detail everywhere, so that any change to a pixel shows."""
    noise = np.random.default_rng(7).integers(0, 256, (320, 480, 3), dtype=np.uint8)
    return Image.fromarray(noise)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Save a picture under a name, in the format its ending says."""

    def save(picture: Image.Image, name: str, **options: object) -> Path:
        place = tmp_path / name
        picture.save(place, **options)
        return place

    return save


@pytest.fixture
def film(tmp_path: Path) -> Callable[..., Path]:
    """Encode frames (height x width x 3 arrays) as footage; moments in seconds, one per frame."""

    def make(
        frames: list[np.ndarray], name: str = "film.mp4", moments: list[float] | None = None, **options: str
    ) -> Path:
        place = tmp_path / name
        moments = moments or [number / 12.5 for number in range(len(frames))]
        with av.open(str(place), "w") as container:
            stream = container.add_stream("libx264", rate=Fraction(25, 2), options={"crf": "12", "bf": "0", **options})
            stream.height, stream.width = frames[0].shape[:2]
            stream.pix_fmt = "yuv420p"
            stream.codec_context.time_base = Fraction(1, 90_000)
            for picture, moment in zip(frames, moments, strict=True):
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                frame.pts, frame.time_base = round(moment * 90_000), Fraction(1, 90_000)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return place

    return make


@pytest.fixture(scope="session")
def decoded() -> Callable[[Path], Iterator[av.VideoFrame]]:
    """Every frame of a film."""

    def frames(place: Path) -> Iterator[av.VideoFrame]:
        with av.open(str(place)) as container:
            yield from container.decode(container.streams.video[0])

    return frames


@pytest.fixture
def made(brand: Brand, recipe: Callable[..., Recipe], tmp_path: Path) -> Callable[..., Path]:
    """Render footage with an ordinary recipe changed as asked."""

    def render(original: Path, **changes: object) -> Path:
        return render_footage(original, recipe(**changes), brand, tmp_path / "out.mp4").path

    return render


def as_bytes(picture: Image.Image, kind: str, **options: object) -> bytes:
    body = io.BytesIO()
    picture.save(body, kind, **options)
    return body.getvalue()
