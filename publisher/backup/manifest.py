"""What a backup holds: the list at its beginning, which says the size and SHA-256 of everything behind it."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from publisher.backup.sealed import BackupRefused, Opener, Sealer

VERSION = 1
PIECE = 1024 * 1024
LONGEST = 1024**3  # bytes of a list; what is longer is none of ours
_KINDS = {"publisher.toml", "brand", "database", "media"}
_PART = re.compile(r"[^/\\\x00]+")


@dataclass(frozen=True, slots=True)
class Listed:
    """One file. `inside` is false for media that only its hash is kept of."""

    path: str  # below the office's folder, with slashes
    size: int
    sha256: str
    inside: bool = True


@dataclass(frozen=True, slots=True)
class Manifest:
    """The list. `columns`: of each table of a PostgreSQL database, in the order its rows are written in."""

    version: int
    office: str
    exercise: bool
    made_at: str
    head_number: int
    head_hash: str
    database: str  # Django's vendor: "sqlite" or "postgresql"
    migrations: list[list[str]]
    key_check: str
    media: str  # "inside" or "reference"
    files: list[Listed]
    columns: dict[str, list[str]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)  # media that was gone or damaged when the backup was made

    def write(self, sealer: Sealer) -> None:
        body = json.dumps(asdict(self), separators=(",", ":")).encode()
        sealer.write(len(body).to_bytes(8, "big") + body)

    @property
    def of_database(self) -> list[Listed]:
        return [file for file in self.files if file.path.startswith("database/")]


def read(opener: Opener) -> Manifest:
    """The list at the beginning. Raises BackupRefused."""
    length = int.from_bytes(opener.read(8), "big")
    if length > LONGEST:
        raise BackupRefused("The backup's list is longer than any Publisher makes. Nothing was restored.")
    try:
        table = json.loads(opener.read(length))
        if table.get("version") != VERSION:
            raise BackupRefused("The backup was made by another version of Publisher. Use that one to restore it.")
        files = [Listed(**each) for each in table.pop("files")]
        made = Manifest(files=files, **table)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise BackupRefused("The backup's list cannot be read. Nothing was restored.") from None
    for file in made.files:
        _demand_below(file.path)
    return made


def _demand_below(path: str) -> None:
    """A path that leads out of the folder is refused, whoever held the key."""
    parts = PurePosixPath(path).parts
    plain = all(_PART.fullmatch(part) and part not in (".", "..") for part in parts)
    if not parts or parts[0] not in _KINDS or not plain or path != "/".join(parts):
        raise BackupRefused("The backup names a file that does not belong into an office. Nothing was restored.")


def key_check(office_key: bytes, office: str) -> str:
    """Tells the office's own key from another without telling anything about it."""
    return hmac.new(office_key, f"publisher backup\n{office}".encode(), hashlib.sha256).hexdigest()[:32]


def listed(path: str, file: Path) -> Listed:
    """A file that is about to be written behind the list. OSError."""
    with file.open("rb") as body:
        return Listed(path, file.stat().st_size, hashlib.file_digest(body, "sha256").hexdigest())


def write_body(sealer: Sealer, entry: Listed, body: BinaryIO) -> None:
    """One file's bytes. Raises BackupRefused where they are no longer what was listed."""
    hashing, size = hashlib.sha256(), 0
    while piece := body.read(PIECE):
        hashing.update(piece)
        size += len(piece)
        sealer.write(piece)
    if (size, hashing.hexdigest()) != (entry.size, entry.sha256):
        raise BackupRefused(f"{entry.path} was changed while the backup was made. Nothing was kept; make it again.")


def read_bodies(opener: Opener, manifest: Manifest, place: Callable[[Listed], Path | None]) -> None:
    """Every file's bytes, each to where `place` says (None: nowhere), each hashed. Raises BackupRefused, OSError."""
    for entry in manifest.files:
        if entry.inside:
            _read_body(opener, entry, place(entry))
    opener.finish()


def _read_body(opener: Opener, entry: Listed, place: Path | None) -> None:
    hashing, left = hashlib.sha256(), entry.size
    target = None
    if place is not None:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        target = place.open("xb")
    try:
        while left:
            piece = opener.read(min(PIECE, left))
            hashing.update(piece)
            left -= len(piece)
            if target is not None:
                target.write(piece)
    finally:
        if target is not None:
            target.close()
    if hashing.hexdigest() != entry.sha256:
        raise BackupRefused(f"{entry.path} in the backup is not what its list says. Nothing was restored.")
