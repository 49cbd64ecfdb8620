"""An officer withdraws everything there is."""

from __future__ import annotations

import sys

import django

django.setup()

from pressqueue.models import Item
from pressqueue.moves import leases, takedown

from support import factories

for item in Item.objects.order_by("pk"):
    takedown.withdraw(factories.approver(), item, "identified", now=leases.database_now())
sys.stdout.write("{}\n")
