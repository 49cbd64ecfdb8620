"""Albums at both platforms: nothing before two people, the totals weekly, and every death written once more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import pytest

from pressqueue import public_texts
from pressqueue.models import Album, ApprovedText, Campaign, Item, Notice, Post, Step
from pressqueue.moves import holds, takedown
from pressqueue.moves import public_texts as public_text_moves
from publisher.destinations.base import AlbumKey, Destination
from publisher.exercise.sandbox.control import Control
from publisher.publishing import albums
from publisher.scheduling import scheduler
from publisher.workers.worker import Worker

from support import factories
from support.factories import Clock

pytestmark = [pytest.mark.django_db]
Queued = Callable[..., Post]
Rounds = Callable[..., list[str]]
Overtaken = Callable[[str], ApprovedText]
BOTH = ("flickr", "youtube")
TOLD = "At least {shown} people were shown here; at least {removed} appeals have come down since."


def larch() -> Campaign:
    return Campaign.objects.get(slug="operation-larch")


def words_anew(body: str, clock: Clock, *, approve: bool = True) -> ApprovedText:
    text = public_text_moves.draft_text(
        factories.author(), "album", larch(), title="Operation Larch", body=body, now=clock.now
    )
    return public_text_moves.approve_text(factories.approver(), text, text.digest, now=clock.now) if approve else text


def people(count: int, clock: Clock) -> list[Any]:
    return [factories.person(larch(), now=clock.now) for _ in range(count)]


def described(control: Control) -> dict[str, str]:
    """The first paragraph of what each platform's album says; our mark stands below it."""
    there = [album for album in control.albums() if album["deleted"] is None]
    return {album["platform"]: album["description"].partition("\n\n")[0] for album in there}


def on(clock: Clock, control: Control, worker: Worker, rounds: int = 3, **by: float) -> None:
    """Time passes, and the rounds that belong to it: one may count, the next write, the third find nothing to do."""
    clock.on(**by)
    control.advance(timedelta(**by).total_seconds())
    for _ in range(rounds):
        scheduler.round(worker, "publish")


@pytest.fixture
def overtaken(queued: Queued, rounds: Rounds, worker: Worker, control: Control, clock: Clock) -> Overtaken:
    """A live Post in an album of that platform, and newer words approved that do not stand there yet."""

    def overtake(platform: str) -> ApprovedText:
        queued(platform)
        rounds("live")
        on(clock, control, worker, seconds=1)
        return words_anew("Words of another day.", clock)

    return overtake


@dataclass
class Dying:
    """A destination after, or before, whose next description the worker dies."""

    inner: Destination
    after: bool
    died: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self.inner, name)
        if name != "describe_album" or self.died:
            return attribute

        def die(*given: Any) -> Any:
            if self.after:
                attribute(*given)
            self.died.append(name)
            raise KeyboardInterrupt  # as SIGKILL would: nothing that follows in the worker is run

        return die


def test_nothing_is_filed_before_a_second_person_has_approved_the_words(
    queued: Queued, worker: Worker, control: Control, clock: Clock
) -> None:
    public_text_moves.drop_text(
        factories.author(), cast(ApprovedText, public_texts.in_force("album", larch())), now=clock.now
    )
    text = words_anew("Do you know them?", clock, approve=False)
    post = queued("flickr")
    for _ in range(8):
        on(clock, control, worker, seconds=1)
    post.refresh_from_db()
    step = Step.objects.get(post=post)
    assert (post.state, step.state, control.albums()) == ("live", "waiting", [])
    assert step.words == "Its album has no approved words: a second person approves them on the Standard wording page."
    assert (
        Notice.objects.filter(cause=public_text_moves.NO_WORDS.format(larch().pk), cleared_at__isnull=True).count() == 1
    )
    public_text_moves.approve_text(factories.approver(), text, text.digest, now=clock.now)
    on(clock, control, worker, seconds=1)
    assert described(control) == {"flickr": "Do you know them?"}
    assert not Notice.objects.filter(
        cause=public_text_moves.NO_WORDS.format(larch().pk), cleared_at__isnull=True
    ).exists()
    step.refresh_from_db()
    assert (step.state, step.words) == ("done", "")


