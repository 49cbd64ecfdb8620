"""What a file really is, told from its first bytes, and whether that is what its name says.

Only the formats listed here are ever handed to a decoder. PostScript is not among them, since Pillow would
start Ghostscript for it; playlists are not, since FFmpeg would open the other files they name.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePath

from publisher.media.errors import BadMedia

HEAD = 4096  # bytes read to recognise a format


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: `kind` is "still", "footage" or "refused"; `description` names it in a sentence."""

    media_type: str
    kind: str
    description: str
    endings: tuple[str, ...] = ()
    way_out: str = ""  # what to do with one that is refused, where there is more to say than of any other


JPEG = Format("image/jpeg", "still", "a JPEG picture", (".jpg", ".jpeg", ".jpe"))
PNG = Format("image/png", "still", "a PNG picture", (".png",))
TIFF = Format("image/tiff", "still", "a TIFF picture", (".tif", ".tiff"))
WEBP = Format("image/webp", "still", "a WebP picture", (".webp",))
GIF = Format("image/gif", "still", "a GIF picture", (".gif",))
BMP = Format("image/bmp", "still", "a BMP picture", (".bmp",))
AVIF = Format("image/avif", "still", "an AVIF picture", (".avif",))
MP4 = Format("video/mp4", "footage", "an MP4 or QuickTime video", (".mp4", ".m4v", ".mov", ".3gp"))
MATROSKA = Format("video/x-matroska", "footage", "a Matroska or WebM video", (".mkv", ".webm"))
AVI = Format("video/x-msvideo", "footage", "an AVI video", (".avi",))
TRANSPORT = Format("video/mp2t", "footage", "an MPEG transport stream", (".ts", ".m2ts", ".mts"))
PROGRAM = Format("video/mpeg", "footage", "an MPEG video", (".mpg", ".mpeg", ".vob"))
ASF = Format("video/x-ms-asf", "footage", "a Windows Media video", (".wmv", ".asf"))
RAW_H264 = Format("video/h264", "footage", "a bare H.264 or H.265 stream", (".h264", ".264", ".h265", ".265"))
# Hikvision's recorders put a head of their own before an MPEG programme stream, whatever they call the file.
HIKVISION = Format("video/mpeg", "footage", "a Hikvision recording", (".mp4", ".mpg", ".mpeg", ".ps", ".dav", ".bin"))
DAHUA = Format(
    "video/x-dhav",
    "refused",
    "a Dahua recording (DHAV)",
    way_out="Open it in the maker's player (Smart Player), export it there as MP4, and add that.",
)
HXVS = Format(
    "video/x-hxvs",
    "refused",
    "a recording in its maker's own form (HXVS)",
    way_out="Export it from the recorder, or with the player that its maker supplies, as MP4, and add that.",
)
XIONGMAI = Format(
    "video/x-xiongmai",
    "refused",
    "a Xiongmai (XM) recording",
    way_out="Convert it with the maker's player (XMPlayer, or the recorder's own backup as MP4), and add that.",
)
HEIC = Format("image/heic", "refused", "a HEIC picture")
JPEG_XL = Format("image/jxl", "refused", "a JPEG XL picture")
JPEG_2000 = Format("image/jp2", "refused", "a JPEG 2000 picture")
CANON_RAW = Format("image/x-canon-cr3", "refused", "a camera's raw picture (CR3)")
HTML = Format("text/html", "refused", "a web page")
SVG = Format("image/svg+xml", "refused", "an SVG drawing")
POSTSCRIPT = Format("application/postscript", "refused", "a PostScript (EPS) drawing")
PDF = Format("application/pdf", "refused", "a PDF document")
PLAYLIST = Format("application/vnd.apple.mpegurl", "refused", "a playlist that points to other files")
ARCHIVE = Format("application/zip", "refused", "an archive (ZIP)")
UNKNOWN = Format("application/octet-stream", "refused", "a file of no kind known here")

ACCEPTED = (JPEG, PNG, TIFF, WEBP, GIF, BMP, AVIF, MP4, MATROSKA, AVI, TRANSPORT, PROGRAM, ASF, RAW_H264)
PUBLISHED = {"still": JPEG, "footage": MP4}  # what is made of each kind
_BY_ENDING = {ending: each for each in ACCEPTED for ending in each.endings}
_STARTS: tuple[tuple[bytes, Format], ...] = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"\x1a\x45\xdf\xa3", MATROSKA),
    (b"IMKH", HIKVISION),
    (b"DHAV", DAHUA),
    (b"HXVS", HXVS),
    # H.264 cannot begin so: its first bit after the code would be set, which is forbidden.
    *((b"\x00\x00\x01" + kind, XIONGMAI) for kind in (b"\xfc", b"\xfd", b"\xfe")),
    (b"\x00\x00\x01\xba", PROGRAM),
    (b"\x00\x00\x01\xb3", PROGRAM),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", ASF),
    (b"\x00\x00\x00\x01", RAW_H264),
    (b"\x00\x00\x01", RAW_H264),
    (b"#EXTM3U", PLAYLIST),
    (b"%PDF-", PDF),
    (b"%!PS", POSTSCRIPT),
    (b"\xc5\xd0\xd3\xc6", POSTSCRIPT),
    (b"PK\x03\x04", ARCHIVE),
    (b"\x00\x00\x00\x0cJXL ", JPEG_XL),
    (b"\xff\x0a", JPEG_XL),
    (b"\x00\x00\x00\x0cjP  ", JPEG_2000),
)
_TOP_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot")
# What a file in boxes says it is: its major brand. Pictures, where FFmpeg would find no film.
_BRANDS = {
    **dict.fromkeys((b"avif", b"avis", b"avio", b"MA1A", b"MA1B"), AVIF),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"MiHE"), HEIC),
    b"jxl ": JPEG_XL,
    **dict.fromkeys((b"jp2 ", b"jpx ", b"jpm "), JPEG_2000),
    b"crx ": CANON_RAW,
}
_ANY_PICTURE = (b"mif1", b"mif2", b"msf1", b"miaf")  # the brands beside it say of what kind
# Telephones and programs that send their pictures on name them so whatever they hold.
_ANY_PICTURE_ENDINGS = (".heic", ".heif", ".hif", ".avif")
_TRANSPORT_PACKET = 188


