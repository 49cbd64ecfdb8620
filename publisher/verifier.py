#!/usr/bin/env python3
"""Verifies an audit export, or an evidence pack, of Publisher. This one file is all it takes.

    python verifier.py audit.jsonl --anchors anchors.jsonl --key anchor.pub.pem
    python verifier.py WTN-0001.zip --key anchor.pub.pem

It needs Python 3.9 and the package `cryptography`, for Ed25519; no database, no network, nothing else of Publisher.
Who has no `cryptography` finds the same steps with openssl and sha256sum in docs/evidence.md.

Exit code 0 and a summary: it holds. Exit code 1 and one sentence: it does not. Exit code 2: wrong usage.
Get the public key from the force by another way than the file you verify.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import shutil
import struct
import sys
import tempfile
import zipfile
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import IO, Any, BinaryIO, Iterable, Iterator  # noqa: UP035  # as Python 3.9 has them

AUDIT, AUDIT_END = "publisher-audit", "publisher-audit-end"
ANCHOR, ANCHOR_KEY = "publisher-anchor", "publisher-anchor-key"
VERSION = 1
BEGINNING = "0" * 64
SUMS, SIGNATURE = "SHA256SUMS", "SHA256SUMS.sig"
SUMS_TITLE = "# publisher evidence pack 1"
CHUNK = 1024 * 1024
Line = dict[str, Any]  # one line's JSON object


class Failed(Exception):
    """It does not hold; the text is a sentence that says where."""


@dataclass
class Trail:
    """The lines of an anchors file, every signature of which was checked."""

    anchors: list[Line] = field(default_factory=list)
    keys: list[Line] = field(default_factory=list)  # in the order in which they came into use

    @property
    def lost(self) -> list[Line]:
        return [each for each in self.keys if each["why"] == "lost"]


@dataclass
class Report:
    """What was found to hold."""

    first: int
    last: int
    sealed: int
    texts: int
    anchors: int
    anchored_from: str
    anchored_to: str
    unanchored: int
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [
            f"It holds: entries {self.first} to {self.last}, {self.sealed} sealed, {self.texts} with their text.",
            f"{self.anchors} anchors agree with it, from {self.anchored_from} to {self.anchored_to}.",
        ]
        if self.unanchored:
            lines.append(f"The last {self.unanchored} entries are younger than the last anchor: chained, not anchored.")
        return "\n".join(lines + self.notes)


def canonical(value: Any) -> str:
    """JSON with one spelling: sorted keys, no spaces, UTF-8 as it is."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256(text: str) -> str:
    """SHA-256 of a text in UTF-8, as 64 hex digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


# Keys and signatures -------------------------------------------------------------------------------------------------


def key_id(der: bytes) -> str:
    """SHA-256 of a public key in DER: openssl pkey -pubin -in KEY -outform DER | sha256sum."""
    return hashlib.sha256(der).hexdigest()


def read_keys(files: Iterable[Path]) -> dict[str, bytes]:
    """Public keys from PEM files, by key id, as DER. Raises Failed."""
    found = {}
    for file in files:
        try:
            text = file.read_text(encoding="ascii")
            begin, end = "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"
            der = base64.b64decode(text[text.index(begin) + len(begin) : text.index(end)])
            _verifying_key(der)
        except (OSError, ValueError) as error:
            raise Failed(f"{file} is no Ed25519 public key in PEM ({error}).") from None
        found[key_id(der)] = der
    return found


def _verifying_key(der: bytes) -> Any:
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415
        from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: PLC0415
    except ImportError:
        raise Failed(
            "Signatures are checked with the Python package cryptography, which is not installed here. Install it, or "
            "follow the openssl commands in docs/evidence.md."
        ) from None
    key = load_der_public_key(der)
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not an Ed25519 key")
    return key


def signed_by(der: bytes, signature: bytes, body: bytes) -> bool:
    """Whether this is the key's Ed25519 signature of `body`."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415

    try:
        _verifying_key(der).verify(signature, body)
    except InvalidSignature:
        return False
    return True


