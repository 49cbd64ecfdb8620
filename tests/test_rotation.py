"""The integrity key is changed, whatever dies meanwhile, and nobody who has the old one is believed any more."""

from __future__ import annotations

import threading
import tomllib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from pressqueue import key_rotation as rotating
from pressqueue import register as register_events
from pressqueue import sealing, seals
from pressqueue.actors import Actor
from pressqueue.errors import Forbidden, Tampered
from pressqueue.models import Alarm, Approval, ChainHead, Entry, Notice, Officer, Post, RegisterLine
from pressqueue.moves import alarms, leases, takedown
from pressqueue.moves import key_rotation as key_rotation_moves
from publisher.configuration import office_file, secret_store
from publisher.evidence import integrity
from publisher.register import sync
from publisher.setup import key_rotation

from support import factories, office_folder

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]
NOW = factories.NOW
LEASE = timedelta(minutes=5)


class Killed(BaseException):
    """As a process is: nothing catches it."""


@pytest.fixture
def desk(
    tmp_path: Path, office: object, monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> Iterator[office_file.Office]:  # fmt: skip
    """An office with a register of one withdrawal, a waiting Post, and its key in secrets.toml."""
    found = office_file.load(office_folder.write_office(tmp_path / "office", {}))
    put(found, {"integrity_key": (sealing.port.key or b"").hex()})
    for name, value in (("newer", None), ("before", None), ("key", sealing.port.key)):
        monkeypatch.setattr(sealing.port, name, value)
    sync.connect(found)
    with django_capture_on_commit_callbacks(execute=True):
        takedown.withdraw(factories.approver(), factories.approved(factories.appeal()), "identified", now=NOW)
    factories.posted(
        factories.approved(factories.feature(title="Rufus", publish_from=NOW, publish_until=NOW + timedelta(hours=9)))
    )
    assert not integrity.of_everything(found)
    yield found
    register_events.port.write = None


def put(desk: office_file.Office, keys: dict[str, str]) -> None:
    file = desk.folder / "secrets.toml"
    others = dict.fromkeys(("office_key", "seal_key", "web_key"), "a" * 64)
    file.write_text("".join(f'{name} = "{value}"\n' for name, value in (others | keys).items()))
    file.chmod(0o600)


def kept(desk: office_file.Office) -> dict[str, str]:
    found = tomllib.loads((desk.folder / "secrets.toml").read_text())
    return {name: value for name, value in found.items() if name.startswith("integrity")}


def administrator() -> Actor:
    return Actor(factories.officer("chief", "administrator").pk, "cli")


def second() -> Officer:
    return factories.officer("deputy", "administrator")


def rotate(desk: office_file.Office) -> key_rotation.Rotated:
    return key_rotation.rotate(desk, administrator(), second(), NOW)


def started(desk: office_file.Office) -> None:
    """As another process begins: with what lies in the file or the environment, and nothing remembered."""
    found = secret_store.load(desk.folder)
    sealing.port.key, sealing.port.newer, sealing.port.before = found.integrity_key, None, None
    key_rotation.settle(desk, found, NOW)


def waiting() -> Post:
    return Post.objects.get(state="waiting")


def taken() -> bool:
    return leases.take(waiting(), "w1", LEASE, now=NOW) is not None


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_everything_is_under_the_new_key_and_nothing_is_approved_again(desk: office_file.Office) -> None:
    old, approvals = sealing.port.key, Approval.objects.filter(void_at=None).count()
    done = rotate(desk)
    assert sealing.port.key not in (old, None)
    assert kept(desk) == {"integrity_key": (sealing.port.key or b"").hex()}
    assert (done.rows, done.kept) == (seals.count_of_rows(), True)
    assert integrity.of_everything(desk) == []
    assert Approval.objects.filter(void_at=None).count() == approvals
    entry = Entry.objects.get(act="key_rotated")
    assert (old or b"").hex() not in entry.about and (sealing.port.key or b"").hex() not in entry.about
    started(desk)
    assert taken()


def test_the_old_key_makes_nothing_that_is_believed(desk: office_file.Office) -> None:
    old, post = sealing.port.key, waiting()
    rotate(desk)
    with sealing.under(old):
        assert {each.what for each in seals.faults([f"post:{post.pk}"])} == {"forged"}
        head = ChainHead.objects.get()
        head.number -= 1
        seals.sign(head, vouched=True)
    assert not seals.is_vouched(head), "a head that a thief of the old key signed"
    register_of = sync.of(desk)
    with sealing.under(old), register_of.locked() as descriptor:
        register_of.append(descriptor, [sync.sealing_line(1, NOW)])
    assert any(each.name == "register" for each in integrity.of_everything(desk))
    assert sealing.port.key != old


def _before(function: str) -> Callable[[pytest.MonkeyPatch], None]:
    def die(*_: object, **__: object) -> None:
        raise Killed

    return lambda patch: patch.setattr(function, die)


def _after_sealing(patch: pytest.MonkeyPatch) -> None:
    real = seals.reseal

    def die(head: ChainHead, new: bytes) -> None:
        real(head, new)
        raise Killed

    patch.setattr(seals, "reseal", die)


def _after_the_files(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(secret_store, "promote_next", lambda _: (_ for _ in ()).throw(Killed()))


# the last thing a process does: (how it dies, whether the new key is in force then)
DEATHS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], bool]] = {
    "the new key is written down": (_before("pressqueue.moves.key_rotation.rotate_key"), False),
    "the rows are sealed and not committed": (_after_sealing, False),
    "the database is under the new key": (_before("publisher.register.sync.follow_key"), True),
    "the register was read": (_before("publisher.register.sync.accept"), True),
    "the files are under the new key": (_after_the_files, True),
}


