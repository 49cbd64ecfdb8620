"""An officer withdraws everything there is."""

from __future__ import annotations

import sys

import django

django.setup()

from pressqueue.models import Item  # noqa: E402
from pressqueue.moves import leases, takedown  # noqa: E402

from support import factories  # noqa: E402

for item in Item.objects.order_by("pk"):
    takedown.withdraw(factories.approver(), item, "identified", now=leases.database_now())
sys.stdout.write("{}\n")
