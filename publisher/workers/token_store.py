"""Platform tokens at rest: encrypted with a key that never lies in the database."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

from cryptography.fernet import Fernet, InvalidToken

from pressqueue.destination_names import name_of
from pressqueue.models import SealedToken
from pressqueue.moves import tokens
from publisher import PublisherError


class TokenUnreadable(PublisherError):
    """The stored token was sealed with another key, or is damaged."""


class TokenStore:
    """Opens and seals one token per destination; a token is a flat dictionary of texts."""

    def __init__(self, seal_key: bytes) -> None:
        self._box = Fernet(base64.urlsafe_b64encode(seal_key))

    def load(self, destination: str) -> dict[str, str] | None:
        """The token, or None where the account was never connected. Raises TokenUnreadable."""
        row = SealedToken.objects.filter(pk=destination).first()
        if row is None:
            return None
        try:
            opened = json.loads(self._box.decrypt(bytes(row.box)))
        except InvalidToken:
            raise TokenUnreadable(
                f"The token of {name_of(destination)} cannot be opened with this office's seal_key. Put the right key "
                f"back, or connect again: `publisher connect {destination}`."
            ) from None
        return {str(key): str(value) for key, value in opened.items()}

    def save(self, destination: str, token: dict[str, str]) -> None:
        """Seal and keep a token, replacing the one before."""
        box = self._box.encrypt(json.dumps(token).encode())
        tokens.keep(destination, box, datetime.now(UTC))
