"""Pictures in which something moves, and what a frame of footage shows."""

from __future__ import annotations

import av
import numpy as np


def moving(count: int, height: int = 240, width: int = 320) -> list[np.ndarray]:
    """A bright bar that wanders over a gradient: every frame predicts from the one before."""
    ground = np.tile(np.linspace(40, 200, width).astype(np.uint8), (height, 1))
    pictures = []
    for number in range(count):
        picture = np.dstack([ground, ground, ground]).copy()
        left = number * 7 % (width - 30)
        picture[height // 4 : height // 2, left : left + 30] = (230, 60, 60)
        pictures.append(picture)
    return pictures


def rgb_of(frame: av.VideoFrame) -> np.ndarray:
    return frame.to_ndarray(format="rgb24")
