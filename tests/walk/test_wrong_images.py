"""Wrong pictures that were published, played through with invented people: each stopped, or undone, where it had to be.

A bank's wrong frame (Hagen); the wrong man's picture sent to a newspaper (West Midlands Police 2010); a woman who had
nothing to do with it on television (Dutch police); shoppers captioned "burglary" on a guess and left up (Avon and
Somerset); a batch with the wrong date (PSNI).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.models import BlockedImage, Disclosure, Duty, Item, Post, Subject
from pressqueue.moves import duties, items, subjects, takedown, verification
from publisher.disclosure import press_packs

from support import factories
from support.desk_officers import say_why, signed_in
from support.pack_recipients import ECHO
from support.press_office import Newsroom


def numbers(closed: pytest.ExceptionInfo[GatesClosed]) -> list[str]:
    return [number for number, _ in closed.value.failures]


def drafted(room: Newsroom, **answers: Any) -> Item:
    """An appeal whose record says everything but for these answers."""
    record = factories.appeal_record(room.clock.now, investigator=factories.officer("inga", "investigator"), **answers)
    return room.appeal(record=record)


def pack(room: Newsroom, item: Item) -> Disclosure:
    """What a newspaper asks for: given out now."""
    public = item.posts.filter(state="live").exists()
    until = None if public else room.clock.now + timedelta(days=1)
    fresh = Item.objects.get(pk=item.pk)
    given = press_packs.give_out(factories.author(), fresh, ECHO, until, office=room.worker.office, now=room.clock.now)
    given.file.close()
    return given.disclosure


# -- Hagen: a bank supplied the wrong frame --------------------------------------------------------------

NOBODY_ASKED = {
    "who verified the source": {"source_verified_by": ""},
    "by how much the camera's clock is wrong": {"clock_offset": None},
    "why this person is connected with it": {"link_to_offence": " "},
    "the exhibit reference": {"exhibit": ""},
}


@pytest.mark.parametrize("words", NOBODY_ASKED)
def test_a_frame_nobody_verified_at_its_source_gets_no_further_than_its_draft(newsroom: Newsroom, words: str) -> None:
    item = drafted(newsroom, **NOBODY_ASKED[words])
    with pytest.raises(GatesClosed) as closed:
        newsroom.ready(item)
    assert numbers(closed) == ["R1"]
    assert words in str(closed.value)


def test_the_officer_in_the_case_verifies_no_frame_that_was_not_shown_to_them_beside_the_published_one(
    newsroom: Newsroom,
) -> None:
    item = newsroom.prepared(newsroom.appeal())
    assert item.package is not None
    with pytest.raises(GatesClosed, match="Not shown to you in full yet: the file as it was received, the file for"):
        verification.verify(
            factories.investigator(), item, item.package.digest, session="ab" * 32, now=newsroom.clock.now
        )
    with pytest.raises(GatesClosed, match="the officer in the case, has not verified this picture") as closed:
        newsroom.approve(item)
    assert numbers(closed) == ["R2"]
    newsroom.ring()
    assert newsroom.public() == []


@pytest.fixture
def desk(newsroom: Newsroom, settings: Any) -> Callable[[], Client]:
    """Bran at the desk of this office, who has said why he looks."""
    settings.OFFICE = newsroom.worker.office

    def sit_down() -> Client:
        client = signed_in("bran", "approver")
        say_why(client)
        return client

    return sit_down


@pytest.mark.parametrize("looked_at", [(), ("original",), ("rendition",)])
def test_an_approver_who_did_not_compare_the_two_pictures_approves_neither(
    newsroom: Newsroom, desk: Callable[[], Client], looked_at: tuple[str, ...]
) -> None:
    """R6: the exhibit and the published file, both, in this sign-in. The control is the last line."""
    item, client = newsroom.ready(newsroom.appeal()), desk()
    addresses = {
        "original": f"/items/{item.reference}/original/",
        "rendition": f"/items/{item.reference}/renditions/{item.renditions.get().sha256}/",
    }
    assert item.package is not None
    form = {"digest": item.package.digest, "confirm": "on", "others": "on"}
    for each in looked_at:
        b"".join(client.get(addresses[each]).streaming_content)
    for page in (f"/items/{item.reference}/approve/", f"/sitting/{item.reference}/approve/"):
        assert client.post(page, form).status_code == 409
    newsroom.ring()
    assert newsroom.public() == []
    for address in addresses.values():
        b"".join(client.get(address).streaming_content)
    assert client.post(f"/sitting/{item.reference}/approve/", form).status_code == 302
    newsroom.ring()
    assert len(newsroom.public()) == 1


# -- West Midlands Police 2010: the wrong man's picture to a newspaper -------------------------------------


def test_no_newspaper_is_sent_a_picture_that_two_people_did_not_approve(newsroom: Newsroom) -> None:
    item = newsroom.prepared(newsroom.appeal())
    for ready in (lambda: None, lambda: factories.verified(item, now=newsroom.clock.now)):
        ready()
        with pytest.raises(Forbidden, match="It is not approved"):
            pack(newsroom, item)
    newsroom.approve(item)
    assert pack(newsroom, item).digest == item.package.digest  # type: ignore[union-attr]  # it has one


def test_a_picture_swapped_after_the_approval_is_sent_to_nobody(newsroom: Newsroom) -> None:
    item = newsroom.approved(newsroom.appeal())
    items.edit(factories.author(), item, original=newsroom.received(), now=newsroom.clock.now)
    with pytest.raises(Forbidden, match="It is not approved"):
        pack(newsroom, item)
    newsroom.ring()
    assert newsroom.public() == []
    assert not Disclosure.objects.exists()


def test_the_wrong_man_s_picture_is_recalled_corrected_and_not_sent_again(newsroom: Newsroom) -> None:
    item = newsroom.approved(newsroom.appeal())
    pack(newsroom, item)
    newsroom.ring()
    takedown.withdraw(factories.approver(), item, "wrong_image", now=newsroom.clock.now)
    newsroom.ring()
    assert newsroom.public() == []
    (told,) = [each for each in mail.outbox if "RECALL" in each.subject]
    assert told.to == [ECHO.email.lower()]
    assert "Where it was published, please correct it." in told.body
    assert "in 1 press pack" in Duty.objects.get(kind="correction").words
    with pytest.raises(Forbidden, match="It came down"):
        pack(newsroom, item)
    with pytest.raises(GatesClosed, match="R29"):
        newsroom.appeal(original=item.original)
    again = newsroom.approved(newsroom.appeal(subjects=list(item.subjects.all())))  # the right man's: still sought
    assert again.state == "approved"


# -- Dutch police: a woman who had nothing to do with it --------------------------------------------------


def test_a_film_of_somebody_uninvolved_comes_down_and_is_not_done_before_its_correction(newsroom: Newsroom) -> None:
    woman = factories.person(now=newsroom.clock.now)
    film = newsroom.approved(newsroom.film(subjects=[woman]))
    newsroom.ring()
    assert len(newsroom.public("youtube")) == 1
    since = newsroom.clock.now
    subjects.outcome(factories.author(), woman, "eliminated", now=since)
    newsroom.ring()
    post = Post.objects.get()
    assert newsroom.public("youtube") == []
    assert post.state == "removed"
    assert post.removed_at is not None
    assert post.removed_at - since < timedelta(minutes=5)
    owed = {each.kind: each for each in duties.open_duties()}
    assert {"correction", "letter"} <= set(owed)
    with pytest.raises(Forbidden, match="Say what was done"):
        duties.duty_done(factories.author(), owed["correction"], " ", now=newsroom.clock.now)
    note = "Published on the channel, in words agreed with her."
    done = duties.duty_done(factories.author(), owed["correction"], note, now=newsroom.clock.now)
    assert (done.item, done.note) == (film, note)


# -- Avon and Somerset: shoppers captioned "burglary" on a guess -------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        {"title": "Burglars {reference}"},
        {"caption": f"Caught on camera: burglary. {factories.CAPTION}"},
        {"caption": f"Who burgled the shop? {factories.CAPTION}"},
        {"alt_text": "Three people stealing from a shop."},
    ],
)
def test_shoppers_are_not_captioned_with_an_offence_on_a_guess(newsroom: Newsroom, words: dict[str, str]) -> None:
    item = newsroom.ready(newsroom.appeal(**words))
    with pytest.raises(GatesClosed) as closed:
        newsroom.approve(item)
    assert set(numbers(closed)) == {"R13"}


def shoppers(room: Newsroom) -> list[Subject]:
    return [factories.person(now=room.clock.now) for _ in range(3)]


def test_once_one_of_three_is_eliminated_the_picture_of_all_three_is_gone(newsroom: Newsroom) -> None:
    three = shoppers(newsroom)
    together = newsroom.approved(newsroom.appeal(subjects=three))
    alone = newsroom.approved(newsroom.appeal(subjects=three[1:2]))
    newsroom.ring()
    assert len(newsroom.public()) == 2
    subjects.outcome(factories.author(), three[0], "eliminated", now=newsroom.clock.now)
    newsroom.ring()
    assert newsroom.public() == [f"Do you know this person? {alone.reference}"]
    assert Post.objects.get(item=together).state == "removed"
    assert BlockedImage.objects.filter(sha256=together.original_id, lifted_at__isnull=True).exists()
    subjects.outcome(factories.author(), three[1], "eliminated", now=newsroom.clock.now)
    newsroom.ring()
    assert newsroom.public() == []


def test_what_nobody_looks_at_again_comes_down_by_itself(newsroom: Newsroom) -> None:
    """Posters that hang because nobody thinks of them: a review that is missed by a week takes them down (R34)."""
    now = newsroom.clock.now
    record = factories.appeal_record(now, review_at=now + timedelta(days=7))
    newsroom.approved(newsroom.appeal(record=record, expires_at=now + timedelta(days=60)))
    newsroom.ring()
    newsroom.until(now + timedelta(days=13), every=timedelta(days=1))
    assert len(newsroom.public()) == 1
    newsroom.until(now + timedelta(days=15), every=timedelta(days=1))
    assert newsroom.public() == []


# -- PSNI: a batch with the wrong date -----------------------------------------------------------------------


def happened(room: Newsroom) -> datetime:
    """Two months ago, at noon."""
    return (room.clock.now - timedelta(days=60)).replace(hour=12)


def written(day: datetime) -> str:
    return f"{day.day} {day:%B %Y}"


def dated(room: Newsroom, day: str) -> Item:
    """Whose caption names this day, whatever the record says."""
    record = factories.appeal_record(
        room.clock.now, incident_at=happened(room), investigator=factories.officer("inga", "investigator")
    )
    return room.appeal(record=record, caption=f"It was reported on {day}. {factories.CAPTION}")


def test_a_batch_with_the_wrong_date_is_stopped_image_by_image_and_the_right_one_goes_out(newsroom: Newsroom) -> None:
    day = happened(newsroom)
    wrong = dated(newsroom, written(day + timedelta(days=40)))
    never, right = dated(newsroom, "31 June"), dated(newsroom, written(day))
    for item, words in ((wrong, f"the record says [A-Z][a-z]+ {written(day)}"), (never, "is no day of the calendar")):
        with pytest.raises(GatesClosed, match=words) as closed:
            newsroom.ready(item)
        assert numbers(closed) == ["R16"]
    newsroom.approved(right)
    newsroom.ring()
    assert newsroom.public() == [f"Do you know this person? {right.reference}"]


def test_a_date_corrected_in_the_record_after_the_approval_sends_it_back(newsroom: Newsroom) -> None:
    """The caption was right by the record, and the record was wrong: what was approved is not what it says now."""
    day, now = happened(newsroom), newsroom.clock.now
    item, true = newsroom.approved(dated(newsroom, written(day))), day - timedelta(days=3)
    with pytest.raises(GatesClosed, match="R16"):
        items.edit(factories.author(), item, record={"incident_at": true}, now=now)
    caption = f"It was reported on {written(true)}. {factories.CAPTION}"
    items.edit(factories.author(), item, record={"incident_at": true}, caption=caption, now=now)
    assert Item.objects.get(pk=item.pk).state == "submitted"
    newsroom.ring()
    assert newsroom.public() == []
