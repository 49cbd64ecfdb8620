"""The approved bytes and words of one Post, as a destination takes them, and what a destination would not take."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

import pytest

from pressqueue import packages
from pressqueue.models import Item, Post
from pressqueue.moves import leases
from publisher.destinations.base import Limits, Visibility
from publisher.media.errors import BadMedia
from publisher.media.pieces import Checked
from publisher.media.vault import Vault
from publisher.publishing import parcels

from support import factories
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")
LEASE = timedelta(minutes=5)
BODY = b"\xff\xd8 what two people approved"
PLAIN = Limits(media_types=("image/jpeg",), max_bytes={"image/jpeg": 100})


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    made = Vault(tmp_path / "renditions")
    (tmp_path / "file").write_bytes(BODY)
    made.take_in(tmp_path / "file")
    return made


def taken(item: Item) -> Post:
    mine = leases.take(factories.posted(factories.approved(item, BODY)), "w1", LEASE, now=NOW)
    assert mine is not None
    return mine


def opened(file: Checked) -> BinaryIO:
    return io.BytesIO(file.read())


def test_a_parcel_holds_what_was_approved_with_its_placeholders_filled(vault: Vault) -> None:
    post = taken(factories.appeal(tags=["appeal", "{reference}"]))
    parcel = parcels.pack(post, vault, opened)
    reference = post.item.reference
    assert parcel.title == f"Do you know this person? {reference}"
    assert parcel.description == (
        f"{factories.CAPTION.replace('{reference}', reference)}\n\n"
        "Image description: A person in a dark coat, seen from behind."
    )
    assert parcel.tags == ("appeal", reference)
    assert (parcel.kind, parcel.licence, parcel.comments) == ("appeal", "0", False)
    assert (parcel.mark, parcel.visibility) == (post.mark, Visibility.PUBLIC)
    assert (parcel.media_type, parcel.size) == ("image/jpeg", len(BODY))


def test_where_the_platform_has_a_field_for_it_the_alternative_text_is_not_said_twice(vault: Vault) -> None:
    item = factories.approved(factories.appeal(destinations=["gallery"]), BODY, alt_text_fields=["gallery"])
    post = factories.posted(item, conceals={"gallery": True})
    mine = leases.take(post, "w1", LEASE, now=NOW)
    assert mine is not None
    parcel = parcels.pack(mine, vault, opened)
    assert parcel.description == factories.CAPTION.replace("{reference}", item.reference)
    assert parcel.alt_text == "A person in a dark coat, seen from behind."


def test_a_package_says_so_only_where_it_is_so_and_keeps_its_digest_elsewhere() -> None:
    item = factories.in_review(factories.appeal(destinations=["flickr", "gallery"]), BODY, alt_text_fields=["gallery"])
    assert item.package is not None
    files = packages.content_of(item.package)["files"]
    assert ("alt_text_field" in files["flickr"], files["gallery"]["alt_text_field"]) == (False, True)
    assert packages.still_describes(item.package, item)


def test_the_file_is_named_by_its_reference_and_never_by_what_the_evidence_was_called(vault: Vault) -> None:
    post = taken(factories.appeal())
    assert post.item.original.filename == "IMG_0001.jpg"
    assert parcels.pack(post, vault, opened).filename == f"{post.item.reference.lower()}.jpg"


def test_the_body_is_opened_afresh_each_time(vault: Vault) -> None:
    parcel = parcels.pack(taken(factories.appeal()), vault, opened)
    for _ in range(2):
        with parcel.open_body() as body:
            assert body.read() == BODY


def test_the_words_are_the_packages_whatever_became_of_the_item(vault: Vault) -> None:
    post = taken(factories.appeal())
    Item.objects.update(alt_text="Another person", title="Another title")
    parcel = parcels.pack(Post.objects.get(pk=post.pk), vault, opened)
    assert parcel.alt_text == "A person in a dark coat, seen from behind."
    assert "Another" not in parcel.title + parcel.description


def test_bytes_that_changed_in_the_store_are_not_handed_over(vault: Vault) -> None:
    post = taken(factories.appeal())
    (file,) = (each for each in vault.root.rglob("*") if each.is_file())
    file.chmod(0o600)
    file.write_bytes(BODY.replace(b"two", b"six"))
    with pytest.raises(BadMedia):
        parcels.pack(post, vault, opened)


def test_bytes_that_are_gone_from_the_store_are_named_as_such(vault: Vault) -> None:
    post = taken(factories.appeal())
    (file,) = (each for each in vault.root.rglob("*") if each.is_file())
    file.unlink()
    with pytest.raises(BadMedia):
        parcels.pack(post, vault, opened)


# title, description, tags, limits -> what is said; each at the limit and one beyond it
WORDS = [
    ("t" * 100, "d", (), {"title_chars": 100}, []),
    ("t" * 101, "d", (), {"title_chars": 100}, ["The title has 101 characters; Here takes 100."]),
    ("t", "d" * 65, (), {"description_chars": 65}, []),
    ("t", "d" * 66, (), {"description_chars": 65}, ["The caption is too long for Here: 66 of 65."]),
    # "é" is two bytes in UTF-8: 10 characters, 20 bytes
    ("t", "é" * 10, (), {"description_bytes": 20}, []),
    ("t", "é" * 10, (), {"description_bytes": 19}, ["The caption is too long for Here: 20 bytes of 19."]),
    ("a < b", "d", (), {"forbidden_in_text": "<>"}, ["Here takes no “<” in title or caption."]),
    ("t", "a > b", (), {"forbidden_in_text": "<>"}, ["Here takes no “>” in title or caption."]),
    ("t", "d", ("a", "b"), {"tags_count": 2}, []),
    ("t", "d", ("a", "b", "c"), {"tags_count": 2}, ["There are 3 tags; Here takes 2 besides our own mark."]),
    # abc,de is 3 + 2 + 1 comma = 6; "a c" in its two quotes is 5, de 2, the comma 1: 8
    ("t", "d", ("abc", "de"), {"tags_chars": 6}, []),
    ("t", "d", ("a c", "de"), {"tags_chars": 8}, []),
    ("t", "d", ("a c", "de"), {"tags_chars": 7}, ["The tags are too long for Here: 8 of 7 characters."]),
    ("t" * 1000, "d" * 10**5, ("x" * 99,) * 99, {}, []),
    ("<" * 3, "d" * 3, ("a", "b"), {"title_chars": 2, "forbidden_in_text": "<", "tags_count": 1}, [
        "The title has 3 characters; Here takes 2.",
        "Here takes no “<” in title or caption.",
        "There are 2 tags; Here takes 1 besides our own mark.",
    ]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("alt_text", "said"), [("A dog.", []), ("A <", ["Here takes no “<” in the alternative text."])]
)
def test_no_field_of_its_own_takes_what_the_platform_does_not(alt_text: str, said: list[str]) -> None:
    limits = replace(PLAIN, forbidden_in_text="<>", alt_text_field=True)
    assert parcels.text_faults("t", "d", (), limits, "here", alt_text) == said


@pytest.mark.parametrize(("title", "description", "tags", "limits", "said"), WORDS)
def test_words_are_held_against_every_limit(
    title: str, description: str, tags: tuple[str, ...], limits: dict[str, object], said: list[str]
) -> None:
    held = Limits(media_types=(), max_bytes={}, **limits)  # type: ignore[arg-type]
    assert parcels.text_faults(title, description, tags, held, "here") == said


def test_placeholders_count_as_long_as_they_can_become() -> None:
    item = factories.feature(title="Day {day} - {reference}", tags=["{reference}"])
    filled = len(f"Day 99999 - {item.reference}")
    for most, faults in ((filled, 0), (filled - 1, 1)):
        limits = Limits(media_types=("image/jpeg",), max_bytes={}, title_chars=most)
        assert len(parcels.faults(item, "image/jpeg", 1, limits, "flickr")) == faults
    tight = Limits(media_types=("image/jpeg",), max_bytes={}, tags_chars=len(item.reference) - 1)
    assert parcels.faults(item, "image/jpeg", 1, tight, "flickr") == [
        f"The tags are too long for Flickr: {len(item.reference)} of {len(item.reference) - 1} characters."
    ]


def test_in_a_field_of_its_own_the_alternative_text_counts_by_itself() -> None:
    item = factories.appeal()
    fits = replace(PLAIN, alt_text_field=True, description_chars=len(item.caption), alt_text_chars=len(item.alt_text))
    assert parcels.faults(item, "image/jpeg", 1, fits, "gallery") == []
    tight = replace(fits, alt_text_chars=len(item.alt_text) - 1)
    assert parcels.faults(item, "image/jpeg", 1, tight, "gallery") == [
        f"The alternative text is too long for Gallery: {len(item.alt_text)} of {len(item.alt_text) - 1}."
    ]


def test_an_amendment_is_measured_as_its_text_was_approved_to_stand() -> None:
    """A platform that has gained the field meanwhile still shows the text below the caption."""
    old = factories.in_review(factories.appeal(destinations=["gallery"]), BODY)
    new = factories.in_review(factories.appeal(destinations=["gallery"]), BODY, alt_text_fields=["gallery"])
    today = replace(PLAIN, alt_text_field=True, description_chars=len(old.caption))
    found = [parcels.faults(each, "image/jpeg", 1, parcels.as_approved(today, each, "gallery"), "gallery")
             for each in (old, new)]  # fmt: skip
    assert [bool(each) for each in found] == [True, False]
    assert found[0][0].startswith("The caption is too long for Gallery")


def test_the_description_of_the_picture_counts_towards_the_caption() -> None:
    item = factories.feature(caption="c" * 10, alt_text="a" * 10)
    whole = len(parcels.description_of(item.caption, item.alt_text))
    limits = Limits(media_types=("image/jpeg",), max_bytes={}, description_chars=whole - 1)
    assert parcels.faults(item, "image/jpeg", 1, limits, "flickr") == [
        f"The caption is too long for Flickr: {whole} of {whole - 1}."
    ]


@pytest.mark.parametrize(
    ("media_type", "size", "said"),
    [
        ("image/jpeg", 100, []),
        ("image/jpeg", 101, ["The file has 101 bytes; Flickr takes 100."]),
        ("video/mp4", 1, ["Flickr does not take video files."]),
    ],
)
def test_files_are_held_against_kind_and_size(media_type: str, size: int, said: list[str]) -> None:
    assert parcels.faults(factories.feature(), media_type, size, PLAIN, "flickr") == said


STRICT = Limits(
    media_types=("image/jpeg",), max_bytes={"image/jpeg": 100}, forbidden_in_text="<>", own_tags=("publisher:mark=",)
)


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("<3", "YouTube takes no “<” in a tag: change the tag “<3”."),
        ("a>b", "YouTube takes no “>” in a tag: change the tag “a>b”."),
        ("publisher:mark=00", "The tag “publisher:mark=00” would be mistaken for the publisher's own mark: remove it."),
        ('Publisher: "MARK"=00', "would be mistaken for the publisher's own mark"),
    ],
)
def test_a_tag_is_refused_by_the_rule_it_breaks(tag: str, words: str) -> None:
    (said,) = parcels.text_faults("Title", "Text", (tag,), STRICT, "youtube")
    assert words in said
    assert parcels.text_faults("Title", "Text", (tag,), PLAIN, "gallery") == []


@pytest.mark.parametrize("tag", ["police dog", "heddlu", "publisher", "mark=1", "“3”"])
def test_an_ordinary_tag_is_taken(tag: str) -> None:
    assert parcels.text_faults("Title", "Text", (tag,), STRICT, "youtube") == []


@pytest.mark.parametrize("comments", [True, False])
def test_a_reveal_is_told_who_may_comment_as_it_was_approved(comments: bool) -> None:
    post = factories.posted(factories.approved(factories.feature(comments=comments)))
    parcel = parcels.sought(post)
    assert (parcel.kind, parcel.comments, parcel.visibility) == ("feature", comments, Visibility.PUBLIC)
    with pytest.raises(ValueError, match="not sent"):
        parcel.open_body()
