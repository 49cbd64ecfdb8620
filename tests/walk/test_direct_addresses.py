"""Direct addresses of what was withdrawn are asked until they are gone, and hold nothing up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from pressqueue.models import MediaAddress, Notice, Post
from publisher.exercise.sandbox.control import Control
from publisher.workers.worker import Worker

from support.factories import Clock
from support.withdrawals import entries, told, withdraw

Queued = Callable[..., Post]
Rounds = Callable[..., list[str]]
PLATFORMS = ["flickr", "youtube"]


@pytest.mark.first_row
@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_direct_address_is_asked_until_it_is_gone(
    platform: str, queued: Queued, rounds: Rounds, passes: Callable[..., None], control: Control, clock: Clock
) -> None:
    control.settings(media_linger=40 * 60.0)
    post = queued(platform)
    rounds("live")
    post.refresh_from_db()
    noted = set(post.media_urls)
    assert len(noted) > 1
    asked_at = clock.now
    withdraw(post, clock)
    rounds("removed")
    assert set(MediaAddress.objects.values_list("url", flat=True)) == noted
    passes(13)
    assert Notice.objects.filter(cause__startswith="media:").count() == 0
    passes(3)
    warning = told(f"media:{post.pk}")
    assert warning is not None
    assert warning.raised_at - asked_at < timedelta(minutes=17)
    assert told(f"media:{post.pk}:breach") is None
    passes(15)
    breach = told(f"media:{post.pk}:breach")
    assert breach is not None
    assert "breach of the 30-minute bound" in breach.words
    assert breach.words != warning.words
    passes(15)
    assert not MediaAddress.objects.filter(gone_at__isnull=True).exists()
    assert told(f"media:{post.pk}") is None
    assert told(f"media:{post.pk}:breach") is None
    assert entries("media_gone") == [{"addresses": len(noted), "post": post.pk}]


@pytest.mark.slow
def test_an_address_is_asked_at_least_every_five_minutes_and_not_at_every_round(
    queued: Queued, rounds: Rounds, worker: Worker, passes: Callable[..., None], control: Control, clock: Clock
) -> None:
    control.settings(media_linger=7200.0)
    post = queued("flickr")
    rounds("live")
    withdraw(post, clock)
    rounds("removed")
    passes(60)
    for address in MediaAddress.objects.all():
        assert 60 / 5 <= address.tries <= 60
        assert address.not_before - clock.now <= timedelta(seconds=worker.office.pace.media_most)


@pytest.mark.slow
def test_control_nobody_is_told_of_addresses_that_are_gone_at_once(
    queued: Queued, rounds: Rounds, passes: Callable[..., None], clock: Clock
) -> None:
    """The tests above can fail: without anything that lingers there is nothing to be told."""
    post = queued("flickr")
    rounds("live")
    withdraw(post, clock)
    rounds("removed")
    passes(32)
    assert not MediaAddress.objects.filter(gone_at__isnull=True).exists()
    assert not Notice.objects.filter(cause__startswith="media:").exists()


@pytest.mark.parametrize("platform", PLATFORMS)
def test_addresses_nobody_noted_are_asked_for_before_it_goes(
    platform: str, queued: Queued, rounds: Rounds, clock: Clock
) -> None:
    post = queued(platform)
    rounds("live")
    Post.objects.filter(pk=post.pk).update(media_urls=[])  # as after a finding by its Mark
    withdraw(post, clock)
    rounds("removed")
    assert MediaAddress.objects.filter(post=post).count() > 1


def test_addresses_that_cannot_be_learned_hold_nothing_up(
    queued: Queued, rounds: Rounds, control: Control, clock: Clock
) -> None:
    post = queued("flickr")
    rounds("live")
    Post.objects.filter(pk=post.pk).update(media_urls=[])
    control.fault("flickr.photos.getSizes", "503", times=50)
    withdraw(post, clock)
    rounds("removed", most=3)
    assert not MediaAddress.objects.exists()
