"""Austin v Commissioner of Police: what lost that case, played through with invented people.

A poster "Identity Sought" said that those shown were involved in the disorder; a man was accepted as innocent, and was
still shown by the force for two weeks, by a newspaper a week later, and in shops for two months.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import timedelta

import pytest
from django.core import mail

from pressqueue.errors import Forbidden, GatesClosed, QueueError
from pressqueue.models import BlockedImage, Duty, Item, Notice, Post, RecallNotice, Subject
from pressqueue.moves import duties, items, recalls, subjects
from pressqueue.moves import press_packs as press_pack_moves
from publisher.disclosure import press_packs

from support import factories
from support.pack_recipients import ECHO, RADIO
from support.press_office import Newsroom

INVOLVED = (
    "Identity sought: these people were involved in the disorder in Harbour Street. We would like to speak to them. "
    f"{factories.ROUTES}"
)


@pytest.fixture
def person(newsroom: Newsroom) -> Subject:
    return factories.person(now=newsroom.clock.now)


def pack(room: Newsroom, item: Item, to: press_pack_moves.Recipient = ECHO) -> press_packs.Pack:
    """Given out now, under an embargo where it is not public yet."""
    public = item.posts.filter(state="live").exists()
    until = None if public else room.clock.now + timedelta(days=1)
    return press_packs.give_out(
        factories.author(), Item.objects.get(pk=item.pk), to, until, office=room.worker.office, now=room.clock.now
    )


def refused(closed: pytest.ExceptionInfo[GatesClosed]) -> set[str]:
    return {number for number, _ in closed.value.failures}


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("caption", {"caption": INVOLVED}),
        ("title", {"title": "Identity sought: involved in the disorder {reference}"}),
        ("tags", {"tags": ["rioters"]}),
        ("alternative text", {"alt_text": "A rioter in a dark coat."}),
    ],
)
def test_a_poster_that_calls_its_people_involved_is_approved_by_nobody(
    newsroom: Newsroom, person: Subject, where: str, words: dict[str, object]
) -> None:
    item = newsroom.ready(newsroom.appeal(subjects=[person], **words))
    with pytest.raises(GatesClosed, match=f"(?i){where}.*says") as closed:
        newsroom.approve(item)
    assert refused(closed) == {"R13"}
    newsroom.ring()
    assert newsroom.public() == []


@pytest.mark.parametrize("name", ["title", "album_title"])
def test_nor_does_the_heading_of_the_whole_campaign_say_it(newsroom: Newsroom, name: str) -> None:
    heading = {"title": "Operation Alder", name: "Those involved in the disorder"}
    with pytest.raises(GatesClosed) as closed:
        factories.operation("operation-alder", prefix="ALD", **heading)
    assert refused(closed) == {"R13"}


def test_control_the_same_poster_in_words_that_ask_goes_out(newsroom: Newsroom, person: Subject) -> None:
    newsroom.approved(newsroom.appeal(subjects=[person]))
    newsroom.ring()
    assert len(newsroom.public()) == 1


@pytest.fixture
def shown(newsroom: Newsroom, person: Subject) -> tuple[Item, Item]:
    """He is on Flickr in a still and on YouTube in a film; the still was given to a newspaper and a station."""
    still = newsroom.approved(newsroom.appeal(subjects=[person]))
    film = newsroom.approved(newsroom.film(subjects=[person]))
    newsroom.ring()
    assert len(newsroom.public("flickr")) == len(newsroom.public("youtube")) == 1
    for recipient in (ECHO, RADIO):
        pack(newsroom, still, recipient).file.close()
    return still, film


def clear(room: Newsroom, person: Subject) -> list[Item]:
    """He is accepted as innocent: one officer says so, once."""
    return subjects.outcome(factories.approver(), person, "eliminated", now=room.clock.now)


def test_once_he_is_cleared_every_copy_is_seen_gone_within_minutes(
    newsroom: Newsroom, person: Subject, shown: tuple[Item, Item]
) -> None:
    cleared_at = newsroom.clock.now
    assert set(clear(newsroom, person)) == set(shown)
    newsroom.ring()
    assert newsroom.public("flickr") == newsroom.public("youtube") == []
    for post in Post.objects.all():
        assert post.state == "removed"  # which only a look at the platform says
        assert post.removed_at is not None
        assert post.removed_at - cleared_at < timedelta(minutes=5)
    assert newsroom.control.count("flickr.photos.getInfo") > 0  # it was looked at, not taken for granted
    assert all(each["deleted"] for each in newsroom.control.things())


@pytest.mark.slow
def test_control_what_the_platform_will_not_delete_is_hidden_and_not_called_done(
    newsroom: Newsroom, person: Subject, shown: tuple[Item, Item]
) -> None:
    newsroom.control.fault("flickr.photos.delete", "503", when="before", times=1000)
    clear(newsroom, person)
    newsroom.ring(most=20)
    assert Post.objects.get(destination="flickr").state == "removing"
    assert Post.objects.get(destination="youtube").state == "removed"
    assert newsroom.public("flickr") == []
    assert not any(each["deleted"] for each in newsroom.control.things("flickr"))


def test_everybody_who_was_given_the_press_pack_is_told_and_must_say_so(
    newsroom: Newsroom, person: Subject, shown: tuple[Item, Item]
) -> None:
    still, _ = shown
    clear(newsroom, person)
    newsroom.ring()
    told = {each.to[0]: each.body for each in mail.outbox if "RECALL" in each.subject}
    assert set(told) == {ECHO.email.lower(), RADIO.email.lower()}
    assert all("Nobody shown in it may be described as suspected of anything." in body for body in told.values())
    assert not any("eliminated" in body for body in told.values())
    duty = Duty.objects.get(kind="recall", item=still)
    with pytest.raises(Forbidden, match="Not every recipient has acknowledged"):
        duties.duty_done(factories.author(), duty, "Mailed.", now=newsroom.clock.now)
    for notice in RecallNotice.objects.all():
        recalls.acknowledge_for(factories.author(), notice, "Taken off the page.", now=newsroom.clock.now)
    duties.duty_done(
        factories.author(), duty, "Both have confirmed; the shops took the poster down.", now=newsroom.clock.now
    )


def test_a_letter_and_a_correction_are_owed_and_overdue_ones_are_told(
    newsroom: Newsroom, person: Subject, shown: tuple[Item, Item]
) -> None:
    still, film = shown
    clear(newsroom, person)
    owed = {(each.kind, each.item_id) for each in duties.open_duties()}
    assert {("correction", still.pk), ("correction", film.pk)} <= owed
    letter = Duty.objects.get(kind="letter")
    assert letter.subject == person
    newsroom.until(newsroom.clock.now + timedelta(days=6), every=timedelta(hours=12))
    assert Notice.objects.filter(cause=f"duty:{letter.pk}", cleared_at__isnull=True).exists()


def test_the_item_is_locked_and_no_pack_goes_out_of_it(
    newsroom: Newsroom, person: Subject, shown: tuple[Item, Item]
) -> None:
    still, _ = shown
    clear(newsroom, person)
    for locked in (
        lambda: items.edit(
            factories.author(), still, caption=f"{factories.CAPTION} Thank you.", now=newsroom.clock.now
        ),
        lambda: items.submit(factories.author(), still, now=newsroom.clock.now),
        lambda: pack(newsroom, still),
    ):
        with pytest.raises(QueueError):
            locked()
    with pytest.raises(Forbidden, match="It came down: nothing of it is given out any more"):
        pack(newsroom, still)


def test_control_before_he_is_cleared_the_pack_holds_the_very_bytes(
    newsroom: Newsroom, person: Subject, shown: tuple[Item, Item]
) -> None:
    with pack(newsroom, shown[0]).file as file, zipfile.ZipFile(io.BytesIO(file.read())) as archive:
        (name,) = [each for each in archive.namelist() if each.endswith(".jpg")]
        assert hashlib.sha256(archive.read(name)).hexdigest() == shown[0].renditions.get().sha256


def test_no_later_batch_shows_him_by_his_number_or_by_the_same_picture(
    newsroom: Newsroom, person: Subject, shown: tuple[Item, Item]
) -> None:
    still, _ = shown
    clear(newsroom, person)
    assert BlockedImage.objects.filter(sha256=still.original_id, lifted_at__isnull=True).exists()
    with pytest.raises(Forbidden, match=f"The search for {person.number} is over"):
        newsroom.appeal(subjects=[person])
    with pytest.raises(GatesClosed, match="R29") as closed:
        newsroom.appeal(original=still.original)  # under a new number
    assert refused(closed) == {"R29"}
    before = Item.objects.count()
    newsroom.approved(newsroom.appeal())  # the control: somebody else, another picture
    newsroom.ring()
    assert (Item.objects.count(), len(newsroom.public())) == (before + 1, 1)


@pytest.mark.first_row
@pytest.mark.parametrize("stage", ["draft", "in review", "approved", "given out under embargo"])
def test_a_batch_that_waits_when_he_is_cleared_never_goes_out(newsroom: Newsroom, person: Subject, stage: str) -> None:
    """In whatever state he is met: nothing of him is public later, and who holds a pack of it is told."""
    due = newsroom.clock.now + timedelta(hours=2)
    waiting = newsroom.appeal(
        subjects=[person], publish_from=due, publish_until=due + timedelta(hours=9), expires_at=due + timedelta(days=9)
    )
    other = newsroom.appeal(publish_from=due, publish_until=due + timedelta(hours=9))
    newsroom.approved(other)
    if stage == "in review":
        newsroom.ready(waiting)
    elif stage != "draft":
        newsroom.approved(waiting)
    if stage == "given out under embargo":
        pack(newsroom, waiting).file.close()
    clear(newsroom, person)
    newsroom.until(due + timedelta(hours=1), every=timedelta(hours=1))
    assert len(newsroom.public()) == 1  # the other one, of the same batch: one person cleared stops nobody else's
    assert not Post.objects.filter(item=waiting, state="live").exists()
    assert Item.objects.get(pk=waiting.pk).state == "withdrawn"
    assert RecallNotice.objects.exists() == (stage == "given out under embargo")
