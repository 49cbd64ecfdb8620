"""Reading what was recorded from Flickr itself (fixtures/flickr, BSD licence beside them)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from publisher.destinations.base import Processing, Visibility
from publisher.destinations.flickr.replies import ApiFault, BadReply, child, count, parse, photo_id, seen_in_info

RECORDED = Path(__file__).parent / "fixtures/flickr"
INFO = (RECORDED / "flickr.photos.getInfo.xml").read_bytes()


def test_a_recorded_photo_is_read_whole() -> None:
    seen = seen_in_info(parse(INFO))
    assert (seen.remote_id, seen.title, seen.description) == ("5628095432", "Robot", "Description")
    assert (seen.visibility, seen.processing) == (Visibility.PUBLIC, Processing.DONE)
    assert seen.tags == ("green", "grn", "grngrn")
    assert seen.mark is None
    assert seen.url == "https://www.flickr.com/photos/boncey_test/5628095432/"
    assert seen.uploaded_at == datetime(2011, 4, 17, 16, 28, 3, tzinfo=UTC)


def test_a_recorded_upload_is_read() -> None:
    assert photo_id(parse((RECORDED / "upload.xml").read_bytes())) == "43123716831"


def test_a_recorded_refusal_keeps_its_code() -> None:
    with pytest.raises(ApiFault) as fault:
        parse((RECORDED / "flickr.photos.delete.xml").read_bytes())
    assert fault.value.code == 99


def test_a_recorded_empty_success_is_one() -> None:
    assert list(parse((RECORDED / "flickr.photos.setTags.xml").read_bytes())) == []


def test_recorded_totals_are_numbers() -> None:
    assert count(child(parse((RECORDED / "flickr.people.getPhotos.xml").read_bytes()), "photos"), "total") == 35
    assert count(child(parse((RECORDED / "flickr.photosets.getList.xml").read_bytes()), "photosets"), "total") == 4


@pytest.mark.parametrize(
    ("video", "processing"),
    [
        ("", Processing.PENDING),  # footage without the element yet
        ('<video ready="0" failed="0" pending="1" />', Processing.PENDING),
        ('<video ready="1" failed="0" pending="1" />', Processing.PENDING),
        ('<video ready="1" failed="0" pending="0" />', Processing.DONE),
        ('<video ready="0" failed="1" pending="0" />', Processing.FAILED),
        ('<video ready="1" failed="1" pending="0" />', Processing.FAILED),
        ("<video />", Processing.PENDING),
    ],
)
def test_footage_is_done_only_when_flickr_says_so(video: str, processing: Processing) -> None:
    told = INFO.replace(b'media="photo"', b'media="video"').replace(b"<notes />", video.encode())
    assert seen_in_info(parse(told)).processing is processing


@pytest.mark.parametrize("named", ["<duplicate_photo_id>777</duplicate_photo_id>", ""])
def test_a_duplicate_is_named_or_not(named: str) -> None:
    with pytest.raises(ApiFault) as fault:
        parse(f'<rsp stat="fail"><err code="9" msg="Duplicate" />{named}</rsp>'.encode())
    assert fault.value.duplicate_id == ("777" if named else None)


@pytest.mark.parametrize("entity", ["<!DOCTYPE rsp>", '<!DOCTYPE rsp [<!ENTITY a "b">]>'])
def test_a_document_type_is_refused(entity: str) -> None:
    with pytest.raises(BadReply):
        parse(f'{entity}<rsp stat="ok" />'.encode())


# What somebody typed, as bytes inside the title of a reply -> what is read of it.
TYPED = [
    (b"\x0b", "\ufffd"),  # vertical tab
    (b"\x1b[31m", "\ufffd[31m"),  # escape
    (b"\x07", "\ufffd"),  # bell
    (b"\x00", "\ufffd"),
    (b"&#11;", "\ufffd"),
    (b"&#x1F;", "\ufffd"),
    (b"&#xD800;", "\ufffd"),
    (b"&#xFFFE;", "\ufffd"),
    (b"&#x110000;", "\ufffd"),
    (b"\xed\xa0\x80", "\ufffd\ufffd\ufffd"),  # a lone surrogate
    (b"\xff", "\ufffd"),
    (b"\xef\xbf\xbe", "\ufffd"),  # U+FFFE
    (b"&#9;a&#xe9;&#128512;", "\ta\xe9\U0001f600"),  # what XML allows stays
    ("\u2028".encode(), "\u2028"),
]


@pytest.mark.parametrize(("typed", "read"), TYPED)
def test_a_title_that_no_xml_may_hold_hides_nothing_else(typed: bytes, read: str) -> None:
    seen = seen_in_info(parse(INFO.replace(b">Robot<", b">Robot " + typed + b"<")))
    assert (seen.title, seen.visibility, seen.remote_id) == (f"Robot {read}", Visibility.PUBLIC, "5628095432")
    seen.title.encode()  # may be kept, hashed and shown


def test_no_mark_is_read_out_of_what_was_not_written() -> None:
    told = INFO.replace(b'raw="green"', b'raw="publisher:mark=0123456789abcdef\x010123456789abcdef"')
    assert seen_in_info(parse(told)).mark is None


def test_a_photo_of_another_account_is_not_ours() -> None:
    nsid = parse(INFO).find("photo/owner").get("nsid")  # type: ignore[union-attr]  # INFO has one
    assert nsid
    assert seen_in_info(parse(INFO), nsid).ours
    assert not seen_in_info(parse(INFO), "1@N00").ours
