"""Which of two integrity keys is in force while one follows the other.

The log's head says it: its MAC is made with the one in force. The Entry of the change carries a proof made with the
key before, so that a process that has only that one knows that it must be started again, and raises no alarm.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from pressqueue import sealing
from pressqueue.models import Entry

ACT = "key_rotated"
CAUSE = "integrity-key:rotated"  # the Notice while a process works with the key before
MOST = 50  # changes of the key that are looked at, the newest first
RESTART = (
    "The integrity key was changed, and this process has the one before. Give it the new key and start it again; until "
    "then it publishes nothing. Taking down goes on."
)


def proof(new: bytes) -> str:
    """Returns a proof, made with the present key, that `new` follows it. Raises sealing.KeyMissing."""
    return sealing.mac("head", ["followed by", sealing.identity(new)])


def follow(head: Sequence[object], mac: str) -> bool:
    """Take over the key that follows this process's key, where the log is already under that one.

    Returns whether it did. A process never goes back to an older key.
    """
    new = sealing.newer()
    if new is None or not sealing.has_key():
        return False
    with sealing.under(new):
        made = bool(mac) and sealing.same("head", head, mac)
    if not made and _followed_by() != sealing.identity(new):
        return False
    if sealing.port.key != new:  # else another thread has
        sealing.port.before, sealing.port.key = sealing.port.key, new
    return True


def is_outdated() -> bool:
    """Whether another key follows this process's key: it must be restarted with that one."""
    return sealing.has_key() and bool(_followed_by())


def _followed_by() -> str:
    """The name of the key that follows ours, by an Entry whose proof was made with ours; else nothing."""
    for about in Entry.objects.filter(act=ACT).order_by("-number").values_list("about", flat=True)[:MOST]:
        key, said = _told(about)
        if sealing.same("head", ["followed by", key], said):
            return key
    return ""


def _told(about: str) -> tuple[str, str]:
    """The name of the key and its proof. Whoever can write the database may have written anything."""
    try:
        told = json.loads(about)
        return str(told["key"]), str(told["proof"])
    except (ValueError, KeyError, TypeError):
        return "", ""
