"""The integrity key is changed, and a change that was cut off is ended the next time the office is opened.

The new key lies beside the old one before anything else happens. Then the database is sealed anew in one transaction,
the register and its high-water file after it, and last the new key takes the old one's place. The log's head says which
of the two is in force, so each of these steps may be the last one of a process.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from pressqueue import sealing, seals
from pressqueue.actors import Actor
from pressqueue.errors import Forbidden
from pressqueue.models import ChainHead, Officer
from pressqueue.moves import key_rotation
from publisher.configuration import secret_store
from publisher.configuration.office_file import Office
from publisher.configuration.secret_store import Secrets
from publisher.evidence import integrity
from publisher.register import sync

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rotated:
    """What was done. `kept`: the new key took the old one's place; else a person must put it there."""

    rows: int
    key: str
    kept: bool


def rotate(office: Office, actor: Actor, second: Officer, now: datetime) -> Rotated:
    """Change the key. Raises Forbidden where anything is found, SecretMissing, Tampered, OSError, RegisterBroken."""
    if found := integrity.of_everything(office):
        raise Forbidden(f"{found[0].words} The key is changed when everything agrees: `publisher audit verify`.")
    old, new = sealing.port.key, secret_store.next_integrity_key(office.folder)
    files = sync.of(office)
    with files.locked() as descriptor:
        files.lines()  # what was found above may be others' by now
        rows = key_rotation.rotate_key(actor, second, new, now=now)
        sync.follow_key(files, descriptor, old, now)
        kept = secret_store.promote_next(office.folder)
    return Rotated(rows, sealing.identity(new), kept)


def connect(office: Office) -> None:
    """From here on this process takes over the key that follows its own, as soon as the log is under that."""
    sealing.port.newer = lambda: secret_store.newest_integrity_key(office.folder)


def settle(office: Office, secrets: Secrets, now: datetime) -> None:
    """Take the key that is in force; where that is the new one, do what was left undone.

    Called when an office is opened, which a fault of these files must not keep from taking down.
    """
    connect(office)
    if secrets.integrity_key is None or secrets.integrity_key_next in (None, secrets.integrity_key):
        return
    seals.is_vouched(ChainHead.objects.get())
    if sealing.port.key != secrets.integrity_key_next:
        return
    files = sync.of(office)
    try:
        with files.locked() as descriptor:
            sync.follow_key(files, descriptor, secrets.integrity_key, now)
            secret_store.promote_next(office.folder)
    except OSError as error:
        log.warning("The change of the integrity key is not ended (%s); the next start ends it.", error.strerror)