@pytest.mark.slow
def test_totals_follow_removals_after_a_week_at_both_platforms(
    queued: Queued, rounds: Rounds, worker: Worker, control: Control, clock: Clock
) -> None:
    words_anew(TOLD, clock)
    gone = [queued(name, subjects=people(6, clock)) for name in BOTH]
    stays = [queued(name) for name in BOTH]
    rounds("live")
    nothing = "At least 0 people were shown here; at least 0 appeals have come down since."
    assert described(control) == dict.fromkeys(BOTH, nothing)

    for post in gone:
        takedown.withdraw(factories.approver(), Item.objects.get(pk=post.item_id), "identified", now=clock.now)
    rounds("live", "removed")
    for hours in (1, 24, 100):
        on(clock, control, worker, hours=hours)
        assert described(control) == dict.fromkeys(BOTH, nothing), hours
    on(clock, control, worker, hours=168)
    # Twelve people came down of fourteen: the newest five are never among those counted.
    told = "At least 10 people were shown here; at least 5 appeals have come down since."
    assert described(control) == dict.fromkeys(BOTH, told)

    before = [control.count(name) for name in ("flickr.photosets.editMeta", "youtube.playlists.update")]
    more = [queued(name) for name in BOTH]  # an album at Flickr ends with its last photo
    rounds("live", "removed")
    for post in stays:
        takedown.withdraw(factories.approver(), Item.objects.get(pk=post.item_id), "identified", now=clock.now)
    rounds("live", "removed")
    assert [Post.objects.get(pk=post.pk).state for post in more] == ["live", "live"]
    on(clock, control, worker, hours=170)
    assert described(control) == dict.fromkeys(BOTH, told.replace("10", "15"))  # two more came down: too few to tell
    after = [control.count(name) for name in ("flickr.photosets.editMeta", "youtube.playlists.update")]
    assert [new - old for new, old in zip(after, before, strict=True)] == [1, 1]


def test_what_a_freeze_held_up_is_not_followed_within_the_week(
    queued: Queued, rounds: Rounds, worker: Worker, control: Control, clock: Clock
) -> None:
    words_anew(TOLD, clock)
    first, second = (queued("flickr", subjects=people(12, clock)) for _ in range(2))
    queued("flickr")
    rounds("live")
    takedown.withdraw(factories.approver(), Item.objects.get(pk=first.item_id), "identified", now=clock.now)
    rounds("live", "removed")
    holds.freeze(factories.approver(), "all", now=clock.now)
    on(clock, control, worker, days=7.1)  # told by now, and written nowhere
    on(clock, control, worker, days=6)
    factories.thaw(now=clock.now)
    on(clock, control, worker, seconds=1)
    told = "At least 25 people were shown here; at least 5 appeals have come down since."
    assert described(control) == {"flickr": told}
    takedown.withdraw(factories.approver(), Item.objects.get(pk=second.item_id), "identified", now=clock.now)
    rounds("live", "removed")
    on(clock, control, worker, days=6.9)  # two weeks since it was counted, not one since it was read
    assert described(control) == {"flickr": told}
    on(clock, control, worker, days=0.2)
    assert described(control) == {"flickr": told.replace("5 appeals", "15 appeals")}


def test_new_words_are_written_where_an_album_stands_and_once(
    queued: Queued, rounds: Rounds, worker: Worker, control: Control, clock: Clock
) -> None:
    for name in BOTH:
        queued(name)
    rounds("live")
    on(clock, control, worker, seconds=1)
    before = len(control.requests())
    on(clock, control, worker, minutes=10)
    assert len(control.requests()) == before  # what stands so is not asked again
    words_anew("Words of another day.", clock)
    on(clock, control, worker, seconds=1)
    assert described(control) == dict.fromkeys(BOTH, "Words of another day.")
    assert set(Album.objects.values_list("owner", "until", "tries", "words")) == {("", None, 0, "")}


