"""Daily anchors: signed digests of the audit log's head, kept where the database's owner cannot rewrite them.

Each is one line of canonical JSON in a file that only grows:

    {"at", "date", "format": "publisher-anchor", "hash", "key", "missed", "number", "office", "previous",
     "signature", "version": 1}

`signature` is Ed25519, in base64, over the line without it; `previous` the SHA-256 of the line before; `missed` the
days since then on which none was made. Where the log is no longer the one anchored before, `breaks` names what it was.
A key comes into use by a line of format `publisher-anchor-key`, signed by itself and, at a rotation, by the key before
it as well (`signature_old`). `publisher/verifier.py` reads all of it and needs nothing else of ours.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import DatabaseError

from pressqueue.hashing import canonical
from pressqueue.models import ChainHead, Entry
from pressqueue.models import Office as Row
from pressqueue.moves import alarms, notices
from publisher import verifier
from publisher.configuration.office_file import Office
from publisher.evidence import keys
from publisher.evidence.keys import EvidenceRefused
from publisher.register import append_only

CAUSE = "anchors"  # the Notice while none can be made
MISSED = "anchor-missed"
Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Anchors:
    """One office's anchors, and the key that signs them."""

    path: Path
    key_file: Path
    office: str  # the office's uuid

    def lines(self) -> list[Line]:
        """Every line, as it stands; none where there is no file. Raises EvidenceRefused. Signatures: the verifier's."""
        try:
            text = self.path.read_text(encoding="utf-8")
            found = [json.loads(each) for each in text.split("\n")[:-1]]
            if any(each["office"] != self.office for each in found):
                raise EvidenceRefused(f"{self.path} belongs to another office. Give each office its own anchors.")
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError):
            raise EvidenceRefused(
                f"The anchors {self.path} cannot be read. Put back the copy kept elsewhere."
            ) from None
        return found

    def last(self) -> Line | None:
        """The newest anchor."""
        return next((line for line in reversed(self.lines()) if line["format"] == verifier.ANCHOR), None)

    def key_in_use(self) -> str:
        """The id of the key that signs now; empty where none was ever introduced."""
        named = (line["key"] for line in reversed(self.lines()) if line["format"] == verifier.ANCHOR_KEY)
        return str(next(named, ""))

    def key(self) -> Ed25519PrivateKey:
        """The key that signs now. Raises EvidenceRefused where the file holds another, or none."""
        key, in_use = keys.read(self.key_file), self.key_in_use()
        if in_use != keys.id_of(key):
            raise EvidenceRefused(
                f"The key in {self.key_file} is not the one the anchors name ({in_use[:16] or 'none'}). Put the right "
                "one back; if it is lost, an administrator runs `publisher anchors key --lost`."
            )
        return key

    def append(self, descriptor: int, line: Line, sign: Callable[[Line], Line]) -> Line:
        """Add a line to the locked file, whole and durable, or nothing. OSError."""
        end = append_only.drop_unfinished(descriptor)
        before = append_only.last_line(descriptor, end)
        previous = verifier.sha256(before) if before else verifier.BEGINNING
        line = line | {"office": self.office, "version": verifier.VERSION, "previous": previous}
        line |= sign(line)
        append_only.write_or_nothing(descriptor, (canonical(line) + "\n").encode(), end)
        return line


def of(office: Office) -> Anchors:
    """The anchors of an open office."""
    return Anchors(office.anchors, office.anchor_key, str(Row.objects.get().uuid))


def run_round(office: Office, now: datetime) -> None:
    """The clock's part: one anchor a day. Whatever goes wrong is told and holds up nothing else."""
    local = now.astimezone(ZoneInfo(office.identity.zone))
    try:
        if local.hour < office.anchor_files.hour or not _begun(office) or _made_today(office, local.date()):
            return
        make(office, now)
    except (OSError, EvidenceRefused, DatabaseError) as error:
        _notify(error, now)


def _begun(office: Office) -> bool:
    """An exercise that never asked for anchors is left in peace; a real office is told that it has none."""
    return not office.identity.exercise or office.anchors.exists() or office.anchor_key.exists()


def _made_today(office: Office, today: date) -> bool:
    """Asked every few seconds, so only the file's end is read. A clock that went back makes no second one."""
    try:
        with office.anchors.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            end = append_only.last_line(file.fileno(), size)
        return str(json.loads(end).get("date", "")) >= today.isoformat()
    except (FileNotFoundError, ValueError, AttributeError):
        return False


