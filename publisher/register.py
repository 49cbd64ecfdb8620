"""The withdrawal register on its disk, and the high-water file beside it.

The register is lines of JSON, each with the hash of the line before, so that one taken out is noticed; the high-water
file names the register's last line and the audit chain's head, so that an older register, or an older database, is
noticed. Both are written under the register's own file lock, flushed to the disk, and never changed otherwise.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

from django.db import DatabaseError

from pressqueue import counters, leases, moves, notices
from pressqueue import register as told
from pressqueue.audit import canonical
from pressqueue.models import ChainHead, Entry, Notice, RegisterLine
from pressqueue.models import Office as Row
from publisher import appending
from publisher.appending import flush_folder
from publisher.office import Office

log = logging.getLogger(__name__)

CAUSE = "register"  # the Notice while it cannot be written
UNREAD = "replay:register"  # its own cause: a line that is written again does not clear it
HIGH_WATER = "high-water.json"
_BEGINNING = "0" * 64


class RegisterBroken(Exception):
    """The register is missing, was changed, or is another office's; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class HighWater:
    """How far audit chain and register had come, and what each campaign would have given next."""

    office: str
    number: int
    hash: str
    register_number: int
    register_hash: str
    counters: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Register:
    """One office's register at one place."""

    path: Path
    office: str  # the office's uuid

    @property
    def high_water_file(self) -> Path:
        return self.path.parent / HIGH_WATER

    def lines(self) -> list[told.Told]:
        """Every line, in order, after its chain was checked. Raises RegisterBroken."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise RegisterBroken(f"There is no withdrawal register at {self.path}.") from None
        except (OSError, UnicodeDecodeError):
            raise RegisterBroken(f"The withdrawal register {self.path} cannot be read.") from None
        whole = text[: text.rfind("\n") + 1]  # a last line without an end was cut off by a death, and is written again
        found, number, previous = [], 0, _BEGINNING
        for line in whole.splitlines():
            number, previous, body = self._checked(line, number + 1, previous)
            found.append(told.read(body))
        self._demand_as_long_as_noted(number, whole)
        return found

    def high_water(self) -> HighWater | None:
        """The high-water file, or None where there is none yet. Raises RegisterBroken where it is unreadable."""
        try:
            found = json.loads(self.high_water_file.read_text(encoding="utf-8"))
            found["counters"] = {prefix: (int(pair[0]), int(pair[1])) for prefix, pair in found["counters"].items()}
            mark = HighWater(**found)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise RegisterBroken(f"The high-water file {self.high_water_file} cannot be read.") from None
        if mark.office != self.office:
            raise RegisterBroken(
                f"{self.high_water_file} belongs to another office. Give each office its own register."
            )
        return mark

    @contextlib.contextmanager
    def locked(self) -> Iterator[int]:
        """The register's file, made if there is none, locked against other processes. OSError; TimeoutError."""
        with appending.locked(self.path) as descriptor:
            yield descriptor

    def append(self, descriptor: int, bodies: list[str]) -> tuple[int, str]:
        """Add lines, durably, or none of them; answers number and hash of the last line. OSError, RegisterBroken."""
        end = appending.drop_unfinished(descriptor)
        number, previous = self._last(descriptor, end)
        text = ""
        for body in bodies:
            number += 1
            line = {"office": self.office, "number": number, "previous": previous, "body": body}
            previous = _hash(line)
            text += canonical({**line, "hash": previous}) + "\n"
        if text:
            appending.write_or_nothing(descriptor, text.encode(), end)
        return number, previous

    def write_high_water(self, mark: HighWater) -> None:
        """Replace the high-water file, whole and durable. OSError."""
        temporary = self.high_water_file.with_suffix(".new")
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(canonical(asdict(mark)) + "\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.high_water_file)
        flush_folder(self.path.parent)

    def _last(self, descriptor: int, end: int) -> tuple[int, str]:
        """Number and hash of the last line; the beginning where there is none."""
        if end == 0:
            return 0, _BEGINNING
        number, found, _ = self._checked(appending.last_line(descriptor, end))
        return number, found

    def _checked(self, line: str, number: int | None = None, previous: str | None = None) -> tuple[int, str, str]:
        """Number, hash and body of one line that holds, and follows the one before where that is given."""
        try:
            parsed = json.loads(line)
            found = parsed.pop("hash")
            mine, before, body, office = (parsed[name] for name in ("number", "previous", "body", "office"))
        except (ValueError, KeyError, AttributeError, TypeError):
            raise RegisterBroken(f"The withdrawal register {self.path} has a line that is none.") from None
        if office != self.office:
            raise RegisterBroken(f"The withdrawal register {self.path} belongs to another office.")
        if _hash(parsed) != found:
            raise RegisterBroken(f"Line {mine} of the withdrawal register {self.path} was changed.")
        if (number is not None and mine != number) or (previous is not None and before != previous):
            raise RegisterBroken(f"The withdrawal register {self.path} lacks a line before line {mine}.")
        return int(mine), str(found), str(body)

    def _demand_as_long_as_noted(self, number: int, whole: str) -> None:
        mark = self.high_water()
        if mark is None or mark.register_number == 0:
            return
        lines = whole.splitlines()
        if number < mark.register_number or json.loads(lines[mark.register_number - 1])["hash"] != mark.register_hash:
            raise RegisterBroken(
                f"The withdrawal register {self.path} ends at line {number}, and once had line {mark.register_number}: "
                "it was cut short, or an older copy was put in its place."
            )


def of(office: Office) -> Register:
    """The register of an open office."""
    return Register(office.register, str(Row.objects.get().uuid))


def connect(office: Office) -> None:
    """From here on every line is written as soon as its move has committed, before the officer is answered."""
    told.port.write = lambda: flush(office, leases.database_now())


def flush(office: Office, now: datetime) -> bool:
    """Append the lines that are not written yet. False, and a Notice, where that cannot be done now.

    A line whose row could not be marked afterwards is written twice, which does no harm: replaying repeats nothing.
    """
    try:
        register = of(office)
        with register.locked() as descriptor:
            mark = register.high_water()
            behind = mark is not None and bool(_fallen_back(mark))
            lost = not behind and os.fstat(descriptor).st_size == 0  # then the database knows what stood in it
            rows = RegisterLine.objects.all() if lost else RegisterLine.objects.filter(written_at__isnull=True)
            lines = list(rows.order_by("pk"))
            last = register.append(descriptor, [row.line for row in lines])
            if not behind:
                _raise(register, replace(mark, register_number=0) if mark and lost else mark, *last)
            if lines:
                RegisterLine.objects.filter(pk__in=[row.pk for row in lines]).update(written_at=now)
    except (OSError, RegisterBroken) as error:
        _tell_unwritten(office, error, now)
        return False
    except DatabaseError as error:
        log.warning("The register was not flushed (%s); the clock's next round tries again.", type(error).__name__)
        return False
    if Notice.objects.filter(cause=CAUSE, cleared_at__isnull=True).exists():
        notices.clear(CAUSE, now)
    return True


def keep(office: Office, now: datetime) -> None:
    """The clock's part: write what is left over, and freeze an office whose database is older than it was."""
    flush(office, now)
    watch(office, now)  # also where nothing can be written: it reads, until it finds something


def watch(office: Office, now: datetime) -> None:
    """Compare the chain's head with the high-water file; where it is behind, freeze, replay, and begin anew from it."""
    try:
        register = of(office)
        mark = register.high_water()
        if mark is not None and (words := _fallen_back(mark)):
            recover(register, mark, words, now)
    except (OSError, RegisterBroken) as error:
        _tell_unwritten(office, error, now)


def recover(register: Register, mark: HighWater, words: str, now: datetime) -> None:
    """An older database was put in the newer one's place. Each step may be repeated; the last ends the repeating.

    With a register that cannot be read it is begun anew each round, and nobody can resume the office before that.
    """
    moves.begin_recovery(words, now=now, lost_number=mark.number, lost_hash=mark.hash)
    try:
        replay(register, mark, now)
    except RegisterBroken as error:
        words = f"What was withdrawn since the backup is not known, so this office cannot be resumed. {error}"
        notices.tell(UNREAD, words, now)
        return
    notices.clear(UNREAD, now)
    moves.set_aside(now)
    moves.end_old_sign_ins(now)
    rebase(register)


def replay(register: Register, mark: HighWater | None, now: datetime) -> dict[str, int]:
    """Do again what the register tells, and raise the counters above all it and the high-water file know."""
    lines = register.lines()
    done = moves.replay(lines, now=now)
    least = counters.highest(moves.counters_of(lines), mark.counters if mark else {})
    moves.raise_counters(least, now=now)
    return done


def rebase(register: Register) -> None:
    """From here on the high-water file speaks of the chain as it is now. OSError, RegisterBroken."""
    with register.locked() as descriptor:
        _raise(register, register.high_water(), *register.append(descriptor, []))


def fallen_back(office: Office) -> str:
    """What `check` says where the database is older than it was; else nothing. Raises RegisterBroken."""
    mark = of(office).high_water()
    return _fallen_back(mark) if mark else ""


def _fallen_back(mark: HighWater) -> str:
    # The file was read before the head: what is appended meanwhile can only move the head up.
    head = ChainHead.objects.get().number
    known = Entry.objects.filter(number=mark.number).values_list("hash", flat=True).first()
    if mark.number == 0 or known == mark.hash:
        return ""
    was = f"the audit log ends at entry {head}, and had come to entry {mark.number}"
    if head >= mark.number:
        was = f"entry {mark.number} of the audit log is not the one that was written"
    return (
        f"This database is not the one this office worked with: {was}. It was restored or copied back. Nothing is sent "
        "or revealed until `publisher reconcile` has looked at every account and somebody resumed it."
    )


def _raise(register: Register, was: HighWater | None, number: int, last: str) -> None:
    """The high-water file as things stand now, where that is anything new."""
    head = ChainHead.objects.get()
    least = counters.highest(counters.of_office(), was.counters if was else {})
    if was and was.register_number > number:  # a register that was cut short is not made whole by forgetting it
        number, last = was.register_number, was.register_hash
    mark = HighWater(register.office, head.number, head.hash, number, last, least)
    if mark != was:
        register.write_high_water(mark)


def _tell_unwritten(office: Office, error: Exception, now: datetime) -> None:
    why = str(error) if isinstance(error, RegisterBroken) else f"{getattr(error, 'strerror', None) or error}."
    words = (
        f"Withdrawals are not written into the register {office.register}: {why.rstrip('.')}. They go on all the same, "
        "and what is not written yet is tried again each round. Mend it before the next backup is needed."
    )
    with contextlib.suppress(DatabaseError):
        notices.tell(CAUSE, words, now)


def _hash(line: dict[str, object]) -> str:
    return hashlib.sha256(canonical(line).encode()).hexdigest()
