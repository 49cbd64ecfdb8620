"""What a run is held to, and the scaled pace it runs at. Everything here is printed when a run begins."""

from __future__ import annotations

from dataclasses import dataclass

# Scaled down together: what lasts minutes at the real platforms lasts seconds here, and in the same proportions.
PACE = {
    "lease": 5.0,
    "margin": 1.0,
    "renew": 0.4,
    "ask": 0.2,
    "server_time": 2.0,  # longest a request works on at the sandbox after we gave up; see KNOBS and `Chaos.stalled`
    "settle": 2.4,
    "give_up": 300.0,
    "reveal_patience": 20.0,
    "retry_first": 0.1,
    "retry_most": 1.0,
    "withdraw_first": 0.1,
    "withdraw_most": 0.8,
    "media_most": 1.0,
    "confirm": 0.3,
    "poll": 0.2,
    "tick": 1.0,  # seven workers with eight threads each: asking more often, they only keep each other waiting
    "tries": 60,
    "hand_over": 8,
    "breaker_after": 5,
    "breaker_first": 0.2,
    "breaker_most": 1.0,
}
# The sandbox's own pace. A connection that is silent longer than `socket_timeout` is dropped, as front-end servers do:
# what a frozen uploader sends after `server_time` reaches nobody.
KNOBS = {
    "listing_delay": 0.3,
    "search_delay": 0.3,
    "processing_seconds": 0.3,
    "socket_timeout": 1.8,
    "upload_bucket": 1_000_000,
    "general_units": 1_000_000_000,
}
QUOTAS = {
    "flickr": {"calls_per_hour": 10_000_000, "calls_reserve": 1_000},
    "youtube": {"uploads_per_day": 1_000_000, "units_per_day": 1_000_000_000, "chunk_bytes": 262_144},
}
# Held by a lease, and what is called there. Between them they are the walk from taken to removed.
STATES = ("sending", "unsure", "concealed", "revealing", "removing", "live")
CALLS = ("send", "find", "look", "apply_metadata", "reveal", "file_under", "conceal", "remove")
PLATFORMS = ("flickr", "youtube")
SETTLED_SHARE = 0.02  # so few may need an officer's answer to "unsure"


@dataclass(frozen=True, slots=True)
class Terms:
    """How much is done, and how much of each misfortune must have been met before the run counts."""

    posts: int = 2000
    workers: int = 4
    kills: int = 300
    each: int = 20  # kills in each state, and at each call of each platform
    faults: int = 20  # of each kind
    frozen: int = 20  # workers stopped past their lease
    withdrawn: float = 0.3  # this share of the Posts
    minutes: float = 120.0  # at most: it is over as soon as enough was met
    seed: int = 1
    wrong: str = ""  # a control: which safeguard the workers are run without


# Over after two to four minutes on a machine to itself; one three times busier takes three times as long, and may.
SHORT = Terms(posts=60, kills=30, each=1, faults=1, frozen=2, withdrawn=0.4, minutes=20.0)
