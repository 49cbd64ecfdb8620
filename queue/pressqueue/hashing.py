"""The hashes of the audit log: one spelling of JSON, and what each Entry's hash covers.

`publisher/verifier.py` computes the same on its own, so that a court need not trust this program.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pressqueue.models import Entry

BEGINNING = "0" * 64  # what the first Entry follows


def about_of(text: str) -> dict[str, Any]:
    """Returns what an Entry is about, from its `about`; nothing where somebody wrote something else there."""
    try:
        about = json.loads(text)
    except ValueError:
        return {}
    return about if isinstance(about, dict) else {}


def canonical(value: Any) -> str:
    """Returns JSON with one spelling: sorted keys, no spaces, UTF-8 as it is."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def text_digest(salt: str, text: str) -> str:
    """Returns SHA-256 over salt and text; without the salt nobody can guess a purged text from it."""
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def content_digest(entry: Entry) -> str:
    """Returns SHA-256 over the Entry's own salt and every kept field of it, as one canonical JSON list.

    An excerpt shows other people's Entries by this digest alone: the chain can be followed through them and, because of
    the salt, nobody can guess what they say.
    """
    parts = [entry.salt, entry.at, entry.act, entry.actor, entry.door, entry.about, entry.text_digest]
    return hashlib.sha256(canonical(parts).encode()).hexdigest()


def entry_hash(entry: Entry) -> str:
    """Returns SHA-256 over previous hash, number and content digest, as one canonical JSON list."""
    parts = [entry.previous, entry.number, content_digest(entry)]
    return hashlib.sha256(canonical(parts).encode()).hexdigest()
