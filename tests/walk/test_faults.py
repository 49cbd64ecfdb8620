"""What platforms do to us, before and after they stored what they were given: one copy goes live all the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pressqueue.models import Notice, Post
from pressqueue.moves import leases, posts, takedown
from publisher.destinations.errors import UploadInterrupted
from publisher.exercise.sandbox.control import Control
from publisher.publishing import parcels
from publisher.scheduling import posts_due
from publisher.workers.lease_check import LeaseCheck
from publisher.workers.worker import Worker

from support import factories
from support.factories import Clock

pytestmark = pytest.mark.slow

Queued = Callable[[str], Post]
Rounds = Callable[..., list[str]]

LOST = ["503", "closed", "reset", "500"]
# The reply of a proxy or of a service in trouble, where a Flickr reply should be.
STRANGE = ["504html", "429html", "truncated_xml", "json_in_xml", "code201", "code105", "empty200", "html200"]
FLICKR = [
    *((("flickr.upload", kind, when)) for kind in LOST + STRANGE for when in ("before", "after")),
    *(
        (operation, kind, when)
        for operation in ("flickr.photos.setPerms", "flickr.photos.getInfo", "flickr.photosets.create")
        for kind in ("503", "closed")
        for when in ("before", "after")
    ),
]
YOUTUBE = [
    (operation, kind, when)
    for operation in (
        "youtube.session",
        "youtube.chunk",
        "youtube.thumbnails.set",
        "youtube.videos.list",
        "youtube.videos.update",
        "youtube.playlists.insert",
        "youtube.playlistItems.insert",
    )
    for kind in ("503", "closed")
    for when in ("before", "after")
] + [
    ("youtube.chunk", "partial", "before"),
    ("youtube.chunk", "session404", "after"),
    ("google.token", "503", "before"),
]


def copies(control: Control, post: Post) -> list[dict[str, Any]]:
    return [thing for thing in control.things() if any(post.mark in tag for tag in thing["tags"])]


@pytest.mark.parametrize(("operation", "kind", "when"), FLICKR + YOUTUBE)
def test_one_copy_goes_live_whatever_the_platform_does(
    operation: str, kind: str, when: str, queued: Queued, rounds: Rounds, control: Control
) -> None:
    post = queued("flickr" if operation.startswith("flickr") else "youtube")
    control.fault(operation, kind, when=when)
    rounds("live")
    assert [met["kind"] for met in control.met()] == [kind], "the fault was never met"
    (only,) = copies(control, post)
    assert only["visibility"] == "public"
    assert only["deleted"] is None
    post.refresh_from_db()
    assert only["id"] == post.remote_id
    assert len([album for album in control.albums() if not album.get("deleted")]) == 1


@pytest.mark.parametrize("operation", ["flickr.upload", "youtube.chunk"])
def test_a_withdrawal_during_upload_leaves_nothing_behind(
    operation: str, queued: Queued, rounds: Rounds, control: Control
) -> None:
    post = queued("flickr" if operation.startswith("flickr") else "youtube")
    control.fault(operation, "closed", when="after")
    rounds("unsure", most=1)  # one round: stored, and the reply lost
    takedown.withdraw(factories.approver(), post.item, "identified", now=leases.database_now())
    assert set(rounds("removed", "cancelled")) == {"removed"}
    assert all(thing["deleted"] is not None and not thing["public"] for thing in copies(control, post))


def test_what_flickr_refuses_for_good_is_told_in_words_and_not_tried_again(
    queued: Queued, rounds: Rounds, control: Control
) -> None:
    queued("flickr")
    control.fault("flickr.upload", "413")
    rounds("failed", most=3)
    rounds("failed", most=3)
    assert control.count("flickr.upload") == 1
    assert "refused" in Notice.objects.get(cleared_at__isnull=True).words


def test_an_unverified_project_leaves_a_blocked_post_for_a_person(
    queued: Queued, rounds: Rounds, control: Control
) -> None:
    control.settings(private_lock=True)
    post = queued("youtube")
    rounds("blocked")
    post.refresh_from_db()
    assert "still shows it as private" in post.words
    control.settings(private_lock=False)
    control.edit("youtube", post.remote_id or "", visibility="public")
    rounds("live", most=5, seconds=301)


def test_a_failed_processing_is_put_before_a_person_and_never_revealed(
    queued: Queued, rounds: Rounds, control: Control
) -> None:
    control.fault("youtube.chunk", "processing_failed")
    post = queued("youtube")
    rounds("concealed", most=6)
    post.refresh_from_db()
    assert post.parked_at is not None
    (only,) = copies(control, post)
    assert only["public"] == []


def test_a_revoked_consent_stops_the_account_and_not_the_other_one(
    queued: Queued, rounds: Rounds, control: Control
) -> None:
    control.revoke_google()
    queued("youtube")
    other = queued("flickr")
    with pytest.raises(AssertionError, match="still"):
        rounds("live", most=6)
    other.refresh_from_db()
    assert other.state == "live"
    assert control.count("google.token") <= 2, "a revoked consent was asked about again and again"
    assert Notice.objects.filter(cause="account:youtube:auth").exists()


def test_a_withdrawal_outlasts_an_outage(queued: Queued, rounds: Rounds, control: Control) -> None:
    post = queued("flickr")
    rounds("live")
    takedown.withdraw(factories.approver(), post.item, "eliminated", now=leases.database_now())
    control.fault("flickr.photos.*", "503", times=12)
    rounds("removed", seconds=2)
    (only,) = copies(control, post)
    assert only["deleted"] is not None


def test_control_sending_again_without_looking_doubles(
    queued: Queued, rounds: Rounds, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above can fail: with the look taken out, the platform ends up with two."""

    def send_again(worker: Worker, post: Post) -> bool:
        mine = leases.pick_up(post, worker.name, worker.lease, now=worker.clock())
        assert mine is not None
        posts.absent(mine, mine.fence, forget=list(mine.journal), now=worker.clock())
        return True

    monkeypatch.setitem(posts_due._ADVANCE, "unsure", send_again)
    post = queued("youtube")
    control.fault("youtube.chunk", "closed", when="after")
    rounds("live")
    assert len(copies(control, post)) == 2


