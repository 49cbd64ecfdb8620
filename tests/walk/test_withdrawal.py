"""From the command to seen gone, at both platforms: what stands in its way, what it leaves behind, who is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import world
from django.db.models import Q
from world import Clock

from pressqueue.models import Attempt, Entry, Item, MediaAddress, Notice, Post
from pressqueue.moves import leases, subjects, takedown
from publisher.destinations.errors import UploadInterrupted
from publisher.exercise.sandbox.control import Control
from publisher.publishing import parcels
from publisher.scheduling import scheduler
from publisher.workers.lease_check import Guard
from publisher.workers.token_store import TokenStore
from publisher.workers.worker import Worker

Queued = Callable[..., Post]
Rounds = Callable[..., list[str]]
PLATFORMS = ["flickr", "youtube"]


@pytest.fixture
def passes(worker: Worker, clock: Clock, control: Control) -> Callable[..., None]:
    """Let so many minutes pass, a round at the end of each step."""

    def let(minutes: float, step: float = 60.0) -> None:
        end = clock.now + timedelta(minutes=minutes)
        while clock.now < end:
            clock.on(seconds=step)
            control.advance(step)
            scheduler.round(worker)

    return let


def withdraw(post: Post, clock: Clock, reason: str = "identified") -> None:
    takedown.withdraw(world.approver(), post.item, reason, now=clock.now)


def told(cause: str) -> Notice | None:
    """The Notice of this cause, while it stands."""
    return Notice.objects.filter(cause=cause, cleared_at__isnull=True).first()


def entries(act: str) -> list[dict[str, Any]]:
    return [json.loads(entry.about) for entry in Entry.objects.filter(act=act).order_by("number")]


def thing(control: Control, post: Post) -> dict[str, Any]:
    return next(each for each in control.things() if each["id"] == post.remote_id)


# -- direct addresses -------------------------------------------------------------------------------


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


# -- the bound --------------------------------------------------------------------------------------


def test_a_person_is_told_at_fifteen_minutes_and_of_the_breach_at_thirty(
    queued: Queued, rounds: Rounds, passes: Callable[..., None], control: Control, clock: Clock
) -> None:
    post = queued("flickr")
    rounds("live")
    control.fault("flickr.*", "503", times=100_000)
    withdraw(post, clock)
    passes(14)
    assert told(f"takedown:{post.pk}") is None
    passes(2)
    assert told(f"takedown:{post.pk}") is not None
    assert told(f"takedown:{post.pk}:breach") is None
    passes(15)
    assert told(f"takedown:{post.pk}:breach") is not None
    control.clear_faults()
    passes(6)
    post.refresh_from_db()
    assert post.state == "removed"
    assert told(f"takedown:{post.pk}") is None
    assert told(f"takedown:{post.pk}:breach") is None


@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_somebody_deleted_already_is_success(
    platform: str, queued: Queued, rounds: Rounds, control: Control, clock: Clock
) -> None:
    post = queued(platform)
    rounds("live")
    post.refresh_from_db()
    control.delete(platform, post.remote_id or "")
    withdraw(post, clock)
    rounds("removed", most=4)


@pytest.mark.parametrize(
    ("platform", "operation", "kind", "times"),
    [
        ("flickr", "flickr.photos.*", "429html", 3),
        ("flickr", "flickr.photos.delete", "401", 2),
        ("youtube", "youtube.videos.delete", "quotaExceeded", 2),
        ("youtube", "youtube.videos.*", "401", 3),
        ("youtube", "google.token", "503", 2),
    ],
)
def test_limits_and_refused_signatures_in_mid_withdrawal_only_delay_it(
    platform: str, operation: str, kind: str, times: int,
    queued: Queued, rounds: Rounds, passes: Callable[..., None], control: Control, clock: Clock,
) -> None:  # fmt: skip
    post = queued(platform)
    rounds("live")
    control.advance(7200)  # YouTube's access token has run out meanwhile
    control.fault(operation, kind, times=times)
    withdraw(post, clock)
    passes(6, step=20)
    post.refresh_from_db()
    assert post.state == "removed"
    assert thing(control, post)["deleted"] is not None


def test_a_consent_taken_back_in_mid_withdrawal_ends_with_the_new_one(
    queued: Queued, rounds: Rounds, passes: Callable[..., None], worker: Worker, control: Control, clock: Clock
) -> None:
    from publisher.configuration import secret_store

    post = queued("youtube")
    rounds("live")
    control.revoke_google()
    withdraw(post, clock)
    passes(1, step=10)
    post.refresh_from_db()
    assert post.state == "removing"
    secrets = secret_store.load(worker.office.folder)
    TokenStore(secrets.seal_key).save("youtube", control.mint_google_token())
    worker.refresh()
    rounds("removed")


# -- a person's hand --------------------------------------------------------------------------------


def test_what_a_platform_will_not_do_is_handed_to_a_person_and_holds_nothing_back(
    queued: Queued, rounds: Rounds, passes: Callable[..., None], worker: Worker, control: Control, clock: Clock
) -> None:
    post = queued("flickr")
    rounds("live")
    control.fault("flickr.photos.delete", "flickr_error", times=100_000, code=2, msg="Not allowed")
    withdraw(post, clock)
    other = queued("flickr")
    assert leases.makes_way(other, clock.now), "what is to come down goes first"
    scheduler.round(worker)
    assert not leases.makes_way(other, clock.now), "and holds nothing back while it waits to be tried again"
    passes(0.5, step=1)
    post.refresh_from_db()
    assert post.handed_at is not None
    assert post.answered_failures >= worker.office.pace.hand_over
    handed = told(f"byhand:{post.pk}")
    assert handed is not None
    assert post.url in handed.words
    assert "Delete this photo" in handed.words
    other.refresh_from_db()
    assert other.state == "live", "a withdrawal that a person has must hold nothing back"
    deleting = control.count("flickr.photos.delete")
    passes(1, step=10)
    assert control.count("flickr.photos.delete") > deleting, "trying must go on"

    control.delete("flickr", post.remote_id or "")
    done = takedown.by_hand(world.author(), post, now=clock.now)
    assert (done.state, done.by_hand_at, done.removed_at) == ("removing", clock.now, None), "the platform decides"
    rounds("removed", "live", most=3)
    assert entries("removed_by_hand")[0]["post"] == post.pk
    assert told(f"byhand:{post.pk}") is None


def test_an_outage_is_handed_to_nobody(
    queued: Queued, rounds: Rounds, passes: Callable[..., None], control: Control, clock: Clock
) -> None:
    post = queued("flickr")
    rounds("live")
    control.fault("flickr.*", "503", times=100_000)
    withdraw(post, clock)
    passes(0.6, step=2)
    post.refresh_from_db()
    assert post.tries > 8
    assert (post.answered_failures, post.handed_at) == (0, None)


# -- what is around it ------------------------------------------------------------------------------


def test_an_albums_cover_is_changed_before_its_photo_goes(
    queued: Queued, rounds: Rounds, control: Control, clock: Clock
) -> None:
    cover, other = queued("flickr"), queued("flickr")
    rounds("live")
    cover.refresh_from_db()
    other.refresh_from_db()
    (album,) = control.albums()
    assert album["primary"] == cover.remote_id
    withdraw(cover, clock)
    rounds("removed", "live")
    (album,) = control.albums()
    assert (album["primary"], album["deleted"]) == (other.remote_id, None)
    order = [each["operation"] for each in control.requests() if "setPrimaryPhoto" in each["operation"]
             or each["operation"] in ("flickr.photos.setPerms", "flickr.photos.delete")][-3:]  # fmt: skip
    assert order == ["flickr.photos.setPerms", "flickr.photosets.setPrimaryPhoto", "flickr.photos.delete"]


def test_an_albums_last_photo_takes_it_along(queued: Queued, rounds: Rounds, control: Control, clock: Clock) -> None:
    post = queued("flickr")
    rounds("live")
    withdraw(post, clock)
    rounds("removed")
    assert control.count("flickr.photosets.setPrimaryPhoto") == 0
    queued("flickr")
    rounds("removed", "live")  # the next one makes the album anew


def test_a_playlist_keeps_no_entry_that_says_deleted(
    queued: Queued, rounds: Rounds, control: Control, clock: Clock
) -> None:
    post, other = queued("youtube"), queued("youtube")
    rounds("live")
    other.refresh_from_db()
    withdraw(post, clock)
    rounds("removed", "live")
    (playlist,) = control.albums()
    assert [video for _, video in playlist["members"]] == [other.remote_id]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_an_album_that_cannot_be_seen_to_holds_nothing_up(
    platform: str, queued: Queued, rounds: Rounds, control: Control, clock: Clock
) -> None:
    post = queued(platform)
    rounds("live")
    control.fault("flickr.photosets.*", "503", times=50)
    control.fault("youtube.playlistItems.*", "503", times=50)
    withdraw(post, clock)
    rounds("removed", most=4)


# -- whom it shows ----------------------------------------------------------------------------------


def test_an_outcome_takes_down_everything_that_shows_the_person(
    queued: Queued, rounds: Rounds, control: Control, clock: Clock
) -> None:
    first = subjects.make_subject(world.author(), world.operation(), now=clock.now)
    second = subjects.make_subject(world.author(), world.operation(), now=clock.now)
    alone, film = queued("flickr", subjects=[first]), queued("youtube", subjects=[first])
    group = queued("flickr", subjects=[first, second])  # comes down whole
    stranger = queued("flickr", subjects=[second])
    rounds("live")
    scheduled = queued("flickr", subjects=[first])
    done = subjects.outcome(world.approver(), first, "eliminated", now=clock.now)
    assert {each.pk for each in done} == {alone.item_id, film.item_id, group.item_id, scheduled.item_id}
    rounds("removed", "live", "cancelled")
    states = dict(Post.objects.values_list("pk", "state"))
    assert {states[post.pk] for post in (alone, film, group)} == {"removed"}
    assert (states[scheduled.pk], states[stranger.pk]) == ("cancelled", "live")
    assert len([each for each in control.things() if each["deleted"] is None]) == 1


def test_the_whole_operation_comes_down_in_one_action(queued: Queued, rounds: Rounds, clock: Clock) -> None:
    for platform in ("flickr", "youtube", "flickr"):
        queued(platform)
    rounds("live")
    queued("flickr")
    done = takedown.withdraw_operation(world.author(), world.operation(), now=clock.now)
    assert len(done) == 4
    assert set(rounds("removed", "cancelled")) == {"removed", "cancelled"}
    assert set(Item.objects.values_list("state", "ended_reason")) == {("withdrawn", "kill_switch")}


# -- precedence -------------------------------------------------------------------------------------


@pytest.fixture
def after_an_hour_down(
    queued: Queued, rounds: Rounds, passes: Callable[..., None], control: Control, clock: Clock, worker: Worker
) -> Callable[[], tuple[datetime, list[datetime]]]:
    """An account with much to take down and much to send comes back after an hour.

    Answers when its last withdrawal was confirmed, and when each sending there began since they were asked.
    """

    def play() -> tuple[datetime, list[datetime]]:
        standing = [queued("flickr") for _ in range(4)]
        rounds("live")
        waiting = [queued("flickr").pk for _ in range(5)]
        elsewhere = queued("youtube")
        control.fault("flickr.*", "503", times=1_000_000)
        asked = clock.now
        for post in standing:
            withdraw(post, clock)
        passes(60, step=120)
        elsewhere.refresh_from_db()
        assert elsewhere.state == "live", "another account's withdrawals hold nothing back here"
        control.clear_faults()
        rounds("live", "removed", most=300, seconds=2)
        down = [post.removed_at for post in Post.objects.filter(pk__in=[each.pk for each in standing])]
        tries = Attempt.objects.filter(post__in=waiting, began_at__gte=asked).values_list("began_at", flat=True)
        return max(moment for moment in down if moment), sorted(tries)

    return play


def test_every_withdrawal_is_confirmed_before_the_first_publication_resumes(
    after_an_hour_down: Callable[[], tuple[datetime, list[datetime]]],
) -> None:
    confirmed, tries = after_an_hour_down()
    assert tries
    assert all(began >= confirmed for began in tries)


def test_control_without_precedence_publications_run_ahead(
    after_an_hour_down: Callable[[], tuple[datetime, list[datetime]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "making_way", lambda field, now: Q(pk__in=[]))
    confirmed, tries = after_an_hour_down()
    assert any(began < confirmed for began in tries)


def test_a_withdrawal_asked_after_the_round_was_listed_goes_first_as_well(
    queued: Queued, rounds: Rounds, worker: Worker, clock: Clock
) -> None:
    post = queued("flickr")
    rounds("live")
    waiting = queued("flickr")
    listed = list(leases.due(clock.now, destinations=worker.destinations).select_related("item"))
    assert [each.pk for each in listed] == [waiting.pk]
    withdraw(post, clock)
    assert not any(scheduler._ADVANCE[each.state](worker, each) for each in listed)
    waiting.refresh_from_db()
    assert waiting.state == "waiting"


@pytest.mark.parametrize("only", [None, "publish", "clock", "withdraw"])
def test_every_process_keeps_a_lane_for_withdrawals(only: str | None) -> None:
    assert scheduler.parts_of(only)[0] == "withdraw"


def test_an_upload_asks_between_renewals_whether_it_is_still_wanted(
    queued: Queued, worker: Worker, clock: Clock, tmp_path: Any
) -> None:
    from dataclasses import replace

    pace = replace(worker.office.pace, lease=60.0, margin=10.0, renew=30.0, ask=1.0)
    worker.office = replace(worker.office, pace=pace)
    post, awake = queued("youtube"), [0.0]
    worker.boot = lambda: awake[0]
    mine = leases.take(post, worker.name, worker.lease, now=clock.now)
    assert mine is not None
    guard = Guard(worker, mine, began=0.0)
    with parcels.pack(mine, worker.renditions, guard.body).open_body() as body:
        body.read(1024)
        withdraw(post, clock)
        body.read(1024)  # not a second has passed: the database is not asked at each read
        awake[0] = 1.1
        with pytest.raises(UploadInterrupted):
            body.read(1024)
    assert guard.asked_down


def test_the_manual_steps_are_recorded_by_a_person_and_for_what_comes_down_only(
    queued: Queued, rounds: Rounds, clock: Clock
) -> None:
    from pressqueue.actors import MACHINE
    from pressqueue.errors import Forbidden

    post = queued("flickr")
    with pytest.raises(Forbidden, match="not coming down"):
        takedown.by_hand(world.author(), post, now=clock.now)
    rounds("live")
    withdraw(post, clock)
    with pytest.raises(Forbidden, match="person"):
        takedown.by_hand(MACHINE, post, now=clock.now)