def killed(desk: office_file.Office, name: str) -> bytes:
    """Returns the key that was to follow."""
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        DEATHS[name][0](patch)
        rotate(desk)
    return bytes.fromhex(kept(desk)["integrity_key_next"])


@pytest.mark.first_row
@pytest.mark.parametrize("name", DEATHS)
def test_what_was_cut_off_is_ended_by_the_next_start(desk: office_file.Office, name: str) -> None:
    old = sealing.port.key
    new = killed(desk, name)
    started(desk)
    assert sealing.port.key == (new if DEATHS[name][1] else old)
    assert integrity.of_everything(desk) == []
    if not DEATHS[name][1]:
        rotate(desk)
    assert kept(desk) == {"integrity_key": new.hex()}
    assert integrity.of_everything(desk) == []
    assert taken()


@pytest.mark.first_row
@pytest.mark.parametrize("name", DEATHS)
def test_a_process_that_went_on_running_withdraws_and_finds_nothing_wrong(
    desk: office_file.Office, name: str, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    """It has the old key, and the new one lies in the file by now."""
    old = sealing.port.key
    killed(desk, name)
    sealing.port.key, sealing.port.before = old, None
    sealing.port.newer = lambda: secret_store.newest_integrity_key(desk.folder)
    with django_capture_on_commit_callbacks(execute=True):
        takedown.withdraw(factories.approver(), waiting().item, "eliminated", now=NOW)
    assert not RegisterLine.objects.filter(written_at=None).exists()
    assert integrity.run_round(desk, NOW + timedelta(hours=2)) == 0
    started(desk)
    assert integrity.of_everything(desk) == []
    assert not Alarm.objects.exists()


def test_control_without_the_head_to_say_so_a_change_that_was_cut_off_is_not_ended(
    desk: office_file.Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(desk, "the database is under the new key")
    monkeypatch.setattr(rotating, "follow", lambda *_: False)
    started(desk)
    assert integrity.of_everything(desk) != []


def test_a_process_without_the_new_key_publishes_nothing_and_raises_no_alarm(
    desk: office_file.Office, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    old = sealing.port.key
    rotate(desk)
    new, sealing.port.key, sealing.port.newer = sealing.port.key, old, None
    with pytest.raises(Forbidden, match="The integrity key was changed, and this process has the one before"):
        taken()
    assert integrity.run_round(desk, NOW + timedelta(hours=2)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        takedown.withdraw(factories.approver(), waiting().item, "eliminated", now=NOW)
    assert not Alarm.objects.exists()
    assert Notice.objects.filter(cause=rotating.CAUSE, cleared_at=None).exists()
    sealing.port.key = new
    assert sync.flush(desk, NOW), "what it withdrew is written by whoever has the key"
    assert not RegisterLine.objects.filter(written_at=None).exists()
    assert sync.of(desk).lines()[-1].codes["reason"] == "eliminated"
    assert {each.name for each in integrity.of_everything(desk)} == {"head", "seals", "rows"}, "nobody vouches for it"


# what somebody writes into the log so that a process believes that its key was changed
CLAIMS = ['{"key":"0123456789abcdef","proof":"é"}', '{"key":"k"}', "[]", "nothing", '{"key":1,"proof":["x"]}', "null"]


@pytest.mark.first_row
@pytest.mark.parametrize("about", CLAIMS)
def test_nobody_without_the_old_key_makes_an_alarm_silent_or_keeps_a_withdrawal_back(
    desk: office_file.Office, about: str
) -> None:
    head = ChainHead.objects.get()
    Entry.objects.bulk_create([Entry(number=head.number + 1, hash="x", act="key_rotated", about=about)])
    sql("UPDATE pressqueue_chainhead SET number = number + 1")
    key_rotation.connect(desk)
    assert not rotating.is_outdated()
    assert takedown.withdraw(factories.approver(), waiting().item, "eliminated", now=NOW).state == "withdrawn"
    assert integrity.run_round(desk, NOW + timedelta(hours=2)) > 0
    assert Alarm.objects.filter(cause="head").exists()


def test_another_thread_goes_on_with_the_key_in_force() -> None:
    key, found = sealing.port.key, []
    with sealing.under(b"\x07" * 32):
        inside = sealing.mac("row", [])
        other = threading.Thread(target=lambda: found.append(sealing.mac("row", [])))
        other.start()
        other.join()
    assert found == [sealing.mac("row", [])] != [inside]
    assert sealing.port.key == key


def forged() -> None:
    sql("UPDATE pressqueue_approval SET rank = 'chief constable'")


def alarmed() -> None:
    alarms.raise_alarm("rows", "A row was changed.", now=NOW)


@pytest.mark.parametrize("wrong", [forged, alarmed])
def test_where_anything_is_found_the_key_stays(desk: office_file.Office, wrong: Callable[[], None]) -> None:
    old = sealing.port.key
    wrong()
    with pytest.raises(Forbidden, match="The key is changed when"):
        rotate(desk)
    assert sealing.port.key == old
    assert kept(desk)["integrity_key"] == (old or b"").hex()
    assert not Entry.objects.filter(act="key_rotated").exists()


# what somebody writes while the key is changed, after everything was verified
MEANWHILE = {
    "changed": "UPDATE pressqueue_post SET mark = 'another'",
    "removed": "DELETE FROM pressqueue_original WHERE sha256 NOT IN (SELECT original_id FROM pressqueue_item)",
    "added": "INSERT INTO pressqueue_blockedimage (sha256, reason, since) VALUES ('x', 'y', '2026-03-02 09:00:00')",
}


@pytest.mark.parametrize("name", MEANWHILE)
def test_what_was_written_since_it_was_verified_is_not_sealed(
    desk: office_file.Office, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = sealing.port.key
    factories.original(b"spare")
    monkeypatch.setattr(integrity, "of_everything", lambda _: [])
    sql(MEANWHILE[name])
    with pytest.raises(Tampered, match="by something other than this program"):
        rotate(desk)
    assert sealing.port.key == old


def test_it_takes_an_administrator_and_a_second_person(desk: office_file.Office) -> None:
    key = bytes(32)
    for first, other, words in (
        (factories.approver(), second(), "is no administrator"),
        (administrator(), factories.officer("chief"), "Two different people"),
        (administrator(), factories.officer("amara"), "administrator or approver"),
    ):
        with pytest.raises(Forbidden, match=words):
            key_rotation_moves.rotate_key(first, other, key, now=NOW)
    assert key_rotation_moves.rotate_key(administrator(), factories.officer("bran"), key, now=NOW) > 5


def test_where_the_key_comes_from_the_environment_the_next_one_does_too(
    desk: office_file.Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = (sealing.port.key or b"").hex(), "c" * 64
    put(desk, {})
    monkeypatch.setenv("PUBLISHER_INTEGRITY_KEY", old)
    with pytest.raises(secret_store.SecretMissing, match="PUBLISHER_INTEGRITY_KEY_NEXT"):
        rotate(desk)
    monkeypatch.setenv("PUBLISHER_INTEGRITY_KEY_NEXT", new)
    started(desk)
    assert sealing.port.key == bytes.fromhex(old), "it is not in force before it is said"
    assert rotate(desk).kept is False
    assert kept(desk) == {}
    for key, following in ((old, new), (new, new), (new, "")):
        monkeypatch.setenv("PUBLISHER_INTEGRITY_KEY", key)
        monkeypatch.setenv("PUBLISHER_INTEGRITY_KEY_NEXT", following)
        if not following:
            monkeypatch.delenv("PUBLISHER_INTEGRITY_KEY_NEXT")
        started(desk)
        assert sealing.port.key == bytes.fromhex(new)
        assert integrity.of_everything(desk) == []
    assert taken()


def test_twice_and_a_process_that_missed_one_still_finds_the_newest(desk: office_file.Office) -> None:
    old = sealing.port.key
    rotate(desk)
    rotate(desk)
    newest, sealing.port.key = sealing.port.key, old
    sealing.port.newer = lambda: secret_store.newest_integrity_key(desk.folder)
    assert taken()
    assert sealing.port.key == newest
