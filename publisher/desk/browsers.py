"""Browsers an account has signed in with before: a signed cookie, which opens nothing.

It decides only whose slips delay whom (`throttle`). Several officers may share a browser.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

COOKIE = "desk_browser"
KEPT = timedelta(days=90)
MOST = 12  # accounts in one browser
_SALT = "publisher.desk.browsers"


def known(request: HttpRequest, username: str) -> str:
    """The browser's own code, where this account has signed in with it; else an empty text."""
    found = _read(request)
    return str(found["browser"]) if _account(username) in found["accounts"] else ""


def remember(request: HttpRequest, response: HttpResponseBase, username: str) -> None:
    """This account has just signed in with this browser."""
    found, account = _read(request), _account(username)
    accounts = [account, *(each for each in found["accounts"] if each != account)][:MOST]
    response.set_cookie(
        COOKIE, signing.dumps({"browser": found["browser"], "accounts": accounts}, salt=_SALT),
        max_age=KEPT, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip


def _read(request: HttpRequest) -> dict[str, Any]:
    try:
        return dict(signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=KEPT))
    except signing.BadSignature:
        return {"browser": secrets.token_hex(16), "accounts": []}


def _account(username: str) -> str:
    """Names nobody to who reads the cookie's file."""
    return hashlib.sha256(f"{settings.SECRET_KEY}\n{username.strip().casefold()}".encode()).hexdigest()[:24]
