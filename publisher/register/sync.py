"""The withdrawal register at work: lines are written, an older database is noticed, and what was lost is done again.

What the files hold, and when they are believed, is `publisher/register/register_file.py`.
"""

from __future__ import annotations

import contextlib
import logging
import os
from dataclasses import replace
from datetime import datetime

from django.db import DatabaseError

from pressqueue import counters, key_rotation, sealing, seals
from pressqueue import register as register_events
from pressqueue.models import Alarm, ChainHead, Entry, Notice, RegisterLine, Seal
from pressqueue.models import Office as Row
from pressqueue.moves import alarms, leases, notices, recovery, register_lines
from publisher.configuration.office_file import Office
from publisher.register.register_file import HighWater, Register, RegisterBroken, sealing_line

log = logging.getLogger(__name__)

CAUSE = "register"  # the Notice while it cannot be written
ALARM = "register"  # the alarm where its files were changed by somebody else
UNREAD = "replay:register"  # its own cause: a line that is written again does not clear it


def of(office: Office) -> Register:
    """The register of an open office. Its lines must carry MACs once there is a key, or ever was one."""
    return Register(office.register, str(Row.objects.get().uuid), keyed=_was_ever_keyed())


def _was_ever_keyed() -> bool:
    """The first Seal has a MAC in every office that ever had an integrity key."""
    return sealing.has_key() or Seal.objects.filter(number=1).exclude(mac="").exists()


def connect(office: Office) -> None:
    """From here on every line is written as soon as its move has committed, before the officer is answered."""
    register_events.port.write = lambda: flush(office, leases.database_now())


def flush(office: Office, now: datetime) -> bool:
    """Append the lines that are not written yet. False, and a Notice, where that cannot be done now.

    A line whose row could not be marked afterwards is written twice, which does no harm: replaying repeats nothing.
    Where the files are not as this program left them, lines are written all the same, an alarm is raised, and the
    high-water file stays as it is, so that it goes on saying so.
    """
    try:
        register = of(office)
        with register.locked() as descriptor:
            if _has_an_older_key(now):
                return False
            follow_key(register, descriptor, sealing.port.before, now)
            _accept_after_an_alarm(register, descriptor, now)
            _write(register, descriptor, now)
    except (OSError, RegisterBroken) as error:
        _notify_unwritten(office, error, now)
        return False
    except DatabaseError as error:
        log.warning("The register was not flushed (%s); the clock's next round tries again.", type(error).__name__)
        return False
    if Notice.objects.filter(cause=CAUSE, cleared_at__isnull=True).exists():
        notices.clear(CAUSE, now)
    return True


def _has_an_older_key(now: datetime) -> bool:
    """Another key is in force and this process has not got it: its lines would look like somebody else's."""
    if seals.is_vouched(ChainHead.objects.get()) or not key_rotation.is_outdated():
        return False
    notices.notify(key_rotation.CAUSE, key_rotation.RESTART, now)
    return True


def _write(register: Register, descriptor: int, now: datetime) -> None:
    mark, fault = _mark_of(register)
    behind = mark is not None and bool(_fallen_back(mark))
    written = RegisterLine.objects.filter(written_at__isnull=False)
    empty = os.fstat(descriptor).st_size == 0
    lost = not behind and empty and written.exists()  # then the database knows what stood in it
    if lost:
        fault = (
            f"The withdrawal register {register.path} was emptied or removed. It was written again from the database."
        )
    elif not fault and not behind:
        fault = register.discontinuity(descriptor, mark, written.count()) or _missing_mark(register, mark, empty)
    if fault:  # before anything is appended: to a file whose end is no line nothing can be
        alarms.raise_alarm(ALARM, fault, now=now)
    if mark is None and empty and not (fault or lost or behind):
        # Before the first line: a death between the line and the file would look as if somebody had removed it.
        _raise(register, None, *register.append(descriptor, []), now)
        mark = register.high_water()
    rows = RegisterLine.objects.all() if lost else RegisterLine.objects.filter(written_at__isnull=True)
    lines = list(rows.order_by("pk"))
    last = register.append(descriptor, [row.line for row in lines])
    if lines:
        register_lines.written(lines, now)
    if not behind and (lost or not fault):
        _raise(register, replace(mark, register_number=0) if mark and lost else mark, *last, now)


def _mark_of(register: Register) -> tuple[HighWater | None, str]:
    """The high-water file, or why it is not to be believed."""
    try:
        return register.high_water(), ""
    except RegisterBroken as broken:
        return None, str(broken)


def _missing_mark(register: Register, mark: HighWater | None, empty: bool) -> str:
    """Beside a register with lines there is a high-water file, and an office that ever wrote one has one."""
    if mark is not None or (empty and not Row.objects.filter(high_water_at__isnull=False).exists()):
        return ""
    return f"The high-water file {register.high_water_file} was removed: nobody can tell what else was."


def accept(register: Register, descriptor: int, now: datetime) -> None:
    """Take the register as it is: a line vouches for all before it, and the high-water file follows it from here on.

    Done once when an older office gets its integrity key, and when two people have ended the alarm about it. What
    the database knows to have been written and the file lacks is written again. A file whose lines do not even follow
    one another is put beside, under another name, and written anew. OSError.
    """
    rows = RegisterLine.objects.order_by("pk")
    try:
        register.last(descriptor)  # a line that a crash left unfinished is cut off first
        lines = len(register.chained())
    except RegisterBroken:
        register.put_beside(descriptor, now)
        lines = 0
    again = [row.line for row in rows] if lines < rows.filter(written_at__isnull=False).count() else []
    vouching = [sealing_line(lines, now)] if lines else []
    _raise(register, None, *register.append(descriptor, [*vouching, *again]), now)


