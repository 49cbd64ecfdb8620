"""Whoever can write the register's files, but lacks the integrity key, changes nothing unnoticed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pressqueue import register as register_events
from pressqueue import sealing
from pressqueue.actors import Actor
from pressqueue.hashing import canonical
from pressqueue.models import Alarm, Item, Office, Post
from pressqueue.moves import alarms, takedown
from publisher.configuration import office_file
from publisher.evidence import integrity
from publisher.register import sync
from publisher.register.register_file import Register, RegisterBroken
from publisher.setup import checks

from support import factories, office_folder

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]
NOW = factories.NOW
LATER = NOW + timedelta(hours=1)
Line = dict[str, Any]


@pytest.fixture
def desk(tmp_path: Path, office: object) -> Iterator[office_file.Office]:
    found = office_file.load(office_folder.write_office(tmp_path / "office", {}))
    sync.connect(found)
    yield found
    register_events.port.write = None


@pytest.fixture
def kept(desk: office_file.Office, django_capture_on_commit_callbacks: Callable[..., Any]) -> Register:
    """A register of three withdrawals, as a working office leaves it."""
    for _ in range(3):
        item = factories.approved(factories.appeal())
        with django_capture_on_commit_callbacks(execute=True):
            takedown.withdraw(factories.approver(), item, "identified", now=NOW)
    return sync.of(desk)


def read(kept: Register) -> list[Line]:
    return [json.loads(line) for line in kept.path.read_text().splitlines()]


def chain_anew(kept: Register, lines: list[Line]) -> None:
    """Numbers, previous hashes and hashes as this program would make them; the MACs are what the forger has."""
    previous, text = "0" * 64, ""
    for number, line in enumerate(lines, 1):
        body = {"office": line["office"], "number": number, "previous": previous, "body": line["body"]}
        previous = hashlib.sha256(canonical(body).encode()).hexdigest()
        mac = {"mac": line["mac"]} if "mac" in line else {}
        text += canonical({**body, "hash": previous, **mac}) + "\n"
    kept.path.write_text(text)


def end_at(kept: Register, number: int) -> None:
    """The high-water file says that the register never had more lines."""
    mark = json.loads(kept.high_water_file.read_text())
    lines = read(kept)
    mark |= {"register_number": number, "register_hash": lines[number - 1]["hash"] if number else "0" * 64}
    kept.high_water_file.write_text(canonical(mark) + "\n")


def one_taken_out(kept: Register) -> None:
    chain_anew(kept, read(kept)[1:])
    end_at(kept, 2)


def one_changed(kept: Register) -> None:
    lines = read(kept)
    lines[0]["body"] = lines[0]["body"].replace("identified", "not_needed")
    chain_anew(kept, lines)
    end_at(kept, 3)


def end_cut_off(kept: Register) -> None:
    kept.path.write_text("".join(kept.path.read_text().splitlines(keepends=True)[:2]))
    end_at(kept, 2)


def end_cut_off_and_no_high_water(kept: Register) -> None:
    kept.path.write_text("".join(kept.path.read_text().splitlines(keepends=True)[:2]))
    kept.high_water_file.unlink()


def a_release_added(kept: Register) -> None:
    body = register_events.spell(register_events.RegisterEvent("release", NOW, {"item": "WTN-0001"}))
    chain_anew(kept, [*read(kept), {"office": kept.office, "body": body}])
    end_at(kept, 4)


def all_macs_taken_off(kept: Register) -> None:
    chain_anew(kept, [{name: line[name] for name in ("office", "body")} for line in read(kept)[1:]])
    end_at(kept, 2)
    mark = json.loads(kept.high_water_file.read_text())
    del mark["mac"]
    kept.high_water_file.write_text(canonical(mark) + "\n")


def vouched_for_without_the_key(kept: Register) -> None:
    body = register_events.spell(register_events.RegisterEvent("sealed", NOW, {"lines": 2}))
    chain_anew(kept, [*read(kept)[1:], {"office": kept.office, "body": body, "mac": read(kept)[0]["mac"]}])
    end_at(kept, 3)


def macs_exchanged(kept: Register) -> None:
    first, second, third = read(kept)
    first["mac"], second["mac"] = second["mac"], first["mac"]
    chain_anew(kept, [first, second, third])


def high_water_rewritten(kept: Register) -> None:
    mark = json.loads(kept.high_water_file.read_text())
    kept.high_water_file.write_text(canonical(mark | {"number": 1}) + "\n")


def high_water_removed(kept: Register) -> None:
    kept.high_water_file.unlink()


# What somebody does who can write the files, has our own code, and lacks the key.
FORGERIES: dict[str, tuple[Callable[[Register], None], str]] = {
    "one line taken out, the rest chained anew": (one_taken_out, "integrity key"),
    "one line changed, the rest chained anew": (one_changed, "integrity key"),
    "the end cut off, the high-water file rewritten": (end_cut_off, "high-water file"),
    "the end cut off, the high-water file removed": (end_cut_off_and_no_high_water, "high-water file"),
    "the end of a stop added": (a_release_added, "integrity key"),
    "all MACs taken off, as in an older office": (all_macs_taken_off, "integrity key"),
    "a line that vouches, without the key": (vouched_for_without_the_key, "integrity key"),
    "MACs exchanged between lines": (macs_exchanged, "integrity key"),
    "the high-water file rewritten": (high_water_rewritten, "high-water file"),
    "the high-water file removed": (high_water_removed, "high-water file"),
}


@pytest.mark.first_row
@pytest.mark.parametrize("how", FORGERIES)
def test_a_forged_register_is_not_believed(how: str, kept: Register) -> None:
    forge, words = FORGERIES[how]
    forge(kept)
    with pytest.raises(RegisterBroken, match=words):
        kept.lines()


@pytest.mark.first_row
@pytest.mark.parametrize("how", FORGERIES)
def test_a_working_office_finds_it_in_its_next_round_and_stops_publishing(
    how: str, desk: office_file.Office, kept: Register
) -> None:
    FORGERIES[how][0](kept)
    factories.feature()  # something happened meanwhile
    sync.run_round(desk, LATER)
    if how in ("one line changed, the rest chained anew", "MACs exchanged between lines"):
        with pytest.raises(RegisterBroken):  # not the last line: found by whoever reads all of it
            sync.verify(desk, LATER)
    assert Alarm.objects.filter(ended_at__isnull=True, cause=sync.ALARM).exists()


def both_removed(kept: Register) -> None:
    for file in (kept.path, kept.high_water_file):
        file.unlink()


def emptied(kept: Register) -> None:
    kept.path.write_text("")


def an_older_pair(kept: Register) -> None:
    """Both files as they were a withdrawal ago, each as this program wrote it."""
    mark = kept.high_water()
    assert mark is not None
    kept.path.write_text("".join(kept.path.read_text().splitlines(keepends=True)[:2]))
    kept.write_high_water(replace(mark, register_number=2, register_hash=read(kept)[1]["hash"]))


WAYS = {name: forge for name, (forge, _) in FORGERIES.items()} | {
    "both files removed": both_removed,
    "the register emptied": emptied,
    "an older copy of both files": an_older_pair,
}


@pytest.mark.first_row
@pytest.mark.parametrize("how", WAYS)
def test_both_commands_and_the_hourly_check_name_it(how: str, desk: office_file.Office, kept: Register) -> None:
    assert integrity.of_everything(desk) == [], "the control"
    WAYS[how](kept)
    named = {each.name for each in integrity.of_everything(desk)}
    assert named and named <= {"register", "high water"}
    (finding,) = [each for each in checks._database(desk) if each.what == "integrity"]
    assert not finding.right
    if named == {"register"}:  # of the high-water file each round of the clock speaks, not the hourly check
        assert integrity.run_round(desk, LATER) == 1


def test_the_document_lists_each() -> None:
    text = (Path(__file__).parents[1] / "docs" / "evidence.md").read_text(encoding="utf-8")
    assert [how for how in WAYS if f"- {how};\n" not in text and f"- {how}.\n" not in text] == []


def test_control_without_macs_the_shortened_register_was_believed(kept: Register) -> None:
    one_taken_out(kept)
    old = Register(kept.path, kept.office, keyed=False)
    assert len(old.lines()) == 2


def test_an_older_pair_of_both_files_is_noticed_by_the_office_that_wrote_more(
    desk: office_file.Office, kept: Register, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    older = [(file, file.read_bytes()) for file in (kept.path, kept.high_water_file)]
    item = factories.approved(factories.appeal())
    with django_capture_on_commit_callbacks(execute=True):
        takedown.withdraw(factories.approver(), item, "identified", now=NOW)
    for file, content in older:
        file.write_bytes(content)
    sync.run_round(desk, LATER)
    assert "older copy" in Alarm.objects.get(cause=sync.ALARM).words


def test_a_register_that_was_emptied_is_written_again_and_is_an_alarm(desk: office_file.Office, kept: Register) -> None:
    before = [line.text("item") for line in kept.lines()]
    for file in (kept.path, kept.high_water_file):
        file.unlink()
    sync.run_round(desk, LATER)
    assert [line.text("item") for line in kept.lines()] == before
    assert "removed" in Alarm.objects.get(cause=sync.ALARM).words


def test_a_withdrawal_is_recorded_and_written_down_all_the_same(
    desk: office_file.Office, kept: Register, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    one_taken_out(kept)
    item = factories.approved(factories.appeal())
    with django_capture_on_commit_callbacks(execute=True):
        takedown.withdraw(factories.approver(), item, "identified", now=NOW)
    assert item.reference in kept.path.read_text()
    assert Item.objects.get(pk=item.pk).state == "withdrawn"


def test_without_the_key_lines_are_written_and_are_believed_only_once_they_were_accepted(
    desk: office_file.Office,
    kept: Register,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    with monkeypatch.context() as lost:
        lost.setattr(sealing.port, "key", None)
        item = factories.approved(factories.appeal())
        with django_capture_on_commit_callbacks(execute=True):
            takedown.withdraw(factories.approver(), item, "identified", now=NOW)
        with pytest.raises(RegisterBroken, match="integrity key is missing"):
            sync.of(desk).lines()
    with pytest.raises(RegisterBroken, match="the key was missing then"):
        kept.lines()
    sync.accept_as_it_is(desk, LATER)
    assert [line.kind for line in kept.lines()] == ["withdrawn"] * 4 + ["sealed"]


def as_in_an_older_office(kept: Register) -> None:
    """Neither file has a MAC, and the database does not know of any high-water file."""
    chain_anew(kept, [{name: line[name] for name in ("office", "body")} for line in read(kept)])
    mark = json.loads(kept.high_water_file.read_text())
    del mark["mac"]
    kept.high_water_file.write_text(canonical(mark | {"register_hash": read(kept)[-1]["hash"]}) + "\n")
    Office.objects.update(high_water_at=None)


def test_an_older_office_is_vouched_for_once_and_its_lines_are_believed(
    desk: office_file.Office, kept: Register
) -> None:
    as_in_an_older_office(kept)
    sync.begin_keyed(desk, LATER)
    assert [line.kind for line in kept.lines()] == ["withdrawn"] * 3 + ["sealed"]
    sync.run_round(desk, LATER)
    sync.begin_keyed(desk, LATER)
    assert len(kept.lines()) == 4, "it was vouched for a second time"
    assert not Alarm.objects.filter(cause=sync.ALARM).exists()


def test_an_older_office_whose_register_does_not_hold_is_not_vouched_for(
    desk: office_file.Office, kept: Register
) -> None:
    as_in_an_older_office(kept)
    kept.path.write_text("".join(kept.path.read_text().splitlines(keepends=True)[1:]))
    with pytest.raises(RegisterBroken, match="lacks a line"):
        sync.begin_keyed(desk, LATER)


def end_the_alarm() -> None:
    approver, chief = factories.officer("bran", "approver"), factories.officer("chief", "administrator")
    assert not alarms.end_alarms(Actor(approver.pk, "desk"), "We know what it was.", now=LATER)
    assert alarms.end_alarms(Actor(chief.pk, "desk"), "So do I.", now=LATER)


@pytest.mark.parametrize("how", ["one line taken out, the rest chained anew", "no line at all"])
def test_once_two_people_have_ended_the_alarm_the_register_is_whole_again(
    how: str, desk: office_file.Office, kept: Register
) -> None:
    if how in FORGERIES:
        FORGERIES[how][0](kept)
    else:
        kept.path.write_text("hello\n")
    sync.run_round(desk, LATER)
    assert Alarm.objects.filter(cause=sync.ALARM, ended_at__isnull=True).exists()
    end_the_alarm()
    sync.run_round(desk, LATER)
    assert {line.text("item") for line in kept.lines() if line.kind == "withdrawn"} == set(
        Item.objects.filter(state="withdrawn").values_list("reference", flat=True)
    )
    sync.run_round(desk, LATER)
    assert not Alarm.objects.filter(ended_at__isnull=True).exists()


def test_an_alarm_that_was_ended_once_excuses_no_later_change(desk: office_file.Office, kept: Register) -> None:
    one_taken_out(kept)
    sync.run_round(desk, LATER)
    end_the_alarm()
    sync.run_round(desk, LATER)
    one_taken_out(kept)
    sync.run_round(desk, LATER)
    assert Alarm.objects.filter(cause=sync.ALARM, ended_at__isnull=True).exists()


def test_of_a_register_that_does_not_hold_every_stop_is_done_again_and_no_end_of_one(kept: Register) -> None:
    a_release_added(kept)
    assert {line.kind for line in kept.readable()} == {"withdrawn"}
    kept.path.write_text(kept.path.read_text() + "no line\n")
    assert len(kept.readable()) == 3


def test_check_names_what_is_wrong_with_the_register(desk: office_file.Office, kept: Register) -> None:
    one_taken_out(kept)
    found = [each for each in checks._service(desk) if each.what == "register"]
    assert [each.right for each in found] == [False]
    assert "integrity key" in found[0].words


def test_an_alarm_about_the_register_holds_back_what_waits_and_no_withdrawal(
    desk: office_file.Office, kept: Register
) -> None:
    item = factories.approved(factories.appeal())
    one_taken_out(kept)
    sync.run_round(desk, LATER)
    takedown.withdraw(factories.approver(), item, "identified", now=LATER)
    assert not Post.objects.filter(item=item).exclude(state__in=["cancelled", "removed"]).exists()
