"""The database held against its keys, its anchors and the high-water file; once an hour by the clock.

A finding stops publishing until two people have ended its alarm (`alarms.end_alarms`). It never stops a withdrawal.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.db import DatabaseError

from pressqueue import integrity, sealing, seals
from pressqueue.integrity import PARTS, Finding
from pressqueue.models import ChainHead, Entry, Heartbeat
from pressqueue.models import Office as Row
from pressqueue.moves import alarms, heartbeats, leases, notices
from publisher import verifier
from publisher.configuration.office_file import Office
from publisher.evidence import anchors, keys
from publisher.evidence.keys import EvidenceRefused
from publisher.register import sync
from publisher.register.register_file import RegisterBroken

log = logging.getLogger(__name__)

HEARTBEAT = "integrity"
FAULT = "fault:round:integrity"  # the Notice while the check itself fails
HIGH_WATER = "high water"  # an older database freezes the office by itself, each round: see `register.sync.watch`
KEY_CAUSE = "integrity-key"  # the Notice while it is missing
HOUR = timedelta(hours=1)
_looked: dict[Path, datetime] = {}  # when this process last looked, by the office's folder
RESTORES = ("restored", "recovering")  # acts of Entries that explain why older anchors are not of this log


def of_everything(office: Office) -> list[Finding]:
    """Every finding, in the database and beside it."""
    return [*integrity.of_everything(), *_of_files(office)]


def run_round(office: Office, now: datetime) -> int:
    """The clock's part: where an hour has passed, look, and raise an alarm for what is found. Returns how many."""
    # Once this process has looked it goes by its own memory: the Heartbeat is a row that anybody may write.
    last = (
        _looked.get(office.folder) or Heartbeat.objects.filter(name=HEARTBEAT).values_list("rung_at", flat=True).first()
    )
    if last is not None and last <= now < last + HOUR:
        return 0
    if sealing.has_key():
        notices.clear(KEY_CAUSE, now)
    key = sealing.port.key
    try:
        found = _of_hours(office, last, now)
        if sealing.port.key != key:
            return 0  # the key was changed meanwhile, so the next round looks by the new one
        raised = [alarms.raise_alarm(each.name, each.words, now=now) for each in found]
    except DatabaseError as error:
        log.warning("The hourly check stopped at the database (%s); the next round makes it.", type(error).__name__)
        return 0
    _looked[office.folder] = now
    notices.clear(FAULT, now)
    heartbeats.ran(HEARTBEAT, now)
    return sum(raised)


def _of_hours(office: Office, last: datetime | None, now: datetime) -> list[Finding]:
    """What is new, and the parts of every hour since the last look: also of those in which nothing ran."""
    hours = PARTS if last is None or now < last else max(1, int((now - last) / HOUR))
    this = int(now.timestamp() // HOUR.total_seconds())
    parts = [(this - back) % PARTS for back in range(hours)]
    found = integrity.of_everything() if hours >= PARTS else integrity.of_hours(parts)
    found += _of_files(office)
    if not found:
        alarms.checkpoint(now)
    return [each for each in dict.fromkeys(found) if each.name != HIGH_WATER and not _of_key(each, now)]


def _of_key(finding: Finding, now: datetime) -> bool:
    """A missing key stops publishing by itself, and is told; it is no forgery that two people must explain."""
    if finding.name == "key":
        notices.notify(KEY_CAUSE, finding.words, now)
    return finding.name == "key"


def _of_files(office: Office) -> Iterator[Finding]:
    yield from _of_high_water(office)
    yield from _of_anchors(office)


def _of_high_water(office: Office) -> Iterator[Finding]:
    try:
        if words := sync.fallen_back(office):
            yield Finding(HIGH_WATER, words)
    except RegisterBroken as broken:
        yield Finding(HIGH_WATER, str(broken))
        return
    if not sealing.has_key():  # without it nothing of the register can be checked, which is told
        return
    if words := sync.missing(office):
        yield Finding(sync.ALARM, words)
    elif office.register.exists():
        try:
            _read_register(office)
        except RegisterBroken as broken:
            yield Finding(sync.ALARM, str(broken))


def _read_register(office: Office) -> None:
    """What looks wrong is asked again while nobody writes it: the integrity key may be being changed."""
    register = sync.of(office)
    try:
        register.lines()
    except RegisterBroken:
        with contextlib.suppress(OSError), register.locked() as descriptor:
            seals.is_vouched(ChainHead.objects.get())
            sync.follow_key(register, descriptor, sealing.port.before, leases.database_now())
            register.lines()
            return
        raise


def _of_anchors(office: Office) -> Iterator[Finding]:
    """Their signatures, that the newest is the one this log remembers, and that each is of this log."""
    head = ChainHead.objects.get()
    if not head.anchor and not office.anchors.exists():
        return
    try:
        ours = anchors.of(office)
        lines = ours.lines()
        _demand_remembered(office.anchors, head)
        trail = _trail(office)
    except (EvidenceRefused, verifier.Failed) as broken:
        yield Finding("anchors", str(broken))
        return
    hashes = dict(
        Entry.objects.filter(number__in={line["number"] for line in trail.anchors}).values_list("number", "hash")
    )
    for line in trail.anchors:
        if hashes.get(line["number"]) != line["hash"] and not _explained(line):
            yield Finding(
                "anchors",
                f"The anchor of {line['date']} names another entry {line['number']} than the log has.",
            )
            return
    if lines and str(lines[0]["office"]) != str(Row.objects.get().uuid):
        yield Finding("anchors", f"{office.anchors} belongs to another office.")


def _demand_remembered(path: Path, head: ChainHead) -> None:
    """Raises EvidenceRefused where the file lacks the newest anchor that this log knows of."""
    if not head.anchor:
        return
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if not text:
        raise EvidenceRefused(f"The anchors {path} are gone. There were some: put back the copy kept elsewhere.")
    if head.anchor not in {hashlib.sha256(line.encode()).hexdigest() for line in text.splitlines()}:
        raise EvidenceRefused(f"The anchors {path} lack the newest one this log knows of. Put back the copy kept.")


def _trail(office: Office) -> verifier.Trail:
    """Every line's signature. The public keys are taken from the lines themselves: who can forge one has no key.

    Where the private key lies here, the newest line must be of it. Raises EvidenceRefused, verifier.Failed.
    """
    text = office.anchors.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    known = {line["key"]: b"" for line in anchors.of(office).lines() if line["format"] == verifier.ANCHOR_KEY}
    if office.anchor_key.exists():
        known |= {keys.id_of(keys.read(office.anchor_key)): b""}
    return verifier.read_anchors(lines, known)


def _explained(line: anchors.Line) -> bool:
    """A restore that came after the anchor, to before it: the log goes on from there, and says so."""
    later = Entry.objects.filter(act__in=RESTORES, at__gte=line["at"], number__lte=line["number"])
    return sealing.has_key() and later.exists()
