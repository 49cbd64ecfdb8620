"""A file comes in: may they, what is it, and then it is kept by its hash and recorded as an Original.

The desk and the command line both come through here, so that no door takes what another refuses.
"""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any

from django.db import transaction

from pressqueue import locks
from pressqueue.actors import Actor
from pressqueue.models import Item, Original
from pressqueue.moves import items
from publisher.media import supervised, turns
from publisher.media.errors import BadMedia
from publisher.media.probe import Probe
from publisher.media.vault import Stored, Vault
from publisher.publishing import leftover_files


def receive(
    actor: Actor, path: Path, declared_name: str, vault: Vault, now: datetime, *, patient: bool = False
) -> Original:
    """Look at the file at `path`, which came with the name `declared_name`; keep and record it as an Original.

    In this order: may this person add files at all, what is it, and only then is it kept. The probe reads a copy
    that is gone unless it is kept, so what was probed is what is kept. Raises Forbidden, and BadMedia, with nothing
    kept, where the file cannot be used or stored; `path` itself is never altered. Where too many files are looked at
    already that is Busy, or with `patient` waited for.
    """
    items.demand_author(actor)
    leftover_files.sweep_vault(vault)
    name = _readable(declared_name) or "unnamed"
    with vault.held(path) as held:
        with turns.turn(vault.root, patient=patient):
            held.path.touch()  # its time begins now, however long the wait was: an hour later it counts as left over
            found = supervised.probe(held.path, declared_name=name)
        with _kept(vault, held):
            original = items.receive_original(
                actor,
                sha256=held.sha256,
                size=held.size,
                media_type=found.media_type,
                kind=found.kind,
                filename=name,
                probe=as_json(found),
                now=now,
            )
    _put_back(vault, path, original)
    return original


@contextlib.contextmanager
def _kept(vault: Vault, held: Stored) -> Iterator[None]:
    """Give the file its place while it is being recorded; where it is not recorded after all, it goes."""
    mark = vault.mark_unrecorded(held.sha256)
    try:
        vault.settle(held)
        yield
    except BaseException:
        leftover_files.forget_unrecorded(vault, held.sha256)
        mark.unlink()
        raise
    mark.unlink()


def _put_back(vault: Vault, path: Path, original: Original) -> None:
    """The same bytes may have been purged meanwhile: from the record on they are kept."""
    if not vault.path(original.sha256).exists():
        vault.take_in(path)


def _readable(declared_name: str) -> str:
    """The last part of a file's name. Bytes of it that are not UTF-8 (an old camera's card) are shown as \\xe9."""
    name = PurePath(declared_name.replace("\\", "/")).name
    return _UNDECODED.sub(lambda found: f"\\x{ord(found[0]) - 0xDC00:02x}", name)


_UNDECODED = re.compile("[\udc80-\udcff]")  # how Python hands over a byte that is no UTF-8 (PEP 383)


# A signed form: what a scanner makes of it. By its first bytes, whatever it is called.
FORMS = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
_BEGINS = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
LARGEST_FORM = 20 * 1024 * 1024  # bytes


@contextlib.contextmanager
def form_of(
    actor: Actor, item: Item | None, path: Path, declared_name: str, vault: Vault, now: datetime
) -> Iterator[Original]:
    """A signed form as an exhibit, for the block that attaches it: nothing that is ever published or decoded here.

    Without an `item` it is what shows something about an account. Where the block raises, because this person may not
    attach it or there is nothing to attach it to, the form was never kept. Raises BadMedia for what is no form.
    """
    media_type = _form_type(path)
    name = _readable(declared_name) or "form"
    with vault.held(path) as held, _kept(vault, held), transaction.atomic():
        if item is not None:
            locks.item(item.pk)  # before the chain head, which recording the form takes
        form = items.receive_original(
            actor, sha256=held.sha256, size=held.size, media_type=media_type, kind="form", filename=name,
            probe={}, now=now,
        )  # fmt: skip
        yield form
    _put_back(vault, path, form)


def _form_type(path: Path) -> str:
    with path.open("rb") as file:
        begins = file.read(8)
    media_type = next((kind for magic, kind in _BEGINS.items() if begins.startswith(magic)), "")
    if not media_type:
        raise BadMedia("A signed form is a PDF, or a JPEG or PNG picture of it. Scan it again as one of these.")
    if path.stat().st_size > LARGEST_FORM:
        raise BadMedia(f"The form is larger than {LARGEST_FORM // 1024**2} MB. Scan it with a lower resolution.")
    return media_type


def as_json(found: Probe) -> dict[str, Any]:
    """A Probe as it is kept with the Original: plain JSON, the camera's own time as ISO 8601 without a zone."""
    kept = dataclasses.asdict(found)
    kept["taken_at"] = found.taken_at.isoformat() if found.taken_at else None
    kept["warnings"] = list(found.warnings)
    return kept
