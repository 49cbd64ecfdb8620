"""What each of Flickr's refusals means for us, as tables: by operation and code, never by code alone.

The same number means different things in different methods (0 is "video uploads disabled" in the
upload documentation and "service not available" in practice), so every row names its operation.

For an upload the question is whether the platform may hold the file:
  NotSent   certainly not, and trying again later is right
  Refused   certainly not, and trying again is pointless
  Unsure    perhaps: nobody may send again before the account has been looked through
Everything unknown is Unsure. Flickr did store uploads that it answered with an error
(oPromessa/flickr-uploader#56: "Flickr did accept the loading twice"), so the codes that say no more than
"something is wrong here" prove nothing; only codes that judge the request itself do.

For every other operation the question is only whether to ask again: Later, or Refused.

Sources: UPLOAD is Flickr's upload.api documentation; COMMON its list of codes for all methods; FJ the
flickr-sdk's reflection of each method's errors (2023); REAL is what was recorded from Flickr itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from publisher.destinations.errors import Later, NotSent, Refused, Stop, Unsure
from publisher.destinations.flickr.replies import ApiFault, BadReply
from publisher.destinations.flickr.wire import HttpFault, LineFault
from publisher.destinations.net import retry_after

CONSENT = "Flickr no longer accepts this account's consent. Run `publisher connect flickr`."
CLOCK = "Flickr refused the request because of this computer's clock. Set the clock right."
UNSURE = "Flickr did not say whether it kept the file. The account is looked through before anything is sent again."
AWAY = "Flickr could not be reached."
BUSY = "Flickr is not answering properly just now."
GONE = "Flickr no longer has this photo."
FULL = "The Flickr account has reached its upload limit. Free space or raise the limit, then go on."


class Verdict(Enum):
    """What the reply to an upload proves."""

    NOT_SENT = auto()
    REFUSED = auto()
    UNSURE = auto()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: the verdict, how far it reaches, and the sentence for the officer."""

    verdict: Verdict
    message: str
    stop: Stop = Stop.NONE


# Code 9, duplicate, is not here: which photo it names decides (flickr_sending).
UPLOAD: dict[int, Row] = {
    # UPLOAD 2 "no photo specified": of a file that had not left whole; of one that had, see _upload_row.
    2: Row(Verdict.REFUSED, "Flickr received no file with the upload."),
    # UPLOAD 4 "filesize was zero".
    4: Row(Verdict.REFUSED, "Flickr says that the file is empty."),
    # UPLOAD 5 "filetype was not recognised"; for footage see issue 104 of flickrapi: no file name extension.
    5: Row(Verdict.REFUSED, "Flickr does not recognise this kind of file."),
    # UPLOAD 6 "upload limit reached"; REAL text "Upload limit reached. For more info, visit flickr.com/pro".
    6: Row(Verdict.NOT_SENT, FULL, Stop.ACCOUNT),
    # UPLOAD 7 video upload limit.
    7: Row(Verdict.NOT_SENT, FULL, Stop.ACCOUNT),
    # UPLOAD 8 "filesize was too large".
    8: Row(Verdict.REFUSED, "The file is larger than Flickr takes."),
    # COMMON 95 "SSL is required".
    95: Row(Verdict.NOT_SENT, "Flickr wants https. Put right the addresses in the configuration.", Stop.ACCOUNT),
    # COMMON 96 invalid signature, 97 missing signature, 98 invalid auth token, 99 insufficient permissions,
    # 100 invalid (or, REAL, expired) API key: the request was judged, its file was not looked at.
    96: Row(Verdict.NOT_SENT, CONSENT, Stop.AUTH),
    97: Row(Verdict.NOT_SENT, CONSENT, Stop.AUTH),
    98: Row(Verdict.NOT_SENT, CONSENT, Stop.AUTH),
    99: Row(Verdict.NOT_SENT, CONSENT, Stop.AUTH),
    100: Row(Verdict.NOT_SENT, "Flickr does not accept the API key, or has switched it off.", Stop.AUTH),
    # COMMON 116 bad URL found: an address in a text is on Flickr's list of abuse. The text must change.
    116: Row(Verdict.REFUSED, "Flickr refuses a web address in the title or description. Change the text."),
    # These say only that something went wrong somewhere, perhaps after the file was stored:
    # UPLOAD 0 video disabled, REAL 0 and 201 "the Flickr API service is not currently available";
    # UPLOAD 3 general failure (jawj/iphoto-flickr#5: for ever, on one file; hence counted, flickr_sending);
    # UPLOAD 14 server at capacity; COMMON 105 service unavailable, 106 write failed.
    0: Row(Verdict.UNSURE, UNSURE),
    3: Row(Verdict.UNSURE, UNSURE),
    14: Row(Verdict.UNSURE, UNSURE),
    105: Row(Verdict.UNSURE, UNSURE),
    106: Row(Verdict.UNSURE, UNSURE),
    201: Row(Verdict.UNSURE, UNSURE),
}

