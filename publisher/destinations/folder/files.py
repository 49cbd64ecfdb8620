"""The files of the folder destination: every change is one rename, durable before it counts."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from publisher.destinations.base import AlbumKey, Parcel

PUBLIC, CONCEALED, ARRIVING, LEAVING, ALBUMS = "public", ".concealed", ".arriving", ".leaving", "albums"
ABOUT = "about.json"
ACCOUNT = ".account"
_ID = re.compile(r"[0-9a-f]{32}")
_PIECE = 1024 * 1024
_FOLDERS = {PUBLIC: 0o755, ALBUMS: 0o755, CONCEALED: 0o700, ARRIVING: 0o700, LEAVING: 0o700}
# Whatever the process's umask: a web server is another user, and what is hidden lies in a closed folder.
_FILE, _ITEM = 0o644, 0o755


class NotAsApproved(Exception):
    """The bytes read are not those of the Parcel's hash."""


def prepare(root: Path) -> None:
    """Make the folders that are missing; only the publisher's user may enter the hidden ones. Raises OSError."""
    for name, mode in _FOLDERS.items():
        if not (root / name).is_dir():
            (root / name).mkdir(parents=True)
            (root / name).chmod(mode)
    _name_it(root)


def _name_it(root: Path) -> None:
    """Give a gallery a name of its own, once, whoever else is doing so at this moment."""
    if (root / ACCOUNT).exists():
        return
    with tempfile.NamedTemporaryFile("w", dir=root / ARRIVING, encoding="ascii") as file:
        file.write(uuid.uuid4().hex)
        file.flush()
        os.fchmod(file.fileno(), _FILE)
        os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(file.name, root / ACCOUNT)


def account_of(root: Path) -> str:
    """Returns the gallery's own name, as "folder:" and 32 hex digits; empty where it cannot be read now."""
    try:
        return f"folder:{(root / ACCOUNT).read_text(encoding='ascii').strip()}"
    except (OSError, UnicodeDecodeError):
        return ""


def place_of(root: Path, remote_id: str) -> Path | None:
    """Returns the item's folder, public or concealed; None where there is none, or where the id is not a Mark."""
    if not _ID.fullmatch(remote_id):
        return None
    for name in (PUBLIC, CONCEALED):
        if (root / name / remote_id / ABOUT).is_file():
            return root / name / remote_id
    return None


def places(root: Path) -> Iterator[Path]:
    """Yields every item's folder, the public ones first."""
    for name in (PUBLIC, CONCEALED):
        yield from (place for place in sorted((root / name).iterdir()) if (place / ABOUT).is_file())


def is_public(place: Path) -> bool:
    """Whether the item's folder is one that the public can read."""
    return place.parent.name == PUBLIC


def receive(root: Path, remote_id: str, stored: dict[str, object], parcel: Parcel) -> None:
    """Write the item under .arriving, then rename it into .concealed. Raises OSError or NotAsApproved."""
    arriving = Path(tempfile.mkdtemp(prefix=remote_id, dir=root / ARRIVING))
    try:
        if _write_body(arriving / str(stored["filename"]), parcel) != (parcel.size, parcel.sha256):
            raise NotAsApproved
        _write(arriving / ABOUT, stored)
        arriving.chmod(_ITEM)
        _rename(arriving, root / CONCEALED / remote_id)
    finally:
        shutil.rmtree(arriving, ignore_errors=True)  # gone already where all went well


def amend(place: Path, **changes: object) -> None:
    """Write `changes` into about.json. Raises OSError."""
    _write(place / ABOUT, {**about(place), **changes})


def move(root: Path, remote_id: str, *, public: bool) -> None:
    """Reveal or conceal the item, in one rename. Does nothing where it is already there, or does not exist."""
    place = place_of(root, remote_id)
    if place is not None and is_public(place) is not public:
        _rename(place, root / (PUBLIC if public else CONCEALED) / remote_id)


def remove(root: Path, remote_id: str) -> None:
    """Hide the item in one rename, take it out of every album, then delete it. Repeatable. Raises OSError."""
    place = place_of(root, remote_id)
    if place is not None:
        leaving = Path(tempfile.mkdtemp(prefix=remote_id, dir=root / LEAVING)) / remote_id
        _rename(place, leaving)
    for half_deleted in (root / LEAVING).glob(f"{remote_id}*"):
        shutil.rmtree(half_deleted)
    _leave_albums(root, remote_id)


def file_under(root: Path, remote_id: str, album: AlbumKey) -> str:
    """Add the item to the album's list, once; returns the album's name (32 hex digits)."""
    name = hashlib.sha256(album.mark.encode()).hexdigest()[:32]
    path = root / ALBUMS / f"{name}.json"
    with _albums_locked(root):
        stored = json.loads(path.read_text("utf-8")) if path.exists() else {"items": []}
        items = stored["items"] if remote_id in stored["items"] else [*stored["items"], remote_id]
        kept = {"title": album.title, "description": album.description, "mark": album.mark}
        _write(path, {**kept, "items": items})
    return name


def describe_album(root: Path, name: str, album: AlbumKey) -> bool:
    """Write the album's title and description and keep its list. False where no album has this name."""
    if not _ID.fullmatch(name):
        return False
    path = root / ALBUMS / f"{name}.json"
    with _albums_locked(root):
        if not path.exists():
            return False
        stored = json.loads(path.read_text("utf-8"))
        _write(path, {**stored, "title": album.title, "description": album.description, "mark": album.mark})
    return True


def about(place: Path) -> dict[str, Any]:
    """Returns the content of the item's about.json."""
    stored: dict[str, Any] = json.loads((place / ABOUT).read_text("utf-8"))
    return stored


def copy(source: Path, target: Path) -> None:
    """Copy a file; the copy gets its name only once all of it is on the disk."""
    with source.open("rb") as reader, _replacing(target) as writer:
        shutil.copyfileobj(reader, writer)


def safe(name: str) -> str:
    """Returns `name` as one file name that can neither leave the folder nor be hidden in it."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".") or "file"


def sha256(path: Path) -> str:
    """Returns a file's SHA-256 as 64 hexadecimal digits. Raises OSError."""
    with path.open("rb") as reader:
        return hashlib.file_digest(reader, "sha256").hexdigest()


def _write_body(path: Path, parcel: Parcel) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with parcel.open_body() as reader, path.open("xb") as writer:
        while piece := reader.read(_PIECE):
            writer.write(piece)
            digest.update(piece)
            size += len(piece)
        writer.flush()
        os.fchmod(writer.fileno(), _FILE)
        os.fsync(writer.fileno())
    return size, digest.hexdigest()


def _write(path: Path, stored: dict[str, Any]) -> None:
    with _replacing(path) as writer:
        writer.write(json.dumps(stored, ensure_ascii=False, indent=1).encode())


@contextmanager
def _replacing(path: Path) -> Iterator[Any]:
    """A file that takes the place of `path`, whole and durable, or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as writer:
            yield writer
            writer.flush()
            os.fchmod(writer.fileno(), _FILE)
            os.fsync(writer.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _rename(source: Path, target: Path) -> None:
    source.rename(target)
    for folder in (source.parent, target.parent):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _leave_albums(root: Path, remote_id: str) -> None:
    with _albums_locked(root):
        for path in (root / ALBUMS).glob("*.json"):
            stored = json.loads(path.read_text("utf-8"))
            if remote_id in stored["items"]:
                _write(path, {**stored, "items": [item for item in stored["items"] if item != remote_id]})


@contextmanager
def _albums_locked(root: Path) -> Iterator[None]:
    with (root / ALBUMS / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
