"""What every part of the stand-in shares: its clock, its knobs, its memory and its faults."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from publisher.exercise.sandbox.faults import Faults
from publisher.exercise.sandbox.ledger import Ledger
from publisher.exercise.sandbox.records import Spent, Thing
from publisher.exercise.sandbox.settings import Settings

# Google's daily quotas end at midnight Pacific time (developers.google.com, determine_quota_cost).
PACIFIC = ZoneInfo("America/Los_Angeles")


class World:
    """One stand-in's whole state. Change it only while holding `lock`."""

    def __init__(self, folder: Path, secret: str | None, clock: Callable[[], float], settings: Settings | None) -> None:
        self.ledger = Ledger(folder)
        self.lock = self.ledger.lock
        self.secret = secret or secrets.token_urlsafe(24)
        self.settings = settings or Settings()
        self.faults = Faults(self.now)
        self.base = ""
        self._clock = clock
        self._ahead = float(self.ledger.fact("ahead", "0"))

    def real_now(self) -> float:
        """The clock without what `advance` added: credentials live by it, as their users' clocks do."""
        return self._clock()

    def now(self) -> float:
        return self._clock() + self._ahead

    def advance(self, seconds: float) -> None:
        """Let time pass at the platforms."""
        with self.lock:
            self._ahead += seconds
            self.ledger.set_fact("ahead", repr(self._ahead))

    def change(self, changes: Mapping[str, Any]) -> None:
        with self.lock:
            self.settings = self.settings.changed(changes)

    def ripen(self) -> None:
        """Let what was due happen: a video scheduled for a moment now past became public then."""
        now = self.now()
        with self.lock:
            for thing in self.ledger.things("youtube"):
                due = thing.parts.get("publish_at")
                if due is not None and due <= now:
                    del thing.parts["publish_at"]
                    if not self.settings.private_lock:
                        thing.show("public", due)
                    self.ledger.put(thing)

    def spend(self, bucket: str, period: str, units: int, limit: int | None) -> bool:
        """Take `units` of a bucket for that period; False, and nothing taken, where they are not left."""
        with self.lock:
            key = f"{bucket} {period}"
            spent = self.ledger.get(Spent, key) or Spent(key)
            if limit is not None and spent.units + units > limit:
                return False
            spent.units += units
            self.ledger.put(spent)
            return True

    def media_gone(self, thing: Thing) -> bool:
        """Whether the direct address of the bytes has stopped answering: caches outlive a deletion."""
        return thing.deleted is not None and self.now() >= thing.deleted + self.settings.media_linger