# REAL: OAuth failures are HTTP 401, text/plain, `oauth_problem=...`. The signature is checked before the
# file is looked at, so they prove that nothing is kept. `nonce_used` proves the opposite of nothing: the
# same request arrived before, by somebody's repetition, and that first one may have been stored.
OAUTH: dict[str, Row] = {
    "timestamp_refused": Row(Verdict.NOT_SENT, CLOCK, Stop.ACCOUNT),
    "nonce_used": Row(Verdict.UNSURE, UNSURE),
}
OAUTH_ELSE = Row(Verdict.NOT_SENT, CONSENT, Stop.AUTH)

UPLOAD_HTTP: dict[int, Row] = {
    # 413: the size is judged from the header, before the body.
    413: Row(Verdict.REFUSED, "The file is larger than Flickr takes."),
}

# Answers in Flickr's own words which say no more than that something is wrong at Flickr (sources: see UPLOAD).
TROUBLED = frozenset({0, 105, 106, 201})

# Everything but uploads. The key "*" holds for all methods, a method's own row goes first.
CALLS: dict[tuple[str, int], Row] = {
    ("*", 95): UPLOAD[95],
    ("*", 96): UPLOAD[96],
    ("*", 97): UPLOAD[97],
    ("*", 98): UPLOAD[98],
    # REAL: "99 Insufficient permissions. Method requires delete privileges; write granted."
    ("*", 99): UPLOAD[99],
    ("*", 100): UPLOAD[100],
    ("*", 116): UPLOAD[116],
    # FJ: code 1 of these is "photo not found"; of photosets.create it is "no title". It is asked again before it is
    # believed: a platform may for a moment not know what it holds.
    ("photos.setPerms", 1): Row(Verdict.NOT_SENT, GONE),
    ("photos.setMeta", 1): Row(Verdict.NOT_SENT, GONE),
    ("photos.setTags", 1): Row(Verdict.NOT_SENT, GONE),
    ("photos.setSafetyLevel", 1): Row(Verdict.NOT_SENT, GONE),
    ("photos.licenses.setLicense", 1): Row(Verdict.NOT_SENT, GONE),
    # FJ setTags 2 "maximum number of tags reached": the whole request is ignored, the Mark with it.
    ("photos.setTags", 2): Row(Verdict.REFUSED, "These are more tags than Flickr takes. Remove some."),
    ("photos.setSafetyLevel", 3): Row(Verdict.REFUSED, "Flickr does not let this account set the safety level."),
    ("photos.licenses.setLicense", 2): Row(Verdict.REFUSED, "Flickr does not know this licence."),
    ("photosets.create", 1): Row(Verdict.REFUSED, "Flickr wants a title for the album."),
    ("photosets.create", 2): Row(Verdict.REFUSED, GONE),
    ("photosets.create", 3): Row(Verdict.REFUSED, "The Flickr account can hold no further album."),
    ("photosets.editMeta", 2): Row(Verdict.REFUSED, "Flickr wants a title for the album."),
    ("photosets.addPhoto", 2): Row(Verdict.REFUSED, GONE),
    ("photosets.addPhoto", 10): Row(Verdict.REFUSED, "The Flickr album is full."),
}


