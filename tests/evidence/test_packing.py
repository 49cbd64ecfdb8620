"""The evidence pack: what is in it, that it is the same for the same state, and that no byte of it can be changed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pressqueue.actors import Actor
from pressqueue.errors import Forbidden
from pressqueue.models import Entry, EntryText, Item
from pressqueue.moves import amendments, items, leases, posts, takedown
from publisher import verifier
from publisher.evidence import anchors, gathering, packing, summary
from publisher.evidence.keys import EvidenceRefused
from publisher.media.vault import Vault

from support import anchored_office, factories, pack_recipients
from support.anchored_office import NOW, Notary

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]
DOCS = Path(verifier.__file__).parents[1] / "docs" / "evidence.md"
LEASE = timedelta(seconds=60)
PICTURE, RENDITION = b"the exhibit as received", b"the very bytes that were published"


@pytest.fixture
def notarised(tmp_path: Path) -> Notary:
    return anchored_office.opened(tmp_path)


@pytest.fixture
def public(notarised: Notary) -> Path:
    return notarised.key()


def stored(notarised: Notary, vault: str, body: bytes) -> None:
    file = notarised.handed / "body"
    file.write_bytes(body)
    Vault(notarised.office.media / vault).take_in(file)
    file.unlink()


@pytest.fixture
def appealed(notarised: Notary, public: Path) -> Item:
    """An appeal that was live for two days and came down, with other cases before, between and after it."""
    notarised.day()
    stored(notarised, "originals", PICTURE)
    stored(notarised, "renditions", RENDITION)
    item = factories.approved(
        factories.appeal(original=factories.original(PICTURE), title="Łukasz, Zoë or Дмитрий? {reference}"), RENDITION
    )
    post = leases.take(factories.posted(item), "w1", LEASE, now=NOW)
    assert post is not None
    at = NOW + timedelta(seconds=7)
    post = posts.sent(
        post, post.fence, remote_id="r1", url="https://example.org/r1", media_urls=["https://m/1"], now=at
    )
    post = posts.begin_reveal(post, post.fence, needs_attestation=False, now=at)
    posts.seen(post, post.fence, now=NOW + timedelta(seconds=11))
    notarised.day()
    factories.appeal()
    takedown.withdraw(factories.approver(), item, "eliminated", now=NOW + timedelta(days=2))
    post.refresh_from_db()
    going = leases.take(post, "w2", LEASE, now=NOW + timedelta(days=2, seconds=1)) or leases.pick_up(
        post, "w2", LEASE, now=NOW + timedelta(days=2, seconds=1)
    )
    assert going is not None
    posts.gone(going, going.fence, now=NOW + timedelta(days=2, seconds=5))
    notarised.day()
    item.refresh_from_db()
    return item


def packed(notarised: Notary, item: Item, name: str = "WTN-0001.zip", **options: object) -> Path:
    file = notarised.handed / name
    order = packing.Order(file, why="Asked for by the defence", recipient="Ashe & Co", **options)  # type: ignore[arg-type]
    packing.pack(notarised.office, item, order, notarised.chief, notarised.now)
    return file


def held(file: Path, *public: Path) -> verifier.Report:
    return verifier.verify_pack(file, verifier.read_keys(public))


def record_of(file: Path) -> dict[str, Any]:
    with zipfile.ZipFile(file) as archive:
        return dict(json.loads(archive.read("record.json")))


def test_it_holds_what_was_published_approved_and_seen(notarised: Notary, public: Path, appealed: Item) -> None:
    file = packed(notarised, appealed)
    assert held(file, public).sealed > 0
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        (published,) = [name for name in names if name.startswith("published/")]
        assert archive.read(published) == RENDITION
        (package,) = [name for name in names if name.startswith("packages/")]
        assert not any(name.startswith("originals/") for name in names)
        record = json.loads(archive.read("record.json"))
        shown = [json.loads(line) for line in archive.read("audit.jsonl").splitlines()]
    (post,) = record["posts"]
    assert (post["live_from"], post["live_to"]) == (
        "2026-03-02T09:00:11.000000+00:00", "2026-03-04T09:00:05.000000+00:00"
    )  # fmt: skip
    assert [each["answer"] for each in post["read_backs"]] == ["post_sent", "post_seen", "post_gone"]
    assert (post["url"], post["caption"][-len(appealed.reference) - 1 : -1]) == (
        "https://example.org/r1", appealed.reference
    )  # fmt: skip
    (approval,) = record["packages"][0]["approvals"]
    assert (approval["by"]["account"], approval["digest"]) == ("bran", record["packages"][0]["digest"])
    assert package == f"packages/{approval['digest']}.json"
    assert record["exhibit"]["sha256"] == appealed.original_id
    assert record["record"]["exhibit"] == "NSP/1"
    acts = [line["act"] for line in shown if "act" in line]
    assert {"item_added", "approved", "post_seen", "item_withdraw", "post_gone"} <= set(acts)
    assert acts.count("item_added") == 1, "another case's line stands there open"
    assert "Rufus" not in json.dumps(shown), "another case's words are in it"


def test_what_the_log_says_of_another_case_of_the_same_person_is_not_in_it(notarised: Notary) -> None:
    campaign = factories.operation()
    shared, other = factories.person(campaign), factories.person(campaign)
    item = factories.appeal(campaign, subjects=[shared], original=factories.original(b"one"))
    second = factories.appeal(campaign, subjects=[shared, other], original=factories.original(b"another"))
    assert Entry.objects.filter(act="subjects_linked", about__contains=f'"item":{second.pk},').exists()
    acts = [(entry.act, json.loads(entry.about)) for entry in gathering.entries_of(item, 10**9)]
    assert "item_added" in {act for act, _ in acts}
    assert [about for _, about in acts if about.get("item") == second.pk] == []


def test_it_tells_which_words_stood_there_until_when(notarised: Notary, public: Path) -> None:
    stored(notarised, "originals", PICTURE)
    stored(notarised, "renditions", RENDITION)
    item = factories.approved(factories.appeal(original=factories.original(PICTURE)), RENDITION)
    post = pack_recipients.live(item)
    later, title = NOW + timedelta(days=1), "Can you help us find this person? {reference}"
    drafted = amendments.amend(factories.author(), item, "The first was unclear.", title=title, now=later)
    factories.verify(factories.investigator(), item, drafted.package.digest, now=later)
    amendments.approve_amendment(
        factories.approver(), item, drafted.package.digest, deciding=factories.viewed(item, now=later), now=later
    )
    mine = leases.pick_up(post, "w1", LEASE, now=later + timedelta(seconds=3))
    assert mine is not None
    amendments.amended(mine, mine.fence, title=title, caption=item.caption, now=later + timedelta(seconds=5))
    notarised.day()
    file = packed(notarised, item)
    assert held(file, public).sealed > 0
    record = record_of(file)
    first, second = record["packages"]
    assert (first["title"], second["title"]) == ("Do you know this person? {reference}", title)
    assert (first["amends"], second["amends"]) == ("", first["digest"])
    (amendment,) = record["amendments"]
    assert (amendment["reason"], amendment["state"]) == ("The first was unclear.", "written")
    (one,) = record["posts"]
    assert (one["read_backs"][-1]["answer"], one["read_backs"][-1]["at"]) == (
        "post_amended", "2026-03-03T09:00:05.000000+00:00"
    )  # fmt: skip
    with zipfile.ZipFile(file) as archive:
        summary = next(name for name in archive.namelist() if name.endswith(".pdf"))
        assert archive.read(summary).startswith(b"%PDF")


def test_making_one_is_a_line_with_its_hash_its_reason_and_who_received_it(
    notarised: Notary, public: Path, appealed: Item
) -> None:
    file = packed(notarised, appealed)
    entry = Entry.objects.get(act="evidence_packed")
    assert json.loads(entry.about)["pack"] == verifier.hashlib.sha256(file.read_bytes()).hexdigest()
    assert json.loads(EntryText.objects.get(number=entry.number).text)["text"] == (
        "For Ashe & Co: Asked for by the defence"
    )  # fmt: skip
    (recipient,) = record_of(packed(notarised, appealed, "second.zip"))["recipients"]
    assert recipient["words"] == "For Ashe & Co: Asked for by the defence"


def test_the_same_state_gives_the_same_bytes(notarised: Notary, public: Path, appealed: Item, tmp_path: Path) -> None:
    anchors.make(notarised.office, notarised.now)
    made = []
    for name in ("first", "second"):
        room, file = tmp_path / name, tmp_path / f"{name}.zip"
        room.mkdir()
        members = packing.build(notarised.office, appealed, room, originals=True)
        with file.open("w+b") as target:
            packing.write(notarised.office, members, target)
        made.append(file.read_bytes())
    assert made[0] == made[1]


def test_the_exhibit_itself_only_where_it_was_asked_for(notarised: Notary, public: Path, appealed: Item) -> None:
    file = packed(notarised, appealed, originals=True)
    with zipfile.ZipFile(file) as archive:
        assert archive.read(f"originals/{appealed.original_id}.jpg") == PICTURE
    assert json.loads(Entry.objects.get(act="evidence_packed").about)["originals"] == 1


def spoilt(file: Path, place: int) -> Path:
    body = bytearray(file.read_bytes())
    body[place] ^= 1
    changed = file.with_name("spoilt.zip")
    changed.write_bytes(body)
    return changed


def test_one_byte_changed_anywhere_fails(notarised: Notary, public: Path, appealed: Item) -> None:
    file = packed(notarised, appealed, originals=True)
    held(file, public)  # the control
    places: dict[str, int] = {}
    inside: set[int] = set()
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            with archive.open(info) as member:
                start = member._orig_compress_start  # type: ignore[attr-defined]
            places[info.filename] = start + info.file_size // 2
            inside |= set(range(start, start + info.file_size))
    assert {verifier.SUMS, verifier.SIGNATURE, "summary.pdf", "record.json", "audit.jsonl"} < set(places)
    for name, place in places.items():
        with pytest.raises(verifier.Failed):
            held(spoilt(file, place), public)
            pytest.fail(f"{name} was changed and the pack held")
    between = sorted(set(range(file.stat().st_size)) - inside)  # the archive's own bytes
    for place in between[::23]:
        with pytest.raises(verifier.Failed):
            held(spoilt(file, place), public)
            pytest.fail(f"byte {place} of the archive was changed and the pack held")
    file.write_bytes(file.read_bytes() + b"\0")
    with pytest.raises(verifier.Failed):
        held(file, public)


def test_a_member_added_taken_out_or_signed_by_another_fails(
    notarised: Notary, public: Path, appealed: Item, tmp_path: Path
) -> None:
    file = packed(notarised, appealed)
    stranger = anchored_office.opened(tmp_path / "elsewhere").key()
    with pytest.raises(verifier.Failed, match="is not one you gave"):
        held(file, stranger)
    more = Path(shutil.copy(file, file.with_name("more.zip")))
    with zipfile.ZipFile(more, "a") as archive:
        archive.writestr("another.txt", "hello")
    with pytest.raises(verifier.Failed, match=re.escape("does not hold exactly what its manifest lists: another.txt")):
        held(more, public)
    fewer = file.with_name("fewer.zip")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(fewer, "w") as new:
        for info in old.infolist():
            if info.filename != "summary.pdf":
                new.writestr(info, old.read(info))
    with pytest.raises(verifier.Failed, match=re.escape("summary.pdf")):
        held(fewer, public)


def test_it_is_verified_with_the_public_tools_the_page_names(
    notarised: Notary, public: Path, appealed: Item, tmp_path: Path
) -> None:
    script = "\n".join(re.findall(r"```sh\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL))
    assert "openssl pkeyutl -verify" in script

    def run(folder: str, change: Callable[[Path], None] = lambda _: None) -> subprocess.CompletedProcess[str]:
        place = tmp_path / folder
        place.mkdir()
        shutil.copy(public, place / "anchor.pub.pem")
        change(Path(shutil.copy(file, place / "WTN-0001.zip")))
        shell = ["bash", "-e", "-o", "pipefail", "-c", script]
        return subprocess.run(shell, cwd=place, capture_output=True, text=True, check=False)

    def spoil(pack: Path) -> None:
        pack.write_bytes(pack.read_bytes().replace(RENDITION, RENDITION[:-1] + b"?"))

    file = packed(notarised, appealed)
    done = run("whole")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Signature Verified Successfully") == 2
    assert run("spoilt", spoil).returncode != 0


def test_packs_hold_after_a_rotation_and_a_lost_key(notarised: Notary, public: Path, appealed: Item) -> None:
    old = packed(notarised, appealed, "old.zip")
    second = notarised.key("rotation")
    new = packed(notarised, appealed, "new.zip")
    held(old, public)
    for key in (public, second):
        held(new, key)
    with pytest.raises(verifier.Failed, match="is not one you gave"):
        held(old, second)  # nothing in the older pack says that its key was followed by this one
    notarised.office.anchor_key.unlink()
    third = notarised.key("lost")
    last = packed(notarised, appealed, "last.zip")
    with pytest.raises(verifier.Failed, match="its key was lost"):
        held(last, public)
    assert any("lost" in note for note in held(last, public, third).notes)


def test_changed_bytes_are_no_evidence_and_purged_ones_are_named(
    notarised: Notary, public: Path, appealed: Item
) -> None:
    vault = Vault(notarised.office.media / "renditions")
    (sha256,) = {each.sha256 for each in appealed.renditions.all()}
    place = vault.path(sha256)
    place.chmod(0o600)
    place.write_bytes(b"other bytes")
    with pytest.raises(EvidenceRefused, match="Nothing was packed"):
        packed(notarised, appealed)
    assert not Entry.objects.filter(act="evidence_packed").exists()
    assert list(notarised.handed.glob("*.zip")) == []
    place.unlink()
    file = packed(notarised, appealed)
    assert record_of(file)["bytes_no_longer_kept"] == [sha256]
    held(file, public)


def test_without_a_key_none_is_made(notarised: Notary) -> None:
    item = factories.appeal()
    with pytest.raises(EvidenceRefused, match="publisher anchors key"):
        packed(notarised, item)


def test_who_may_make_one(notarised: Notary, public: Path, appealed: Item) -> None:
    item = appealed
    stranger = factories.officer("iris")
    stranger.investigator = True
    stranger.save()
    actor = Actor(stranger.pk, "cli")
    with pytest.raises(Forbidden, match="not a case of yours"):
        packing.pack(notarised.office, item, packing.Order(notarised.handed / "a.zip"), actor, notarised.now)
    item.appeal_record.investigator = stranger
    item.appeal_record.save()
    packing.pack(notarised.office, item, packing.Order(notarised.handed / "a.zip"), actor, notarised.now)


def test_a_version_that_was_sent_back_is_told_with_how_long_it_was_looked_at(notarised: Notary, public: Path) -> None:
    item = factories.in_review(factories.appeal())
    looked = factories.viewed(item, now=NOW - timedelta(seconds=9))
    items.send_back(factories.approver(), item, "The plate can be read.", deciding=looked, now=NOW)
    record = record_of(packed(notarised, item))
    (package,) = record["packages"]
    (sent,) = package["sent_back"]
    assert (sent["by"]["account"], sent["seconds"], sent["batch"]) == ("bran", 9.0, False)


def test_an_item_that_was_never_published_can_be_packed(notarised: Notary, public: Path) -> None:
    held(packed(notarised, factories.feature()), public)


def test_names_in_any_script_neither_break_the_page_nor_become_other_names() -> None:
    assert summary.printable("Łukasz Żółć, Дмитрий, Ελένη") == "Łukasz Żółć, Дмитрий, Ελένη"
    assert summary.printable("王") == "[U+738B]"
    assert summary.printable("محمد").startswith("[U+0645][U+062D]")
    assert summary.printable("דוד") == "[U+05D3][U+05D5][U+05D3]"
    assert summary.printable("a\u202eb\x00<b>") == "a[U+202E]b[U+0000]<b>"
