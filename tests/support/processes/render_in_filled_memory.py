"""Renders what stdin says (pickled by the test) and prints the SHA-256 of each file that was made, as JSON.

The process has done nothing before: what lies in the memory it is given is decided by glibc's tunables alone.
"""

from __future__ import annotations

import hashlib
import json
import pickle
import sys
import tempfile
from pathlib import Path

import numpy as np

from publisher.media import footage, poster, stills


def main() -> None:
    given = pickle.load(sys.stdin.buffer)
    brand, recipe, made = given["brand"], given["recipe"], {}
    with tempfile.TemporaryDirectory() as folder:
        video, picture = Path(folder, "out.mp4"), Path(folder, "out.jpg")
        for film in given["films"]:
            made[f"film {film}"] = footage.render_footage(film, recipe, brand, video).sha256
        for still in given["stills"]:
            made[f"still {still}"] = stills.render_still(still, recipe, brand, picture).sha256
        for film in given["posters"]:
            made[f"poster {film}"] = poster.render_poster(film, 0.4, picture).sha256
        for size in given["unwritten"]:
            made[f"unwritten {size}"] = hashlib.sha256(np.empty(size, np.uint8).tobytes()).hexdigest()
    sys.stdout.write(json.dumps(made))


if __name__ == "__main__":
    main()
