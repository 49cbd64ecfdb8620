"""Every kind of fault the sandbox knows, where each can strike, and the ordering of them through a run."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from publisher.exercise.sandbox.control import Control
from publisher.exercise.sandbox.faults import KINDS

PATIENCE = 4.0  # seconds an ordered fault is waited for before another is
LAST_CHUNK = "range=bytes 262144-"  # of two: what furnish.py makes is between one and two chunks long
BOTH, BEFORE = ("before", "after"), ("before",)


class Place(NamedTuple):
    """Requests a fault may strike, before or after they take effect, and what only its kind knows."""

    operation: str
    when: tuple[str, ...] = BOTH
    detail: dict[str, Any] = {}  # never written to


FLICKR = (
    "flickr.upload",
    "flickr.photos.getInfo",
    "flickr.photos.setPerms",
    "flickr.photos.delete",
    "flickr.photosets.*",
)
YOUTUBE = ("youtube.session", "youtube.chunk", "youtube.videos.*", "youtube.thumbnails.set", "youtube.playlistItems.*")
EVERYWHERE = tuple(Place(operation) for operation in FLICKR + YOUTUBE)
AT_FLICKR = tuple(Place(operation) for operation in FLICKR)
# A fault is only what its platform could do: a refused signature or an emptied quota is said before anything is done,
# and whoever says that a file is too large has not stored it.
PLACES: dict[str, tuple[Place, ...]] = {
    **dict.fromkeys(("500", "503", "closed", "reset", "drip"), (*EVERYWHERE, Place("google.token", BEFORE))),
    **dict.fromkeys(("504html", "429html", "truncated_xml", "json_in_xml", "empty200", "html200"), AT_FLICKR),
    **dict.fromkeys(("code201", "code105"), AT_FLICKR),
    "302": EVERYWHERE,
    "retry_after": tuple(place._replace(detail={"seconds": 1}) for place in EVERYWHERE),
    "stall": tuple(place._replace(detail={"although_gone": True}) for place in EVERYWHERE),
    "401": tuple(place._replace(when=BEFORE) for place in (*AT_FLICKR, Place("youtube.videos.*"))),
    "413": (Place("flickr.upload", BEFORE),),
    "session404": (Place("youtube.query", BEFORE), Place("youtube.chunk", ("after",))),
    "partial": (Place("youtube.chunk", BEFORE),),
    "session_at": (
        Place("youtube.session", BEFORE, {"length": 40}),
        Place("youtube.session", BEFORE, {"location": "http://127.0.0.1:1/elsewhere"}),
    ),
    "processing_failed": (Place("youtube.chunk", BEFORE), Place("youtube.session", BEFORE)),
    "total_empty": (Place("flickr.people.getPhotos", BEFORE), Place("flickr.photos.recentlyUpdated", BEFORE)),
    "daily429": (Place("youtube.session", BEFORE),),
    "uploadLimitExceeded": (Place("youtube.session", BEFORE),),
    "flickr_error": tuple(place._replace(detail={"code": 106}) for place in AT_FLICKR),
    "flickr_oauth": (Place("flickr.upload", BEFORE, {"problem": "nonce_used"}),),
    "youtube_error": tuple(
        Place(operation, BEFORE, {"http": 503, "domain": "global", "reason": "backendError"}) for operation in YOUTUBE
    ),
    "google_error": (Place("google.token", BEFORE, {"http": 503, "error": "temporarily_unavailable"}),),
    "http": tuple(place._replace(detail={"code": 502}) for place in EVERYWHERE),
    "quotaExceeded": (Place("youtube.videos.update", BEFORE), Place("youtube.thumbnails.set", BEFORE)),
}
assert set(PLACES) == KINDS, f"kinds without a place: {KINDS ^ set(PLACES)}"


@dataclass
class Misfortunes:
    """Orders faults so that each kind keeps step with the run, and counts those that really struck."""

    control: Control
    need: int
    dice: random.Random
    met: Counter[str] = field(default_factory=Counter)
    waiting: dict[str, tuple[str, float]] = field(default_factory=dict)  # by kind: the fault ordered last, and when

    def keep_step(self, progress: float) -> None:
        """One more of each kind that lags behind `progress` (0 to 1), unless one has just been ordered."""
        struck = self.control.met()
        self.met = Counter(one["kind"] for one in struck)
        gone = {one["id"] for one in struck}
        for kind in sorted(KINDS):
            lags = self.met[kind] < self.need and self.met[kind] <= self.need * (progress * 2 + 0.05)
            if lags and not self._may_still_strike(kind, gone) and self.dice.random() < 0.4:
                self._order(kind)

    def _may_still_strike(self, kind: str, gone: set[str]) -> bool:
        """One that waits for a request which does not come is called off: the next is ordered elsewhere.

        Were it left waiting, a slow machine would gather so many that its first request met dozens of them.
        """
        last, at = self.waiting.get(kind, ("", 0.0))
        if not last or last in gone:
            return False
        if time.monotonic() - at < PATIENCE:
            return True
        self.control.clear_faults(last)
        return False

    def lose_replies(self, times: int) -> None:
        """The costliest of all: stored, and the answer lost. Ordered for every run, as a control needs it too."""
        self.control.fault("flickr.upload", "closed", when="after", times=times)
        self.control.fault("youtube.chunk", "closed", when="after", times=times, match=LAST_CHUNK)

    def _order(self, kind: str) -> None:
        place = self.dice.choice(PLACES[kind])
        fault = self.control.fault(place.operation, kind, when=self.dice.choice(place.when), **place.detail)
        self.waiting[kind] = (fault, time.monotonic())

    def missing(self) -> dict[str, int]:
        return {kind: self.met[kind] for kind in sorted(KINDS) if self.met[kind] < self.need}
