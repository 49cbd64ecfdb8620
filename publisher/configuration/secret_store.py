"""An office's secrets: from the environment, from a file the environment names, or from `secrets.toml`.

The file must belong to the office alone (mode 0600). Nothing here is ever logged or shown; a missing secret is
named by where it may be put, never by its value.
"""

from __future__ import annotations

import json
import os
import re
import secrets as random_source
import stat
from dataclasses import dataclass
from pathlib import Path

from publisher import PublisherError
from publisher.configuration import toml_file

FILE_NAME = "secrets.toml"
KEY_BYTES = 32
INTEGRITY = "integrity_key"
NEXT = "integrity_key_next"  # what follows it: see publisher/setup/key_rotation.py
NAMES = ("office_key", "seal_key", "web_key", INTEGRITY)


class SecretMissing(PublisherError):
    """A secret is missing, malformed, or kept where others can read it."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """`office_key` makes Marks; `seal_key` encrypts tokens at rest; `web_key` signs the desk's sessions.

    `integrity_key` seals the log and the rows a publication rests on; None where there is none, since taking down must
    go on without it.
    """

    office_key: bytes
    seal_key: bytes
    web_key: str
    clients: dict[str, dict[str, str]]  # by destination name: the platform's client key and secret
    integrity_key: bytes | None = None
    integrity_key_next: bytes | None = None

    def client(self, destination: str) -> dict[str, str]:
        """The platform's client keys for one destination; empty where none are configured."""
        return self.clients.get(destination, {})