def signed_part(line: Line) -> bytes:
    """What a line's signatures are over: its canonical JSON without them."""
    return canonical({name: line[name] for name in line if not name.startswith("signature")}).encode("utf-8")


# Anchors -------------------------------------------------------------------------------------------------------------


def read_anchors(lines: Iterable[str], keys: dict[str, bytes]) -> Trail:
    """Check an anchors file by itself: no line changed, taken out or moved, every key known. Raises Failed."""
    trail, public, previous = Trail(), dict[str, bytes](), BEGINNING
    for place, text in enumerate(lines, 1):
        line = _parsed(text, f"Line {place} of the anchors")
        if line.get("previous") != previous:
            raise Failed(f"Line {place} of the anchors does not follow the line before it: one was taken out or moved.")
        previous = sha256(text.rstrip("\n"))
        try:
            _take_line(trail, public, line, place)
        except (KeyError, TypeError, ValueError) as error:
            raise Failed(f"Line {place} of the anchors lacks a part, or has one that cannot be ({error}).") from None
    _demand_known(trail, trusted(trail, keys))
    _demand_days(trail)
    return trail


def _take_line(trail: Trail, public: dict[str, bytes], line: Line, place: int) -> None:
    if (line["format"], line["version"]) not in {(ANCHOR, VERSION), (ANCHOR_KEY, VERSION)}:
        raise Failed(f"Line {place} of the anchors is of a kind this verifier does not know.")
    before = (trail.anchors or trail.keys or [line])[0]
    if line["office"] != before["office"]:
        raise Failed(f"Line {place} of the anchors belongs to another office.")
    now = trail.keys[-1]["key"] if trail.keys else ""
    if line["format"] == ANCHOR_KEY:
        der = base64.b64decode(line["public"], validate=True)
        if key_id(der) != line["key"] or line["follows"] != now or line["why"] not in ("first", "rotation", "lost"):
            raise Failed(f"Line {place} of the anchors names a key that does not follow the one before it.")
        if (line["why"] == "first") != (not now):
            raise Failed(f"Line {place} of the anchors says “{line['why']}”, which cannot be there.")
        if line["why"] == "rotation":
            _demand_signature(public[now], line, "signature_old", place)
        public[line["key"]] = der
        _demand_signature(der, line, "signature", place)
        trail.keys.append(line)
    else:
        if line["key"] != now:
            raise Failed(f"The anchor of {line['date']} is signed with a key ({line['key'][:16]}) no line introduced.")
        _demand_signature(public[now], line, "signature", place)
        date.fromisoformat(line["date"])
        trail.anchors.append(line)


def _demand_signature(der: bytes, line: Line, name: str, place: int) -> None:
    if not signed_by(der, base64.b64decode(line[name], validate=True), signed_part(line)):
        raise Failed(f"The signature of line {place} of the anchors ({line.get('date', line['at'])}) is not right.")


def trusted(trail: Trail, keys: dict[str, bytes]) -> set[str]:
    """The given keys, and those they vouch for: at a rotation the old and the new key sign one line together."""
    known, grown = set(keys), True
    while grown:
        grown = False
        for line in trail.keys:
            pair = {line["key"], line["follows"]}
            if line["why"] == "rotation" and pair & known and not pair <= known:
                known, grown = known | pair, True
    return known


def _demand_known(trail: Trail, known: set[str]) -> None:
    for line in trail.keys:
        if line["key"] in known:
            continue
        if line["why"] == "lost":
            raise Failed(
                f"On {line['at'][:10]} the office said that its key was lost, and announced the key {line['key'][:16]} "
                "by that key alone. Ask the force for that public key by another way and give it with --key as well."
            )
        raise Failed(
            f"The key {line['key'][:16]}, in use since {line['at'][:10]}, is not one you gave, nor does one you gave "
            "vouch for it. Give it with --key if you have it from the force."
        )


def _demand_days(trail: Trail) -> None:
    for before, after in zip(trail.anchors, trail.anchors[1:]):  # noqa: B905  # Python 3.9
        told = set(after.get("missed", []))
        for day in _days_between(before["date"], after["date"]):
            if day not in told:
                raise Failed(f"There is no anchor for {day}, and no signed line says that the office made none.")
        if after["date"] < before["date"] or (after["number"] < before["number"] and "breaks" not in after):
            raise Failed(f"The anchor of {after['date']} goes back behind the one before it.")