def make(office: Office, now: datetime) -> Line:
    """An anchor of the log's head as it is; the newest one again where nothing happened since.

    Raises EvidenceRefused (no key, or not the right one), OSError (nowhere to write).
    """
    anchors = of(office)
    day = now.astimezone(ZoneInfo(office.identity.zone)).date()
    with append_only.locked(anchors.path) as descriptor:
        key, last = anchors.key(), anchors.last()
        head = ChainHead.objects.get()
        if last is not None and day.isoformat() < last["date"]:
            raise EvidenceRefused(f"The newest anchor is of {last['date']}, which is yet to come: set the clock right.")
        if last is not None and (last["date"], last["hash"]) == (day.isoformat(), head.hash):
            return last
        line: Line = {
            "format": verifier.ANCHOR,
            "date": day.isoformat(),
            "at": now.astimezone(UTC).isoformat(timespec="microseconds"),
            "number": head.number,
            "hash": head.hash,
            "key": keys.id_of(key),
            "missed": _missed(last, day),
        }
        if last is not None and not Entry.objects.filter(number=last["number"], hash=last["hash"]).exists():
            line["breaks"] = {"number": last["number"], "hash": last["hash"]}
        line = anchors.append(descriptor, line, lambda body: {"signature": keys.sign(key, body)})
        alarms.remember_anchor(verifier.sha256(canonical(line)))
    notices.clear(CAUSE, now)
    _notify_of(line, now)
    return line


def _missed(last: Line | None, day: date) -> list[str]:
    if last is None:
        return []
    first = date.fromisoformat(last["date"])
    return [(first + timedelta(days=each)).isoformat() for each in range(1, (day - first).days)]


def _notify(error: Exception, now: datetime) -> None:
    reason = str(error) if isinstance(error, EvidenceRefused) else str(getattr(error, "strerror", None) or error)
    message = f"Today's anchor of the audit log is not made yet: {reason.rstrip('.')}. It is tried again each round."
    try:
        notices.notify(CAUSE, message, now)
    except DatabaseError:
        return  # the next round tells it


def _notify_of(line: Line, now: datetime) -> None:
    if line["missed"]:
        days = ", ".join(line["missed"])
        message = (
            f"No anchor of the audit log was made on {days}. The anchor of {line['date']} says so, signed, for ever."
        )
        notices.notify(f"{MISSED}:{line['date']}", message, now)
    if "breaks" in line:
        message = (
            f"The audit log is not the one that was anchored before: entry {line['breaks']['number']} is missing or "
            "another. That is so after a restore from a backup; if there was none, somebody changed the log."
        )
        notices.notify(f"anchor-breaks:{line['date']}", message, now)


def introduce(office: Office, why: str, now: datetime, announce: Callable[[str], None]) -> str:
    """Bring a new key into use: `why` is "first", "rotation" or "lost". Returns its id.

    `announce` writes the audit line, with the id, before the key counts. Each step may be interrupted: what was not
    announced in the anchors never signed anything, and what was is put in its place the next time.
    Raises EvidenceRefused, OSError.
    """
    anchors = of(office)
    with append_only.locked(anchors.path) as descriptor:
        _finish(anchors)
        old = _old_key(anchors, why)
        fresh = _fresh_key(anchors, why)
        name = keys.id_of(fresh)
        announce(name)
        line: Line = {
            "format": verifier.ANCHOR_KEY,
            "at": now.astimezone(UTC).isoformat(timespec="microseconds"),
            "key": name,
            "public": base64.b64encode(keys.public_der(fresh)).decode("ascii"),
            "follows": anchors.key_in_use(),
            "why": why,
        }
        anchors.append(descriptor, line, lambda body: _signed(body, fresh, old))
        _finish(anchors)
    return name


def _signed(line: Line, fresh: Ed25519PrivateKey, old: Ed25519PrivateKey | None) -> Line:
    made: Line = {"signature": keys.sign(fresh, line)}
    return made | ({"signature_old": keys.sign(old, line)} if old is not None else {})


def _old_key(anchors: Anchors, why: str) -> Ed25519PrivateKey | None:
    in_use = anchors.key_in_use()
    if why == "first":
        if in_use:
            raise EvidenceRefused(
                f"There is a signing key already ({in_use[:16]}). `publisher anchors key --rotate` follows it with "
                "another; --lost says that it is lost."
            )
        return None
    if not in_use:
        raise EvidenceRefused("There is no signing key yet. `publisher anchors key` makes the first.")
    if why == "rotation":
        return anchors.key()
    if anchors.key_file.exists():
        raise EvidenceRefused(
            f"There is a key at {anchors.key_file}, so it may not be lost. Use --rotate; or, if that file is of no "
            "use, move it away first."
        )
    return None


def _fresh_key(anchors: Anchors, why: str) -> Ed25519PrivateKey:
    """A new key in a file beside the old one's place; the first may lie in its place already, made elsewhere."""
    if why == "first" and anchors.key_file.exists():
        return keys.read(anchors.key_file)
    key = Ed25519PrivateKey.generate()
    keys.write(key, _waiting(anchors))
    return key


def _waiting(anchors: Anchors) -> Path:
    return anchors.key_file.with_suffix(".new")


def _finish(anchors: Anchors) -> None:
    """Put a key that was announced in its place, where the old one is gone with it; forget one that was not."""
    waiting = _waiting(anchors)
    if waiting.exists():
        if keys.id_of(keys.read(waiting)) == anchors.key_in_use():
            waiting.replace(anchors.key_file)
            append_only.flush_folder(anchors.key_file.parent)
        else:
            waiting.unlink()
    if anchors.key_file.exists() and anchors.key_in_use():
        keys.write_public(keys.read(anchors.key_file), anchors.key_file)
