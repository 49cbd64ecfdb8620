"""Sessions whose key is known to the browser alone: the database holds a hash of it, and a copy opens nothing.

A key carries our own seal with the time it was made, so that the server can tell one of ours before it takes in a
large file, without asking the database. What it opens is decided by the table alone.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as Rows
from django.core.signing import BadSignature, TimestampSigner
from django.utils import timezone
from django.utils.crypto import get_random_string

KEPT = 40  # hex digits of the SHA-256 that are kept: 160 bits, as long as Django's column
LONGEST = timedelta(hours=24)  # a sealed key is taken for one of ours; a session itself ends sooner
_SALT = "publisher.desk.sessions"


class SessionStore(Rows):
    """Django's own, but for what stands in the column."""

    def exists(self, session_key: str) -> bool:
        return bool(super().exists(digest(session_key)))

    def delete(self, session_key: str | None = None) -> None:
        if key := session_key or self.session_key:
            super().delete(digest(key))

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        made = super().create_model_instance(data)
        made.session_key = digest(made.session_key)
        return made

    def _get_session_from_db(self) -> Any:
        kept = digest(self.session_key or "")
        found = self.model.objects.filter(session_key=kept, expire_date__gt=timezone.now()).first()
        if found is None:
            self._session_key = None
        return found

    def _get_new_session_key(self) -> str:
        return TimestampSigner(salt=_SALT).sign(get_random_string(32))


def digest(session_key: str) -> str:
    """What is kept of a session's key."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:KEPT]


def looks_ours(session_key: str) -> bool:
    """Whether we made this key within the last day. It may have been signed out since: the table knows."""
    try:
        TimestampSigner(salt=_SALT).unsign(session_key, max_age=LONGEST)
    except BadSignature:
        return False
    return True
