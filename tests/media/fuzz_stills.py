"""Mutations of every kind of still, through the probe and through rendering: none may end but in words of its own.

By hand `PYTHONPATH=. .venv/bin/python tests/media/fuzz_stills.py --minutes 10`, in the tests with --seed and --count.
What fails is printed with its seed, and kept as a file with --keep FOLDER. One process, held as a media child is.
"""

from __future__ import annotations

import argparse
import io
import itertools
import os
import random
import struct
import sys
import tempfile
import time
import traceback
from pathlib import Path

import numpy as np
from PIL import Image, TiffImagePlugin

from publisher.media import confined, profiles, stills, supervised
from publisher.media.errors import BadMedia
from publisher.media.probe import probe

SAMPLES = Path(__file__).parent / "samples"
EXIF = b"Exif\0\0II*\0" + struct.pack("<IHHHIIHHIII", 8, 2, 0x0112, 3, 1, 6, 0x8769, 4, 1, 38, 0) + bytes(40)
TELLING = (
    b"\0",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"\x7f\xff\xff\xff",
    b"\xff\xd9",
    b"\xff\xda",
)


def samples() -> dict[str, bytes]:
    """A small picture in every format and way of storing, by the name it would come with."""
    noise = np.random.default_rng(3).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    picture, grey = Image.fromarray(noise), Image.fromarray(noise).convert("L")
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    icc = profiles.made("P3", profiles.PRIMARIES[12], profiles.SRGB_CURVE)
    turned = TiffImagePlugin.ImageFileDirectory_v2()
    turned[0x0112] = 6
    made = {
        "a.jpg": _saved(picture, "JPEG", exif=EXIF, icc_profile=icc, comment=b"camera 12"),
        "progressive.jpg": _saved(picture, "JPEG", progressive=True),
        "cmyk.jpg": _saved(picture.convert("CMYK"), "JPEG"),
        "grey.jpg": _saved(grey, "JPEG", exif=EXIF),
        "two.jpg": _saved(picture, "MPO", save_all=True, append_images=[picture.resize((32, 24))]),
        "a.png": _saved(picture, "PNG", exif=EXIF, icc_profile=icc),
        "palette.png": _saved(picture.quantize(16), "PNG", transparency=3),
        "deep.png": _saved(deep, "PNG"),
        "alpha.png": _saved(picture.convert("RGBA"), "PNG"),
        "a.tif": _saved(picture, "TIFF", tiffinfo=turned, icc_profile=icc),
        "packed.tif": _saved(picture, "TIFF", compression="tiff_lzw", tiffinfo=turned),
        "jpeg.tif": _saved(picture, "TIFF", compression="jpeg"),
        "lab.tif": _saved(Image.merge("LAB", [grey] * 3), "TIFF"),
        "pages.tif": _saved(picture, "TIFF", save_all=True, append_images=[picture.resize((16, 16))]),
        "a.webp": _saved(picture, "WEBP", exif=EXIF, icc_profile=icc),
        "lossless.webp": _saved(picture.convert("RGBA"), "WEBP", lossless=True),
        "a.gif": _saved(picture.quantize(64), "GIF"),
        "a.bmp": _saved(picture, "BMP"),
        "palette.bmp": _saved(picture.quantize(16), "BMP"),
        "a.avif": _saved(picture, "AVIF", exif=EXIF, icc_profile=icc),
        "alpha.avif": _saved(picture.convert("RGBA"), "AVIF"),
    }
    return made | {f"{path.stem}.jpg": path.read_bytes() for path in (SAMPLES / "exif").glob("*.jpg")}


def _saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    body = io.BytesIO()
    picture.save(body, kind, **options)
    return body.getvalue()


def mutated(body: bytes, chance: random.Random) -> bytes:
    """The file with one to a few faults: in its head more often than elsewhere, since that is where structure is."""
    changed = bytearray(body)
    for _ in range(chance.choice((1, 1, 2, 4, 12))):
        if len(changed) < 16:
            break
        end = min(len(changed), chance.choice((64, 400, len(changed))))
        at = chance.randrange(end)
        match chance.randrange(7):
            case 0:
                changed[at] ^= 1 << chance.randrange(8)
            case 1:
                telling = chance.choice(TELLING)
                changed[at : at + len(telling)] = telling
            case 2:
                changed[at : at + chance.randrange(1, 40)] = b""
            case 3:
                changed[at:at] = chance.randbytes(chance.randrange(1, 40))
            case 4:
                part = changed[at : at + chance.randrange(1, 200)]
                changed[at:at] = part * chance.randrange(1, 4)
            case 5:
                del changed[max(16, chance.randrange(len(changed))) :]
            case 6:
                changed[at : at + 4] = chance.randbytes(4)
    return bytes(changed)


def tried(place: Path, name: str, body: bytes) -> str:
    """ "" where the file was used or refused in words within its time; else what went wrong."""
    place.write_bytes(body)
    began = time.process_time()
    try:
        probe(place, declared_name=name)
        stills.upright(place)
    except (BadMedia, MemoryError):  # a child says both in words
        pass
    except Exception:  # noqa: BLE001 -- whatever it is, it is what is looked for
        return traceback.format_exc()
    spent = time.process_time() - began
    return f"took {spent:.0f} seconds" if spent > supervised.PROBE_STILL.cpu_seconds else ""


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--count", type=int, default=0)
    asked.add_argument("--minutes", type=float, default=0)
    asked.add_argument("--keep", type=Path)
    asked.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    wanted = asked.parse_args()
    until, known, failed = time.monotonic() + 60 * wanted.minutes, samples(), 0
    place = wanted.folder / f"fuzzed-{os.getpid()}"
    _confine(wanted.folder, wanted.keep)
    for seed in itertools.count(wanted.seed):
        if seed - wanted.seed >= wanted.count and time.monotonic() >= until:
            break
        chance = random.Random(seed)
        name = chance.choice(sorted(known))
        body = mutated(known[name], chance)
        if words := tried(place, name, body):
            failed += 1
            print(f"seed {seed}, {name}: {words}", flush=True)
            if wanted.keep:
                (wanted.keep / f"{seed}-{name}").write_bytes(body)
    place.unlink(missing_ok=True)
    print(f"{seed - wanted.seed} mutations of {len(known)} stills, {failed} failed")
    return 1 if failed else 0


def _confine(folder: Path, keep: Path | None) -> None:
    writes = (str(folder), *([str(keep)] if keep else []))
    confined.confine(
        confined.Bounds(supervised.PROBE_STILL.memory, 1 << 30, 1 << 28, reads=(str(folder),), writes=writes)
    )


if __name__ == "__main__":
    sys.exit(main())
