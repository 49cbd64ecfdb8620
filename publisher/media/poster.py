"""The poster frame: one picture of the finished footage, uploaded as its thumbnail.

Taken from the Rendition, never from the Original, so that it carries the mark and every redaction: a thumbnail
the platform chooses may show what was covered a moment later.
"""

from __future__ import annotations

from pathlib import Path

from av.video.frame import VideoFrame
from PIL import Image

from publisher.media import clips, metadata
from publisher.media.clips import Tally
from publisher.media.errors import BadMedia
from publisher.media.made import RenderedFile, atomic_output
from publisher.media.vault import digest

LARGEST = (1280, 720)
MOST_BYTES = 2_000_000  # YouTube's limit for thumbnails.set, 2 MB
_QUALITIES = (90, 80, 70, 60)
_NAME = "This footage"


def render_poster(footage_rendition: Path, at: float, out: Path) -> RenderedFile:
    """Make a JPEG of the frame shown at `at` seconds, at most 1280 × 720 and 2 MB (limit of thumbnails.set).

    Uses the last frame where the footage is shorter. Raises BadMedia.
    """
    picture = _shown_at(footage_rendition, at)
    picture.thumbnail(LARGEST, Image.Resampling.LANCZOS)
    with atomic_output(out) as temporary:
        for quality in _QUALITIES:
            picture.save(temporary, "JPEG", quality=quality, subsampling="4:2:0")
            if temporary.stat().st_size <= MOST_BYTES:
                break
        metadata.check_clean(temporary)
    return RenderedFile(
        path=out,
        sha256=digest(out),
        size=out.stat().st_size,
        width=picture.width,
        height=picture.height,
        media_type="image/jpeg",
        mark_box=(0, 0, 0, 0),
    )


def _shown_at(path: Path, at: float) -> Image.Image:
    """Our own Rendition, so its times are plain."""
    with clips.opened(path, _NAME) as clip:
        shown: VideoFrame | None = None
        for frame in clips.read(clip, Tally()):
            assert isinstance(frame, VideoFrame)
            if shown is not None and (clips.stamp(clip, frame) or 0) > at:
                break
            shown = frame
        if shown is None:
            raise BadMedia(f"{_NAME} holds no frame that can be decoded. Make the rendition again.")
        return Image.fromarray(shown.to_ndarray(format="rgb24"))
