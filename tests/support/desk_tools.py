"""For tests of the desk: officers who are signed in, real pictures, files in the vaults."""

from __future__ import annotations

import io

import world
from django.test import Client
from PIL import Image

from publisher import office as offices
from publisher.media.vault import Vault


def signed_in(username: str, *roles: str) -> Client:
    client = Client()
    client.force_login(world.officer(username, *roles))
    return client


def picture(colour: str = "teal", size: tuple[int, int] = (640, 400)) -> bytes:
    """A real JPEG."""
    body = io.BytesIO()
    Image.new("RGB", size, colour).save(body, "JPEG")
    return body.getvalue()


def keep(desk: offices.Office, content: bytes, vault: str = "renditions") -> str:
    """The bytes in one of the office's vaults; answers their SHA-256."""
    source = desk.folder / "incoming"
    source.write_bytes(content)
    stored = Vault(desk.media / vault).take_in(source)
    source.unlink()
    return stored.sha256
