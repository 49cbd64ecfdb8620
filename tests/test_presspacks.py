"""A press pack as the newsroom opens it: the approved bytes, their words and terms, and who it was made for."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from pressqueue.errors import Forbidden
from pressqueue.models import Disclosure, Entry, Item
from pressqueue.moves import takedown
from publisher.configuration import office_file
from publisher.disclosure import press_packs
from publisher.media.errors import Damaged
from publisher.media.vault import Vault

from support import factories, office_folder, pack_recipients
from support.pack_recipients import ECHO

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]
NOW = factories.NOW
PICTURE = b"the very bytes that are published"
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def office_on_disk(tmp_path: Path, office: object) -> office_file.Office:
    return office_file.load(office_folder.write_office(tmp_path / "office", {}))


@pytest.fixture
def item(office_on_disk: office_file.Office, tmp_path: Path) -> Item:
    source = tmp_path / "rendition"
    source.write_bytes(PICTURE)
    Vault(office_on_disk.media / "renditions").take_in(source)
    return factories.approved(factories.appeal(destinations=["flickr", "gallery"]), PICTURE)


def opened(pack: press_packs.Pack) -> tuple[bytes, dict[str, bytes]]:
    body = pack.file.read()
    pack.file.close()
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        return body, {Path(name).name: archive.read(name) for name in archive.namelist()}


def test_it_holds_the_published_bytes_once_with_words_terms_and_hashes(
    office_on_disk: office_file.Office, item: Item
) -> None:
    pack = press_packs.give_out(factories.author(), item, ECHO, TOMORROW, office=office_on_disk, now=NOW)
    body, files = opened(pack)
    assert sorted(files) == ["alt-text.txt", "caption.txt", "conditions-of-use.txt", "manifest.json", "published-1.jpg"]
    assert files["published-1.jpg"] == PICTURE
    caption = files["caption.txt"].decode()
    assert f"call 101 quoting {item.reference}." in caption
    assert caption.startswith("UNDER EMBARGO until 09:00 on 3 March 2026 (Europe/London).")
    assert "A person in a dark coat" in files["alt-text.txt"].decode()
    terms = files["conditions-of-use.txt"].decode()
    for words in ("For identification only", "Ines Marlow", "UNDER EMBARGO", "publisher@localhost"):
        assert words in terms
    manifest = json.loads(files["manifest.json"])
    assert {each["name"]: each["sha256"] for each in manifest["files"]} == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items() if name != "manifest.json"
    }
    assert manifest["recipient"]["organisation"] == "Northshire Echo"
    assert manifest["package"] == pack.disclosure.digest
    assert pack.disclosure.archive == hashlib.sha256(body).hexdigest()
    assert {each["name"] for each in pack.disclosure.files} == set(files)


def test_it_is_on_record_before_its_first_byte_is_handed_over(office_on_disk: office_file.Office, item: Item) -> None:
    pack = press_packs.give_out(factories.author(), item, ECHO, TOMORROW, office=office_on_disk, now=NOW)
    assert pack.file.tell() == 0
    assert Disclosure.objects.filter(pk=pack.disclosure.pk).exists()
    assert Entry.objects.filter(act="disclosed").count() == 1
    pack.file.close()


def test_every_download_is_a_disclosure_of_its_own(office_on_disk: office_file.Office, item: Item) -> None:
    for recipient in (ECHO, ECHO, pack_recipients.RADIO):
        press_packs.give_out(factories.author(), item, recipient, TOMORROW, office=office_on_disk, now=NOW).file.close()
    assert Disclosure.objects.count() == 3


def test_what_came_down_is_packed_for_nobody(office_on_disk: office_file.Office, item: Item) -> None:
    takedown.withdraw(factories.approver(), item, "identified", now=NOW)
    item.refresh_from_db()
    with pytest.raises(Forbidden, match="came down"):
        press_packs.give_out(factories.author(), item, ECHO, TOMORROW, office=office_on_disk, now=NOW)
    assert not Disclosure.objects.exists()


def test_what_was_approved_past_the_program_is_packed_for_nobody(
    office_on_disk: office_file.Office, item: Item
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pressqueue_approval SET rank = 'chief constable'")
    with pytest.raises(Forbidden, match="was changed by something other than this program"):
        press_packs.give_out(factories.author(), item, ECHO, TOMORROW, office=office_on_disk, now=NOW)
    assert not Disclosure.objects.exists()


def test_what_comes_down_while_it_is_packed_is_handed_to_nobody(
    office_on_disk: office_file.Office, item: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = press_packs._write

    def withdrawn_meanwhile(*arguments: object) -> str:
        takedown.withdraw(factories.approver(), item, "identified", now=NOW)
        return packed(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(press_packs, "_write", withdrawn_meanwhile)
    with pytest.raises(Forbidden, match="came down"):
        press_packs.give_out(factories.author(), item, ECHO, TOMORROW, office=office_on_disk, now=NOW)
    assert not Disclosure.objects.exists()


def test_bytes_that_changed_in_the_vault_are_handed_to_nobody(office_on_disk: office_file.Office, item: Item) -> None:
    place = Vault(office_on_disk.media / "renditions").path(hashlib.sha256(PICTURE).hexdigest())
    place.chmod(0o600)
    place.write_bytes(b"something else")
    with pytest.raises(Damaged):
        press_packs.give_out(factories.author(), item, ECHO, TOMORROW, office=office_on_disk, now=NOW)
    assert not Disclosure.objects.exists()


def test_nothing_is_left_in_the_office_of_a_pack(office_on_disk: office_file.Office, item: Item) -> None:
    before = sorted(office_on_disk.folder.rglob("*"))
    press_packs.give_out(factories.author(), item, ECHO, TOMORROW, office=office_on_disk, now=NOW).file.close()
    assert sorted(office_on_disk.folder.rglob("*")) == before


def test_a_day_that_has_no_number_yet_is_not_packed(office_on_disk: office_file.Office) -> None:
    day = factories.approved(factories.feature(), PICTURE)
    with pytest.raises(Forbidden, match="no day's number yet"):
        press_packs.give_out(factories.author(), day, ECHO, TOMORROW, office=office_on_disk, now=NOW)
