"""What a file is and says, before anybody relies on it: the first thing done with an upload.

Everything that can be refused is refused here, in a sentence, while the officer who added the file is still
looking; what can be used but should be looked at becomes a warning.
"""

from __future__ import annotations

from pathlib import Path, PurePath

from PIL import Image

from publisher.media import caps, formats, pictures
from publisher.media.colour import profile_name, to_srgb
from publisher.media.declared import Colours
from publisher.media.errors import BadMedia
from publisher.media.formats import Format
from publisher.media.probed import Probe
from publisher.media.screening import screen

__all__ = ["Probe", "probe"]

MOST_BYTES = 8 * 1024**3
_SMALL_EDGE = 320  # pixels; below it the mark has more detail than the picture


def probe(path: Path, *, declared_name: str) -> Probe:
    """Read the file and say what it is. `declared_name` is the name it came with.

    Raises BadMedia, naming the file and the way out, for a file that must not be queued.
    """
    name = PurePath(declared_name).name
    try:
        found = formats.recognise(path, name)
        if path.stat().st_size > MOST_BYTES:
            raise BadMedia(f"{name} is larger than {MOST_BYTES // 1024**3} GiB. Cut it to the part that is needed.")
        caps.check(path, name, found)
        return _still(path, name, found) if found.kind == "still" else screen(path, name, found)
    except OSError as error:
        raise BadMedia(f"{name} cannot be read ({error.strerror or error}). Add it again.") from error


def _still(path: Path, name: str, found: Format) -> Probe:
    with pictures.opened(path, name) as (picture, camera, colours):
        corner = picture.copy() if min(picture.size) < 64 else picture.crop((0, 0, 64, 64))
        to_srgb(corner, name, colours.profile)
        width, height = picture.im.size  # as stored: Pillow's own size of a TIFF is turned already
        return Probe(
            kind="still",
            media_type=found.media_type,
            width=height if camera.orientation > 4 else width,
            height=width if camera.orientation > 4 else height,
            orientation=camera.orientation,
            colour_profile=profile_name(colours.profile),
            has_gps=camera.has_gps or b"GPSLatitude" in _xmp(picture),
            taken_at=camera.taken_at,
            warnings=tuple(_still_warnings(picture, colours)),
        )


def _still_warnings(picture: Image.Image, colours: Colours) -> list[str]:
    words = []
    if picture.format == "MPO":
        words.append("The file holds a second picture (a depth or brightness map). Only the main one is used.")
    if colours.profile and not profile_name(colours.profile):
        words.append("The picture's colour profile cannot be read, so its colours are taken as they are.")
    if colours.untold:
        words.append(colours.untold)
    if min(picture.size) < _SMALL_EDGE:
        words.append(
            f"The picture is only {picture.width} × {picture.height} pixels. Use a larger copy if there is one."
        )
    return words


def _xmp(picture: Image.Image) -> bytes:
    packet = picture.info.get("xmp") or b""
    return packet.encode() if isinstance(packet, str) else bytes(packet)
