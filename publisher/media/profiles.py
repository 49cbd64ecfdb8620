"""ICC profiles for colour spaces that files name by numbers: a white point, three primaries and a tone curve.

The layout is ICC.1:2010's (a matrix profile), the numbers of the code points are Recommendation ITU-T H.273's.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import NamedTuple

import numpy as np

Point = tuple[float, float]
Curve = tuple[float, float, float, float, float]  # g a b c d: (a x + b) ** g from d on, c x below


class Primaries(NamedTuple):
    """CIE 1931 x and y of white, red, green and blue."""

    white: Point
    red: Point
    green: Point
    blue: Point


D65 = (0.3127, 0.3290)
BT709 = Primaries(D65, (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
ADOBE = Primaries(D65, (0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
PRIMARIES = {
    1: BT709,
    5: Primaries(D65, (0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
    6: Primaries(D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    7: Primaries(D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    9: Primaries(D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    11: Primaries((0.314, 0.351), (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    12: Primaries(D65, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
SRGB_CURVE: Curve = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_VIDEO_CURVE: Curve = (1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081)


def power(exponent: float) -> Curve:
    """Returns the curve of a pure power: light is the stored value to this exponent."""
    return (exponent, 1.0, 0.0, 0.0, 0.0)


ADOBE_CURVE = power(563 / 256)
CURVES = {1: _VIDEO_CURVE, 4: power(2.2), 5: power(2.8), 6: _VIDEO_CURVE, 8: power(1.0), 13: SRGB_CURVE,
          14: _VIDEO_CURVE, 15: _VIDEO_CURVE}  # fmt: skip
HIGH_DYNAMIC_RANGE = (16, 18)  # PQ and HLG

_D50 = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


@lru_cache(maxsize=16)
def made(name: str, primaries: Primaries, curve: Curve) -> bytes:
    """Returns an ICC profile of that name. Raises ValueError where the primaries lie on one line or have no height."""
    tags = {
        b"desc": _text(name),
        b"cprt": _text("No copyright"),
        b"wtpt": _xyz(_D50),
        **{tag: _xyz(column) for tag, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), _matrix(primaries).T, strict=True)},
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _parametric(curve)),
    }
    body, table, at = b"", struct.pack(">I", len(tags)), 132 + 12 * len(tags)
    for tag, value in tags.items():
        table += tag + struct.pack(">II", at + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    return _head(at + len(body)) + table + body


def _matrix(primaries: Primaries) -> np.ndarray:
    """Columns: the XYZ of red, green and blue at their full strength, adapted to D50."""
    if min(y for _, y in primaries) <= 0:
        raise ValueError("a primary has no height")
    white, *colours = (np.array([x / y, 1.0, (1 - x - y) / y]) for x, y in primaries)
    try:
        strength = np.linalg.solve(np.array(colours).T, white)
        adapted = np.diag((_BRADFORD @ _D50) / (_BRADFORD @ white))
        found: np.ndarray = np.linalg.inv(_BRADFORD) @ adapted @ _BRADFORD @ (np.array(colours).T * strength)
    except np.linalg.LinAlgError as error:
        raise ValueError("the primaries lie on one line") from error
    if not np.isfinite(found).all() or np.abs(found).max() > 100:
        raise ValueError("the primaries are no colours")
    return found


def _head(size: int) -> bytes:
    return (
        struct.pack(">I4sI4s4s4s12s4s", size, b"", 0x04200000, b"mntr", b"RGB ", b"XYZ ", b"", b"acsp")
        + bytes(28)
        + _fixed(*_D50)
        + bytes(48)
    )


def _text(words: str) -> bytes:
    text = words.encode("utf-16-be")
    return b"mluc" + bytes(4) + struct.pack(">II4sII", 1, 12, b"enGB", len(text), 28) + text


def _xyz(value: np.ndarray) -> bytes:
    return b"XYZ " + bytes(4) + _fixed(*value)


def _parametric(curve: Curve) -> bytes:
    return b"para" + bytes(4) + struct.pack(">HH", 3, 0) + _fixed(*curve)


def _fixed(*values: float) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)
