"""A still: from the Original to the JPEG that is published.

Upright, in sRGB, redacted, marked, and nothing else: outside the mark and the redactions every pixel is the
Original's, which is proved on the lossless composite before anything is encoded. An altered evidence
photograph (Westbrook, 2025) is what this is here to make impossible.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageChops

from publisher.media import metadata
from publisher.media.brand import Brand
from publisher.media.colour import to_srgb
from publisher.media.errors import BadMedia
from publisher.media.made import Box, RenderedFile, atomic_output, check_brand, clipped
from publisher.media.marks import make_mark
from publisher.media.pictures import opened
from publisher.media.recipe import Recipe
from publisher.media.vault import digest

QUALITIES = (90, 85, 80, 70)  # the first that fits the destination's limit in bytes
FILL = (0, 0, 0)
JPEG_EDGE = 65_500  # libjpeg's longest edge


class Composite(NamedTuple):
    """The picture before encoding. `source` and `composed` are RGB; boxes are (x, y, width, height).

    `source` is the whole Original, upright and in sRGB; `composed` is what will be encoded; `covered` are the
    redacted boxes.
    """

    source: Image.Image
    composed: Image.Image
    mark_box: Box
    covered: tuple[Box, ...] = ()


def render_still(original: Path, recipe: Recipe, brand: Brand, out: Path) -> RenderedFile:
    """Make the published JPEG at `out`. The same Original and Recipe give the same bytes.

    Raises BadMedia where the Original cannot be used, the result would not fit the destination, or a gate finds a
    change outside the mark and the redactions.
    """
    check_brand(recipe, brand)
    return finish(compose(original, recipe, brand), recipe, out)


def finish(made: Composite, recipe: Recipe, out: Path) -> RenderedFile:
    """Prove the composite, encode it and check the result: where a gate fails, nothing is written to `out`.

    Raises BadMedia.
    """
    prove(made)
    with atomic_output(out) as temporary:
        _encode(made.composed, recipe, temporary)
        metadata.check_clean(temporary)
    return RenderedFile(
        path=out,
        sha256=digest(out),
        size=out.stat().st_size,
        width=made.composed.width,
        height=made.composed.height,
        media_type="image/jpeg",
        mark_box=made.mark_box,
    )


def compose(original: Path, recipe: Recipe, brand: Brand) -> Composite:
    """Returns the Original upright in sRGB, and the same with redactions and mark, both lossless. Raises BadMedia."""
    source = upright(original)
    mark = make_mark(*source.size, recipe, brand)
    if max(mark.canvas) > JPEG_EDGE:
        raise BadMedia(f"With its mark the picture would be longer than {JPEG_EDGE} pixels. Add a smaller copy.")
    composed = source.copy() if mark.canvas == source.size else _extended(source, mark.canvas)
    covered = tuple(clipped(box, source.size) for box in recipe.redactions)
    for x, y, width, height in covered:
        composed.paste(FILL, (x, y, x + width, y + height))
    composed.paste(mark.banner, mark.box[:2])
    return Composite(source, composed, mark.box, covered)


def prove(made: Composite) -> None:
    """Raise BadMedia unless every pixel outside the mark and the redactions is the source's."""
    left_over = ImageChops.difference(made.source, made.composed.crop((0, 0, *made.source.size)))
    for x, y, width, height in (made.mark_box, *made.covered):
        left_over.paste((0, 0, 0), (x, y, x + width, y + height))
    if left_over.getbbox() is not None:
        raise BadMedia(
            "The rendition would differ from the original outside its mark and was thrown away. Report this fault."
        )


def upright(original: Path) -> Image.Image:
    """Returns the Original's picture, turned as its EXIF says and in sRGB, without any metadata. Raises BadMedia."""
    with opened(original, "This picture") as found:
        turned = to_srgb(found.turned(), "This picture", found.colours.profile)
    turned.info.clear()
    return turned


def _extended(source: Image.Image, canvas: tuple[int, int]) -> Image.Image:
    larger = Image.new("RGB", canvas)
    larger.paste(source, (0, 0))
    return larger


def _encode(composed: Image.Image, recipe: Recipe, out: Path) -> None:
    for quality in QUALITIES:
        # Into memory first: on a disk that fills up Pillow writes part of the file and says nothing (measured with
        # Pillow 13.0.0). No optimize, no progressive: three to eight times the time for at most a tenth of the bytes.
        body = io.BytesIO()
        composed.save(
            body,
            "JPEG",
            quality=quality,
            subsampling="4:2:0",
            xmp=metadata.credit_xmp(recipe),
            extra=metadata.credit_iptc(recipe),
        )
        if body.tell() <= recipe.profile.max_bytes:
            out.write_bytes(body.getvalue())
            return
    raise BadMedia(
        f"Even well compressed the picture is larger than {recipe.profile.max_bytes} bytes, the most the "
        "destination takes. Add a smaller copy."
    )
