"""The withdrawal register and the high-water file on a real disk."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from pressqueue import register as register_events
from pressqueue.models import Alarm, ChainHead, Item, Notice, RegisterLine
from pressqueue.moves import recovery, takedown
from publisher.configuration import office_file
from publisher.register import sync
from publisher.register.register_file import HighWater, Register, RegisterBroken
from publisher.scheduling import scheduler
from publisher.setup import checks

from support import databases, factories, office_folder

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]
NOW = factories.NOW
Commit = Callable[..., object]


@pytest.fixture
def office_on_disk(tmp_path: Path, office: object) -> Iterator[office_file.Office]:
    found = office_file.load(office_folder.write_office(tmp_path / "office", {}))
    sync.connect(found)
    yield found
    register_events.port.write = None


@pytest.fixture
def kept(office_on_disk: office_file.Office) -> Register:
    return sync.of(office_on_disk)


@pytest.fixture
def withdrawn(django_capture_on_commit_callbacks: Commit) -> Callable[[], Item]:
    """An Item withdrawn as a command does it: what is to follow the commit has followed when it answers."""

    def withdraw() -> Item:
        item = factories.approved(factories.appeal())
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
            return takedown.withdraw(factories.approver(), item, "identified", now=NOW)

    return withdraw


def test_a_line_is_on_the_disk_before_the_officer_is_answered(kept: Register, withdrawn: Callable[[], Item]) -> None:
    first, second = withdrawn(), withdrawn()
    assert [line.text("item") for line in kept.lines()] == [first.reference, second.reference]
    assert not RegisterLine.objects.filter(written_at__isnull=True).exists()
    assert kept.path.stat().st_mode & 0o777 == 0o600
    mark, head = kept.high_water(), ChainHead.objects.get()
    assert mark is not None
    assert (mark.number, mark.hash, mark.register_number) == (head.number, head.hash, 2)
    assert mark.counters == {"WTN": (3, 1)}


def test_it_lies_beside_the_office_or_where_it_is_said(tmp_path: Path) -> None:
    folder = office_folder.write_office(tmp_path / "office", {})
    assert office_file.load(folder).register == tmp_path / "office-register" / "withdrawals.jsonl"
    with (folder / "publisher.toml").open("a") as file:
        file.write('\n[register]\npath = "../elsewhere/w.jsonl"\n')
    assert office_file.load(folder).register.resolve() == tmp_path / "elsewhere" / "w.jsonl"


def test_a_register_that_cannot_be_written_refuses_no_withdrawal_and_catches_up(
    office_on_disk: office_file.Office, kept: Register, withdrawn: Callable[[], Item]
) -> None:
    kept.path.parent.write_bytes(b"a file where the folder should be")
    item = withdrawn()
    assert item.state == "withdrawn"
    notice = Notice.objects.get(cause="register")
    assert "They go on all the same" in notice.words
    assert RegisterLine.objects.filter(written_at__isnull=True).count() == 1
    kept.path.parent.unlink()
    sync.run_round(office_on_disk, NOW)
    assert [line.text("item") for line in kept.lines()] == [item.reference]
    notice.refresh_from_db()
    assert notice.cleared_at is not None


def test_a_full_disk_leaves_no_half_line(office_on_disk: office_file.Office, kept: Register) -> None:
    with kept.locked() as descriptor:
        kept.append(descriptor, ["x"])
    before = kept.path.read_bytes()
    child = subprocess.run(
        [sys.executable, "-c", FILLING_UP, str(kept.path), kept.office, str(len(before) + 20)],
        env=databases.environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert child.stdout == "full\n", child.stderr
    assert kept.path.read_bytes() == before


FILLING_UP = """
import resource, sys
from pathlib import Path
import django
django.setup()
from publisher.register.register_file import Register
kept = Register(Path(sys.argv[1]), sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
try:
    with kept.locked() as descriptor:
        kept.append(descriptor, ["y" * 1000])
except OSError:
    print("full")
"""


def test_a_line_cut_off_by_a_death_is_written_again(
    office_on_disk: office_file.Office, kept: Register, withdrawn: Callable[[], Item]
) -> None:
    withdrawn()
    with kept.path.open("ab") as file:
        file.write(b'{"office": "cut o')
    assert len(kept.lines()) == 1
    withdrawn()
    assert len(kept.lines()) == 2


SPOILT: dict[str, tuple[Callable[[list[bytes]], list[bytes]], str]] = {
    "changed": (lambda lines: [lines[0].replace(b"identified", b"wrong_image"), *lines[1:]], "was changed"),
    "one taken out": (lambda lines: [lines[0], *lines[2:]], "lacks a line"),
    "another order": (lambda lines: [lines[1], lines[0], lines[2]], "lacks a line"),
    "cut short": (lambda lines: lines[:2], "was cut short"),
    "no JSON": (lambda lines: [*lines, b"hello\n"], "a line that is none"),
}


class Killed(BaseException):
    """The process ends here: nothing catches it."""


@pytest.mark.parametrize("call", range(1, 4))
@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("what", ["write_high_water", "append"])
def test_a_death_while_the_first_lines_are_written_is_no_alarm(
    what: str,
    done: bool,
    call: int,
    office_on_disk: office_file.Office,
    kept: Register,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A register with lines and without its high-water file looks as if somebody had removed it."""
    item = factories.appeal()
    takedown.withdraw(factories.approver(), item, "identified", now=NOW)
    real, calls = getattr(Register, what), count(1)

    def dying(register: Register, *given: Any) -> Any:
        last = next(calls) == call
        if last and not done:
            raise Killed
        answer = real(register, *given)
        if last:
            raise Killed
        return answer

    with monkeypatch.context() as patched, contextlib.suppress(Killed):
        patched.setattr(Register, what, dying)
        sync.flush(office_on_disk, NOW)
    for _ in range(2):
        assert sync.flush(office_on_disk, NOW)
    assert list(Alarm.objects.values_list("words", flat=True)) == []
    assert {line.text("item") for line in kept.lines()} == {item.reference}
    assert kept.high_water() is not None


@pytest.mark.parametrize("how", SPOILT)
def test_a_register_that_was_changed_is_not_believed(how: str, kept: Register, withdrawn: Callable[[], Item]) -> None:
    for _ in range(3):
        withdrawn()
    spoil, words = SPOILT[how]
    kept.path.write_bytes(b"".join(spoil(kept.path.read_bytes().splitlines(keepends=True))))
    with pytest.raises(RegisterBroken, match=words):
        kept.lines()


def test_another_office_s_register_is_neither_read_nor_written(
    office_on_disk: office_file.Office, kept: Register, withdrawn: Callable[[], Item]
) -> None:
    stranger = Register(kept.path, "00000000-0000-0000-0000-000000000000")
    with stranger.locked() as descriptor:
        stranger.append(descriptor, ["theirs"])
    before = kept.path.read_bytes()
    withdrawn()
    assert kept.path.read_bytes() == before
    assert "belongs to another office" in Notice.objects.get(cause="register").words


def test_a_register_that_was_lost_is_written_again_from_the_database(
    office_on_disk: office_file.Office, kept: Register, withdrawn: Callable[[], Item]
) -> None:
    items = [withdrawn().reference, withdrawn().reference]
    for file in (kept.path, kept.high_water_file):
        file.unlink()
    sync.run_round(office_on_disk, NOW)
    assert [line.text("item") for line in kept.lines()] == items


def test_an_office_in_order_is_not_frozen_by_looking(office_on_disk: office_file.Office, withdrawn: object) -> None:
    for hours in range(3):
        sync.run_round(office_on_disk, NOW + timedelta(hours=hours))
        factories.feature()
    sync.watch(office_on_disk, NOW)
    assert factories.office().recovering_since is None
    assert sync.fallen_back(office_on_disk) == ""


@pytest.mark.parametrize("by", ["a lower head", "another entry"])
def test_a_log_that_is_not_the_one_it_was_freezes_the_office_once(
    by: str, office_on_disk: office_file.Office, kept: Register
) -> None:
    item = factories.approved(factories.appeal())
    sync.run_round(office_on_disk, NOW)
    mark = kept.high_water()
    assert mark is not None
    other = replace(mark, number=mark.number + 10) if by == "a lower head" else replace(mark, hash="0" * 64)
    kept.write_high_water(other)  # as an office that had come further wrote it
    sync.run_round(office_on_disk, NOW)
    row = factories.office()
    assert row.recovering_since == NOW
    item.refresh_from_db()
    assert (item.held, item.state) == (True, "submitted")
    assert Notice.objects.filter(cause=recovery.CAUSE, cleared_at__isnull=True).exists()
    head = ChainHead.objects.get().number
    sync.run_round(office_on_disk, NOW)
    assert ChainHead.objects.get().number == head, "it was recovered a second time"


def test_what_came_down_is_down_again_in_a_database_that_forgot_it(
    office_on_disk: office_file.Office, kept: Register
) -> None:
    item = factories.approved(factories.appeal())
    lines = [
        register_events.spell(
            register_events.RegisterEvent("withdrawn", NOW, {"item": item.reference, "reason": "identified"})
        )
    ]
    with kept.locked() as descriptor:
        number, last = kept.append(descriptor, lines)
    mark = HighWater(kept.office, 10_000, "f" * 64, number, last, {"WTN": (90, 1)})
    kept.write_high_water(mark)
    sync.watch(office_on_disk, NOW)
    item.refresh_from_db()
    assert (item.state, item.ended_reason) == ("withdrawn", "identified")
    item.campaign.refresh_from_db()
    assert item.campaign.next_number == 90


def test_publishing_and_timetable_rest_while_recovering(tmp_path: Path, office: object) -> None:
    clock = factories.Clock()
    worker = office_folder.worker(tmp_path / "office", clock)
    factories.approved(factories.appeal(destinations=["gallery"]))
    recovery.begin_recovery("Restored.", now=NOW)
    done = scheduler.round(worker, "clock") | scheduler.round(worker, "publish")
    assert {name for name, count in done.items() if count} <= {"mailed", "reckoned"}


def test_check_says_where_it_is_and_that_it_is_too_near(office_on_disk: office_file.Office) -> None:
    found = checks._register(office_on_disk)
    assert found.startswith("nothing is written yet")
    assert "WARNING: it lies on the office's own disk" in found
    sync.run_round(office_on_disk, NOW)
    assert checks._register(office_on_disk).startswith("0 lines in ")
