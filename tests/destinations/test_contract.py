"""What every destination promises, held against the real client and a platform on loopback."""

from __future__ import annotations

import dataclasses
import hashlib
import io
from datetime import timedelta
from typing import TYPE_CHECKING, BinaryIO

import pytest

from publisher.destinations.base import (
    Absent,
    AlbumKey,
    Present,
    Processing,
    Purpose,
    Receipt,
    Seen,
    Visibility,
    Window,
)
from publisher.destinations.errors import Later, NotSent, Refused, UploadInterrupted
from publisher.destinations.texts import normalise

if TYPE_CHECKING:
    from conftest import Bench

ALBUM = AlbumKey("withern", "Operation Withern", "Images from the disorder of August.", "album-5f3a9c")
OTHER_MARK = "f" * 32


def sent(bench: Bench, **changes: object) -> Receipt:
    receipt = bench.destination.send(bench.parcel(**changes), bench.journal())
    bench.settle()
    return receipt


def live(bench: Bench) -> Receipt:
    receipt = sent(bench)
    bench.destination.apply_metadata(receipt, bench.parcel(), bench.destination.look(receipt))
    bench.destination.reveal(receipt, bench.parcel(), bench.destination.look(receipt))
    return receipt


def look(bench: Bench, receipt: Receipt) -> Seen:
    return bench.destination.look(receipt)


def test_the_limits_name_every_kind_it_takes(bench: Bench) -> None:
    limits = bench.destination.limits()
    assert limits.media_types
    assert set(limits.max_bytes) == set(limits.media_types)
    assert all(0 <= rule.reserve < rule.units for rule in limits.buckets)


def test_the_account_is_the_one_that_the_limits_name(bench: Bench) -> None:
    account = bench.destination.whoami()
    assert account
    kind, _, named = bench.destination.limits().account.partition(":")
    # Empty where the consent did not say whose it is, as those of old.
    assert named == account if kind else not named


def test_what_is_sent_arrives_byte_for_byte_and_is_never_public(bench: Bench) -> None:
    parcel = bench.parcel()
    receipt = sent(bench)
    (held,) = bench.held()
    assert (held.remote_id, held.sha256) == (receipt.remote_id, parcel.sha256)
    assert not held.ever_public
    assert look(bench, receipt).visibility is Visibility.PRIVATE


def test_a_copy_is_found_by_its_mark(bench: Bench) -> None:
    before = bench.now() - timedelta(minutes=1)
    receipt, journal = sent(bench), bench.journal()
    journal.save("youtube.restored", "1")  # where a session would answer at once: look all the same
    found = bench.destination.find(bench.parcel(), journal, before)
    assert isinstance(found, Present)
    assert [one.remote_id for one in found.receipts] == [receipt.remote_id]
    stranger = bench.parcel(mark=OTHER_MARK)
    assert isinstance(bench.destination.find(stranger, journal, before), Absent)


def test_nothing_sent_is_nothing_found(bench: Bench) -> None:
    found = bench.destination.find(bench.parcel(), bench.journal(), bench.now() - timedelta(days=1))
    assert isinstance(found, Absent)


def test_what_is_seen_is_what_was_approved(bench: Bench) -> None:
    parcel = bench.parcel(description='Do you know "these" people? <100 seen>\n\nhttps://example.org/a?b=1&c=2')
    if set("<>") & set(bench.destination.limits().forbidden_in_text):
        parcel = bench.parcel(description='Do you know "these" people?\n\nhttps://example.org/a?b=1&c=2')
    receipt = bench.destination.send(parcel, bench.journal())
    bench.settle()
    seen = look(bench, receipt)
    assert (seen.exists, seen.processing, seen.mark) == (True, Processing.DONE, parcel.mark)
    assert normalise(seen.title) == normalise(parcel.title)
    assert normalise(seen.description) == normalise(parcel.description)
    assert (seen.alt_text is not None) == bench.destination.limits().alt_text_field
    assert seen.alt_text in (None, parcel.alt_text)
    assert seen.url


def test_a_reveal_is_seen_and_can_be_repeated(bench: Bench) -> None:
    receipt = live(bench)
    bench.destination.reveal(receipt, bench.parcel(), bench.destination.look(receipt))
    assert look(bench, receipt).visibility is Visibility.PUBLIC
    assert [held.public for held in bench.held()] == [True]


