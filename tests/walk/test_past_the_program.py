"""Somebody has the database's password and not the key: nothing they write there changes what the public sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from pressqueue import packages, publishable, vouching
from pressqueue.models import Amendment, ApprovedText, Campaign, Item, Notice, Package, Post
from pressqueue.moves import amendments, takedown
from pressqueue.moves import public_texts as public_text_moves
from publisher.exercise.sandbox.control import Control
from publisher.publishing import delivery
from publisher.scheduling import scheduler
from publisher.workers.worker import Worker

from support import factories
from support.factories import Clock

Queued = Callable[..., Post]
Rounds = Callable[..., list[str]]
MENDED = factories.CAPTION.replace("a reported burglary", "a reported robbery")
FORGED = "a reported murder"


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def drafted(post: Post, clock: Clock) -> Amendment:
    item = Item.objects.get(pk=post.item_id)
    return amendments.amend(factories.author(), item, "The offence was named wrongly.", caption=MENDED, now=clock.now)


def approved(post: Post, clock: Clock) -> Amendment:
    """In effect, and written nowhere yet."""
    amendment = drafted(post, clock)
    item, digest = Item.objects.get(pk=post.item_id), amendment.package.digest
    factories.verify(factories.investigator(), item, digest, now=clock.now)
    deciding = factories.viewed(item, now=clock.now)
    amendments.approve_amendment(factories.approver(), item, digest, deciding=deciding, now=clock.now)
    return amendment


def forge(package: Package, *, digest: bool = False) -> None:
    """Other words in a Package; with `digest` its digest fits them."""
    package.refresh_from_db()
    content = package.content.replace("a reported robbery", FORGED).replace("a reported burglary", FORGED)
    assert content != package.content
    sql("UPDATE pressqueue_package SET content = %s WHERE id = %s", content, package.pk)
    if digest:
        sql("UPDATE pressqueue_package SET digest = %s WHERE id = %s", packages.digest(content), package.pk)


def of_an_approved_amendment(post: Post, clock: Clock) -> None:
    forge(approved(post, clock).package)


def with_the_digest_that_fits(post: Post, clock: Clock) -> None:
    forge(approved(post, clock).package, digest=True)


def of_a_draft_said_to_be_approved(post: Post, clock: Clock) -> None:
    amendment = drafted(post, clock)
    sql("UPDATE pressqueue_amendment SET state = 'approved' WHERE id = %s", amendment.pk)
    sql("UPDATE pressqueue_item SET package_id = %s WHERE id = %s", amendment.package_id, post.item_id)
    in_post = "UPDATE pressqueue_post SET package_id = %s, amending_id = %s WHERE id = %s"
    sql(in_post, amendment.package_id, amendment.pk, post.pk)


def of_what_is_public_with_a_draft_named(post: Post, clock: Clock) -> None:
    amendment = drafted(post, clock)
    forge(Post.objects.get(pk=post.pk).package)
    sql("UPDATE pressqueue_post SET amending_id = %s WHERE id = %s", amendment.pk, post.pk)


# How the words of a public copy are changed past the program; a way more is a row more.
WAYS = [
    of_an_approved_amendment,
    with_the_digest_that_fits,
    of_a_draft_said_to_be_approved,
    of_what_is_public_with_a_draft_named,
]


@pytest.fixture(params=["flickr", "youtube"])
def post(request: pytest.FixtureRequest, queued: Queued, rounds: Rounds) -> Post:
    queued(request.param)
    rounds("live")
    return Post.objects.select_related("item").get()


def shown(control: Control) -> str:
    (there,) = control.things()
    return str(there["description"])


def later(worker: Worker, clock: Clock, control: Control) -> None:
    for _ in range(3):
        scheduler.round(worker, "publish")
        clock.on(seconds=60)
        control.advance(60)


@pytest.mark.first_row
@pytest.mark.parametrize("way", WAYS)
def test_words_of_a_public_copy_stay_as_they_were_approved(
    way: Callable[[Post, Clock], None], post: Post, worker: Worker, clock: Clock, control: Control
) -> None:
    before = shown(control)
    way(post, clock)
    later(worker, clock, control)
    assert shown(control) == before
    assert Notice.objects.filter(cause=f"amending:{post.pk}", cleared_at__isnull=True).exists()


@pytest.fixture
def unasked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(publishable, "check_rewritable", lambda _post: None)
    monkeypatch.setattr(vouching, "demand_text", lambda _text: None)
    yield


@pytest.mark.first_row
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("post", ["flickr"], indirect=True)
@pytest.mark.usefixtures("unasked")
def test_control_where_nobody_asks_the_words_are_written(
    way: Callable[[Post, Clock], None], post: Post, worker: Worker, clock: Clock, control: Control
) -> None:
    before = shown(control)
    way(post, clock)
    later(worker, clock, control)
    assert shown(control) != before


def test_a_public_copy_can_be_taken_down_whatever_was_written_past_the_program(
    post: Post, worker: Worker, clock: Clock, control: Control, rounds: Rounds
) -> None:
    of_an_approved_amendment(post, clock)
    takedown.withdraw(factories.approver(), Item.objects.get(pk=post.item_id), "wrong_image", now=clock.now)
    rounds("removed")
    (there,) = control.things()
    assert there["deleted"] is not None


@pytest.fixture
def hidden(queued: Queued, worker: Worker, control: Control) -> Post:
    """A copy that was sent, is being processed and was not decided about."""
    control.settings(processing_seconds=86400.0)
    queued("youtube")
    scheduler.round(worker, "publish")
    post = Post.objects.get()
    assert post.state == "concealed"
    return post


def said_to_be_revealing(post: Post, clock: Clock) -> None:
    sql(
        "UPDATE pressqueue_post SET state = 'revealing', revealing_at = %s, not_before = %s, owner = '', until = NULL"
        " WHERE id = %s",
        clock.now, clock.now, post.pk,
    )  # fmt: skip


def was_public(control: Control) -> bool:
    (there,) = control.things()
    return bool(there["public"])


def test_a_hidden_copy_that_is_said_to_be_decided_is_not_shown(
    hidden: Post, worker: Worker, clock: Clock, control: Control
) -> None:
    said_to_be_revealing(hidden, clock)
    later(worker, clock, control)
    assert not was_public(control)
    assert "does not say that" in Notice.objects.get(cause=f"gates:{hidden.pk}", cleared_at__isnull=True).words


def test_control_where_nobody_asks_the_log_it_is_shown(
    hidden: Post, worker: Worker, clock: Clock, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishable, "check_decided", lambda _post: None)
    said_to_be_revealing(hidden, clock)
    later(worker, clock, control)
    assert was_public(control)


def test_a_decided_copy_whose_worker_died_before_it_asked_is_shown_by_the_next(
    queued: Queued, worker: Worker, clock: Clock, control: Control, rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the check itself: what was decided goes on."""
    queued("youtube")

    def die(*_given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(delivery, "_reveal", die)
        with pytest.raises(KeyboardInterrupt):
            scheduler.round(worker, "publish")
    assert Post.objects.get().state == "revealing" and not was_public(control)
    clock.on(hours=1)
    rounds("live")
    assert was_public(control)


def forged_album_words(clock: Clock) -> None:
    """One INSERT: words for the album that nobody approved, with a digest that fits them."""
    text = public_text_moves.draft_text(
        factories.author(), "album", Campaign.objects.get(slug="operation-larch"), title="Operation Larch",
        body="Words of nobody.", now=clock.now,
    )  # fmt: skip
    approver = factories.approver().officer_id
    ended = "UPDATE pressqueue_standingtext SET ended_at = %s WHERE kind = 'album' AND approved_at IS NOT NULL"
    sql(ended, clock.now)
    said = "UPDATE pressqueue_standingtext SET approved_at = %s, approved_by_id = %s, rank = 'inspector' WHERE id = %s"
    sql(said, clock.now, approver, text.pk)
    sql("UPDATE pressqueue_album SET words_version = words_version + 1")  # else nobody would compare them
    assert ApprovedText.objects.get(pk=text.pk).approved_by_id == approver


def albums(control: Control) -> set[str]:
    return {str(album["description"]).partition("\n\n")[0] for album in control.albums() if album["deleted"] is None}


def test_words_of_an_album_stay_as_they_were_approved(
    post: Post, worker: Worker, clock: Clock, control: Control
) -> None:
    later(worker, clock, control)
    before = albums(control)
    assert before
    forged_album_words(clock)
    later(worker, clock, control)
    assert albums(control) == before
    assert Notice.objects.filter(cause__startswith="album:", cleared_at__isnull=True).exists()


def test_nothing_is_filed_under_words_that_were_forged(
    queued: Queued, worker: Worker, clock: Clock, control: Control
) -> None:
    forged_album_words(clock)
    queued("flickr")
    for _ in range(4):
        later(worker, clock, control)
    assert Post.objects.get().state == "live"
    assert albums(control) == set()
    cause = public_text_moves.NO_WORDS.format(Campaign.objects.get(slug="operation-larch").pk)
    assert "by something other than this program" in Notice.objects.get(cause=cause, cleared_at__isnull=True).words


@pytest.mark.parametrize("post", ["flickr"], indirect=True)
@pytest.mark.usefixtures("unasked")
def test_control_where_nobody_asks_an_album_says_it(post: Post, worker: Worker, clock: Clock, control: Control) -> None:
    later(worker, clock, control)
    forged_album_words(clock)
    later(worker, clock, control)
    assert albums(control) == {"Words of nobody."}
