"""What a single answer may and may not decide: a refused consent, a stop, a place an officer points at, a reveal."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pressqueue.models import Account, Notice, Post
from pressqueue.moves import accounts, posts, takedown
from publisher.configuration import secret_store
from publisher.configuration.office_file import Rendering
from publisher.destinations.youtube.plugin import PLUGIN as YOUTUBE
from publisher.exercise.sandbox.control import Control
from publisher.scheduling import posts_due, rounds, scheduler
from publisher.workers.token_store import TokenStore
from publisher.workers.worker import Worker

from support import factories
from support.factories import Clock
from support.faults_at_calls import before, ring_out

Queued = Callable[[str], Post]
Rounds = Callable[..., list[str]]


def test_one_refused_consent_that_the_account_does_not_confirm_stops_nothing(
    queued: Queued, rounds: Rounds, control: Control
) -> None:
    control.fault("flickr.photos.getInfo", "401")
    queued("flickr"), queued("flickr")
    assert set(rounds("live")) == {"live"}
    assert control.count("flickr.auth.oauth.checkToken") == 1
    assert not Notice.objects.filter(cause__startswith="account:").exists()


def test_a_consent_that_was_renewed_is_not_undone_by_a_call_with_the_old_one(
    queued: Queued, worker: Worker, clock: Clock, control: Control
) -> None:
    queued("flickr")
    control.revoke_flickr()

    def reconnect() -> None:
        """While the call with the old token is under way."""
        secrets = secret_store.load(worker.office.folder)
        TokenStore(secrets.seal_key).save("flickr", control.mint_flickr_token())
        accounts.reconnected("flickr", clock.now + timedelta(seconds=1))

    inner = worker.destinations["flickr"]._inner  # type: ignore[attr-defined]  # the breaker's
    worker.destinations["flickr"]._inner = before(inner, "send", reconnect)  # type: ignore[attr-defined]  # the breaker's
    ring_out(worker)
    assert control.count("flickr.upload") == 1
    assert Account.objects.get(pk="flickr").stop == "none"


def test_control_a_stop_that_asks_for_no_consent_is_believed(clock: Clock, office: object) -> None:
    accounts.reconnected("flickr", clock.now)
    accounts.stop("flickr", "auth", None, "No.", clock.now, connected_at=clock.now)
    assert Account.objects.get(pk="flickr").stop == "auth"
    accounts.reconnected("flickr", clock.now + timedelta(seconds=1))
    accounts.stop("flickr", "auth", None, "No.", clock.now, connected_at=clock.now)
    assert Account.objects.get(pk="flickr").stop == "none"


def test_a_stop_without_a_known_end_is_asked_after_and_ends_by_itself(
    queued: Queued, rounds: Rounds, worker: Worker, clock: Clock, control: Control
) -> None:
    control.settings(flickr_items_limit=0)
    control.fault("flickr.upload", "flickr_error", code=6, msg="Upload limit reached.")
    queued("flickr")
    ring_out(worker)
    assert Account.objects.get(pk="flickr").stop == "auth"
    asked = control.count("flickr.people.getUploadStatus")
    for _ in range(4):  # full still: an hour, in quarters
        clock.on(minutes=15)
        ring_out(worker)
    assert 1 <= control.count("flickr.people.getUploadStatus") - asked <= 3
    assert Account.objects.get(pk="flickr").stop == "auth"
    control.settings(flickr_items_limit=None)
    clock.on(hours=7)
    ring_out(worker)
    assert Account.objects.get(pk="flickr").stop == "none"
    assert not Notice.objects.filter(cause__startswith="account:flickr", cleared_at__isnull=True).exists()
    assert rounds("live") == ["live"]


def test_a_video_that_stays_private_is_asked_public_twice_and_then_looked_at(
    queued: Queued, rounds: Rounds, control: Control
) -> None:
    control.settings(private_lock=True)
    queued("youtube")
    rounds("blocked")
    assert control.count("youtube.videos.update") == 2


@pytest.mark.parametrize("destination", ["flickr", "youtube"])
def test_a_copy_at_another_account_is_not_ours_whatever_mark_it_carries(
    destination: str, queued: Queued, worker: Worker, clock: Clock, control: Control
) -> None:
    post = queued(destination)
    token = {**control.mint_google_token(), "channel_id": control.settings()["channel_id"]}
    if destination == "youtube":
        TokenStore(secret_store.load(worker.office.folder).seal_key).save("youtube", token)
        worker.destinations = worker.rebuild() if worker.rebuild else {}
    (strange,) = control.plant(destination, tags=[f"publisher:mark={post.mark}"], mine=False)
    Post.objects.update(state="unsure", sight_lost_at=clock.now)
    post.refresh_from_db()
    posts.settle(factories.author(), post, there=strange, forget=YOUTUBE.temporary_keys, now=clock.now)
    scheduler.round(worker, "publish")
    post.refresh_from_db()
    assert (post.state, post.remote_id) == ("unsure", None)
    told = Notice.objects.get(cause=f"unsure:{post.pk}:{strange}").words
    assert ("belongs to another account" if destination == "flickr" else "cannot be looked at") in told


def test_one_not_found_in_its_reveal_is_looked_at_again(queued: Queued, rounds: Rounds, control: Control) -> None:
    control.fault("flickr.photos.setPerms", "flickr_error", code=1, msg="Photo not found")
    queued("flickr")
    assert rounds("live") == ["live"]


def test_a_photo_made_public_by_hand_is_live_only_once_its_comments_are_closed(
    queued: Queued, rounds: Rounds, control: Control, clock: Clock
) -> None:
    control.fault("flickr.photos.setPerms", "503", match="is_public=1")
    post = queued("flickr")
    rounds("revealing")
    post.refresh_from_db()
    control.edit("flickr", post.remote_id or "", visibility="public", comments=3)
    assert rounds("live") == ["live"]
    (shown,) = [thing for thing in control.things() if any(post.mark in tag for tag in thing["tags"])]
    assert (shown["visibility"], shown["comments"]) == ("public", 0)


@pytest.mark.first_row
@pytest.mark.parametrize("title", ["bell \x07", "escape \x1b[1m", "tab \x0b", "\ufffe"])
def test_what_somebody_typed_there_hides_no_photo_from_a_withdrawal(
    title: str, queued: Queued, rounds: Rounds, clock: Clock, control: Control
) -> None:
    post = queued("flickr")
    rounds("live")
    post.refresh_from_db()
    control.edit("flickr", post.remote_id or "", title=title)
    takedown.withdraw(factories.approver(), post.item, "identified", now=clock.now)
    assert rounds("removed", most=10) == ["removed"]


def test_a_withdrawal_does_not_wait_until_the_photo_can_be_read(
    queued: Queued, rounds: Rounds, worker: Worker, clock: Clock, control: Control
) -> None:
    post = queued("flickr")
    rounds("live")
    post.refresh_from_db()
    control.fault("flickr.photos.getInfo", "empty200", times=1000, match=post.remote_id)
    takedown.withdraw(factories.approver(), post.item, "identified", now=clock.now)
    with pytest.raises(AssertionError, match="still"):
        rounds("removed", most=8)
    (thing,) = control.things("flickr")
    assert thing["deleted"] is not None
    control.clear_faults()
    assert rounds("removed") == ["removed"]


def test_eighty_posts_at_one_account_leave_another_its_turn(
    queued: Queued, worker: Worker, clock: Clock, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posts_due, "AT_ONCE", 2)
    for _ in range(3):
        queued("flickr")
    late = queued("youtube")
    scheduler.round(worker, "publish")
    late.refresh_from_db()
    assert late.state in ("live", "revealing")
    assert Post.objects.filter(destination="flickr", state="waiting").count() == 1


def test_each_account_has_threads_of_its_own_and_one_is_left_for_what_belongs_to_none(worker: Worker) -> None:
    threads = scheduler.threads_of(worker.office, "publish")
    assert threads == [("publish", ()), ("publish@flickr", ("flickr",)), ("publish@youtube", ("youtube",))]
    assert scheduler.threads_of(worker.office, "clock") == [("clock", None)]
    twin = worker.twin(*threads[1])
    assert list(twin.destinations) == ["flickr"]
    assert not worker.twin(*threads[0]).destinations


def test_rendering_has_as_many_threads_as_the_office_wants_and_each_prepares_what_is_submitted(worker: Worker) -> None:
    wanted = dataclasses.replace(worker.office, rendering=Rendering(threads=3))
    threads = scheduler.threads_of(wanted, "render")
    assert threads == [("render", None), ("render@2", None), ("render@3", None)]
    assert scheduler.threads_of(worker.office, "render") == threads[:1]
    for name, served in threads:
        assert rounds.run_part(worker.twin(name, served), name) == {"prepared": 0}


@pytest.mark.parametrize("part", scheduler.BY_ACCOUNT)
def test_what_belongs_to_no_account_is_done_by_one_of_the_threads_of_a_part(part: str, worker: Worker) -> None:
    """Each of them asks the database all day: what all of them would ask is asked three times for nothing."""
    threads = scheduler.threads_of(worker.office, part)
    done = {name: scheduler.round(worker.twin(name, served), part) for name, served in threads}
    assert [name for name, counts in done.items() if "swept" in counts] == [part]
    assert len(done) > 1
    assert "swept" in scheduler.round(worker, part), "a worker that serves all accounts in one thread does it too"


@pytest.mark.parametrize(("part", "most"), [("withdraw", 8), ("publish", 12)])
def test_an_idle_round_of_an_accounts_thread_asks_little(part: str, most: int, worker: Worker) -> None:
    twin = worker.twin(f"{part}@flickr", ("flickr",))
    scheduler.round(twin, part)
    with CaptureQueriesContext(connection) as asked:
        scheduler.round(twin, part)
    assert len(asked) <= most, [each["sql"][:90] for each in asked]
