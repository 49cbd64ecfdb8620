"""Reading Flickr's XML. What is not exactly as expected is a BadReply, never a guess.

flickrapi 2.4.0 is asked for `format='rest'` and hands over the bytes: with `parsed-json` an upload
succeeds at Flickr and then raises here, its parsers lose `<duplicate_photo_id>` of error 9, and its
parse errors carry an expat code that looks like a Flickr code (all measured with flickrapi 2.4.0).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, ParseError, fromstring

from publisher.destinations.base import Processing, Seen, Visibility, readable
from publisher.destinations.flickr.texts import mark_in

_REFERENCE = re.compile(r"&#(x?)([0-9A-Fa-f]{1,9});")
UNSAFE = "Flickr shows it as not safe for everybody: its safety level was raised."
PENDING_WORDS = "Flickr is still preparing the footage."
FAILED_WORDS = "Flickr could not prepare the footage."


class ApiFault(Exception):
    """`<rsp stat="fail">`: Flickr's own code, which means something per method only.

    `duplicate_id` is the photo that error 9 of an upload names.
    """

    def __init__(self, code: int, duplicate_id: str | None = None) -> None:
        super().__init__(f"code {code}")
        self.code = code
        self.duplicate_id = duplicate_id


class BadReply(Exception):
    """HTTP 200 with something else than Flickr's XML: HTML, nothing, half a reply, JSON."""


def parse(body: bytes) -> Element:
    """Returns the `<rsp>` of an answer with stat="ok". Raises ApiFault or BadReply."""
    if b"<!DOCTYPE" in body[:1000] or b"<!ENTITY" in body:
        raise BadReply("a document type")  # an HTML page, or an attack on the parser
    try:
        rsp = fromstring(_legible(body))  # noqa: S314 entities are refused above, the length in flickr_wire
    except (ParseError, ValueError) as error:
        raise BadReply("no XML") from error
    if rsp.tag == "rsp" and rsp.get("stat") == "ok":
        return rsp
    raise _fault(rsp)


def _legible(body: bytes) -> str:
    """The reply without what XML 1.0 forbids, also as a reference (its section 2.2, Characters).

    Flickr gives back what somebody typed into a title; one such character would hide the photo, or the whole page of
    a listing, from us for ever. A sign takes its place, so that nothing reads as something that was not written.
    """
    return _REFERENCE.sub(_allowed, readable(body.decode("utf-8", "replace")))


def _allowed(reference: re.Match[str]) -> str:
    number = int(reference[2], 16) if reference[1] else int(reference[2])
    legal = (
        number in (9, 10, 13) or 0x20 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or 0x10000 <= number < 0x110000
    )
    return reference[0] if legal else "\ufffd"


def _fault(rsp: Element) -> ApiFault | BadReply:
    err = rsp.find("err")
    if rsp.tag != "rsp" or rsp.get("stat") != "fail" or err is None:
        return BadReply("neither ok nor fail")
    try:
        code = int(err.get("code", ""))
    except ValueError:
        return BadReply("a failure without a code")
    named = (rsp.findtext(".//duplicate_photo_id") or err.get("duplicate_photo_id") or "").strip()
    return ApiFault(code, named if named.isdigit() else None)


def photo_id(rsp: Element) -> str:
    """Returns the id of a new photo. Raises BadReply.

    Flickr answers `<photoid secret=".." originalsecret="..">1</photoid>`, or the bare `<photoid>1</photoid>`.
    """
    number = (rsp.findtext("photoid") or "").strip()
    if not number.isdigit():
        raise BadReply("no photo id")
    return number


def child(rsp: Element, name: str) -> Element:
    """Returns the one element `name` that the reply must have. Raises BadReply."""
    found = rsp.find(name)
    if found is None:
        raise BadReply(f"no {name}")
    return found


