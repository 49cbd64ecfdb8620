"""How large a file may be before it is refused, and the sentences that say so.

The still limit leaves a 48-megapixel telephone picture room and turns away bombs: a 90-megapixel PNG can be
85 KiB long, and Pillow only warns about it. Footage is limited to DCI 4K and fifteen minutes, YouTube's limit
for an unverified account.
"""

from __future__ import annotations

from publisher.media.errors import BadMedia

STILL_PIXELS = 60_000_000
FOOTAGE_PIXELS = 4096 * 2160
FOOTAGE_EDGE = 8192  # pixels, twice that of DCI 4K: H.264 ends at 16,384, and a strip below a narrow picture is tall
FOOTAGE_SECONDS = 15 * 60
FOOTAGE_FPS = 120
SMALLEST_EDGE = 16  # pixels; nothing smaller can be looked at, and no mark would fit


def check_still(name: str, width: int, height: int) -> None:
    """Refuse a picture by its declared size (pixels) before it is decoded. Raises BadMedia."""
    _check_edge(name, width, height)
    if width * height > STILL_PIXELS:
        raise BadMedia(
            f"{name} declares {width} × {height} pixels; at most {STILL_PIXELS // 1_000_000} megapixels are taken. "
            "Save a smaller copy and add that."
        )


def check_footage(name: str, width: int, height: int, seconds: float | None, fps: float) -> None:
    """Refuse a video by its declared size (pixels), length (seconds) and frame rate before it is decoded.

    Raises BadMedia.
    """
    _check_edge(name, width, height)
    if width * height > FOOTAGE_PIXELS:
        raise BadMedia(
            f"{name} declares {width} × {height} pixels; footage may have at most 4096 × 2160. "
            "Export it smaller and add that."
        )
    if max(width, height) > FOOTAGE_EDGE:
        raise BadMedia(
            f"{name} declares {width} × {height} pixels; no side of footage may have more than {FOOTAGE_EDGE:,}. "
            "If it is damaged, ask for the recording again; else export it smaller and add that."
        )
    if seconds is not None and seconds > FOOTAGE_SECONDS:
        raise BadMedia(
            f"{name} declares a length of {seconds / 60:.0f} minutes; at most {FOOTAGE_SECONDS // 60} are taken. "
            "Cut it to the part that is needed and add that."
        )
    if fps > FOOTAGE_FPS:
        raise BadMedia(
            f"{name} declares {fps:.0f} frames a second; at most {FOOTAGE_FPS} are taken. "
            "Export it at 25 or 50 frames a second and add that."
        )


def _check_edge(name: str, width: int, height: int) -> None:
    if min(width, height) < SMALLEST_EDGE:
        raise BadMedia(
            f"{name} is only {width} × {height} pixels, too small to show anything. Add the full-size picture."
        )
