"""For tests of the desk: officers who are signed in, real pictures, files in the vaults."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime

from django.test import Client
from PIL import Image

from pressqueue.actors import Actor
from pressqueue.models import Item
from publisher.configuration import office_file
from publisher.media.vault import Vault

from support import factories


def signed_in(username: str, *roles: str) -> Client:
    client = Client()
    client.force_login(factories.officer(username, *roles))
    return client


def session_of(client: Client) -> str:
    """How the product names this sign-in."""
    return hashlib.sha256(str(client.session.session_key).encode()).hexdigest()


def shown(client: Client, item: Item) -> None:
    """Whoever is signed in there was handed everything a decision about the Item is about."""
    actor = Actor(int(client.session["_auth_user_id"]), "desk")
    factories.viewed(item, actor, session=session_of(client), now=datetime.now(UTC))


def say_why(client: Client, why: str = "To decide about this week's appeals.") -> None:
    """A sitting begins in this sign-in."""
    assert client.post("/why/", {"why": why, "next": "/"}).status_code == 302


def picture(colour: str = "teal", size: tuple[int, int] = (640, 400)) -> bytes:
    """A real JPEG."""
    body = io.BytesIO()
    Image.new("RGB", size, colour).save(body, "JPEG")
    return body.getvalue()


def keep(desk: office_file.Office, content: bytes, vault: str = "renditions") -> str:
    """The bytes in one of the office's vaults; answers their SHA-256."""
    source = desk.folder / "incoming"
    source.write_bytes(content)
    stored = Vault(desk.media / vault).take_in(source)
    source.unlink()
    return stored.sha256