def count(element: Element, name: str) -> int:
    """Returns a whole number from an attribute. Raises BadReply.

    Under load Flickr answers `total=""` (oPromessa/flickr-uploader#66).
    """
    try:
        return int(element.get(name, ""))
    except ValueError as error:
        raise BadReply(f"no number in {name}") from error


def flag(element: Element, name: str) -> bool:
    """Returns an attribute that must be 0 or 1.

    Raises BadReply for a missing one, which does not prove who may see the photo.
    """
    value = element.get(name)
    if value not in {"0", "1"}:
        raise BadReply(f"neither 0 nor 1 in {name}")
    return value == "1"


def seen_in_info(rsp: Element, account: str = "") -> Seen:
    """Returns a photos.getInfo reply as Seen, with texts as Flickr gives them (compare by `texts.normalise`).

    `account`: this account's nsid; a photo whose `<owner>` is another is not ours, whatever tags it carries.
    """
    photo = child(rsp, "photo")
    owner = photo.find("owner")
    tags = tuple(tag.get("raw") or tag.text or "" for tag in photo.iterfind("tags/tag"))
    processing, message = _processing(photo)
    return Seen(
        remote_id=photo.get("id", ""),
        exists=True,
        visibility=visibility(child(photo, "visibility")),
        processing=processing,
        title=photo.findtext("title") or "",
        description=photo.findtext("description") or "",
        tags=tags,
        mark=mark_in(tags),
        url=photo.findtext("urls/url[@type='photopage']") or "",
        uploaded_at=_moment(photo.get("dateuploaded")),
        message=message,
        ours=not account or (owner is not None and owner.get("nsid") == account),
        licence=photo.get("license"),
        comments=_comments(photo),
        faults=() if photo.get("safety_level", "0") in {"0", "1"} else (UNSAFE,),
    )


def _comments(photo: Element) -> bool | None:
    """Whether anybody but us may comment. Flickr tells its owner alone."""
    granted = photo.find("permissions")
    said = granted.get("permcomment") if granted is not None else None
    return None if said is None else said != "0"


def seen_in_listing(photo: Element, url: str) -> Seen:
    """Returns one `<photo>` of a listing, requested with `listing.EXTRAS`, as Seen. Its machine tags come normalised.

    A row that does not say who may see it counts as unlisted, neither public nor private: a direct look decides.
    """
    machine = (photo.get("machine_tags") or "").split()
    try:
        shown = visibility(photo)
    except BadReply:
        shown = Visibility.UNLISTED
    return Seen(
        remote_id=photo.get("id", ""),
        exists=True,
        visibility=shown,
        title=photo.get("title", ""),
        description=photo.findtext("description") or "",
        tags=tuple((photo.get("tags") or "").split()),
        mark=mark_in(machine),
        url=url,
        uploaded_at=_moment(photo.get("dateupload")),
    )


def visibility(element: Element) -> Visibility:
    """Returns PRIVATE only where nobody else may see it; friends and family count as UNLISTED. Raises BadReply."""
    if flag(element, "ispublic"):
        return Visibility.PUBLIC
    shared = flag(element, "isfriend") or flag(element, "isfamily")
    return Visibility.UNLISTED if shared else Visibility.PRIVATE


def _processing(photo: Element) -> tuple[Processing, str]:
    """From `<video ready="1" failed="0" pending="0">`, which photos do not have (recorded)."""
    video = photo.find("video")
    if video is None:
        if photo.get("media") == "video":
            return Processing.PENDING, PENDING_WORDS
        return Processing.DONE, ""
    if video.get("failed") == "1":
        return Processing.FAILED, FAILED_WORDS
    if video.get("ready") == "1" and video.get("pending") != "1":
        return Processing.DONE, ""
    return Processing.PENDING, PENDING_WORDS


def _moment(seconds: str | None) -> datetime | None:
    if not seconds or not seconds.isdigit():
        return None
    return datetime.fromtimestamp(int(seconds), UTC)
