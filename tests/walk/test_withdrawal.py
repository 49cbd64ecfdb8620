"""From the command to seen gone, at both platforms: what stands in its way, what it leaves behind, who is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pressqueue.models import Item, Post
from pressqueue.moves import leases, subjects, takedown
from publisher.exercise.sandbox.control import Control
from publisher.scheduling import scheduler
from publisher.workers.token_store import TokenStore
from publisher.workers.worker import Worker

from support import factories
from support.factories import Clock
from support.withdrawals import entries, thing, told, withdraw

Queued = Callable[..., Post]
Rounds = Callable[..., list[str]]
PLATFORMS = ["flickr", "youtube"]


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


@pytest.mark.first_row
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
    assert leases.yields_to_takedown(other, clock.now), "what is to come down goes first"
    scheduler.round(worker)
    assert not leases.yields_to_takedown(other, clock.now), "and holds nothing back while it waits to be tried again"
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
    done = takedown.by_hand(factories.author(), post, now=clock.now)
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


def test_the_manual_steps_are_recorded_by_a_person_and_for_what_comes_down_only(
    queued: Queued, rounds: Rounds, clock: Clock
) -> None:
    from pressqueue.actors import MACHINE
    from pressqueue.errors import Forbidden

    post = queued("flickr")
    with pytest.raises(Forbidden, match="not coming down"):
        takedown.by_hand(factories.author(), post, now=clock.now)
    rounds("live")
    withdraw(post, clock)
    with pytest.raises(Forbidden, match="person"):
        takedown.by_hand(MACHINE, post, now=clock.now)


# -- what is around it ------------------------------------------------------------------------------


def test_an_albums_cover_is_changed_before_its_photo_goes(
    queued: Queued, rounds: Rounds, control: Control, clock: Clock
) -> None:
    both = [queued("flickr"), queued("flickr")]
    rounds("live")
    for post in both:
        post.refresh_from_db()
    (album,) = control.albums()
    cover, other = sorted(both, key=lambda post: post.remote_id != album["primary"])  # whichever was filed first
    assert album["primary"] == cover.remote_id
    before = len(control.requests())
    withdraw(cover, clock)
    rounds("removed", "live")
    (album,) = control.albums()
    assert (album["primary"], album["deleted"]) == (other.remote_id, None)
    order = ["flickr.photos.setPerms", "flickr.photosets.setPrimaryPhoto", "flickr.photos.delete"]
    made = [each["operation"] for each in control.requests()[before:] if each["operation"] in order]
    assert list(dict.fromkeys(made)) == order  # a machine that is busy may ask for one of them again


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
    first = subjects.make_subject(factories.author(), factories.operation(), now=clock.now)
    second = subjects.make_subject(factories.author(), factories.operation(), now=clock.now)
    alone, film = queued("flickr", subjects=[first]), queued("youtube", subjects=[first])
    group = queued("flickr", subjects=[first, second])  # comes down whole
    stranger = queued("flickr", subjects=[second])
    rounds("live")
    scheduled = queued("flickr", subjects=[first])
    done = subjects.outcome(factories.approver(), first, "eliminated", now=clock.now)
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
    done = takedown.withdraw_operation(factories.author(), factories.operation(), now=clock.now)
    assert len(done) == 4
    assert set(rounds("removed", "cancelled")) == {"removed", "cancelled"}
    assert set(Item.objects.values_list("state", "ended_reason")) == {("withdrawn", "kill_switch")}
