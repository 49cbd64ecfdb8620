"""The Flickr destination against the sandbox: signatures verified, tags normalised, texts rewritten."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from publisher.destinations.base import Absent, AlbumKey, Present, Processing, Purpose, Receipt, Visibility, Window
from publisher.destinations.errors import Later, Refused, Stop, Unsure, UploadInterrupted
from publisher.destinations.texts import normalise

if TYPE_CHECKING:
    from conftest import Bench

MP4 = b"\x00\x00\x00\x18ftypmp42 footage" * 20
ALBUM = AlbumKey("withern", "Operation Withern", "Images from the disorder of August.", "album-5f3a9c")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Bench]:
    """The Flickr bench alone."""
    from tests.destinations.conftest import flickr_bench

    with flickr_bench(tmp_path) as made:
        yield made


@pytest.fixture
def film(parcels: Callable[..., Any]) -> Any:
    body = {"size": len(MP4), "sha256": hashlib.sha256(MP4).hexdigest(), "open_body": lambda: io.BytesIO(MP4)}
    return parcels(filename="film.mp4", media_type="video/mp4", **body)


def thing(desk: Bench) -> dict[str, Any]:
    assert desk.control is not None
    (only,) = desk.control.things("flickr")
    return only


# Sending


def test_an_upload_arrives_private_whatever_the_account_does_by_default(desk: Bench) -> None:
    desk.control.settings(account_default_public=True)
    desk.destination.send(desk.parcel(), desk.journal())
    assert (thing(desk)["visibility"], thing(desk)["public"]) == ("private", [])


def test_words_with_every_kind_of_character_are_signed_right(desk: Bench) -> None:
    parcel = desk.parcel(title='+ % & = ~ " é 🚓 <b>', description="a\r\nb\tc", tags=("Straße", 'a "b" c'))
    receipt = desk.destination.send(parcel, desk.journal())
    assert thing(desk)["id"] == receipt.remote_id
    assert thing(desk)["title"] == parcel.title


def test_footage_without_an_ending_in_its_name_is_taken(desk: Bench, film: Any) -> None:
    receipt = desk.destination.send(replace(film, filename="film"), desk.journal())
    assert thing(desk)["id"] == receipt.remote_id


@pytest.mark.parametrize("kind", ["500", "503", "504html", "429html", "closed", "reset", "truncated_xml", "code201"])
def test_an_upload_that_was_stored_before_it_failed_is_found_again(desk: Bench, kind: str) -> None:
    desk.control.fault("flickr.upload", kind, when="after")
    journal, since = desk.journal(), desk.now()
    with pytest.raises(Unsure):
        desk.destination.send(desk.parcel(), journal)
    found = desk.destination.find(desk.parcel(), journal, since)
    assert isinstance(found, Present)
    assert [one.remote_id for one in found.receipts] == [thing(desk)["id"]]


def test_a_resend_that_came_too_early_makes_no_second_copy(desk: Bench) -> None:
    desk.control.fault("flickr.upload", "closed", when="after")
    journal = desk.journal()
    with pytest.raises(Unsure):
        desk.destination.send(desk.parcel(), journal)
    again = desk.destination.send(desk.parcel(), journal)
    assert thing(desk)["id"] == again.remote_id


def test_the_same_picture_under_another_item_is_refused_on_a_resend(desk: Bench) -> None:
    other = desk.destination.send(desk.parcel(mark="f" * 32), desk.journal())
    journal = desk.journal()
    journal.save("flickr.sent_before", "1")
    with pytest.raises(Refused, match=other.remote_id):
        desk.destination.send(desk.parcel(), journal)


def test_an_upload_broken_off_half_way_leaves_nothing(desk: Bench) -> None:
    desk.control.fault("flickr.upload", "reset", after_bytes=1500)
    with pytest.raises(Unsure):
        desk.destination.send(desk.parcel(), desk.journal())
    assert desk.control.things("flickr") == []


def test_a_lease_lost_half_way_leaves_nothing(desk: Bench, parcels: Callable[..., Any]) -> None:
    big = b"\xff\xd8\xff" + b"x" * 200_000
    sent: list[int] = []

    class Overtaken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            sent.append(1)
            if len(sent) > 5:
                raise UploadInterrupted
            return super().read(size)

    parcel = parcels(big, open_body=lambda: Overtaken(big))
    with pytest.raises(UploadInterrupted):
        desk.destination.send(parcel, desk.journal())
    assert desk.control.things("flickr") == []


def test_a_revoked_consent_stops_until_a_new_one(desk: Bench) -> None:
    receipt = desk.destination.send(desk.parcel(), desk.journal())
    desk.control.revoke_flickr()
    for step in (desk.destination.look, desk.destination.remove, desk.destination.conceal):
        with pytest.raises(Later, match="connect flickr") as refusal:
            step(receipt)
        assert refusal.value.stop is Stop.AUTH


# Finding


def test_a_listing_that_lags_is_no_proof_of_absence(desk: Bench) -> None:
    desk.control.settings(listing_delay=30)
    since = desk.now()
    desk.destination.send(desk.parcel(), desk.journal())
    assert desk.destination.find(desk.parcel(), desk.journal(), since) == Absent(authoritative=False)
    desk.control.advance(31)
    assert isinstance(desk.destination.find(desk.parcel(), desk.journal(), since), Present)


def test_finding_lists_and_never_searches(desk: Bench) -> None:
    desk.control.settings(search_delay=3600)
    desk.destination.send(desk.parcel(), desk.journal())
    assert isinstance(desk.destination.find(desk.parcel(), desk.journal(), desk.now()), Present)
    assert desk.control.count("flickr.photos.search") == 0
    assert desk.control.count("flickr.photos.recentlyUpdated") == 1
    assert desk.control.count("flickr.people.getPhotos") == 1


@pytest.mark.parametrize("operation", ["flickr.people.getPhotos", "flickr.photos.recentlyUpdated"])
@pytest.mark.parametrize("kind", ["500", "code201", "json_in_xml", "closed", "html200"])
def test_a_list_that_fails_counts_for_nothing(desk: Bench, operation: str, kind: str) -> None:
    desk.destination.send(desk.parcel(), desk.journal())
    desk.control.fault(operation, kind)
    with pytest.raises(Later):
        desk.destination.find(desk.parcel(mark="f" * 32), desk.journal(), desk.now())


def test_every_double_is_found_oldest_first(desk: Bench) -> None:
    first = desk.destination.send(desk.parcel(), desk.journal())
    desk.control.advance(5)
    second = desk.destination.send(desk.parcel(), desk.journal())
    found = desk.destination.find(desk.parcel(), desk.journal(), desk.now())
    assert isinstance(found, Present)
    assert [one.remote_id for one in found.receipts] == [first.remote_id, second.remote_id]


def test_a_mark_survives_what_flickr_does_to_tags(desk: Bench) -> None:
    parcel = desk.parcel(tags=("Dog Patrol", "police"))
    receipt = desk.destination.send(parcel, desk.journal())
    assert desk.destination.look(receipt).mark == parcel.mark
    assert isinstance(desk.destination.find(parcel, desk.journal(), desk.now()), Present)


# Dressing and revealing


@pytest.mark.parametrize("kind", ["appeal", "wanted"])
def test_an_appeal_has_no_remarks_and_all_rights_reserved(desk: Bench, kind: str) -> None:
    parcel = desk.parcel(kind=kind, licence="4", comments=True)
    receipt = desk.destination.send(parcel, desk.journal())
    desk.control.edit("flickr", receipt.remote_id, licence="4")
    desk.destination.apply_metadata(receipt, parcel, desk.destination.look(receipt))
    desk.destination.reveal(receipt, parcel, desk.destination.look(receipt))
    assert (thing(desk)["comments"], thing(desk)["licence"]) == (0, "0")


@pytest.mark.parametrize(("comments", "remarks"), [(True, 3), (False, 0)])
def test_a_feature_keeps_the_remarks_and_licence_it_was_given(desk: Bench, comments: bool, remarks: int) -> None:
    parcel = desk.parcel(licence="5", comments=comments)
    receipt = desk.destination.send(parcel, desk.journal())
    desk.destination.apply_metadata(receipt, parcel, desk.destination.look(receipt))
    desk.destination.reveal(receipt, parcel, desk.destination.look(receipt))
    assert (thing(desk)["comments"], thing(desk)["licence"]) == (remarks, "5")


def test_nothing_of_the_dressing_hides_what_is_public(desk: Bench) -> None:
    """A worker that stood still sends it when another has revealed the photo."""
    parcel = desk.parcel(licence="5", comments=True)
    receipt = desk.destination.send(parcel, desk.journal())
    desk.destination.reveal(receipt, parcel, desk.destination.look(receipt))
    desk.destination.apply_metadata(receipt, parcel, desk.destination.look(receipt))
    assert (thing(desk)["visibility"], thing(desk)["comments"], thing(desk)["licence"]) == ("public", 3, "5")


def test_a_licence_flickr_does_not_know_is_refused(desk: Bench) -> None:
    parcel = desk.parcel(licence="99")
    receipt = desk.destination.send(parcel, desk.journal())
    with pytest.raises(Refused, match="licence"):
        desk.destination.apply_metadata(receipt, parcel, desk.destination.look(receipt))


def test_footage_waits_until_it_is_prepared(desk: Bench, film: Any) -> None:
    desk.control.settings(processing_seconds=30)
    receipt = desk.destination.send(film, desk.journal())
    assert desk.destination.look(receipt).processing is Processing.PENDING
    with pytest.raises(Later, match="preparing"):
        desk.destination.apply_metadata(receipt, film, desk.destination.look(receipt))
    with pytest.raises(Later, match="preparing"):
        desk.destination.reveal(receipt, film, desk.destination.look(receipt))
    assert desk.control.count("flickr.photos.setPerms") == 0
    desk.control.advance(31)
    desk.destination.apply_metadata(receipt, film, desk.destination.look(receipt))
    desk.destination.reveal(receipt, film, desk.destination.look(receipt))
    assert desk.destination.look(receipt).visibility is Visibility.PUBLIC


def test_footage_that_could_not_be_prepared_is_refused(desk: Bench, film: Any) -> None:
    desk.control.fault("flickr.upload", "processing_failed")
    receipt = desk.destination.send(film, desk.journal())
    desk.control.advance(60)
    seen = desk.destination.look(receipt)
    assert (seen.processing, seen.message) == (Processing.FAILED, "Flickr could not prepare the footage.")
    with pytest.raises(Refused, match="could not prepare"):
        desk.destination.apply_metadata(receipt, film, desk.destination.look(receipt))


def test_unlisted_does_not_exist_here(desk: Bench) -> None:
    receipt = desk.destination.send(desk.parcel(), desk.journal())
    with pytest.raises(Refused, match="unlisted"):
        desk.destination.reveal(receipt, desk.parcel(visibility=Visibility.UNLISTED), desk.destination.look(receipt))


def test_what_friends_may_see_is_not_private(desk: Bench) -> None:
    receipt = desk.destination.send(desk.parcel(), desk.journal())
    desk.destination._calls(Purpose.PUBLISH).call(
        "photos.setPerms", photo_id=receipt.remote_id, is_public="0", is_friend="1", is_family="0"
    )
    assert desk.destination.look(receipt).visibility is Visibility.UNLISTED
    desk.destination.conceal(receipt)
    assert desk.destination.look(receipt).visibility is Visibility.PRIVATE


# Looking


def public(desk: Bench) -> Receipt:
    receipt = desk.destination.send(desk.parcel(), desk.journal())
    desk.destination.reveal(receipt, desk.parcel(), desk.destination.look(receipt))
    return receipt


def test_looking_names_every_direct_address(desk: Bench) -> None:
    seen = desk.destination.look(public(desk))
    assert len(seen.media_urls) >= 3
    assert all(url.startswith("http://127.0.0.1:") for url in seen.media_urls)


def test_the_addresses_are_known_before_the_reveal_and_are_asked_for_once(desk: Bench) -> None:
    receipt = desk.destination.send(desk.parcel(), desk.journal())
    seen = desk.destination.look(receipt)
    assert seen.visibility is Visibility.PRIVATE
    assert len(seen.media_urls) >= 3
    desk.budget.spent.clear()
    assert desk.destination.look(replace(receipt, media_urls=seen.media_urls)).media_urls == ()
    assert desk.budget.spent == [("calls", 1, Purpose.LOOK)]


def test_where_they_were_not_told_the_next_look_asks_for_them_again(desk: Bench) -> None:
    receipt = desk.destination.send(desk.parcel(), desk.journal())
    desk.control.fault("flickr.photos.getSizes", "500")
    assert desk.destination.look(receipt).media_urls == ()
    desk.destination.reveal(receipt, desk.parcel(), desk.destination.look(receipt))
    assert len(desk.destination.look(receipt).media_urls) >= 3


def test_looking_succeeds_without_the_direct_addresses(desk: Bench) -> None:
    receipt = public(desk)
    desk.control.fault("flickr.photos.getSizes", "500")
    seen = desk.destination.look(receipt)
    assert (seen.exists, seen.media_urls) == (True, ())


def test_a_withdrawal_looks_with_one_request(desk: Bench) -> None:
    receipt = desk.destination.send(desk.parcel(), desk.journal())
    desk.budget.spent.clear()
    assert desk.destination.as_withdrawal().look(receipt).exists
    assert desk.budget.spent == [("calls", 1, Purpose.WITHDRAW)]


def test_taking_down_always_draws_on_the_reserve(desk: Bench) -> None:
    receipt = desk.destination.send(desk.parcel(), desk.journal())
    desk.budget.spent.clear()
    desk.destination.conceal(receipt)
    desk.destination.remove(receipt)
    assert desk.budget.spent == [("calls", 1, Purpose.WITHDRAW)] * 2


def test_an_edit_by_hand_is_seen(desk: Bench) -> None:
    receipt = desk.destination.send(desk.parcel(), desk.journal())
    desk.control.edit("flickr", receipt.remote_id, title="Changed by hand")
    assert desk.destination.look(receipt).title == "Changed by hand"


# Amending


def test_too_many_tags_are_refused_and_the_mark_stays(desk: Bench) -> None:
    receipt = desk.destination.send(desk.parcel(), desk.journal())
    with pytest.raises(Refused, match="tags"):
        desk.destination.amend(receipt, desk.parcel(tags=tuple(f"tag{n}" for n in range(75))))
    assert desk.destination.look(receipt).mark == desk.parcel().mark
    most = desk.destination.limits().tags_count
    desk.destination.amend(receipt, desk.parcel(tags=tuple(f"tag{n}" for n in range(most))))
    assert len(desk.destination.look(receipt).tags) == most + 1


def test_an_address_in_the_text_reads_back_as_the_same_words(desk: Bench) -> None:
    parcel = desk.parcel(description="Quote 'OP 7' & see https://example.org/appeal?a=1&b=2 or call 101.")
    receipt = desk.destination.send(parcel, desk.journal())
    seen = desk.destination.look(receipt)
    assert seen.description != parcel.description
    assert normalise(seen.description) == normalise(parcel.description)


# Albums


def test_an_album_whose_making_was_not_heard_of_is_found_again(desk: Bench) -> None:
    receipt = desk.destination.send(desk.parcel(), desk.journal())
    desk.control.fault("flickr.photosets.create", "closed", when="after")
    with pytest.raises(Later):
        desk.destination.file_under(receipt, ALBUM)
    desk.destination.file_under(receipt, ALBUM)
    (album,) = desk.control.albums()
    assert album["title"] == ALBUM.title
    assert [member[1] for member in album["members"]] == [receipt.remote_id]


def test_a_photo_that_is_in_the_album_already_is_filed(desk: Bench) -> None:
    receipt = desk.destination.send(desk.parcel(), desk.journal())
    first = desk.destination.file_under(receipt, ALBUM)
    assert desk.destination.file_under(receipt, ALBUM) == first
    assert desk.control.count("flickr.photosets.addPhoto") == 1
    assert len(desk.control.albums()) == 1


def test_a_full_album_is_refused_in_words(desk: Bench) -> None:
    desk.control.settings(photos_per_album=1)
    first = desk.destination.send(desk.parcel(), desk.journal())
    second = desk.destination.send(desk.parcel(mark="f" * 32), desk.journal())
    desk.destination.file_under(first, ALBUM)
    with pytest.raises(Refused, match="full"):
        desk.destination.file_under(second, ALBUM)


def test_no_further_album_is_refused_in_words(desk: Bench) -> None:
    desk.control.settings(albums_limit=0)
    receipt = desk.destination.send(desk.parcel(), desk.journal())
    with pytest.raises(Refused, match="album"):
        desk.destination.file_under(receipt, ALBUM)


def test_a_photo_that_is_gone_is_not_filed(desk: Bench) -> None:
    receipt = desk.destination.send(desk.parcel(), desk.journal())
    desk.destination.file_under(desk.destination.send(desk.parcel(mark="f" * 32), desk.journal()), ALBUM)
    desk.destination.remove(receipt)
    with pytest.raises(Refused, match="no longer"):
        desk.destination.file_under(receipt, ALBUM)


# Listing


def test_the_account_is_listed_newest_first_with_what_others_put_there(desk: Bench) -> None:
    receipt = desk.destination.send(desk.parcel(), desk.journal())
    desk.control.advance(10)
    desk.control.plant("flickr", title="An old friend of the account")
    window = Window(desk.now() - timedelta(days=1), desk.now() + timedelta(days=1))
    listed = list(desk.destination.listing(window))
    assert [seen.mark for seen in listed] == [None, desk.parcel().mark]
    assert listed[1].remote_id == receipt.remote_id
    assert listed[1].url == receipt.url