def test_dressing_twice_reveals_nothing(bench: Bench) -> None:
    receipt = sent(bench)
    bench.destination.apply_metadata(receipt, bench.parcel(), bench.destination.look(receipt))
    bench.destination.apply_metadata(receipt, bench.parcel(), bench.destination.look(receipt))
    assert [held.ever_public for held in bench.held()] == [False]


def test_concealing_takes_it_from_view_and_can_be_repeated(bench: Bench) -> None:
    receipt = live(bench)
    bench.destination.conceal(receipt)
    bench.destination.conceal(receipt)
    assert look(bench, receipt).visibility is Visibility.PRIVATE
    assert [held.public for held in bench.held()] == [False]


def test_removing_what_is_gone_is_success(bench: Bench) -> None:
    receipt = live(bench)
    bench.destination.remove(receipt)
    bench.destination.remove(receipt)
    bench.destination.conceal(receipt)
    assert look(bench, receipt) == Seen(receipt.remote_id, exists=False)
    assert not any(held.there for held in bench.held())


def test_what_is_gone_is_not_revealed_and_is_looked_at_again_before_that_is_believed(bench: Bench) -> None:
    receipt = sent(bench)
    bench.destination.remove(receipt)
    with pytest.raises((Later, Refused)):
        bench.destination.reveal(receipt, bench.parcel(), bench.destination.look(receipt))


def test_amending_changes_the_words_and_nothing_else(bench: Bench) -> None:
    receipt = live(bench)
    (before,) = bench.held()
    words = {"title": "Day 354 - Dog patrol", "description": "One officer and a dog.", "alt_text": "A dog in a field."}
    changed = bench.parcel(**words, tags=("dogs",))
    bench.destination.amend(receipt, changed)
    seen = look(bench, receipt)
    assert seen.alt_text in (None, changed.alt_text)
    assert (normalise(seen.title), normalise(seen.description)) == (changed.title, changed.description)
    assert (seen.visibility, seen.mark) == (Visibility.PUBLIC, changed.mark)
    assert bench.held() == [before]


def test_filing_twice_makes_one_album(bench: Bench) -> None:
    receipt = live(bench)
    first = bench.destination.file_under(receipt, ALBUM)
    assert bench.destination.file_under(receipt, ALBUM) == first
    other = dataclasses.replace(ALBUM, mark="album-77aa01")  # the same title is not the same album
    assert bench.destination.file_under(receipt, other) != first


def test_an_album_that_stands_is_described_anew_and_known_as_before(bench: Bench) -> None:
    receipt = live(bench)
    standing = bench.destination.file_under(receipt, ALBUM)
    changed = dataclasses.replace(ALBUM, title="Operation Withern 2011", description="At least 10 have come down.")
    for _ in range(2):  # a death after the answer describes it again
        assert bench.destination.describe_album(standing, changed) is True
        ((title, description),) = bench.album_words()
        assert title == "Operation Withern 2011"
        assert description.startswith("At least 10 have come down.")
        assert ALBUM.mark in description
    assert bench.destination.file_under(receipt, changed) == standing


def test_an_album_that_is_gone_is_said_to_be_gone(bench: Bench) -> None:
    assert bench.destination.describe_album("7" * 32, ALBUM) is False


def test_what_is_about_to_go_leaves_its_albums_and_can_do_so_twice(bench: Bench) -> None:
    receipt = live(bench)
    album = bench.destination.file_under(receipt, ALBUM)
    bench.destination.unfile(receipt, (album,))
    bench.destination.unfile(receipt, (album,))
    bench.destination.remove(receipt)
    bench.destination.unfile(receipt, (album, "1"))  # neither it nor the album need be there any more
    if bench.control is not None:
        (left,) = bench.control.albums()
        assert left["members"] == []  # no entry that says “deleted”


