"""The gallery's folder: one rename from hidden to public, nothing half done in sight."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from publisher.destinations.base import Absent, AlbumKey, Present, Receipt
from publisher.destinations.errors import Later, NotSent, Refused, Stop
from publisher.destinations.folder.gallery import build
from publisher.destinations.net import BadSetting

from support.destination_benches import make_parcel

if TYPE_CHECKING:
    from publisher.destinations.base import Destination

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ALBUM = AlbumKey("withern", "Operation Withern", "Images from the disorder.", "album-5f3a9c")


@pytest.fixture
def gallery(tmp_path: Path) -> Path:
    return tmp_path / "gallery"


@pytest.fixture
def built(gallery: Path) -> Destination:
    from tests.destinations.conftest import make_account

    return build(make_account({"path": str(gallery)}, now=lambda: NOW))


@pytest.fixture
def sent(built: Destination, parcels: Any, journals: Any) -> Receipt:
    return built.send(parcels(), journals())


def seen_by_the_public(gallery: Path) -> list[str]:
    """Every file a web server on ROOT would serve, dotted folders left out."""
    return sorted(
        str(path.relative_to(gallery))
        for path in gallery.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(gallery).parts)
    )


def test_what_is_sent_lies_in_a_hidden_folder(gallery: Path, sent: Receipt) -> None:
    assert seen_by_the_public(gallery) == []
    assert (gallery / ".concealed" / sent.remote_id / "feature.jpg").is_file()
    assert (gallery / ".concealed").stat().st_mode & 0o777 == 0o700


def test_a_reveal_is_one_move_of_the_whole(gallery: Path, built: Destination, sent: Receipt) -> None:
    inode = (gallery / ".concealed" / sent.remote_id).stat().st_ino
    built.reveal(sent, make_parcel(), built.look(sent))
    assert (gallery / "public" / sent.remote_id).stat().st_ino == inode
    assert seen_by_the_public(gallery) == [
        f"public/{sent.remote_id}/about.json",
        f"public/{sent.remote_id}/feature.jpg",
    ]


def test_sending_twice_leaves_one(
    gallery: Path, built: Destination, sent: Receipt, parcels: Any, journals: Any
) -> None:
    assert built.send(parcels(), journals()) == sent
    built.reveal(sent, make_parcel(), built.look(sent))
    assert built.send(parcels(), journals()) == sent
    assert list((gallery / ".concealed").iterdir()) == []


def test_absence_is_certain(built: Destination, parcels: Any, journals: Any) -> None:
    assert built.find(parcels(), journals(), NOW) == Absent(authoritative=True)
    built.send(parcels(), journals())
    assert isinstance(built.find(parcels(), journals(), NOW), Present)


def test_what_broke_off_while_arriving_is_not_there(
    gallery: Path, built: Destination, parcels: Any, journals: Any
) -> None:
    class Breaking:
        def __enter__(self) -> Breaking:
            return self

        def __exit__(self, *_: object) -> None: ...

        def read(self, size: int) -> bytes:
            raise OSError(28, "No space left on device")

    with pytest.raises(NotSent, match="disk space") as refusal:
        built.send(parcels(open_body=Breaking), journals())
    assert refusal.value.stop is Stop.ACCOUNT
    assert refusal.value.retry_at is not None  # nobody connects a folder: it must go on by itself
    assert built.find(parcels(), journals(), NOW) == Absent(authoritative=True)
    assert list((gallery / ".arriving").iterdir()) == []


def test_about_json_tells_what_a_page_needs(gallery: Path, built: Destination, sent: Receipt, parcels: Any) -> None:
    built.apply_metadata(sent, parcels(licence="5"), built.look(sent))
    told = json.loads((gallery / ".concealed" / sent.remote_id / "about.json").read_text("utf-8"))
    assert told["title"] == parcels().title
    assert told["alt_text"] == parcels().alt_text
    assert told["sha256"] == parcels().sha256
    assert (told["licence"], told["comments"], told["uploaded_at"]) == ("5", False, "2026-03-01T12:00:00+00:00")


def test_the_thumbnail_and_captions_lie_beside_the_file(
    gallery: Path, built: Destination, sent: Receipt, parcels: Any, tmp_path: Path
) -> None:
    (tmp_path / "poster.jpg").write_bytes(b"poster")
    (tmp_path / "words.vtt").write_text("WEBVTT\n")
    dressed = parcels(thumbnail=tmp_path / "poster.jpg", captions=(("en-GB", tmp_path / "words.vtt"),))
    built.apply_metadata(sent, dressed, built.look(sent))
    built.apply_metadata(sent, dressed, built.look(sent))
    names = sorted(path.name for path in (gallery / ".concealed" / sent.remote_id).iterdir())
    assert names == ["about.json", "captions.en-GB.vtt", "feature.jpg", "thumbnail.jpg"]


def test_an_evil_file_name_stays_in_the_folder(gallery: Path, built: Destination, parcels: Any, journals: Any) -> None:
    receipt = built.send(parcels(filename="../../.ssh/authorized keys"), journals())
    (kept,) = {path.name for path in (gallery / ".concealed" / receipt.remote_id).iterdir()} - {"about.json"}
    assert kept == "_.._.ssh_authorized_keys"


@pytest.mark.parametrize("remote_id", ["..", "../public", "", "A" * 32, "0" * 31])
def test_an_id_that_is_none_of_ours_touches_nothing(
    gallery: Path, built: Destination, sent: Receipt, remote_id: str
) -> None:
    stranger = Receipt(remote_id, "")
    built.remove(stranger)
    built.conceal(stranger)
    assert not built.look(stranger).exists
    assert built.look(sent).exists


def test_removing_leaves_no_trace(gallery: Path, built: Destination, sent: Receipt) -> None:
    built.reveal(sent, make_parcel(), built.look(sent))
    name = built.file_under(sent, ALBUM)
    built.remove(sent)
    assert [path for path in gallery.rglob("*") if sent.remote_id in path.name] == []
    assert json.loads((gallery / "albums" / f"{name}.json").read_text("utf-8"))["items"] == []


def test_a_removal_that_was_interrupted_is_finished(gallery: Path, built: Destination, sent: Receipt) -> None:
    half = gallery / ".leaving" / f"{sent.remote_id}abc"
    half.mkdir()
    (half / "feature.jpg").write_bytes(b"left over")
    built.remove(sent)
    assert list((gallery / ".leaving").iterdir()) == []


def test_an_album_lists_each_item_once(gallery: Path, built: Destination, sent: Receipt) -> None:
    name = built.file_under(sent, ALBUM)
    assert built.file_under(sent, ALBUM) == name
    album = json.loads((gallery / "albums" / f"{name}.json").read_text("utf-8"))
    assert (album["title"], album["mark"], album["items"]) == (ALBUM.title, ALBUM.mark, [sent.remote_id])


def test_a_file_changed_by_hand_is_seen(gallery: Path, built: Destination, sent: Receipt, parcels: Any) -> None:
    assert built.look(sent).sha256 == parcels().sha256
    (gallery / ".concealed" / sent.remote_id / "feature.jpg").write_bytes(b"another picture")
    assert built.look(sent).sha256 != parcels().sha256


def test_what_is_gone_is_refused_in_words(built: Destination, parcels: Any) -> None:
    gone = Receipt("0" * 32, "")
    steps: list[Callable[[], Any]] = [
        lambda: built.apply_metadata(gone, parcels(), built.look(gone)),
        lambda: built.amend(gone, parcels()),
        lambda: built.file_under(gone, ALBUM),
    ]
    for step in steps:
        with pytest.raises(Refused, match="no longer"):
            step()


def test_it_is_known_by_the_gallery_s_own_name(gallery: Path, built: Destination) -> None:
    name = (gallery / ".account").read_text("ascii")
    assert (built.whoami(), built.limits().account) == (name, f"folder:{name}")


def test_a_disk_that_fails_is_later_and_stops_the_account(gallery: Path, built: Destination, sent: Receipt) -> None:
    (gallery / "public").rmdir()
    with pytest.raises(Later) as refusal:
        built.reveal(sent, make_parcel(), built.look(sent))
    assert refusal.value.stop is Stop.ACCOUNT
    assert refusal.value.retry_at is not None  # nobody connects a folder: it must go on by itself


def test_addresses_are_those_of_the_web_server(gallery: Path, parcels: Any, journals: Any) -> None:
    from tests.destinations.conftest import make_account

    options = {"path": str(gallery), "base_url": "https://www.example.police.uk/gallery/"}
    receipt = build(make_account(options)).send(parcels(), journals())
    assert receipt.url == f"https://www.example.police.uk/gallery/{parcels().mark}/"
    assert receipt.media_urls == (f"{receipt.url}feature.jpg",)


def test_the_listing_is_newest_first_and_ends_before_its_end(gallery: Path, parcels: Any, journals: Any) -> None:
    from publisher.destinations.base import Window
    from tests.destinations.conftest import make_account

    for minute, mark in enumerate(("a" * 32, "b" * 32, "c" * 32)):
        moment = NOW + timedelta(minutes=minute)
        build(make_account({"path": str(gallery)}, now=lambda at=moment: at)).send(parcels(mark=mark), journals())
    built = build(make_account({"path": str(gallery)}))
    listed = [seen.remote_id[0] for seen in built.listing(Window(NOW, NOW + timedelta(minutes=2)))]
    assert listed == ["b", "a"]


@pytest.mark.parametrize("path", ["", "gallery", "./gallery"])
def test_a_relative_path_is_refused(path: str) -> None:
    from tests.destinations.conftest import make_account

    with pytest.raises(BadSetting, match="absolute"):
        build(make_account({"path": path}))


def test_a_path_that_is_a_file_is_refused(tmp_path: Path) -> None:
    from tests.destinations.conftest import make_account

    (tmp_path / "file").write_text("")
    with pytest.raises(BadSetting, match="cannot be used"):
        build(make_account({"path": str(tmp_path / "file")}))


def test_what_is_public_can_be_read_by_a_web_server_whatever_the_umask(
    gallery: Path, parcels: Any, journals: Any
) -> None:
    from tests.destinations.conftest import make_account

    before = os.umask(0o077)
    try:
        built = build(make_account({"path": str(gallery)}))
        receipt = built.send(parcels(), journals())
        built.reveal(receipt, make_parcel(), built.look(receipt))
    finally:
        os.umask(before)
    # A web server is another user: it must be able to enter and read what is public.
    assert (gallery / "public" / receipt.remote_id).stat().st_mode & 0o055 == 0o055
    assert (gallery / "public" / receipt.remote_id / "feature.jpg").stat().st_mode & 0o044 == 0o044
