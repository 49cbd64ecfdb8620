"""The properties: what is so whatever anybody does."""

from __future__ import annotations

from pressqueue.gates.base import RuleReference
from pressqueue.rules.properties.access import ACCESS
from pressqueue.rules.properties.coming_down import COMING_DOWN
from pressqueue.rules.properties.deciding import DECIDING
from pressqueue.rules.properties.on_record import ON_RECORD
from pressqueue.rules.properties.schedule import SCHEDULE

PROPERTIES: tuple[RuleReference, ...] = (*DECIDING, *COMING_DOWN, *ON_RECORD, *SCHEDULE, *ACCESS)
