"""The bodies YouTube is sent, and the limits they keep."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from publisher.destinations.base import AlbumKey, Parcel, Visibility
from publisher.destinations.errors import Refused
from publisher.destinations.youtube.texts import (
    all_tags,
    changed_snippet,
    changed_status,
    check_texts,
    insert_body,
    mark_of,
    playlist_body,
    tags_length,
)

PARCEL = Parcel(
    mark="0123456789abcdef" * 2,
    kind="appeal",
    title="Do you know this man? WTN-0123",
    description="Wanted in connection with a theft.",
    alt_text="A man in a blue coat",
    tags=("appeal", "west midlands"),
    filename="wtn-0123.mp4",
    media_type="video/mp4",
    size=3,
    sha256="ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    open_body=lambda: io.BytesIO(b"abc"),
)


def test_an_insert_always_says_private() -> None:
    assert insert_body(PARCEL)["status"]["privacyStatus"] == "private"


def test_an_insert_of_a_public_parcel_still_says_private() -> None:
    body = insert_body(replace(PARCEL, visibility=Visibility.PUBLIC))
    assert body["status"]["privacyStatus"] == "private"


def test_an_insert_says_whether_it_is_made_for_children() -> None:
    assert insert_body(PARCEL)["status"]["selfDeclaredMadeForKids"] is False


def test_an_insert_names_a_category() -> None:
    assert insert_body(PARCEL)["snippet"]["categoryId"] == "25"


def test_an_insert_schedules_nothing_and_tells_no_place() -> None:
    body = insert_body(PARCEL)
    assert "publishAt" not in body["status"]
    assert "recordingDetails" not in body


def test_the_mark_travels_in_the_tags_and_is_read_again() -> None:
    assert mark_of(insert_body(PARCEL)["snippet"]["tags"]) == PARCEL.mark
    assert mark_of(["Publisher:Mark=" + PARCEL.mark.upper()]) == PARCEL.mark
    assert mark_of(["appeal", "publisher"]) is None


def test_tags_are_a_list_without_empty_ones() -> None:
    # An empty string among the tags is answered with 400 invalidTags.
    assert all_tags(replace(PARCEL, tags=("", " ", "cctv", "cctv"))) == [
        "cctv",
        "publisher:mark=" + PARCEL.mark,
    ]


@pytest.mark.parametrize(
    ("tags", "length"),
    [
        ((), 0),
        (("abc",), 3),
        (("abc", "de"), 6),  # 3 + comma + 2
        (("a b",), 5),  # 3 + two quotes
        (("a b", "c d", "e"), 13),  # 5 + comma + 5 + comma + 1
    ],
)
def test_tags_are_counted_as_youtube_counts_them(tags: tuple[str, ...], length: int) -> None:
    assert tags_length(tags) == length


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"title": "x" * 101}, "title"),
        ({"title": "  "}, "title"),
        ({"title": "Man < 30"}, "title"),
        ({"description": "a > b"}, "description"),
        ({"description": "x" * 5001}, "description"),
        ({"tags": ("x" * 453,)}, "tags"),
    ],
)
def test_a_text_over_the_limit_is_refused_by_name(change: dict[str, object], word: str) -> None:
    with pytest.raises(Refused, match=word):
        check_texts(replace(PARCEL, **change))  # type: ignore[arg-type]


def test_texts_at_the_limit_are_taken() -> None:
    at_the_limit = replace(PARCEL, title="x" * 100, description="y" * 5000, tags=("x" * 452,))
    check_texts(at_the_limit)
    with pytest.raises(Refused):
        check_texts(replace(at_the_limit, title="x" * 101))


def test_a_description_is_measured_in_bytes() -> None:
    # 1,700 characters of three bytes each are over 5,000.
    with pytest.raises(Refused, match="5100 bytes"):
        check_texts(replace(PARCEL, description="€" * 1700))


def test_a_changed_visibility_keeps_every_other_setting() -> None:
    read = {
        "uploadStatus": "processed",
        "privacyStatus": "private",
        "publishAt": "2026-12-01T08:00:00Z",
        "license": "creativeCommon",
        "embeddable": False,
        "publicStatsViewable": False,
        "madeForKids": True,
        "selfDeclaredMadeForKids": True,
        "containsSyntheticMedia": True,
    }
    assert changed_status(read, Visibility.PUBLIC) == {
        "privacyStatus": "public",
        "license": "creativeCommon",
        "embeddable": False,
        "publicStatsViewable": False,
        "selfDeclaredMadeForKids": True,
        "containsSyntheticMedia": True,
    }


def test_an_amendment_keeps_category_and_language() -> None:
    read = {
        "title": "Old",
        "description": "Old",
        "tags": ["old"],
        "categoryId": "29",
        "defaultLanguage": "cy",
        "channelId": "UC1",
        "publishedAt": "2026-11-23T08:00:00Z",
    }
    assert changed_snippet(read, PARCEL) == {
        "title": PARCEL.title,
        "description": PARCEL.description,
        "tags": all_tags(PARCEL),
        "categoryId": "29",
        "defaultLanguage": "cy",
    }


def test_a_playlist_carries_its_mark_once() -> None:
    album = AlbumKey("op", "Operation Example", "Gallery.", "ab" * 16)
    described = playlist_body(album)["snippet"]["description"]
    assert described == "Gallery.\n\npublisher:album=" + "ab" * 16
    again = playlist_body(replace(album, description=described))["snippet"]["description"]
    assert again == described
