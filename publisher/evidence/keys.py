"""The Ed25519 key that signs daily anchors and evidence packs: a file of its own, apart from the database."""

from __future__ import annotations

import base64
import os
import stat
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from publisher import PublisherError, verifier
from publisher.register.append_only import flush_folder


class EvidenceRefused(PublisherError):
    """An export, an anchor or a pack cannot be made; the text is a sentence that says what to do."""


def read(path: Path) -> Ed25519PrivateKey:
    """The private key at `path`. Raises EvidenceRefused where there is none, or others can read it."""
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise EvidenceRefused(f"{path} can be read by others. Run: chmod 600 {path}")
        key = load_pem_private_key(path.read_bytes(), None)
    except FileNotFoundError:
        raise EvidenceRefused(
            f"There is no signing key at {path}. An administrator makes one with `publisher anchors key`."
        ) from None
    except OSError as error:
        raise EvidenceRefused(f"The signing key {path} cannot be read ({error.strerror}).") from error
    except (ValueError, TypeError):
        raise EvidenceRefused(f"{path} is no private key in PEM without a password.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise EvidenceRefused(f"{path} is not an Ed25519 key.")
    return key


def write(key: Ed25519PrivateKey, path: Path) -> None:
    """A private key in a new file of mode 0600, durably. FileExistsError, OSError."""
    if not path.parent.is_dir():
        path.parent.mkdir(mode=0o700)
    _write_new(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)


def public_file(path: Path) -> Path:
    """Where the public key lies: beside the private one, to be handed to whoever verifies."""
    return path.with_suffix(".pub.pem")


def write_public(key: Ed25519PrivateKey, path: Path) -> None:
    """The public key of the private one at `path`, in the place of an older one's."""
    temporary = path.with_suffix(".pub.new")
    temporary.unlink(missing_ok=True)
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    _write_new(temporary, pem, 0o644)
    temporary.replace(public_file(path))
    flush_folder(path.parent)


def public_der(key: Ed25519PrivateKey) -> bytes:
    """The public key as SubjectPublicKeyInfo in DER, of which the key id is the SHA-256."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def der_of(line: dict[str, Any]) -> bytes:
    """The public key that a line of the anchors brought into use, in DER."""
    return base64.b64decode(line["public"])


def id_of(key: Ed25519PrivateKey) -> str:
    """The key id: 64 hex digits."""
    return verifier.key_id(public_der(key))


def sign(key: Ed25519PrivateKey, line: dict[str, object]) -> str:
    """The signature of a line of the anchors, in base64."""
    return base64.b64encode(key.sign(verifier.signed_part(line))).decode("ascii")


def _write_new(path: Path, content: bytes, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    flush_folder(path.parent)
