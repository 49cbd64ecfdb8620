"""A video's arrival: what is checked when its upload opens, and what it is once its bytes are there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from publisher.exercise.sandbox.naming import letters
from publisher.exercise.sandbox.picture import seconds
from publisher.exercise.sandbox.records import Thing
from publisher.exercise.sandbox.youtube import resources
from publisher.exercise.sandbox.youtube.api import Ask
from publisher.exercise.sandbox.youtube.texts import take_snippet, take_status
from publisher.exercise.sandbox.youtube.videos import known_parts

_LONG = 15 * 60  # seconds; longer needs a channel verified by telephone


def check_video(ask: Ask) -> None:
    """Raise Refusal for metadata YouTube does not take: nothing is uploaded then."""
    known_parts(ask.parts)
    _described(ask)


def _described(ask: Ask) -> Thing:
    """The video as its metadata describes it. Parts the query does not name are not read."""
    thing = Thing(platform="youtube", id=letters(11), created=ask.now, updated=ask.now)
    take_snippet(thing, ask.section("snippet") if "snippet" in ask.parts else {})
    status = ask.section("status") if "status" in ask.parts else {}
    take_status(thing, status, ask.now, locked=ask.world.settings.private_lock)
    if "recordingDetails" in ask.parts:
        thing.parts["recordingDate"] = ask.section("recordingDetails").get("recordingDate", "")
    return thing


def keep_video(ask: Ask, arrived: Path) -> dict[str, Any]:
    """Take the file in and begin to process it; the answer is the new video."""
    world = ask.world
    thing = _described(ask)
    thing.held = f"youtube-{thing.id}"
    thing.sha256, thing.size = world.ledger.hold(arrived, thing.held)
    thing.media_type = "video/mp4"
    thing.filename = ask.request.headers.get("Slug", "")
    thing.parts["notified"] = ask.get("notifySubscribers", "true") == "true"
    runs = thing.parts["seconds"] = seconds(world.ledger.held(thing.held))
    thing.ready_at = ask.now + world.settings.processing_seconds
    if thing.size == 0:
        thing.outcome = "failed:emptyFile"  # it "succeeds" all the same (measured with 2.202.0)
    elif (runs or 0) > _LONG and not world.settings.channel_verified:
        thing.outcome = "rejected:length"
    elif world.settings.reject_duplicates and _known(ask, thing):
        thing.outcome = "rejected:duplicate"
    world.ledger.put(thing)
    return resources.video(world, thing, ["id", *ask.parts])


def _known(ask: Ask, thing: Thing) -> bool:
    return any(one.mine and one.sha256 == thing.sha256 for one in ask.world.ledger.things("youtube"))
