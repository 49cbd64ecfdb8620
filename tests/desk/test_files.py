"""Exact bytes, in whole and in parts, to officers only."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from django.test import Client
from PIL import Image

from pressqueue.models import Item, Notice
from publisher.configuration.office_file import Office
from publisher.desk import ranges

from support import factories
from support.desk_officers import keep, picture

Reviewed = Callable[..., Item]
BODY = bytes(range(256)) * 40  # 10,240 bytes, none like its neighbour


def body_of(answer: object) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def rendition(item: Item) -> str:
    return f"/items/{item.reference}/renditions/{item.renditions.get().sha256}/"


def test_the_bytes_are_those_that_will_be_published(approver: Client, reviewed: Reviewed) -> None:
    content = picture("maroon")
    item = reviewed(content=content)
    answer = approver.get(rendition(item))
    assert body_of(answer) == content
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Length"] == str(len(content))
    assert answer["Content-Disposition"] == 'inline; filename="POD-0001.jpg"'
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["ETag"] == f'"{item.renditions.get().sha256}"'


def test_nobody_gets_a_picture_without_signing_in(reviewed: Reviewed) -> None:
    item = reviewed()
    for address in (rendition(item), rendition(item) + "small/", f"/items/{item.reference}/original/"):
        answer = Client().get(address)
        assert answer.status_code == 302
        assert body_of(answer) == b""


def test_a_rendition_is_given_out_under_its_own_item_only(approver: Client, reviewed: Reviewed) -> None:
    mine, other = reviewed(content=picture("red")), reviewed(content=picture("blue"))
    address = rendition(mine).replace(mine.reference, other.reference)
    assert approver.get(address).status_code == 404
    assert approver.get(f"/items/{mine.reference}/renditions/{'0' * 64}/").status_code == 404
    assert approver.get(f"/items/{mine.reference}/renditions/..%2F..%2Fsecrets.toml/").status_code == 404


# What is asked for of 1,000 bytes, and the first and last byte that answer it. RFC 9110, section 14.1.2.
RANGES = [
    ("bytes=0-0", (0, 0)),
    ("bytes=0-", (0, 999)),
    ("bytes=200-499", (200, 499)),
    ("bytes=900-2000", (900, 999)),  # more than there is
    ("bytes=-100", (900, 999)),  # the last hundred
    ("bytes=-5000", (0, 999)),
    ("bytes=-", None),
    ("bytes=5-2", None),  # no range: the whole
    ("bytes=0-1,5-9", None),  # several: the whole is a right answer
    ("pages=1-2", None),
    ("", None),
]


@pytest.mark.parametrize(("asked", "answered"), RANGES)
def test_what_part_is_meant(asked: str, answered: tuple[int, int] | None) -> None:
    assert ranges.wanted(asked, 1000) == answered


@pytest.mark.parametrize("asked", ["bytes=1000-", "bytes=5000-6000", "bytes=-0"])
def test_a_part_outside_the_file_is_refused(asked: str) -> None:
    with pytest.raises(ranges.Unsatisfiable):
        ranges.wanted(asked, 1000)


@pytest.mark.parametrize(("asked", "first", "last"), [("bytes=100-299", 100, 299), ("bytes=-10", 10230, 10239)])
def test_a_player_gets_the_part_it_asks_for(
    approver: Client, reviewed: Reviewed, asked: str, first: int, last: int
) -> None:
    answer = approver.get(rendition(reviewed(content=BODY)), headers={"Range": asked})
    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes {first}-{last}/10240"
    assert answer["Content-Length"] == str(last - first + 1)
    assert body_of(answer) == BODY[first : last + 1]


def test_a_part_that_is_not_there_is_answered_with_the_size(approver: Client, reviewed: Reviewed) -> None:
    answer = approver.get(rendition(reviewed(content=BODY)), headers={"Range": "bytes=20000-"})
    assert answer.status_code == 416
    assert answer["Content-Range"] == "bytes */10240"


def test_a_part_of_other_bytes_is_never_mixed_in(approver: Client, reviewed: Reviewed) -> None:
    asked = {"Range": "bytes=0-9", "If-Range": '"another version"'}
    answer = approver.get(rendition(reviewed(content=BODY)), headers=asked)
    assert answer.status_code == 200
    assert body_of(answer) == BODY


def test_a_file_larger_than_one_block_comes_whole(approver: Client, reviewed: Reviewed) -> None:
    large = BODY * 60
    assert len(large) > 2 * ranges.BLOCK
    assert body_of(approver.get(rendition(reviewed(content=large)))) == large


def test_damaged_bytes_are_not_shown_and_somebody_is_told(approver: Client, reviewed: Reviewed, desk: Office) -> None:
    item = reviewed(content=BODY)
    sha256 = item.renditions.get().sha256
    stored = desk.media / "renditions" / sha256[:2] / sha256
    stored.chmod(0o600)
    stored.write_bytes(BODY[:-1] + b"!")
    answer = approver.get(rendition(item))
    assert answer.status_code == 500
    assert "no longer what was taken in" in answer.content.decode()
    assert Notice.objects.get(cause=f"damaged:{sha256}").reference == item.reference


def test_a_missing_file_is_said_to_be_missing(approver: Client, reviewed: Reviewed, desk: Office) -> None:
    item = reviewed(content=BODY)
    sha256 = item.renditions.get().sha256
    (desk.media / "renditions" / sha256[:2] / sha256).unlink()
    answer = approver.get(rendition(item))
    assert answer.status_code == 500
    assert "Restore it from the backup" in answer.content.decode()


def test_a_list_shows_a_small_picture(approver: Client, reviewed: Reviewed) -> None:
    answer = approver.get(rendition(reviewed(content=picture(size=(2000, 1000)))) + "small/")
    assert Image.open(io.BytesIO(answer.content)).size == (480, 240)
    assert answer["Cache-Control"] == "no-store"


def test_the_original_can_be_compared_and_is_named_by_our_reference(approver: Client, desk: Office) -> None:
    content = picture("navy")
    keep(desk, content, "originals")
    item = factories.feature(original=factories.original(content))
    answer = approver.get(f"/items/{item.reference}/original/")
    assert body_of(answer) == content
    assert answer["Content-Disposition"] == 'inline; filename="POD-0001-original.jpg"'


def test_what_a_browser_might_run_is_handed_over_as_a_download(approver: Client, desk: Office) -> None:
    content = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    keep(desk, content, "originals")
    original = factories.original(content)
    type(original).objects.update(media_type="image/svg+xml")
    item = factories.feature(original=original)
    answer = approver.get(f"/items/{item.reference}/original/")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment;")
    answer.close()
