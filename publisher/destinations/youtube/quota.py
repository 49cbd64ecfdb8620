"""YouTube's daily quota: what each request costs, and when the day ends.

Since June 2026 videos.insert is counted in a bucket of its own (100 a day by default) and everything
else in units (10,000 a day); before, one insert cost 1,600 units. Source: Google's page "Quota costs"
(determine_quota_cost). The true number for uploads was seen to be smaller
(googleapis/google-api-python-client#2753), so it is configuration, and the platform's 429 overrides it.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from publisher.destinations.base import BucketRule

UPLOADS = "uploads"
UNITS = "units"
ZONE = "America/Los_Angeles"

# operation -> (bucket, units). Refused requests cost as well, every page of a listing costs again.
# The requests of an upload session after its first are not in Google's table: counted, at nothing.
COSTS: dict[str, tuple[str, int]] = {
    "session": (UPLOADS, 1),
    "chunk": (UPLOADS, 0),
    "query": (UPLOADS, 0),
    "videos.list": (UNITS, 1),
    "channels.list": (UNITS, 1),
    "playlists.list": (UNITS, 1),
    "playlistItems.list": (UNITS, 1),
    "videos.update": (UNITS, 50),
    "videos.delete": (UNITS, 50),
    "thumbnails.set": (UNITS, 50),
    "playlists.insert": (UNITS, 50),
    "playlists.update": (UNITS, 50),
    "playlistItems.insert": (UNITS, 50),
    "playlistItems.delete": (UNITS, 50),
    "captions.list": (UNITS, 50),
    "captions.insert": (UNITS, 400),
}


# Two looks, the poster frame, the status read and written.
UNITS_PER_POST = sum(
    COSTS[name][1] for name in ("videos.list", "thumbnails.set", "videos.list", "videos.update", "videos.list")
)


def rules(uploads: int = 100, units: int = 10_000, reserve: int = 1_000) -> tuple[BucketRule, ...]:
    """Returns the account's buckets.

    `reserve` units are kept for withdrawals: 1,000 cover six of them (conceal, the playlist's entry and delete at 50
    each, a handful of looks at 1).
    """
    return (
        BucketRule(UPLOADS, uploads, "day", ZONE),
        BucketRule(UNITS, units, "day", ZONE, min(reserve, units), UNITS_PER_POST),
    )


def next_reset(now: datetime) -> datetime:
    """Returns the next midnight in Los Angeles after `now`, in UTC: a calendar day, 23 to 25 hours long."""
    tomorrow = now.astimezone(ZoneInfo(ZONE)).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), ZoneInfo(ZONE)).astimezone(UTC)
