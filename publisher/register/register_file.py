"""The files of the withdrawal register: its lines, and the high-water file beside it.

A line is JSON with the hash of the line before, so that one taken out is noticed, and a MAC made with the integrity
key, so that nobody who can write the file can make it whole again without the key. The high-water file names the
register's last line and the audit chain's head, so that an older register, or an older database, is noticed; it
carries a MAC as well. Both are written under the register's own file lock and flushed to the disk.

    {"body", "hash", "mac", "number", "office", "previous"}

`hash` is the SHA-256 of the line without `hash` and `mac`; `mac` covers both. A line of the kind `sealed` vouches for
every line before it, whatever those carry: it is written once when an office that is older than its integrity key
gets one, and again whenever two people have accepted the register as it is. Every line after it needs a MAC.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pressqueue import register as register_events
from pressqueue import sealing
from pressqueue.hashing import canonical
from publisher import PublisherError
from publisher.register import append_only
from publisher.register.append_only import flush_folder

HIGH_WATER = "high-water.json"
SEALED = "sealed"  # the kind of the line that vouches for those before it
_BEGINNING = "0" * 64


class RegisterBroken(PublisherError):
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
class Line:
    """One line of the file. `mac` is empty where the line carries none."""

    number: int
    previous: str
    body: str
    hash: str
    mac: str

    def is_keyed(self, office: str) -> bool:
        """Whether this office's integrity key made its MAC. False without the key."""
        return bool(self.mac) and sealing.has_key() and sealing.same("register", _keyed(office, self), self.mac)


