"""go_live.py: one appeal is queued, approved and seen live in the office of PUBLISHER_OFFICE; prints its reference."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import django

django.setup()

from support import factories, pack_recipients

now = datetime.now(UTC)
item = factories.approved(factories.appeal(now=now), now=now)
pack_recipients.live(item, now=now)
sys.stdout.write(item.reference)
