"""A rule that no longer holds when the hour comes: nothing goes out, and a person is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from pressqueue.models import Notice, Post, Subject
from publisher.exercise.sandbox.control import Control

from support import factories
from support.factories import Clock

Queued = Callable[..., Post]
Rounds = Callable[..., list[str]]


def stale(clock: Clock) -> None:
    """Nobody looked up the proceedings within three days (R24)."""
    Subject.objects.update(proceedings_at=clock.now - timedelta(hours=80))


def looked_up(clock: Clock) -> None:
    factories.looked_up(Subject.objects.get(), now=clock.now)
    clock.on(minutes=6)  # it is asked again every five


def told(post: Post) -> str:
    return " ".join(
        Notice.objects.filter(cause=f"gates:{post.pk}", cleared_at__isnull=True).values_list("words", flat=True)
    )


def test_before_it_is_sent_nothing_leaves_and_a_person_is_told(
    queued: Queued, rounds: Rounds, control: Control, clock: Clock
) -> None:
    post = queued("flickr")
    stale(clock)
    rounds("waiting", most=2)
    assert control.things() == []
    assert "was due and may not go out. [R24]" in told(post)
    looked_up(clock)
    rounds("live")
    assert told(post) == ""


def test_after_it_was_sent_it_stays_out_of_sight_until_the_rule_holds_again(
    queued: Queued, rounds: Rounds, control: Control, clock: Clock
) -> None:
    control.settings(processing_seconds=30.0)
    post = queued("youtube")
    rounds("concealed")
    stale(clock)
    clock.on(minutes=2)
    control.advance(120)
    rounds("concealed", most=2)
    (thing,) = control.things()
    assert (thing["visibility"], thing["public"]) == ("private", [])
    assert "was due and may not go out. [R24]" in told(post)
    looked_up(clock)
    rounds("live")
    assert told(post) == ""
