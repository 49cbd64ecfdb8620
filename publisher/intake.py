"""A file comes in: kept safe by its hash, read by a supervised probe, recorded as an Original.

The desk and the command line both come through here, so that no door takes what another refuses.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any

from pressqueue import moves
from pressqueue.actors import Actor
from pressqueue.models import Original
from publisher.media import supervised
from publisher.media.errors import BadMedia
from publisher.media.probe import Probe
from publisher.media.vault import Vault


def receive(actor: Actor, path: Path, declared_name: str, vault: Vault, now: datetime) -> Original:
    """Keep the file at `path`, which came with the name `declared_name`, and record it as an Original.

    The probe reads the stored copy, so what was probed is what is kept. Raises BadMedia, with no Original
    recorded, where the file cannot be used or stored; `path` itself is never altered.
    """
    name = PurePath(declared_name.replace("\\", "/")).name or "unnamed"
    stored = vault.take_in(path)
    found = supervised.probe(stored.path, declared_name=name)
    original = moves.receive_original(
        actor,
        sha256=stored.sha256,
        size=stored.size,
        media_type=found.media_type,
        kind=found.kind,
        filename=name,
        probe=as_json(found),
        now=now,
    )
    # The same bytes may have been purged meanwhile: from the record on they are kept, so put them back once more.
    if not stored.path.exists():
        vault.take_in(path)
    return original


# A signed form: what a scanner makes of it. By its first bytes, whatever it is called.
FORMS = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
_BEGINS = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
LARGEST_FORM = 20 * 1024 * 1024  # bytes


def receive_form(actor: Actor, path: Path, declared_name: str, vault: Vault, now: datetime) -> Original:
    """Keep a signed form as an exhibit: nothing that is ever published or decoded here. Raises BadMedia."""
    with path.open("rb") as file:
        begins = file.read(8)
    media_type = next((kind for magic, kind in _BEGINS.items() if begins.startswith(magic)), "")
    if not media_type:
        raise BadMedia("A signed form is a PDF, or a JPEG or PNG picture of it. Scan it again as one of these.")
    if path.stat().st_size > LARGEST_FORM:
        raise BadMedia(f"The form is larger than {LARGEST_FORM // 1024**2} MB. Scan it with a lower resolution.")
    stored = vault.take_in(path)
    name = PurePath(declared_name.replace("\\", "/")).name or "form"
    return moves.receive_original(
        actor, sha256=stored.sha256, size=stored.size, media_type=media_type, kind="form", filename=name, probe={},
        now=now,
    )  # fmt: skip


def as_json(found: Probe) -> dict[str, Any]:
    """A Probe as it is kept with the Original: plain JSON, the camera's own time as ISO 8601 without a zone."""
    kept = dataclasses.asdict(found)
    kept["taken_at"] = found.taken_at.isoformat() if found.taken_at else None
    kept["warnings"] = list(found.warnings)
    return kept
