"""What each address of the desk costs and takes: whose threads serve it, and how large a body may come.

Asked before anything of a body is kept, by the server (`server/request_buffer.py`) and once more by `bodies.Bodies`.
A page with a file field needs its row in `UPLOADS`.
"""

from __future__ import annotations

from enum import Enum

from django.urls import Resolver404, resolve

KB, MB, GB = 1024, 1024**2, 1024**3
LARGEST_OPEN = 64 * KB  # of pages that anybody can reach: a name, a code, two passwords
LARGEST_FORM = 2 * MB  # of a form with nothing but words
# Pages with a file field, each with the largest body it takes from who is signed in.
UPLOADS = {"new": 64 * GB, "edit": 64 * GB, "attach_form": 25 * MB, "attest_comments": 25 * MB}


class Lane(Enum):
    """Threads that serve nothing else, so that what is slow never keeps waiting what is urgent."""

    TAKING_DOWN = "taking-down"
    SIGNING_IN = "signing-in"  # a password's hash takes a third of a second of a processor, whoever asks
    FILES = "files"  # a probe takes seconds, a film on a slow line minutes
    PAGES = "pages"


TAKING_DOWN = {
    "take_down", "take_down_campaign", "hold", "hold_campaign", "freeze", "person", "check",
}  # fmt: skip
SIGNING_IN = {"sign_in", "set_password", "change_password", "tokens"}
FILES = {*UPLOADS, "original", "rendition", "preview", "form", "press_pack", "comments_evidence"}
_LANES = {
    **dict.fromkeys(TAKING_DOWN, Lane.TAKING_DOWN),
    **dict.fromkeys(SIGNING_IN, Lane.SIGNING_IN),
    **dict.fromkeys(FILES, Lane.FILES),
}


def name_of(path: str) -> str:
    """The name of the address at this path; empty where there is none."""
    try:
        return resolve(path).url_name or ""
    except Resolver404:
        return ""


def lane_of(path: str) -> Lane:
    """Whose threads serve it."""
    return _LANES.get(name_of(path), Lane.PAGES)


def largest_body(path: str, *, signed_in: bool) -> int:
    """Bytes that may come with a request for this path."""
    if not signed_in:
        return LARGEST_OPEN
    return UPLOADS.get(name_of(path), LARGEST_FORM)