def sniff(head: bytes) -> Format:
    """Returns the format of a file, judged by its first bytes; UNKNOWN where no format fits."""
    for found in (_box_file(head), _riff(head), _transport(head), _text(head)):
        if found is not None:
            return found
    for start, found in _STARTS:
        if head.startswith(start):
            return found
    return BMP if head[:2] == b"BM" and head[6:10] == bytes(4) else UNKNOWN


def looks_still(path: Path) -> bool:
    """Whether the file begins as a still does. False where it cannot be read, too: the probe then reports that."""
    try:
        with path.open("rb") as body:
            return sniff(body.read(HEAD)).kind == "still"
    except OSError:
        return False


def recognise(path: Path, declared_name: str) -> Format:
    """Returns the file's format, once it is certain that the content is accepted and matches the name's ending.

    Raises BadMedia for an empty file, an unknown ending, content of another kind than the name's ending, or a kind that
    is refused.
    """
    name = PurePath(declared_name).name
    with path.open("rb") as body:
        head = body.read(HEAD)
    if not head:
        raise BadMedia(f"{name} is empty (0 bytes). Copy it again from where it came from.")
    ending = PurePath(name).suffix.lower()
    found, said = sniff(head), _BY_ENDING.get(ending)
    if found.kind == "refused":
        raise BadMedia(
            f"{name} is {found.description}, not a picture or video that can be published. {_way_out(found)}"
        )
    if found.kind == "still" and (ending in _ANY_PICTURE_ENDINGS or (found is AVIF and said and said.kind == "still")):
        return found
    if found is HIKVISION and ending in found.endings:
        return found
    if said is None:
        raise BadMedia(
            f"{name} has no ending known here; it holds {found.description}. Rename it to end in {found.endings[0]}."
        )
    if said is not found:
        raise BadMedia(
            f"{name} is not what its name says: it holds {found.description}, not {said.description}. "
            f"Check that it is the right file, then rename it to end in {found.endings[0]}."
        )
    return found


def _way_out(found: Format) -> str:
    if found.way_out:
        return found.way_out
    if found is ARCHIVE:
        return "Unpack it and add the pictures one by one."
    if found is HEIC:
        return (
            "On the telephone, share or export it as JPEG (on an iPhone: Settings, Camera, Formats, Most Compatible), "
            "and add that."
        )
    if found is PLAYLIST:
        return "Add the video itself."
    return "Save the picture as JPEG or PNG, or the video as MP4, and add that."


def _box_file(head: bytes) -> Format | None:
    if head[4:8] not in _TOP_BOXES:
        return None
    if head[4:8] != b"ftyp":
        return MP4
    if head[8:12] in _ANY_PICTURE:
        brands = head[16 : int.from_bytes(head[:4], "big")]
        return AVIF if b"avif" in brands or b"avis" in brands else HEIC
    return _BRANDS.get(head[8:12], MP4)


def _riff(head: bytes) -> Format | None:
    if head[:4] != b"RIFF":
        return None
    return {b"WEBP": WEBP, b"AVI ": AVI}.get(head[8:12])


def _transport(head: bytes) -> Format | None:
    """188-byte packets that each start with 0x47; Blu-ray's have four bytes of time before each."""
    for offset, packet in ((0, _TRANSPORT_PACKET), (4, _TRANSPORT_PACKET + 4)):
        marks = head[offset::packet][:8]
        if len(marks) > 1 and set(marks) == {0x47}:
            return TRANSPORT
    return None


def _text(head: bytes) -> Format | None:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not text.startswith((b"<", b"#extm3u")):
        return None
    if text.startswith(b"#"):
        return PLAYLIST
    return SVG if b"<svg" in text else HTML


def published_type(kind: str) -> str:
    """Returns the media type that is published for a `kind`, "still" or "footage"."""
    return PUBLISHED[kind].media_type


def ending_of(media_type: str) -> str:
    """Returns the file name ending for a media type, with its dot. Raises KeyError for one not published or shown."""
    return {each.media_type: each.endings[0] for each in (JPEG, PNG, MP4)}[media_type]
