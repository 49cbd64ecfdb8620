"""A channel at the stand-in, a Journal, a ledger and footage: what every YouTube test needs."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from publisher.destinations.base import Account, Destination, Parcel, Purpose
from publisher.destinations.errors import Later, UploadInterrupted
from publisher.destinations.youtube.client import build
from publisher.exercise.sandbox.control import Control
from publisher.exercise.sandbox.server import Sandbox

CHUNK = 256 * 1024
MARK = "0123456789abcdef0123456789abcdef"


@dataclass
class Notes:
    """A Journal in memory; `lost` True: another worker owns the Post."""

    kept: dict[str, str] = field(default_factory=dict)
    saves: list[tuple[str, str | None]] = field(default_factory=list)
    lost: bool = False

    def get(self, key: str) -> str | None:
        return self.kept.get(key)

    def save(self, key: str, value: str | None) -> None:
        if self.lost:
            raise UploadInterrupted
        self.saves.append((key, value))
        if value is None:
            self.kept.pop(key, None)
        else:
            self.kept[key] = value


@dataclass
class Ledger:
    """A Budget that notes every spend and refuses what is in `empty`."""

    spent: list[tuple[str, int, Purpose]] = field(default_factory=list)
    told: list[tuple[str, datetime | None]] = field(default_factory=list)
    empty: set[str] = field(default_factory=set)

    def spend(self, bucket: str, units: int, purpose: Purpose) -> None:
        if bucket in self.empty:
            raise Later("nothing left today", datetime(2026, 11, 24, 8, tzinfo=UTC))
        self.spent.append((bucket, units, purpose))

    def exhausted(self, bucket: str, until: datetime | None) -> None:
        self.told.append((bucket, until))

    def units(self, bucket: str = "units") -> int:
        return sum(units for name, units, _ in self.spent if name == bucket)


@dataclass
class Bench:
    """One sandbox with one connected channel."""

    base: str
    control: Control
    token: dict[str, str]
    client: dict[str, str]
    ledger: Ledger
    folder: Path

    def account(self, patience: float = 5.0, **options: Any) -> Account:
        """An account with these options; `patience` is its read timeout in seconds."""
        addresses = {
            "root_url": self.base + "/",
            "token_url": self.base + "/token",
            "auth_url": self.base + "/o/oauth2/auth",
            "chunk_bytes": CHUNK,
        }
        return Account(
            name="youtube",
            options={**addresses, **options},
            client=self.client,
            token=self.token,
            save_token=lambda token: None,
            budget=self.ledger,
            now=lambda: datetime.now(UTC),
            exercise=True,
            connect_timeout=2.0,
            read_timeout=patience,
        )

    def channel(self, patience: float = 5.0, **options: Any) -> Destination:
        return build(self.account(patience, **options))

    def videos(self) -> list[dict[str, Any]]:
        """Every video ever made there, deleted ones included."""
        return self.control.things("youtube")

    def only(self) -> dict[str, Any]:
        """The one video there is."""
        (video,) = self.videos()
        return video


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with Sandbox(tmp_path / "sandbox") as sandbox:
        control = Control(sandbox.base, sandbox.secret)
        control.settings(processing_seconds=0.0, listing_delay=0.0, new_video_delay=0.0)
        minted = control.mint_google_token()
        client = {name: minted[name] for name in ("client_id", "client_secret")}
        token = {"refresh_token": minted["refresh_token"]}
        yield Bench(sandbox.base, control, token, client, Ledger(), tmp_path)


@pytest.fixture
def channel(bench: Bench) -> Destination:
    return bench.channel()


@pytest.fixture
def journal() -> Notes:
    return Notes()


@pytest.fixture
def footage() -> Callable[..., Parcel]:
    """Make a Parcel of `size` bytes of footage."""

    def make(size: int = 2 * CHUNK + 1000, **changes: Any) -> Parcel:
        content = (b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * (size // 256 + 1))[:size]
        fields: dict[str, Any] = {
            "mark": MARK,
            "kind": "appeal",
            "title": "Do you know this man? WTN-0123",
            "description": "Wanted in connection with a theft.",
            "alt_text": "A man in a blue coat",
            "tags": ("appeal", "west midlands"),
            "filename": "wtn-0123.mp4",
            "media_type": "video/mp4",
            "size": size,
            "sha256": hashlib.sha256(content).hexdigest(),
            "open_body": lambda: io.BytesIO(content),
        }
        return Parcel(**{**fields, **changes})

    return make
