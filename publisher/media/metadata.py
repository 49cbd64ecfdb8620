"""The little a published still says about itself, and the check that it says nothing else.

Everything a camera wrote is dropped: `save(exif=...)` keeps the GPS position and the unredacted thumbnail, and a
JPEG comment survives in `info` unasked. Then credit, copyright, conditions of use and the reference are written
as IPTC and as XMP, since picture desks read either.
"""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

from PIL import Image

from publisher.media.errors import BadMedia
from publisher.media.recipe import Recipe

_UTF8 = b"\x1b%G"
_APP0, _APP1, _APP13, _COM = 0xE0, 0xE1, 0xED, 0xFE
_START_OF_SCAN = 0xDA
_XMP_START = b"http://ns.adobe.com/xap/1.0/\x00"
_IPTC_START = b"Photoshop 3.0\x00"
# IPTC-IIM 4.2, record 2: dataset number and longest value in bytes.
_IPTC_FIELDS = {"usage_terms": (40, 256), "reference": (103, 32), "credit": (110, 32), "copyright": (116, 128)}


def credit_xmp(recipe: Recipe) -> bytes:
    """Returns the XMP packet for this Recipe, UTF-8; empty where it names nothing."""
    parts = [
        _xmp("photoshop:Credit", recipe.credit),
        _xmp("photoshop:TransmissionReference", recipe.reference),
        _xmp_alternative("dc:rights", recipe.copyright),
        _xmp("xmpRights:Marked", "True" if recipe.copyright else ""),
        _xmp_alternative("xmpRights:UsageTerms", recipe.usage_terms),
    ]
    if not any(parts):
        return b""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/">'
        f"{''.join(parts)}</rdf:Description></rdf:RDF></x:xmpmeta>"
        '<?xpacket end="r"?>'
    ).encode()


def credit_iptc(recipe: Recipe) -> bytes:
    """Returns a whole JPEG APP13 segment with the IPTC record for this Recipe; empty where it names nothing."""
    values = {name: str(getattr(recipe, name)).encode() for name in _IPTC_FIELDS}
    if not any(values.values()):
        return b""
    record = _dataset(1, 90, _UTF8) + _dataset(2, 0, b"\x00\x04")
    for name, (number, longest) in _IPTC_FIELDS.items():
        if values[name]:
            record += _dataset(2, number, _cut(values[name], longest))
    record += b"\x00" * (len(record) % 2)
    resource = b"8BIM\x04\x04\x00\x00" + len(record).to_bytes(4, "big") + record
    body = _IPTC_START + resource
    return b"\xff\xed" + (len(body) + 2).to_bytes(2, "big") + body


def check_clean(path: Path) -> None:
    """Refuse a finished JPEG that holds anything but one picture and our own credit: the last gate.

    Raises BadMedia for EXIF, a comment, a colour profile, a second picture or bytes after the end.
    """
    body = path.read_bytes()
    for marker, payload in segments(body):
        ours = payload.startswith(_XMP_START) if marker == _APP1 else payload.startswith(_IPTC_START)
        allowed = marker == _APP0 or (marker in (_APP1, _APP13) and ours)
        if marker == _COM or (_APP0 <= marker <= 0xEF and not allowed):
            raise BadMedia(
                "The rendition would carry metadata that is not ours and was thrown away. Report this fault."
            )
    with Image.open(path, formats=("JPEG",)) as picture:
        one_frame = picture.format == "JPEG" and getattr(picture, "n_frames", 1) == 1
        if not one_frame or "exif" in picture.info or "comment" in picture.info or not body.endswith(b"\xff\xd9"):
            raise BadMedia("The rendition would carry more than one picture, so it was thrown away. Report this fault.")


def segments(body: bytes) -> list[tuple[int, bytes]]:
    """Yields a JPEG's segments before its coded picture: marker byte and payload."""
    found, at = [], 2
    while at + 4 <= len(body) and body[at] == 0xFF and body[at + 1] != _START_OF_SCAN:
        length = int.from_bytes(body[at + 2 : at + 4], "big")
        found.append((body[at + 1], body[at + 4 : at + 2 + length]))
        at += 2 + length
    return found


def _xmp(name: str, value: str) -> str:
    return f"<{name}>{escape(value)}</{name}>" if value else ""


def _xmp_alternative(name: str, value: str) -> str:
    words = f'<rdf:Alt><rdf:li xml:lang="x-default">{escape(value)}</rdf:li></rdf:Alt>'
    return f"<{name}>{words}</{name}>" if value else ""


def _dataset(record: int, number: int, value: bytes) -> bytes:
    return bytes((0x1C, record, number)) + len(value).to_bytes(2, "big") + value


def _cut(value: bytes, longest: int) -> bytes:
    return value[:longest].decode(errors="ignore").encode()
