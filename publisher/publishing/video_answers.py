"""What a film's file does not say and an officer must: how fast it plays, and which of its films is meant.

Asked by the desk and the command line alike, and only where it is needed.
"""

from __future__ import annotations

from pressqueue.models import Original
from publisher.media.errors import BadMedia
from publisher.media.recipe import frame_rate


def asks_rate(original: Original) -> bool:
    """Whether it is a bare stream, which does not know how fast it plays."""
    return original.kind == "footage" and original.probe.get("fps", 0) is None


def films(original: Original) -> int:
    """How many films the file holds."""
    return int(original.probe.get("films", 1))


def fault_of_rate(original: Original, rate: str) -> str:
    """What is wrong with the frame rate that was said of this file; empty where nothing is."""
    if not asks_rate(original):
        return f"{original.filename} says itself how fast it plays: leave the frame rate out." if rate else ""
    if not rate:
        return (
            f"{original.filename} is a bare stream that does not say how many frames a second it has. Ask the "
            "recorder's owner and give the frame rate, such as 25 or 12.5."
        )
    try:
        frame_rate(rate)
    except BadMedia as bad:
        return bad.message
    return ""


def fault_of_track(original: Original, track: int) -> str:
    """What is wrong with the choice of this film; empty where nothing is."""
    there = films(original)
    if 1 <= track <= max(1, there):
        return ""
    return f"{original.filename} holds {'one video' if there < 2 else f'{there} videos'}: there is no number {track}."
