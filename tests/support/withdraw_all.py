"""An officer withdraws everything there is."""

from __future__ import annotations

import sys

import django

django.setup()

import world  # noqa: E402

from pressqueue import leases, moves  # noqa: E402
from pressqueue.models import Item  # noqa: E402

for item in Item.objects.order_by("pk"):
    moves.withdraw(world.approver(), item, "identified", now=leases.database_now())
sys.stdout.write("{}\n")