def test_a_body_is_not_read_past_its_lease(queued: Queued, worker: Worker, clock: Clock, control: Control) -> None:
    """A frozen uploader wakes after its lease has gone: it reads no further, and what it says is not recorded."""
    post = queued("youtube")
    awake = [0.0]
    worker.boot = lambda: awake[0]
    mine = leases.take(post, worker.name, worker.lease, now=clock.now)
    assert mine is not None
    lease_check = LeaseCheck(worker, mine, began=0.0)
    parcel = parcels.pack(mine, worker.renditions, lease_check.body)
    with parcel.open_body() as body:
        assert len(body.read(1024)) == 1024
        awake[0] = worker.office.pace.lease - worker.office.pace.margin
        with pytest.raises(UploadInterrupted):
            body.read(1024)


def test_a_lease_is_renewed_while_the_body_advances(queued: Queued, worker: Worker, clock: Clock) -> None:
    post = queued("youtube")
    awake = [0.0]
    worker.boot = lambda: awake[0]
    mine = leases.take(post, worker.name, worker.lease, now=clock.now)
    assert mine is not None
    lease_check = LeaseCheck(worker, mine, began=0.0)
    with lease_check.body(
        worker.renditions.open(parcels.pack(mine, worker.renditions, lease_check.body).sha256)
    ) as body:
        for _ in range(40):  # twice as long as one lease
            awake[0] += 0.1
            clock.on(seconds=0.1)
            assert body.read(1024)
    mine.refresh_from_db()
    assert mine.until is not None
    assert mine.until > clock.now


def test_a_body_stops_being_read_once_a_withdrawal_was_asked(
    queued: Queued, rounds: Rounds, worker: Worker, clock: Clock, control: Control
) -> None:
    post = queued("flickr")
    awake = [0.0]
    worker.boot = lambda: awake[0]
    mine = leases.take(post, worker.name, worker.lease, now=clock.now)
    assert mine is not None
    lease_check = LeaseCheck(worker, mine, began=0.0)
    takedown.withdraw(factories.approver(), post.item, "identified", now=clock.now)
    awake[0] = worker.office.pace.renew
    with parcels.pack(mine, worker.renditions, lease_check.body).open_body() as body, pytest.raises(UploadInterrupted):
        body.read(1024)
    assert lease_check.asked_down
    clock.on(seconds=10)  # the worker dies here; its lease runs out
    assert rounds("cancelled", "removed") == ["cancelled"]
    assert copies(control, post) == []