def test_direct_addresses_answer_until_it_is_gone(bench: Bench) -> None:
    receipt = live(bench)
    bench.destination.apply_metadata(receipt, bench.parcel(), bench.destination.look(receipt))
    addresses = bench.destination.media(receipt)
    assert addresses
    if bench.control is not None:
        bench.control.settings(media_linger=600.0)
    assert bench.platform == "youtube" or all(map(bench.destination.still_served, addresses))
    bench.destination.remove(receipt)
    if bench.control is not None:
        bench.control.advance(601)
    assert not any(map(bench.destination.still_served, addresses))
    assert bench.destination.media(receipt) == ()


def test_a_direct_address_elsewhere_is_never_asked(bench: Bench) -> None:
    if bench.control is None:
        assert not bench.destination.still_served("http://192.0.2.7/picture.jpg")
        return
    with pytest.raises(Refused):
        bench.destination.still_served("http://192.0.2.7/picture.jpg")


def test_the_manual_steps_name_the_thing_and_ask_nothing(bench: Bench) -> None:
    receipt, spent = sent(bench), len(bench.budget.spent)
    assert receipt.remote_id in bench.destination.by_hand(receipt)
    assert len(bench.budget.spent) == spent


def test_the_listing_holds_everything_within_its_window(bench: Bench) -> None:
    receipt, now = sent(bench), bench.now()
    around = Window(now - timedelta(hours=1), now + timedelta(hours=1))
    before = Window(now - timedelta(hours=2), now - timedelta(hours=1))
    assert [seen.remote_id for seen in bench.destination.listing(around)] == [receipt.remote_id]
    assert [seen.mark for seen in bench.destination.listing(around)] == [bench.parcel().mark]
    assert list(bench.destination.listing(before)) == []


def test_an_empty_file_is_refused_before_anything_leaves(bench: Bench) -> None:
    nothing = {"size": 0, "sha256": hashlib.sha256(b"").hexdigest(), "open_body": lambda: io.BytesIO(b"")}
    with pytest.raises(Refused):
        sent(bench, **nothing)
    assert bench.held() == []


def test_a_file_that_is_no_longer_the_approved_one_is_refused(bench: Bench) -> None:
    approved = bench.parcel()
    with approved.open_body() as body:
        changed = body.read()[:-1] + b"!"
    with pytest.raises(Refused):
        sent(bench, open_body=lambda: io.BytesIO(changed))
    assert bench.held() == []


def test_a_lost_lease_stops_the_upload_and_leaves_nothing_in_view(bench: Bench) -> None:
    class Overtaken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise UploadInterrupted

    def overtaken() -> BinaryIO:
        return Overtaken(b"x")

    with pytest.raises(UploadInterrupted):
        sent(bench, open_body=overtaken)
    assert not any(held.ever_public for held in bench.held())


def test_a_used_up_quota_sends_nothing_but_still_takes_down(bench: Bench) -> None:
    if not bench.destination.limits().buckets:
        assert bench.budget.spent == []
        return
    receipt = live(bench)
    bench.budget.empty_for = frozenset({Purpose.PUBLISH, Purpose.LOOK})
    with pytest.raises(NotSent) as refusal:
        sent(bench, mark=OTHER_MARK)
    assert refusal.value.retry_at == bench.budget.free_at
    withdrawing = bench.destination.as_withdrawal()
    withdrawing.conceal(receipt)
    withdrawing.remove(receipt)
    assert not withdrawing.look(receipt).exists
    assert len(bench.held()) == 1


def test_every_request_is_paid_for(bench: Bench) -> None:
    live(bench)
    if bench.control is None:  # a destination without a network
        assert bench.budget.spent == []
        return
    made = [one for one in bench.control.requests() if one["operation"].startswith(f"{bench.platform}.")]
    assert 0 < len(made) <= len(bench.budget.spent)


def test_out_of_reach_is_later_and_certainly_not_sent(bench: Bench) -> None:
    if bench.unplug is None:
        assert bench.control is None
        return
    receipt = sent(bench)
    bench.unplug()
    with pytest.raises(NotSent):
        bench.destination.send(bench.parcel(mark=OTHER_MARK), bench.journal())
    for step in (bench.destination.look, bench.destination.conceal, bench.destination.remove):
        with pytest.raises(Later):
            step(receipt)
    for address in receipt.media_urls:
        with pytest.raises(Later):
            bench.destination.still_served(address)
