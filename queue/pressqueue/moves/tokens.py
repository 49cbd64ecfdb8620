"""The sealed tokens of platform accounts."""

from __future__ import annotations

from datetime import datetime

from pressqueue.models import SealedToken


def keep(destination: str, box: bytes, now: datetime) -> None:
    """Store an encrypted token in place of the one before."""
    SealedToken.objects.update_or_create(destination=destination, defaults={"box": box, "saved_at": now})
