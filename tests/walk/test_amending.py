"""Amended words at both platforms: written in place, read back, and whatever goes wrong in between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from pressqueue.models import Amendment, Item, Notice, Post
from pressqueue.moves import amendments, leases, takedown
from publisher.destinations.base import Destination
from publisher.destinations.errors import Later, Refused
from publisher.exercise.sandbox.control import Control
from publisher.publishing.delivery import receipt_of
from publisher.reconciliation import reconcile
from publisher.scheduling import scheduler
from publisher.workers.worker import Worker

from support import factories
from support.factories import Clock
from support.reconciled_accounts import public

Queued = Callable[..., Post]
Rounds = Callable[..., list[str]]
Live = Callable[..., list[Post]]
PLATFORMS = ["flickr", "youtube"]
MENDED = factories.CAPTION.replace("a reported burglary", "a reported robbery")
WRITES = {"flickr": "flickr.photos.setMeta", "youtube": "youtube.videos.update"}


def amended(post: Post, clock: Clock, **changes: Any) -> Amendment:
    """Drafted, verified and approved now."""
    item = Item.objects.get(pk=post.item_id)
    words = changes or {"caption": MENDED}
    drafted = amendments.amend(factories.author(), item, "The offence was named wrongly.", now=clock.now, **words)
    factories.verify(factories.investigator(), item, drafted.package.digest, now=clock.now)
    deciding = factories.viewed(item, now=clock.now)
    amendments.approve_amendment(factories.approver(), item, drafted.package.digest, deciding=deciding, now=clock.now)
    return drafted


def thing(control: Control, post: Post) -> dict[str, Any]:
    return next(each for each in control.things() if each["id"] == post.remote_id)


def shown(control: Control, post: Post) -> str:
    return str(thing(control, post)["description"])


def ring(worker: Worker, clock: Clock, control: Control, rounds: int = 12, seconds: float = 60) -> None:
    for _ in range(rounds):
        scheduler.round(worker)
        clock.on(seconds=seconds)
        control.advance(seconds)


@pytest.fixture(params=PLATFORMS)
def post(request: pytest.FixtureRequest, queued: Queued, rounds: Rounds) -> Post:
    queued(request.param)
    rounds("live")
    return Post.objects.select_related("item").get()


def test_the_new_words_stand_there_and_the_picture_was_never_away(
    post: Post, worker: Worker, control: Control, clock: Clock
) -> None:
    drafted = amended(post, clock)
    assert "burglary" in shown(control, post)
    scheduler.round(worker)
    assert "robbery" in shown(control, post) and "burglary" not in shown(control, post)
    drafted.refresh_from_db()
    again = Post.objects.get(pk=post.pk)
    assert (drafted.state, again.state, again.remote_id, again.amending) == ("written", "live", post.remote_id, None)
    assert "robbery" in again.caption
    (there,) = control.things()
    assert (there["id"], there["deleted"], len(there["public"])) == (post.remote_id, None, 1), "public without a break"


def test_tags_title_and_mark_as_well(post: Post, worker: Worker, control: Control, clock: Clock) -> None:
    amended(post, clock, title="Can you help us find this person? {reference}", tags=["appeal"])
    scheduler.round(worker)
    assert thing(control, post)["title"] == f"Can you help us find this person? {post.item.reference}"
    seen = worker.destinations[post.destination].look(receipt_of(Post.objects.get(pk=post.pk)))
    assert (seen.mark, "appeal" in seen.tags) == (post.mark, True)


def test_a_draft_writes_nothing(post: Post, worker: Worker, control: Control, clock: Clock) -> None:
    amendments.amend(factories.author(), post.item, "The offence was named wrongly.", caption=MENDED, now=clock.now)
    before = control.count(WRITES[post.destination])
    ring(worker, clock, control, 3)
    assert "burglary" in shown(control, post)
    assert control.count(WRITES[post.destination]) == before


def test_a_death_after_the_writing_writes_once_more_and_ends_the_same(
    post: Post, worker: Worker, control: Control, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    amended(post, clock)

    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> Post:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(amendments, "amended", die)
        with pytest.raises(Killed):
            scheduler.round(worker)
    assert "robbery" in shown(control, post), "the platform has it, the ledger does not know"
    assert Post.objects.get(pk=post.pk).amending is not None
    clock.on(seconds=worker.office.pace.lease + 1)
    scheduler.round(worker)
    assert Post.objects.get(pk=post.pk).amending is None


@pytest.mark.first_row
def test_a_platform_that_refuses_is_asked_again_and_a_person_knows(
    post: Post, worker: Worker, control: Control, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    amended(post, clock)

    def refused(*_: object) -> None:
        raise Refused("It takes no such words.")

    with monkeypatch.context() as refusing:
        refusing.setattr(type(worker.destinations[post.destination]), "amend", refused)
        ring(worker, clock, control, worker.office.pace.tries + 2, seconds=3600)
    told = Notice.objects.get(cause=f"amending:{post.pk}")
    assert post.item.reference in told.words and "no such words" in told.words and told.cleared_at is None
    again = Post.objects.get(pk=post.pk)
    assert (again.state, "burglary" in shown(control, post)) == ("live", True)
    ring(worker, clock, control, 3, seconds=3600)
    told.refresh_from_db()
    assert ("robbery" in shown(control, post), told.cleared_at is not None) == (True, True)


@pytest.mark.first_row
def test_an_outage_is_the_accounts_and_ends_with_the_words_written(
    post: Post, worker: Worker, control: Control, clock: Clock
) -> None:
    amended(post, clock)
    control.fault(WRITES[post.destination], "500", times=1000)
    ring(worker, clock, control, 8, seconds=900)
    assert control.met(), "the fault was met"
    assert (Post.objects.get(pk=post.pk).state, "burglary" in shown(control, post)) == ("live", True)
    control.clear_faults()
    ring(worker, clock, control, 8, seconds=900)
    assert "robbery" in shown(control, post)


def test_the_reconciliation_says_nothing_of_words_that_are_being_written(
    post: Post, worker: Worker, control: Control, clock: Clock
) -> None:
    clock.on(hours=2)
    control.advance(7200)
    amended(post, clock)
    reckoned = reconcile.reconcile_account(worker, post.destination)
    assert reckoned.new == 0
    scheduler.round(worker)
    clock.on(hours=2)
    control.advance(7200)
    assert reconcile.reconcile_account(worker, post.destination).new == 0, "and the new words are the approved ones"


def test_control_words_written_past_the_ledger_are_a_difference(
    post: Post, worker: Worker, control: Control, clock: Clock
) -> None:
    amended(post, clock)
    scheduler.round(worker)
    Post.objects.filter(pk=post.pk).update(caption="Something else.")
    clock.on(hours=2)
    control.advance(7200)
    assert reconcile.reconcile_account(worker, post.destination).new == 1


def test_a_withdrawal_in_the_midst_of_writing_wins(
    post: Post, worker: Worker, control: Control, clock: Clock, rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    amended(post, clock)
    destination = worker.destinations[post.destination]
    inner: Callable[..., None] = destination.amend

    def meanwhile(*given: Any) -> None:
        inner(*given)
        takedown.withdraw(factories.approver(), post.item, "identified", now=clock.now)

    with monkeypatch.context() as racing:
        racing.setattr(type(destination), "amend", lambda _, *given: meanwhile(*given))
        scheduler.round(worker)
    rounds("removed")
    assert public(control, post.destination) == set()
    assert Amendment.objects.get().state == "dropped"


def test_what_is_hidden_still_gets_its_words_before_it_is_seen(
    post: Post, worker: Worker, control: Control, clock: Clock, rounds: Rounds
) -> None:
    amended(post, clock)
    worker.destinations[post.destination].conceal(receipt_of(post))
    Post.objects.filter(pk=post.pk).update(state="concealed", revealing_at=None, live_at=None, asked_public_at=None)
    rounds("live")
    hidden_until = control.things()[0]["public"][-1][0]
    written_at = control.requests(WRITES[post.destination])[-1]["time"]
    if post.destination == "flickr":  # at YouTube the reveal is an update as well
        assert written_at <= hidden_until
    assert "robbery" in shown(control, post)
    assert Post.objects.get(pk=post.pk).amending is None


def test_a_limit_of_the_platform_is_waited_for_without_alarm(
    post: Post, worker: Worker, control: Control, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    amended(post, clock)
    destination: Destination = worker.destinations[post.destination]

    def limited(*_: object) -> None:
        raise Later("The day's quota is used up.", retry_at=clock.now + timedelta(hours=6))

    with monkeypatch.context() as full:
        full.setattr(type(destination), "amend", limited)
        scheduler.round(worker)
    again = Post.objects.get(pk=post.pk)
    assert (again.tries, again.not_before >= clock.now + timedelta(hours=5)) == (0, True)
    assert not Notice.objects.filter(cause=f"amending:{post.pk}").exists()
    assert leases.due(clock.now, destinations=[post.destination]).count() == 0
