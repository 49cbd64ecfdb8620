"""go_live.py: one appeal is queued, approved and seen live in the office of PUBLISHER_OFFICE; prints its reference."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import django

django.setup()

import press  # noqa: E402
import world  # noqa: E402

now = datetime.now(UTC)
item = world.approved(world.appeal(now=now), now=now)
press.live(item, now=now)
sys.stdout.write(item.reference)
