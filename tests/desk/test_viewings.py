"""R6 at the desk: what was handed over to this session is what counts, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from pressqueue.models import Approval, Item, Notice, Viewing
from publisher.configuration.office_file import Office
from publisher.desk import ranges
from publisher.media.errors import Damaged
from publisher.media.pieces import BLOCK, Checked

from support import factories
from support.desk_officers import keep, picture, session_of, signed_in

RECEIVED, PUBLISHED = picture("navy", (320, 200)), picture("maroon")
LARGE = bytes(range(256)) * (3 * ranges.BLOCK // 256)  # three blocks


@pytest.fixture
def prepare(desk: Office) -> Callable[..., Item]:
    """A feature in review, both its files in the vaults."""

    def make(published: bytes = PUBLISHED) -> Item:
        keep(desk, RECEIVED, "originals")
        keep(desk, published)
        return factories.in_review(factories.feature(original=factories.original(RECEIVED)), published)

    return make


def original(item: Item) -> str:
    return f"/items/{item.reference}/original/"


def rendition(item: Item) -> str:
    return f"/items/{item.reference}/renditions/{item.renditions.get().sha256}/"


def read(client: Client, address: str, **headers: str) -> bytes:
    answer = client.get(address, headers=headers)
    assert answer.status_code in (200, 206)
    return b"".join(answer.streaming_content)


def decide(client: Client, item: Item) -> int:
    item.refresh_from_db()
    form = {"digest": item.package.digest, "confirm": "on"}
    code: int = client.post(f"/items/{item.reference}/approve/", form).status_code
    assert (code == 302) == Approval.objects.exists()
    return code


def viewing(item: Item) -> Viewing:
    return Viewing.objects.get(sha256=item.renditions.get().sha256)


def test_both_files_in_full_and_the_decision_counts(approver: Client, prepare: Callable[..., Item]) -> None:
    item = prepare()
    read(approver, original(item))
    assert decide(approver, item) == 409
    read(approver, rendition(item))
    assert decide(approver, item) == 302
    approval, seen = Approval.objects.get(), viewing(item)
    assert seen.session == session_of(approver)
    assert seen.whole_at is not None
    assert approval.seconds is not None
    assert 0 < approval.seconds < 600


def test_the_page_lists_what_was_not_shown_yet_and_the_refusal_says_it_again(
    approver: Client, prepare: Callable[..., Item]
) -> None:
    item = prepare()
    page = unescape(approver.get(f"/items/{item.reference}/").content.decode())
    decision = page.split('id="decision"')[1]
    assert "Not shown to you in full yet." in decision
    assert f'<a href="{original(item)}">Open the file as it was received</a>' in decision
    assert f'<a href="{rendition(item)}">Open the file for Flickr</a>' in decision
    read(approver, original(item))
    form = {"digest": item.package.digest, "confirm": "on"}
    answer = approver.post(f"/items/{item.reference}/approve/", form)
    told = unescape(answer.content.decode())
    assert "Not shown to you in full yet: the file for Flickr." in told
    assert "Open the file as it was received" not in told
    read(approver, rendition(item))
    assert "Not shown to you" not in approver.get(f"/items/{item.reference}/").content.decode()


def test_a_film_watched_in_parts_counts_once_every_byte_of_it_has_come(
    approver: Client, prepare: Callable[..., Item]
) -> None:
    item, last = prepare(LARGE), len(LARGE) - 1
    read(approver, original(item))
    for asked in (f"bytes={last - 99}-", "bytes=0-9999", f"bytes=5000-{last - 101}"):
        read(approver, rendition(item), Range=asked)
        assert viewing(item).whole_at is None
    assert viewing(item).parts == [[0, last - 100], [last - 99, last + 1]]
    assert decide(approver, item) == 409
    read(approver, rendition(item), Range=f"bytes={last - 100}-{last - 100}")  # the one byte between
    assert decide(approver, item) == 302


def test_who_hangs_up_midway_was_shown_what_had_left_and_no_more(
    approver: Client, prepare: Callable[..., Item]
) -> None:
    item = prepare(LARGE)
    read(approver, original(item))
    answer = approver.get(rendition(item))
    parts = iter(answer.streaming_content)
    next(parts)
    next(parts)  # asked for, so the first was written; the second is under way
    answer.close()
    assert viewing(item).parts == [[0, ranges.BLOCK]]
    assert decide(approver, item) == 409


def test_who_hangs_up_at_the_last_block_was_not_shown_the_whole(approver: Client, prepare: Callable[..., Item]) -> None:
    item = prepare()  # smaller than a block
    answer = approver.get(rendition(item))
    assert next(iter(answer.streaming_content)) == PUBLISHED
    answer.close()
    assert not Viewing.objects.exists()


def test_a_process_that_dies_midway_leaves_nothing_that_counts(approver: Client, prepare: Callable[..., Item]) -> None:
    item = prepare(LARGE)
    answer = approver.get(rendition(item))
    parts = iter(answer.streaming_content)
    next(parts)
    next(parts)
    assert not Viewing.objects.exists()  # what a process killed here would leave
    answer.close()


def test_a_head_hands_nothing_over(approver: Client, prepare: Callable[..., Item]) -> None:
    item = prepare()
    answer = approver.head(rendition(item))
    assert answer["Content-Length"] == str(len(PUBLISHED))
    assert b"".join(answer.streaming_content) == b""
    answer.close()
    assert not Viewing.objects.exists()


def test_a_part_that_is_not_there_hands_nothing_over(approver: Client, prepare: Callable[..., Item]) -> None:
    assert approver.get(rendition(prepare()), headers={"Range": "bytes=9999999-"}).status_code == 416
    assert not Viewing.objects.exists()


def test_what_a_cache_holds_from_another_session_is_sent_again(approver: Client, prepare: Callable[..., Item]) -> None:
    item = prepare()
    tag = f'"{item.renditions.get().sha256}"'
    assert read(approver, rendition(item), **{"If-None-Match": tag}) == PUBLISHED
    assert viewing(item).whole_at is not None
    since = {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}
    assert read(approver, original(item), **since) == RECEIVED
    assert decide(approver, item) == 302


def test_the_small_picture_of_lists_is_not_the_file(approver: Client, prepare: Callable[..., Item]) -> None:
    item = prepare()
    read(approver, original(item))
    assert approver.get(rendition(item) + "small/").status_code == 200
    assert decide(approver, item) == 409


def test_an_earlier_sign_in_of_the_same_officer_does_not_count(approver: Client, prepare: Callable[..., Item]) -> None:
    item = prepare()
    read(approver, original(item))
    read(approver, rendition(item))
    again = signed_in("bran", "approver")
    assert session_of(again) != session_of(approver)
    assert decide(again, item) == 409
    assert decide(approver, item) == 302


def test_what_another_officer_looked_at_does_not_count(approver: Client, prepare: Callable[..., Item]) -> None:
    item, other = prepare(), signed_in("cato", "approver")
    read(other, original(item))
    read(other, rendition(item))
    assert decide(approver, item) == 409


def test_claimed_seconds_in_the_form_are_not_listened_to(approver: Client, prepare: Callable[..., Item]) -> None:
    item = prepare()
    read(approver, original(item))
    read(approver, rendition(item))
    form = {"digest": item.package.digest, "confirm": "on", "seconds": "9000", "session": "0" * 64}
    assert approver.post(f"/items/{item.reference}/approve/", form).status_code == 302
    approval = Approval.objects.get()
    assert approval.seconds is not None
    assert approval.seconds < 600
    page = approver.get(f"/items/{item.reference}/").content.decode()
    assert "seconds after it was first shown" in page


def change_in_place(desk: Office, item: Item, at: int) -> None:
    """The stored rendition, the same size, its times put back afterwards."""
    sha256 = item.renditions.get().sha256
    place = desk.media / "renditions" / sha256[:2] / sha256
    before = place.stat()
    place.chmod(0o600)
    with place.open("r+b") as file:
        file.seek(at)
        file.write(b"!!")
    os.utime(place, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_what_was_changed_in_place_is_neither_shown_nor_approved(
    approver: Client, prepare: Callable[..., Item], desk: Office
) -> None:
    item, other = prepare(), signed_in("cato", "approver")
    read(other, rendition(item))  # seen whole and right before
    read(approver, original(item))
    change_in_place(desk, item, 10)
    answer = approver.get(rendition(item))
    assert answer.status_code == 500
    assert "no longer what was taken in" in answer.content.decode()
    assert not Viewing.objects.filter(sha256=item.renditions.get().sha256, officer__username="bran").exists()
    assert Notice.objects.filter(cause=f"damaged:{item.renditions.get().sha256}").exists()
    assert decide(approver, item) == 409


def test_a_change_further_on_breaks_the_answer_off_before_it(
    approver: Client, prepare: Callable[..., Item], desk: Office
) -> None:
    item = prepare(LARGE)
    read(approver, original(item))
    read(approver, rendition(item), Range="bytes=0-9")
    change_in_place(desk, item, ranges.BLOCK + 5)
    answer, left = approver.get(rendition(item)), b""
    with pytest.raises(Damaged):
        for block in answer.streaming_content:
            left += block
    assert left == LARGE[: ranges.BLOCK]
    assert viewing(item).parts == [[0, ranges.BLOCK]]
    assert approver.get(rendition(item), headers={"Range": f"bytes={ranges.BLOCK}-"}).status_code == 500
    assert decide(approver, item) == 409


def test_control_a_check_once_a_modification_time_shows_it(
    approver: Client, prepare: Callable[..., Item], desk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = prepare()
    read(approver, original(item))
    read(signed_in("cato", "approver"), rendition(item))
    monkeypatch.setattr(Checked, "_block", lambda self, number: os.pread(self._file.fileno(), BLOCK, number * BLOCK))
    change_in_place(desk, item, 10)
    assert b"!!" in read(approver, rendition(item))
    assert decide(approver, item) == 302
