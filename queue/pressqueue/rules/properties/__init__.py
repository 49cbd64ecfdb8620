"""The properties: what is so whatever anybody does."""

from __future__ import annotations

from pressqueue.gates.base import Asked
from pressqueue.rules.properties.access import ACCESS
from pressqueue.rules.properties.coming_down import COMING_DOWN
from pressqueue.rules.properties.deciding import DECIDING
from pressqueue.rules.properties.on_record import ON_RECORD
from pressqueue.rules.properties.the_days import THE_DAYS

PROPERTIES: tuple[Asked, ...] = (*DECIDING, *COMING_DOWN, *ON_RECORD, *THE_DAYS, *ACCESS)