def begin_keyed(office: Office, now: datetime) -> None:
    """An older office has its key now: its register is checked as it always was, then vouched for, once.

    Raises RegisterBroken where it does not hold, OSError. Killed at any moment, it is done the next time.
    """
    register = replace(of(office), keyed=False)
    done = Row.objects.filter(high_water_at__isnull=False).exists() or seals.faults(["office"])
    if done or not (register.path.exists() or register.high_water_file.exists()):
        return
    with register.locked() as descriptor:
        register.last(descriptor)
        register.lines()
        accept(register, descriptor, now)


def follow_key(register: Register, descriptor: int, old: bytes | None, now: datetime) -> None:
    """The integrity key was changed: the files follow, where they hold under the old one. OSError.

    Where they hold under neither they stay as they are, and what reads them raises the alarm.
    """
    if old is not None and not _holds(register):
        with sealing.under(old):
            held = _holds(register)
        if held:
            accept(register, descriptor, now)
    sealing.port.before = None


def _holds(register: Register) -> bool:
    try:
        register.lines()
        register.high_water()
    except RegisterBroken:
        return False
    return True


def accept_as_it_is(office: Office, now: datetime) -> None:
    """Two people said that the office goes on with the register as it is. OSError."""
    register = of(office)
    with register.locked() as descriptor:
        accept(register, descriptor, now)


def _accept_after_an_alarm(register: Register, descriptor: int, now: datetime) -> None:
    """Two people ended the alarm: at the desk, so the file is taken here, whatever died in between."""
    over = Alarm.objects.filter(cause=ALARM, ended_at__isnull=False, accepted_at__isnull=True).order_by("pk").last()
    if over is not None and sealing.has_key() and not seals.faults(["office"]):
        accept(register, descriptor, now)
        alarms.files_accepted(over, now=now)


def verify(office: Office, now: datetime) -> int:
    """Read all of it; returns how many lines hold. Raises RegisterBroken, having sounded the alarm."""
    register = of(office)
    try:
        with register.locked():
            return len(register.lines()) if register.path.stat().st_size else 0
    except RegisterBroken as broken:
        alarms.raise_alarm(ALARM, str(broken), now=now)
        raise


def run_round(office: Office, now: datetime) -> None:
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
        _notify_unwritten(office, error, now)


def recover(register: Register, mark: HighWater, message: str, now: datetime) -> None:
    """An older database was put in the newer one's place. Each step may be repeated; the last ends the repeating.

    With a register that cannot be read it is begun anew each round, and nobody can resume the office before that.
    """
    recovery.begin_recovery(message, now=now, lost_number=mark.number, lost_hash=mark.hash)
    try:
        replay(register, mark, now)
    except RegisterBroken as error:
        recovery.replay(register.readable(), now=now)  # as far as it stops something or takes it down
        message = f"What was withdrawn since the backup is not known, so this office cannot be resumed. {error}"
        notices.notify(UNREAD, message, now)
        return
    notices.clear(UNREAD, now)
    recovery.quarantine(now)
    recovery.end_old_sign_ins(now)
    rebase(register, now)


def replay(register: Register, mark: HighWater | None, now: datetime) -> dict[str, int]:
    """Do again what the register tells, and raise the counters above all it and the high-water file know."""
    lines = register.lines()
    done = recovery.replay(lines, now=now)
    least = counters.highest(recovery.counters_of(lines), mark.counters if mark else {})
    recovery.raise_counters(least, now=now)
    return done


def rebase(register: Register, now: datetime) -> None:
    """From here on the high-water file speaks of the chain as it is now. OSError, RegisterBroken."""
    with register.locked() as descriptor:
        _raise(register, register.high_water(), *register.last(descriptor), now)


def fallen_back(office: Office) -> str:
    """What `check` says where the database is older than it was; else nothing. Raises RegisterBroken."""
    mark = of(office).high_water()
    return _fallen_back(mark) if mark else ""


def missing(office: Office) -> str:
    """What both commands say where the files lack what was written into them; else nothing.

    Nothing is written: the next round does that and raises the alarm. What is wrong with the lines that are there, or
    with the high-water file, is said by whoever reads them.
    """
    register = of(office)
    mark, fault = _mark_of(register)
    if fault or (mark is not None and _fallen_back(mark)):
        return ""
    written = RegisterLine.objects.filter(written_at__isnull=False).count()
    empty = not register.path.exists() or register.path.stat().st_size == 0
    if empty and written:
        return f"The withdrawal register {register.path} was emptied or removed."
    if (fault := _missing_mark(register, mark, empty)) or empty:
        return fault
    with contextlib.suppress(OSError), register.locked() as descriptor:
        return register.discontinuity(descriptor, mark, written)
    return ""


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


def _raise(register: Register, was: HighWater | None, number: int, last: str, now: datetime) -> None:
    """The high-water file as things stand now, where that is anything new."""
    head = ChainHead.objects.get()
    least = counters.highest(counters.of_office(), was.counters if was else {})
    if was and was.register_number > number:  # a register that was cut short is not made whole by forgetting it
        number, last = was.register_number, was.register_hash
    mark = HighWater(register.office, head.number, head.hash, number, last, least)
    if mark != was:
        register.write_high_water(mark)
        if sealing.has_key():
            register_lines.high_water_begun(now)


def _notify_unwritten(office: Office, error: Exception, now: datetime) -> None:
    why = str(error) if isinstance(error, RegisterBroken) else f"{getattr(error, 'strerror', None) or error}."
    message = (
        f"Withdrawals are not written into the register {office.register}: {why.rstrip('.')}. They go on all the same, "
        "and what is not written yet is tried again each round. Mend it before the next backup is needed."
    )
    with contextlib.suppress(DatabaseError):
        notices.notify(CAUSE, message, now)