def _days_between(first: str, last: str) -> Iterator[str]:
    day, end = date.fromisoformat(first) + timedelta(days=1), date.fromisoformat(last)
    while day < end:
        yield day.isoformat()
        day += timedelta(days=1)


# The export ----------------------------------------------------------------------------------------------------------


def _parsed(text: str, where: str) -> Line:
    if not text.endswith("\n"):
        raise Failed(f"{where} breaks off in its middle.")
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        line = None
    if not isinstance(line, dict):
        raise Failed(f"{where} is not one JSON object.")
    if canonical(line) + "\n" != text:
        raise Failed(f"{where} is not spelt as it was written.")
    return line


def entry_hash(line: Line) -> str:
    """What an entry's hash must be, from what the line shows of it."""
    content = line.get("content")
    if content is None:
        parts = [line[name] for name in ("salt", "at", "act", "actor", "door", "about", "text_digest")]
        content = sha256(canonical(parts))
    return sha256(canonical([line["previous"], line["number"], content]))


@dataclass
class Chain:
    """The export's lines after they were found to follow one another."""

    header: Line
    hashes: dict[int, str]  # by number; also of the entry before the first
    last: int
    sealed: int = 0
    texts: int = 0
    last_at: str = ""
    last_act: str = ""


def read_export(lines: Iterable[str]) -> Chain:
    """Walk the chain: nothing changed, missing, or in another order. Raises Failed naming the first fault."""
    numbered = enumerate(lines, 1)
    _, text = next(numbered, (0, ""))
    header = _parsed(text, "The export's first line")
    if (header.get("format"), header.get("version")) != (AUDIT, VERSION):
        raise Failed("This is not an audit export, or one of a version this verifier does not know.")
    try:
        before = int(header["first"]) - 1
        chain = Chain(header, {before: str(header["before"])}, before)
        if (
            before < 0
            or (before == 0 and header["before"] != BEGINNING)
            or not {"office", "last", "until"} <= set(header)
        ):
            raise Failed("The export's first line is not that of a log.")
        for place, text in numbered:
            line = _parsed(text, f"Line {place} of the export")
            if line.get("format") == AUDIT_END:
                _demand_end(chain, line, next(numbered, None))
                return chain
            _take_entry(chain, line)
    except (KeyError, TypeError, ValueError) as error:
        raise Failed(f"A line of the export lacks a part, or has one that cannot be ({error}).") from None
    raise Failed("The export has no last line: it was cut short.")


def _take_entry(chain: Chain, line: Line) -> None:
    number = chain.last + 1
    if line["number"] != number:
        raise Failed(f"Entry {number} should stand where entry {line['number']} does: one was taken out or moved.")
    if line["previous"] != chain.hashes[chain.last]:
        raise Failed(f"Entry {number} does not follow the entry before it.")
    if entry_hash(line) != line["hash"]:
        raise Failed(f"Entry {number} was changed after it was written.")
    if "text" in line:
        if sha256(f"{line['text_salt']}\n{line['text']}") != line["text_digest"]:
            raise Failed(f"The text of entry {number} was changed after it was written.")
        chain.texts += 1
    chain.sealed += "content" in line
    chain.last_at, chain.last_act = str(line.get("at", chain.last_at)), str(line.get("act", ""))
    chain.last, chain.hashes[number] = number, line["hash"]


def _demand_end(chain: Chain, line: Line, after: object) -> None:
    if (line["last"], line["hash"], chain.header["last"]) != (chain.last, chain.hashes[chain.last], chain.last):
        raise Failed(f"The export says it ends at entry {line['last']}, and ends at entry {chain.last}: it was cut.")
    if after is not None:
        raise Failed("The export goes on after its last line.")


