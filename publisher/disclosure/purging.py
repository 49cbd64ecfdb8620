"""The files of what was purged leave the vaults: after the commit that erased the texts, and again until they are gone.

A process may die between the two, or within; each part may be repeated.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from pressqueue import locks
from pressqueue.models import Purge
from pressqueue.moves import erasure, notices, retention
from publisher.configuration.office_file import Office
from publisher.media.vault import Vault

log = logging.getLogger(__name__)


def run_round(office: Office, now: datetime) -> int:
    """Carry out what a restore left over, and remove what is to be removed. Returns how many purges were ended."""
    for purge in retention.purges_to_carry_out():
        retention.carry_out_purge(purge, now=now)
    return sum(remove_files(office, purge, now) for purge in retention.purges_with_files())


def remove_files(office: Office, purge: Purge, now: datetime) -> bool:
    """Remove a purge's files, but for those that something else needs. False where the disk does not let us."""
    cause = f"purge:{purge.pk}"
    try:
        _remove(office, purge)
    except OSError as error:
        log.warning("Purged files could not be removed: %s", type(error).__name__)
        reference = purge.item.reference
        message = (
            f"The files of {reference}, which was purged, cannot be removed from {office.media} ({error.strerror}). "
            "Give Publisher's account write permission there; it is tried again by itself."
        )
        notices.notify(cause, message, now, reference)
        return False
    retention.files_gone(purge, now=now)
    notices.clear(cause, now)
    return True


def _remove(office: Office, purge: Purge) -> None:
    originals, renditions = Vault(office.media / "originals"), Vault(office.media / "renditions")
    with transaction.atomic():
        locks.office()  # whoever receives one of these files anew waits, and then sees that it is gone
        needed, published = erasure.still_needed(purge)
        for sha256 in {purge.original, *purge.forms} - set(needed):
            originals.remove(sha256)
        for sha256 in set(purge.renditions) - set(published):
            renditions.remove(sha256)
