"""Films of more brightness or more colour than BT.709 can say, mapped into it by one stated operator.

The operator (`recipe.TONE`): light as BT.2100 defines it for a display of 1,000 cd/m² (HLG with its gamma of
1.2; PQ absolute; SDR by BT.1886), divided by BT.2408's reference white of 203 cd/m²; primaries to BT.709 in linear
light; what lies outside 0 to 1 is cut off; then BT.1886's inverse, a gamma of 2.4. So white paper is white and a
face has its colours, and only what is brighter than white paper loses its detail.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

# Of the table: 100 steps a colour, between which FFmpeg's haldclut interpolates: within three levels, but for colours
# at the very edge of BT.709, where one of the three is nearly cut off.
LEVEL = 10
HEADROOM = 1.5  # what the table's largest number stands for: cut off in the table itself, white would come out grey
WHITE, DISPLAY = 203.0, 1000.0  # cd/m²
_GAMMA = 2.4
_HLG, _PQ = 18, 16
_UNSAID = (0, 2)
_BT2020_MATRICES = (9, 10)

Colours = NDArray[np.float64]

# The x and y of red, green and blue (ITU-T H.273, table 2); white is D65 but for DCI's P3.
_D65, _DCI = (0.3127, 0.3290), (0.314, 0.351)
_BT709 = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060), _D65)
_BT2020 = ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), _D65)
_P3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
_PRIMARIES = {1: _BT709, 9: _BT2020, 11: (*_P3, _DCI), 12: (*_P3, _D65)}
_WIDE = {9: "BT.2020", 11: "DCI P3", 12: "Display P3"}


@dataclass(frozen=True, slots=True)
class Light:
    """How a film codes light where that is not BT.709's way: FFmpeg's numbers of its curve and its primaries."""

    curve: int
    primaries: int

    @property
    def name(self) -> str:
        """The name of this light that an officer reads."""
        return {_HLG: "BT.2100 HLG", _PQ: "BT.2100 PQ"}.get(self.curve) or _WIDE[self.primaries]


def light_of(frame: VideoFrame) -> Light | None:
    """Returns the video's own light; None where it is BT.709's or near it."""
    curve, primaries = int(frame.color_trc), int(frame.color_primaries)
    if primaries in _UNSAID and int(frame.colorspace) in _BT2020_MATRICES:
        primaries = 9
    if curve in (_HLG, _PQ):
        return Light(curve, primaries if primaries in _PRIMARIES else 9)
    return Light(curve, primaries) if primaries in _WIDE else None


def mapped(colours: Colours, light: Light) -> Colours:
    """Returns coded RGB of that light (0 to 1, in the last axis) as coded RGB of BT.709, in floating point."""
    return np.minimum(_coded(colours, light), 1)


def _coded(colours: Colours, light: Light) -> Colours:
    shown = _shown(colours, light.curve) @ _to_bt709(light.primaries).T
    result: Colours = np.maximum(shown, 0) ** (1 / _GAMMA)
    return result


def table(light: Light) -> VideoFrame:
    """Returns the operator as a picture for FFmpeg's haldclut."""
    return VideoFrame.from_ndarray(_table(light), format="rgb48le")


# Red changes fastest, as haldclut reads it.
@lru_cache(maxsize=4)
def _table(light: Light) -> NDArray[np.uint16]:
    steps = np.linspace(0, 1, LEVEL**2)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    colours = np.minimum(_coded(np.stack([red, green, blue], axis=-1), light) / HEADROOM, 1)
    whole: NDArray[np.uint16] = np.rint(colours * 65535).astype("<u2").reshape(LEVEL**3, LEVEL**3, 3)
    return whole


def _shown(coded: Colours, curve: int) -> Colours:
    """Linear light, 1 being white paper."""
    if curve == _PQ:
        return _pq(coded) / WHITE
    if curve == _HLG:
        scene = _hlg(coded)
        luminance = scene @ np.array([0.2627, 0.6780, 0.0593])
        shown: Colours = scene * luminance[..., None] ** 0.2 * (DISPLAY / WHITE)
        return shown
    sdr: Colours = coded**_GAMMA
    return sdr


def _pq(coded: Colours) -> Colours:
    """cd/m² (SMPTE ST 2084)."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    root = coded ** (1 / m2)
    light: Colours = 10_000 * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)
    return light


def _hlg(coded: Colours) -> Colours:
    """The light of the scene, 0 to 1 (BT.2100, table 5)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    light: Colours = np.where(coded <= 0.5, coded**2 / 3, (np.exp((coded - c) / a) + b) / 12)
    return light


def _to_bt709(primaries: int) -> Colours:
    there = np.linalg.inv(_to_xyz(_BT709))
    result: Colours = there @ _to_xyz(_PRIMARIES[primaries])
    return result


def _to_xyz(corners: tuple[tuple[float, float], ...]) -> Colours:
    """Linear RGB to CIE XYZ."""
    columns = np.array([[x / y, 1, (1 - x - y) / y] for x, y in corners]).T
    scaled: Colours = columns[:, :3] * np.linalg.solve(columns[:, :3], columns[:, 3])
    return scaled