@dataclass(frozen=True, slots=True)
class Register:
    """One office's register at one place. `keyed`: its lines and high-water file must carry MACs."""

    path: Path
    office: str  # the office's uuid
    keyed: bool = True

    @property
    def high_water_file(self) -> Path:
        return self.path.parent / HIGH_WATER

    def lines(self) -> list[register_events.RegisterEvent]:
        """Every line, in order, after chain, MACs and high-water file were checked. Raises RegisterBroken."""
        found = self.chained()
        self._demand_macs(found)
        self._demand_as_long_as_noted(found)
        return [register_events.read(line.body) for line in found]

    def chained(self) -> list[Line]:
        """Every line, in order, after its chain was checked and nothing else. Raises RegisterBroken."""
        found: list[Line] = []
        for text in self._text().splitlines():
            line = self._parsed(text)
            if (line.number, line.previous) != (len(found) + 1, found[-1].hash if found else _BEGINNING):
                raise RegisterBroken(f"The withdrawal register {self.path} lacks a line before line {line.number}.")
            found.append(line)
        return found

    def readable(self) -> list[register_events.RegisterEvent]:
        """Whatever can still be read of a register that does not hold, except what would end a stop.

        Doing a stop again is always safe, whoever wrote the line; ending one is not. Never raises.
        """
        found = []
        with contextlib.suppress(RegisterBroken):
            for text in self._text().splitlines():
                with contextlib.suppress(RegisterBroken, ValueError):
                    found.append(register_events.read(self._parsed(text).body))
        frozen = any(each.kind == "freeze" and each.text("what") == "all" for each in found)
        return [
            each
            for each in found
            if not register_events.ends_a_stop(each) and not (frozen and each.text("what") == "features")
        ]

    def high_water(self) -> HighWater | None:
        """The high-water file, or None where there is none. Raises RegisterBroken where it is not to be believed."""
        try:
            found = json.loads(self.high_water_file.read_text(encoding="utf-8"))
            mac = str(found.pop("mac", ""))
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
        self._demand_mac_of(mark, mac)
        return mark

    @contextlib.contextmanager
    def locked(self) -> Iterator[int]:
        """The register's file, made if there is none, locked against other processes. OSError; TimeoutError."""
        with append_only.locked(self.path) as descriptor:
            yield descriptor

    def append(self, descriptor: int, bodies: list[str]) -> tuple[int, str]:
        """Add lines, durably, or none of them; returns number and hash of the last line. OSError, RegisterBroken.

        Without the key they are written all the same, without MACs: a withdrawal is never kept back.
        """
        end = append_only.drop_unfinished(descriptor)
        number, previous = self._last(descriptor, end)
        text = ""
        for body in bodies:
            number += 1
            kept = {"office": self.office, "number": number, "previous": previous, "body": body}
            line = Line(number, previous, body, _hash(kept), "")
            previous = line.hash
            mac = {"mac": sealing.mac("register", _keyed(self.office, line))} if sealing.has_key() else {}
            text += canonical({**kept, "hash": line.hash, **mac}) + "\n"
        if text:
            append_only.write_or_nothing(descriptor, text.encode(), end)
        return number, previous

    def put_beside(self, descriptor: int, now: datetime) -> None:
        """Keep a copy of a file that cannot be gone on with, under a name of its own, and begin it anew. OSError."""
        copy = self.path.with_name(f"{self.path.name}.broken-{now:%Y%m%dT%H%M%S}")
        with os.fdopen(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(self.path.read_bytes())
            file.flush()
            os.fsync(file.fileno())
        flush_folder(self.path.parent)
        os.ftruncate(descriptor, 0)

    def last(self, descriptor: int) -> tuple[int, str]:
        """Number and hash of the last whole line as it is; 0 where there is none. RegisterBroken."""
        return self._last(descriptor, append_only.drop_unfinished(descriptor))

    def discontinuity(self, descriptor: int, mark: HighWater | None, least: int) -> str:
        """Why the file does not go on from where it had come; empty where it does. `least`: so many lines it had.

        Looks at the last line alone, but for the rare case that a crash left the file ahead of its high-water file.
        """
        try:
            line = self._last_line(descriptor, append_only.drop_unfinished(descriptor))
            if line is not None and self.keyed and sealing.has_key() and not line.is_keyed(self.office):
                return str(self._unkeyed(line))
            if (line.number if line else 0) < least:
                return str(self._cut_short(line.number if line else 0, least))
            if mark is None or mark.register_number == 0:
                return ""
            if line is not None and line.number > mark.register_number:
                line = self.chained()[mark.register_number - 1]
            whole = line is not None and (line.number, line.hash) == (mark.register_number, mark.register_hash)
            return "" if whole else str(self._cut_short(line.number if line else 0, mark.register_number))
        except RegisterBroken as broken:
            return str(broken)

    def write_high_water(self, mark: HighWater) -> None:
        """Replace the high-water file, whole and durable. OSError."""
        temporary = self.high_water_file.with_suffix(".new")
        content: dict[str, Any] = asdict(mark)
        if sealing.has_key():
            content["mac"] = sealing.mac("high-water", _parts(mark))
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(canonical(content) + "\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.high_water_file)
        flush_folder(self.path.parent)

    def _text(self) -> str:
        """The whole lines. A last line without an end was cut off by a crash, and is written again."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise RegisterBroken(f"There is no withdrawal register at {self.path}.") from None
        except (OSError, UnicodeDecodeError):
            raise RegisterBroken(f"The withdrawal register {self.path} cannot be read.") from None
        return text[: text.rfind("\n") + 1]

    def _last(self, descriptor: int, end: int) -> tuple[int, str]:
        line = self._last_line(descriptor, end)
        return (line.number, line.hash) if line else (0, _BEGINNING)

    def _last_line(self, descriptor: int, end: int) -> Line | None:
        return self._parsed(append_only.last_line(descriptor, end)) if end else None

    def _parsed(self, text: str) -> Line:
        """One line whose own hash holds. Raises RegisterBroken."""
        try:
            parsed = json.loads(text)
            found, mac = str(parsed.pop("hash")), str(parsed.pop("mac", ""))
            number, previous, body, office = (parsed[name] for name in ("number", "previous", "body", "office"))
        except (ValueError, KeyError, AttributeError, TypeError):
            raise RegisterBroken(f"The withdrawal register {self.path} has a line that is none.") from None
        if office != self.office:
            raise RegisterBroken(f"The withdrawal register {self.path} belongs to another office.")
        if _hash(parsed) != found:
            raise RegisterBroken(f"Line {number} of the withdrawal register {self.path} was changed.")
        return Line(int(number), str(previous), str(body), found, mac)

    def _demand_macs(self, lines: list[Line]) -> None:
        """Every line after the last one that vouches for those before it."""
        if not self.keyed:
            return
        if lines and not sealing.has_key():
            raise RegisterBroken(
                f"The withdrawal register {self.path} cannot be checked: the integrity key is missing. Put it back."
            )
        for line in reversed(lines):
            if not line.is_keyed(self.office):
                raise self._unkeyed(line)
            if register_events.read(line.body).kind == SEALED:
                return

    def _demand_mac_of(self, mark: HighWater, mac: str) -> None:
        if not self.keyed or not sealing.has_key():
            return
        if not mac or not sealing.same("high-water", _parts(mark), mac):
            raise RegisterBroken(
                f"The high-water file {self.high_water_file} was not written with this office's integrity key: "
                "somebody else wrote it, or the key was missing then."
            )

    def _demand_as_long_as_noted(self, lines: list[Line]) -> None:
        mark = self.high_water()
        if mark is None and self.keyed and lines:
            raise RegisterBroken(
                f"The high-water file {self.high_water_file} is missing, so nobody can tell whether lines were taken "
                "from the end of the register. Put it back beside the register."
            )
        if mark is None or mark.register_number == 0:
            return
        number = mark.register_number
        if len(lines) < number or lines[number - 1].hash != mark.register_hash:
            raise self._cut_short(len(lines), number)

    def _unkeyed(self, line: Line) -> RegisterBroken:
        return RegisterBroken(
            f"Line {line.number} of the withdrawal register {self.path} was not written with this office's integrity "
            "key: somebody else wrote it, or the key was missing then."
        )

    def _cut_short(self, number: int, once: int) -> RegisterBroken:
        return RegisterBroken(
            f"The withdrawal register {self.path} ends at line {number}, and once had line {once}: it was cut short, "
            "or an older copy was put in its place."
        )


def is_high_water_keyed(register: Path) -> bool:
    """Whether the high-water file beside this register has a MAC at all. Never raises."""
    try:
        return bool(json.loads((register.parent / HIGH_WATER).read_text(encoding="utf-8")).get("mac"))
    except (OSError, ValueError, AttributeError):
        return False


def sealing_line(lines: int, at: datetime) -> str:
    """The body of a line that vouches for so many before it."""
    return register_events.spell(register_events.RegisterEvent(SEALED, at, {"lines": lines}))


def _keyed(office: str, line: Line) -> list[object]:
    return [office, line.number, line.previous, line.body, line.hash]


def _parts(mark: HighWater) -> list[object]:
    counted = sorted([prefix, *pair] for prefix, pair in mark.counters.items())
    return [mark.office, mark.number, mark.hash, mark.register_number, mark.register_hash, counted]


def _hash(line: dict[str, object]) -> str:
    return hashlib.sha256(canonical(line).encode()).hexdigest()