def of_upload(fault: Exception, complete: bool, now: datetime) -> NotSent | Refused | Unsure:
    """Returns the error that a failed upload proves.

    `complete`: the last byte of the file had been handed to the network.
    """
    row = _upload_row(fault, complete)
    if row.verdict is Verdict.NOT_SENT:
        return NotSent(
            row.message, _told_when(fault, now), row.stop, answered=_in_its_words(fault), trouble=_trouble(fault)
        )
    if row.verdict is Verdict.REFUSED:
        return Refused(row.message, row.stop)
    return Unsure(row.message)


def of_call(operation: str, fault: Exception, now: datetime) -> Later | Refused:
    """Returns the error that a failed call means. `operation` comes without its prefix: "photos.getInfo"."""
    row = _call_row(operation, fault)
    if row.verdict is Verdict.REFUSED:
        return Refused(row.message, row.stop)
    return Later(row.message, _told_when(fault, now), row.stop, answered=_in_its_words(fault), trouble=_trouble(fault))


def _upload_row(fault: Exception, complete: bool) -> Row:
    match fault:
        case LineFault(established=False):
            return Row(Verdict.NOT_SENT, AWAY)
        case ApiFault(code=2) if complete:
            return Row(Verdict.UNSURE, UNSURE)  # it had the file, whatever it says of it: a copy may lie there
        case ApiFault(code=code):
            return UPLOAD.get(code, Row(Verdict.UNSURE, UNSURE))
        case HttpFault(code=401, body=body) if b"oauth_problem=" in body:
            return _oauth_row(body)
        case HttpFault(code=429) if not complete:
            # Answered while the file was still leaving: what never arrived whole cannot be stored.
            return Row(Verdict.NOT_SENT, BUSY)
        case HttpFault(code=code):
            return UPLOAD_HTTP.get(code, Row(Verdict.UNSURE, UNSURE))
    return Row(Verdict.UNSURE, UNSURE)


def _call_row(operation: str, fault: Exception) -> Row:
    match fault:
        case LineFault():
            return Row(Verdict.NOT_SENT, AWAY)
        case ApiFault(code=code):
            row = CALLS.get((operation, code)) or CALLS.get(("*", code))
            return row or Row(Verdict.NOT_SENT, BUSY)
        case HttpFault(code=401, body=body) if b"oauth_problem=" in body:
            row = _oauth_row(body)
            return row if row.verdict is not Verdict.UNSURE else Row(Verdict.NOT_SENT, BUSY)  # it may be asked again
        case HttpFault() | BadReply():
            return Row(Verdict.NOT_SENT, BUSY)
    return Row(Verdict.NOT_SENT, BUSY)


def _oauth_row(body: bytes) -> Row:
    problem = body.partition(b"oauth_problem=")[2].partition(b"&")[0].decode("ascii", "replace").strip()
    return OAUTH.get(problem, OAUTH_ELSE)


def _in_its_words(fault: Exception) -> bool:
    """Whether Flickr's API itself judged the request, so that asking again will probably not change it."""
    match fault:
        case ApiFault(code=code):
            return code not in TROUBLED
        case HttpFault(code=401, body=body):
            return b"oauth_problem=" in body and b"oauth_problem=nonce_used" not in body
    return False


def _trouble(fault: Exception) -> bool:
    """Whether it is Flickr that is not well. A 429 is a limit of ours, kept by the ledger of requests."""
    limit = isinstance(fault, HttpFault) and fault.code == 429
    oauth = isinstance(fault, HttpFault) and b"oauth_problem=" in fault.body
    return not (limit or oauth or _in_its_words(fault))


def _told_when(fault: Exception, now: datetime) -> datetime | None:
    if not isinstance(fault, HttpFault):
        return None
    return retry_after(fault.headers.get("Retry-After"), now)
