"""Reading what was recorded from Flickr itself (fixtures/flickr, BSD licence beside them)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from publisher.destinations.base import Processing, Visibility
from publisher.destinations.flickr_replies import ApiFault, BadReply, child, count, parse, photo_id, seen_in_info

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