def hold_against(chain: Chain, trail: Trail, *, part: bool = False, restored: bool = False) -> Report:
    """The export against the anchors. `part`: only a stretch of the log was asked for; `restored`: accept a restore."""
    first, last = int(chain.header["first"]), chain.last
    if any(each["office"] != chain.header["office"] for each in trail.anchors):
        raise Failed("The anchors belong to another office than the export.")
    if not part:
        _demand_whole(chain, first, last)
    notes = [f"On {each['at'][:10]} the key was lost and a new one announced by itself." for each in trail.lost]
    agreeing: list[Line] = []
    for place, anchor in enumerate(trail.anchors):
        if "breaks" in anchor and not restored:
            raise Failed(
                f"The anchor of {anchor['date']} says that the log is not the one anchored before: the office was "
                "restored from a backup, or an older database put in its place. Ask why; --restored accepts it."
            )
        broken_off = any("breaks" in later for later in trail.anchors[place + 1 :])
        if _agrees(chain, anchor, first, last, part, broken_off):
            agreeing.append(anchor)
        elif broken_off and anchor["number"] >= first - 1:
            notes.append(f"What was anchored on {anchor['date']} (entry {anchor['number']}) was lost at a restore.")
        missed = anchor.get("missed", [])
        notes += [f"The office itself says that it made no anchor on {', '.join(missed)}."] if missed else []
    if not agreeing:
        raise Failed(f"No anchor speaks of any of the entries {first} to {last}: nothing binds this export.")
    _demand_recent(chain, trail, part)
    top = max(each["number"] for each in agreeing)
    return Report(
        first, last, chain.sealed, chain.texts, len(agreeing), agreeing[0]["date"], agreeing[-1]["date"],
        last - top, notes,
    )  # fmt: skip


def _demand_whole(chain: Chain, first: int, last: int) -> None:
    if first != 1:
        raise Failed(f"The export begins at entry {first}: those before it are missing. If a part is wanted: --part.")
    if chain.header["until"] is not None or chain.last_act != "audit_exported":
        raise Failed(
            f"The export ends at entry {last}, which is not the line of its own making: what came after is missing. "
            "If a part is wanted: --part."
        )


def _agrees(chain: Chain, anchor: Line, first: int, last: int, part: bool, broken_off: bool) -> bool:
    number = anchor["number"]
    if number < first - 1:
        return False
    if number > last:
        if part or broken_off:
            return False
        raise Failed(
            f"The export ends at entry {last}, but the anchor of {anchor['date']} names entry {number}: it was cut, or "
            "is older than the anchors."
        )
    if chain.hashes[number] == anchor["hash"]:
        return True
    if broken_off:
        return False
    raise Failed(
        f"Entry {number} is not the one that was anchored on {anchor['date']}: the log was changed and chained anew."
    )


def _demand_recent(chain: Chain, trail: Trail, part: bool) -> None:
    """Anchors may have been cut at their end, to hide what they say: the log's own days tell."""
    if not chain.last_at or (part and trail.anchors[-1]["number"] >= chain.last):
        return
    missing = list(_days_between(trail.anchors[-1]["date"], chain.last_at[:10]))
    if missing:
        raise Failed(f"There is no anchor for {missing[0]}, though the log goes on after it.")


# The evidence pack ---------------------------------------------------------------------------------------------------


def verify_pack(file: Path, keys: dict[str, bytes]) -> Report:
    """An evidence pack: signature, every member, the archive byte for byte, and its lines of the log. Raises Failed."""
    try:
        with zipfile.ZipFile(file) as archive:
            if any(each.compress_type != zipfile.ZIP_STORED or each.flag_bits & 1 for each in archive.infolist()):
                raise Failed("The pack's archive is not as it was written: a member is compressed or locked.")
            trail = read_anchors(_lines(archive.read("anchors.jsonl")), keys)
            known = {line["key"]: base64.b64decode(line["public"]) for line in trail.keys}
            usable = [der for name, der in {**known, **keys}.items() if name in trusted(trail, keys)]
            sums, signature = archive.read(SUMS), archive.read(SIGNATURE)
            if not any(signed_by(der, signature, sums) for der in usable):
                raise Failed("The manifest of the pack is not signed with the key you gave.")
            _demand_members(archive, sums.decode("utf-8"))
            _demand_exact(file, archive)
            chain = read_export(_lines(archive.read("audit.jsonl")))
    except (
        OSError,
        KeyError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        EOFError,
        struct.error,
        zipfile.BadZipFile,
    ) as error:
        raise Failed(f"The pack is damaged, or is none ({error}).") from None
    return hold_against(chain, trail, part=True, restored=True)


