"""What processes left that were killed at work: copies of files that nobody has recorded. They do not stay.

A face that no row names could be neither found nor purged by its rules.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import time

from django.db import transaction

from pressqueue import locks
from pressqueue.models import Original
from publisher.configuration.office_file import Office
from publisher.media.vault import Vault

log = logging.getLogger(__name__)

HOUR = 3600.0  # seconds: longer than any file is looked at
MAKING = 12 * HOUR  # longer than any film is rendered


def sweep(office: Office) -> None:
    """Remove what is left over in the office's vaults and in the folder where renditions are made."""
    sweep_vault(Vault(office.media / "originals"))
    sweep_vault(Vault(office.media / "renditions"))
    for place in (office.media / "making").glob("rendering-*"):
        with contextlib.suppress(OSError):  # its process has just removed it, or the disk does not let us
            if place.stat().st_mtime < time.time() - MAKING:
                shutil.rmtree(place, ignore_errors=True)  # whatever stays is tried again in the next round


def sweep_vault(vault: Vault) -> None:
    """Remove left-over copies, and files that were stored and never recorded. What the disk refuses is tried again."""
    try:
        for place, sha256 in vault.left_over(time.time() - HOUR):  # the clock of the disk's times, not the database's
            if sha256:
                forget_unrecorded(vault, sha256)
            place.unlink(missing_ok=True)
    except OSError as error:
        log.warning("What a process left in %s cannot be removed (%s).", vault.root, error.strerror)


def forget_unrecorded(vault: Vault, sha256: str) -> None:
    """Take a file out of the vault of Originals unless it is recorded. Whoever records it meanwhile looks again."""
    with transaction.atomic():
        locks.office()
        if not Original.objects.filter(sha256=sha256, purged_at__isnull=True).exists():
            vault.remove(sha256)