def create(folder: Path, clients: dict[str, dict[str, str]] | None = None) -> None:
    """Write fresh keys for a new office. Refuses to overwrite: lost keys cannot be made again."""
    lines = [f'{name} = "{random_source.token_hex(KEY_BYTES)}"' for name in NAMES]
    for destination, keys in (clients or {}).items():
        # JSON's strings are TOML's, as long as nothing but what must be is escaped.
        given = (f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items())
        lines += ["", f"[clients.{destination}]", *given]
    with os.fdopen(
        os.open(folder / FILE_NAME, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())


def load(folder: Path) -> Secrets:
    """Gather an office's secrets. Raises SecretMissing naming the place each may be put."""
    table = _table(folder)
    clients = table.get("clients", {})
    if not isinstance(clients, dict) or not all(isinstance(client, dict) for client in clients.values()):
        raise SecretMissing(f"{folder / FILE_NAME}: [clients.NAME] must hold texts.")
    return Secrets(
        office_key=_key("office_key", table, folder),
        seal_key=_key("seal_key", table, folder),
        web_key=_key("web_key", table, folder).hex(),
        clients={name: {str(key): str(value) for key, value in each.items()} for name, each in clients.items()},
        integrity_key=_key(INTEGRITY, table, folder) if _named(INTEGRITY, table) else None,
        integrity_key_next=_key(NEXT, table, folder) if _named(NEXT, table) else None,
    )


def add_integrity_key(folder: Path) -> bytes:
    """Make the key of an office that was founded before there was one, in its secrets.toml. Returns it.

    Raises SecretMissing, naming the setting, where the office's secrets are kept elsewhere.
    """
    file = folder / FILE_NAME
    if not _may_write(file):
        raise SecretMissing(
            "This office has no integrity_key yet, and its secrets are kept where this program may not write. Make 64 "
            "hexadecimal digits (`openssl rand -hex 32`) and put them in PUBLISHER_INTEGRITY_KEY, in a file named by "
            "PUBLISHER_INTEGRITY_KEY_FILE, or as integrity_key into the file of the other keys. Then run "
            "`publisher migrate` again. Nothing was changed."
        )
    value = random_source.token_hex(KEY_BYTES)
    _set_in(file, {INTEGRITY: value})
    return bytes.fromhex(value)


def next_integrity_key(folder: Path) -> bytes:
    """The key that will follow: the one that was put there, or else a new one in secrets.toml. Durable on return.

    Raises SecretMissing, naming the setting, where the office's integrity key is kept elsewhere and none follows it.
    """
    if _named(NEXT, table := _table(folder)):
        return _key(NEXT, table, folder)
    if not _is_in_its_file(INTEGRITY, folder):
        raise SecretMissing(
            "This office's integrity_key is kept where this program may not write. Make 64 hexadecimal digits "
            "(`openssl rand -hex 32`) and put them in PUBLISHER_INTEGRITY_KEY_NEXT, in a file named by "
            "PUBLISHER_INTEGRITY_KEY_NEXT_FILE, or as integrity_key_next beside integrity_key, for every process of "
            "this office. Start them all again, then run this command again. Nothing was changed."
        )
    value = random_source.token_hex(KEY_BYTES)
    _set_in(folder / FILE_NAME, {NEXT: value})
    return bytes.fromhex(value)


def promote_next(folder: Path) -> bool:
    """The key that followed takes the place of the one before. False where that is kept elsewhere: a person does it."""
    new = load(folder).integrity_key_next
    if new is None or not _is_in_its_file(INTEGRITY, folder):
        return False
    _set_in(folder / FILE_NAME, {INTEGRITY: new.hex(), NEXT: ""})
    return True


def newest_integrity_key(folder: Path) -> bytes | None:
    """What a process that has been running asks: the key that follows its own may have been put there since."""
    try:
        found = load(folder)
    except SecretMissing:
        return None
    return found.integrity_key_next or found.integrity_key


def _may_write(file: Path) -> bool:
    return not os.environ.get("PUBLISHER_SECRETS_FILE") and file.is_file() and os.access(file, os.W_OK)


def _is_in_its_file(name: str, folder: Path) -> bool:
    """Whether the secret lies in this office's own secrets.toml, and this program may write that."""
    return _may_write(folder / FILE_NAME) and name in _table(folder) and not _named(name, {})


def _set_in(file: Path, values: dict[str, str]) -> None:
    """These keys put at the head of the file (a key below a [section] would be the section's), whole and durable."""
    named = re.compile(rf"\s*({'|'.join(values)})\s*=")
    kept = [each for each in file.read_text(encoding="utf-8").splitlines() if not named.match(each)]
    lines = [f'{name} = "{value}"' for name, value in values.items() if value]
    temporary = file.with_name(f"{file.name}.new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as body:
        body.write("\n".join([*lines, *kept]) + "\n")
        body.flush()
        os.fsync(body.fileno())
    temporary.replace(file)


def backup_key(folder: Path | None = None) -> bytes:
    """What backups are encrypted with: from the environment, a file it names, or an office's secrets.toml.

    Raises SecretMissing. It is never in a backup, so it must be kept apart from them.
    """
    return _key("backup_key", _table(folder) if folder else {}, folder)


def _table(folder: Path) -> dict[str, object]:
    named = os.environ.get("PUBLISHER_SECRETS_FILE")
    file = Path(named or folder / FILE_NAME)
    if not named and not file.exists():
        return {}
    try:
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise SecretMissing(f"{file} can be read by others. Run: chmod 600 {file}")
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise SecretMissing(f"The secrets cannot be read from {file}: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise SecretMissing(f"{file} is not a text file in UTF-8.") from None
    return toml_file.parsed(text, file, SecretMissing, secret=True)


def _named(name: str, table: dict[str, object]) -> bool:
    variable = f"PUBLISHER_{name.upper()}"
    return variable in os.environ or bool(os.environ.get(f"{variable}_FILE")) or name in table


def _key(name: str, table: dict[str, object], folder: Path | None) -> bytes:
    variable = f"PUBLISHER_{name.upper()}"
    value = os.environ.get(variable)
    if value is None and (named := os.environ.get(f"{variable}_FILE")):
        value = _from_file(Path(named), f"{variable}_FILE")
    if value is None:
        value = str(table.get(name, ""))
    try:
        key = bytes.fromhex(value)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise SecretMissing(
            f"The secret {name} is missing or is not {KEY_BYTES * 2} hexadecimal digits. Put it in {variable}"
            + (f", in a file named by {variable}_FILE, or in {folder / FILE_NAME}." if folder else "")
            + ("" if folder else f" or in a file named by {variable}_FILE.")
        )
    return key


def _from_file(file: Path, variable: str) -> str:
    try:
        return file.read_text(encoding="ascii", errors="replace").strip()
    except OSError as error:
        raise SecretMissing(f"{variable} names {file}, which cannot be read: {error.strerror}.") from error