def _lines(content: bytes) -> list[str]:
    # Not splitlines: a text may hold other signs that end a line, and those are not ours.
    return [each + "\n" for each in content.decode("utf-8").split("\n")[:-1]]


def _demand_members(archive: zipfile.ZipFile, sums: str) -> None:
    title, *rows = sums.rstrip("\n").split("\n")
    if not title.startswith(SUMS_TITLE):
        raise Failed("The pack is of a version this verifier does not know.")
    listed = {name: digest for digest, _, name in (row.partition("  ") for row in rows)}
    there = archive.namelist()
    if sorted(there) != sorted([*listed, SUMS, SIGNATURE]):
        odd = sorted(set(there) ^ {*listed, SUMS, SIGNATURE}) or there
        raise Failed(f"The pack does not hold exactly what its manifest lists: {odd[0]}.")
    for name, digest in listed.items():
        hashing = hashlib.sha256()
        with archive.open(name) as member:
            for chunk in iter(lambda: member.read(CHUNK), b""):
                hashing.update(chunk)
        if hashing.hexdigest() != digest:
            raise Failed(f"{name} in the pack is not what its manifest lists.")


def write_archive(target: BinaryIO, members: Iterable[tuple[str, IO[bytes], int]]) -> None:
    """The one way in which a pack is written: stored, in this order, with one time and one mode for every member."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, strict_timestamps=True) as archive:
        for name, body, size in members:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr, info.file_size = 3, 0o100444 << 16, size
            with archive.open(info, "w") as member:
                shutil.copyfileobj(body, member, CHUNK)


def _demand_exact(file: Path, archive: zipfile.ZipFile) -> None:
    """Written again from its members, the archive must come out the same: nothing hides between them."""
    with tempfile.TemporaryFile() as again, file.open("rb") as given:
        write_archive(again, ((each.filename, archive.open(each), each.file_size) for each in archive.infolist()))
        again.seek(0)
        while True:
            ours, theirs = again.read(CHUNK), given.read(CHUNK)
            if ours != theirs:
                raise Failed("The pack's archive is not as it was written, though its members are.")
            if not ours:
                return


# The command ---------------------------------------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    """The command; answers its exit code."""
    parser = argparse.ArgumentParser(prog="verifier.py", description="Verifies an audit export or an evidence pack.")
    parser.add_argument("file", type=Path, help="the audit export (JSON lines), or an evidence pack (.zip)")
    parser.add_argument("--anchors", type=Path, help="the daily anchors; a pack brings its own")
    parser.add_argument("--key", type=Path, action="append", required=True, help="a public key you trust; repeatable")
    parser.add_argument("--part", action="store_true", help="the export is meant to be a part of the log")
    parser.add_argument("--restored", action="store_true", help="accept that the office was restored from a backup")
    given = parser.parse_args(arguments)
    try:
        print(_verify(given, parser))
    except Failed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _verify(given: argparse.Namespace, parser: argparse.ArgumentParser) -> Report:
    keys = read_keys(given.key)
    if zipfile.is_zipfile(given.file) or given.file.suffix == ".zip":
        return verify_pack(given.file, keys)
    if given.anchors is None:
        parser.error("an audit export is verified against the anchors: --anchors FILE")
    try:
        with given.anchors.open(encoding="utf-8", newline="\n") as lines:
            trail = read_anchors(lines, keys)
        with given.file.open(encoding="utf-8", newline="\n") as lines:
            chain = read_export(lines)
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(f"A file cannot be read: {error}.") from None
    return hold_against(chain, trail, part=given.part, restored=given.restored)


if __name__ == "__main__":
    sys.exit(main())