@pytest.mark.first_row
@pytest.mark.parametrize("platform", BOTH)
@pytest.mark.parametrize("after", [False, True])
def test_a_death_on_either_side_of_the_platforms_yes_leaves_the_right_words(
    platform: str, after: bool, overtaken: Overtaken, worker: Worker, control: Control, clock: Clock
) -> None:
    overtaken(platform)
    dying = Dying(worker.destinations[platform], after)
    worker.destinations[platform] = cast("Destination", dying)
    with pytest.raises(KeyboardInterrupt):
        scheduler.round(worker, "publish")
    assert dying.died == ["describe_album"]
    on(clock, control, worker, seconds=1)
    assert (described(control)[platform] == "Words of another day.") is after  # its lease still stands
    on(clock, control, worker, seconds=worker.office.pace.lease + 1)
    assert described(control)[platform] == "Words of another day."
    assert Album.objects.get(account=platform).owner == ""


@pytest.mark.parametrize(("platform", "operation"), [("flickr", "photosets.editMeta"), ("youtube", "playlists.update")])
def test_a_platform_that_fails_is_tried_again_and_told(
    platform: str, operation: str, overtaken: Overtaken, worker: Worker, control: Control, clock: Clock
) -> None:
    overtaken(platform)
    control.fault(f"{platform}.{operation}", "503", times=2)
    scheduler.round(worker, "publish")
    album = Album.objects.get(account=platform)
    assert (album.tries, album.owner, bool(album.words)) == (1, "", True)
    for _ in range(4):
        on(clock, control, worker, minutes=30)
    assert described(control)[platform] == "Words of another day."
    album.refresh_from_db()
    assert (album.tries, album.words) == (0, "")


@pytest.mark.parametrize("platform", BOTH)
def test_an_album_somebody_deleted_is_forgotten_and_made_anew(
    platform: str, queued: Queued, rounds: Rounds, worker: Worker, control: Control, clock: Clock
) -> None:
    queued(platform)
    rounds("live")
    on(clock, control, worker, seconds=1)
    (album,) = control.albums()
    control.edit_album(platform, album["id"], deleted="yes")
    words_anew("Words of another day.", clock)
    on(clock, control, worker, seconds=1)
    assert (Album.objects.get().remote_id, described(control)) == ("", {})
    queued(platform)
    rounds("live")
    assert described(control) == {platform: "Words of another day."}


def test_what_is_frozen_or_held_writes_no_words(
    overtaken: Overtaken, worker: Worker, control: Control, clock: Clock
) -> None:
    overtaken("flickr")
    holds.freeze(factories.approver(), "all", now=clock.now)
    on(clock, control, worker, seconds=1)
    assert described(control) == {"flickr": "Do you know these people?"}
    factories.thaw(now=clock.now)
    holds.hold_campaign(factories.approver(), larch(), "waiting for the court", now=clock.now)
    on(clock, control, worker, seconds=1)
    assert described(control) == {"flickr": "Do you know these people?"}
    factories.release_campaign(larch(), now=clock.now)
    on(clock, control, worker, seconds=1)
    assert described(control) == {"flickr": "Words of another day."}


def test_an_album_another_worker_holds_is_left_alone(
    overtaken: Overtaken, worker: Worker, control: Control, clock: Clock
) -> None:
    overtaken("flickr")
    Album.objects.update(owner="another", until=clock.now + timedelta(minutes=1))
    on(clock, control, worker, seconds=1)
    assert described(control) == {"flickr": "Do you know these people?"}
    on(clock, control, worker, minutes=2)
    assert described(control) == {"flickr": "Words of another day."}


def test_a_worker_that_woke_too_late_records_nothing(overtaken: Overtaken, worker: Worker, clock: Clock) -> None:
    overtaken("flickr")
    inner, theirs = worker.destinations["flickr"], clock.now + timedelta(minutes=9)

    class Asleep:
        def __getattr__(self, name: str) -> Any:
            if name == "describe_album":
                Album.objects.update(owner="another", until=theirs)
            return getattr(inner, name)

    worker.destinations["flickr"] = cast("Destination", Asleep())
    scheduler.round(worker, "publish")
    album = Album.objects.get()
    assert (album.owner, album.until) == ("another", theirs)
    assert album.written != albums.digest(cast(AlbumKey, albums.key_of(larch(), album.mark)))
