"""Taking a backup while the workers run: everything the database names, as it stood at one moment."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from django.db import DatabaseError

from pressqueue.models import Office as Row
from publisher.backup import manifest, snapshot
from publisher.backup.manifest import Listed, Manifest
from publisher.backup.sealed import BackupRefused, Sealer
from publisher.configuration import office_file
from publisher.configuration.office_file import Office
from publisher.configuration.secret_store import Secrets
from publisher.media.errors import Damaged
from publisher.media.vault import Vault
from publisher.register import append_only, sync

MEDIA = ("inside", "reference")


@dataclass(frozen=True, slots=True)
class FinishedBackup:
    """A backup that lies whole on the disk."""

    path: Path
    size: int
    manifest: Manifest


def make(office: Office, secrets: Secrets, key: bytes, target: Path, *, media: str, now: datetime) -> FinishedBackup:
    """Write one sealed file at `target`, which must not exist. Raises BackupRefused with nothing left behind.

    Media that is missing or damaged does not stop it: the list names it, and the caller must say so.
    """
    if media not in MEDIA:
        raise BackupRefused(f"“{media}” is no way to keep media: {' or '.join(MEDIA)}.")
    if target.exists():
        raise BackupRefused(f"There is a file {target} already. Name another; nothing was changed.")
    sync.run_round(office, now)
    try:
        with _workroom(office) as room:
            listed, places = _inventory(office, secrets, room, media, now)
            size = _write(target, key, listed, places)
    except OSError as error:
        raise BackupRefused(_words(target, error)) from error
    except DatabaseError as error:  # SQLite says it in its own way where there is no room for its snapshot
        message = f"The backup {target} could not be made: the database gave no snapshot of itself into {office.folder}"
        raise BackupRefused(f"{message} ({error}). Nothing was kept of it.") from error
    return FinishedBackup(target, size, listed)


@contextmanager
def _workroom(office: Office) -> Iterator[Path]:
    """A private folder for the snapshot, in the office: its plain bytes never leave the disk they lie on already."""
    room = Path(tempfile.mkdtemp(prefix=".backup-", dir=office.folder))
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _inventory(
    office: Office, secrets: Secrets, room: Path, media: str, now: datetime
) -> tuple[Manifest, dict[str, Path]]:
    """The list, and where each of its files is read from. The database first: it names the media."""
    taken = snapshot.take(room)
    places = {f"database/{file.name}": file for file in taken.files}
    places[office_file.FILE_NAME] = office.file
    brand = office.brand_folder
    places |= {f"brand/{file.name}": file for file in sorted(brand.iterdir()) if file.is_file()}
    found, missing = _media(office, taken, places, media)
    row = Row.objects.get()
    listed = Manifest(
        version=manifest.VERSION,
        office=str(row.uuid),
        exercise=row.exercise,
        made_at=now.astimezone(UTC).isoformat(timespec="seconds"),
        head_number=taken.head[0],
        head_hash=taken.head[1],
        database="sqlite" if not taken.columns else "postgresql",
        migrations=taken.migrations,
        key_check=manifest.key_check(secrets.office_key, str(row.uuid)),
        media=media,
        files=[manifest.listed(path, file) for path, file in places.items() if not path.startswith("media/")] + found,
        columns=taken.columns,
        missing=missing,
    )
    return listed, places


def _media(
    office: Office, taken: snapshot.Snapshot, places: dict[str, Path], media: str
) -> tuple[list[Listed], list[str]]:
    """Every stored file the database names, its bytes hashed now; and those that are gone or damaged."""
    found, missing = [], []
    for name, hashes in (("originals", taken.originals), ("renditions", taken.renditions)):
        vault = Vault(office.media / name)
        for sha256 in hashes:
            path = f"media/{name}/{sha256}"
            try:
                file = vault.open_verified(sha256)
            except Damaged:
                missing.append(path)
                continue
            places[path] = file
            found.append(Listed(path, file.stat().st_size, sha256, inside=media == "inside"))
    return found, missing


def _write(target: Path, key: bytes, listed: Manifest, places: dict[str, Path]) -> int:
    """To a temporary name, flushed, then renamed: a file of this name is a whole backup."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            _seal(file, key, listed, places)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        temporary.rename(target)
        append_only.flush_folder(target.parent)
    finally:
        temporary.unlink(missing_ok=True)
    return size


def _seal(file: BinaryIO, key: bytes, listed: Manifest, places: dict[str, Path]) -> None:
    sealer = Sealer(file, key)
    listed.write(sealer)
    for entry in listed.files:
        if entry.inside:
            with places[entry.path].open("rb") as body:
                manifest.write_body(sealer, entry, body)
    sealer.close()


def _words(target: Path, error: OSError) -> str:
    where = f" ({error.filename})" if error.filename else ""
    return f"The backup {target} could not be made: {error.strerror or error}{where}. Nothing was kept of it."
