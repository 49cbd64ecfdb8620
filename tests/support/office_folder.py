"""An office on disk and a worker for it, for tests that go through real destinations and real files."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from publisher.configuration import office_file, secret_store
from publisher.workers.worker import Worker, open_worker

from support import factories

# Scaled down, so that a lease runs out and absence counts within a test.
QUICK = {
    "lease": 2.0,
    "margin": 0.4,
    "renew": 0.2,
    "settle": 0.6,
    "server_time": 0.0,
    "reveal_patience": 3.0,
    "retry_first": 0.05,
    "retry_most": 0.3,
    "withdraw_first": 0.05,
    "withdraw_most": 0.3,
    "confirm": 0.1,
    "breaker_first": 0.2,
    "breaker_most": 1.0,
    "poll": 0.05,
    "tick": 0.05,
    "tries": 50,
}


def write_office(
    folder: Path, destinations: Mapping[str, Mapping[str, Any]], *, pace: Mapping[str, float] | None = None
) -> Path:
    """An exercise office's folder: configuration and secrets."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["[office]", 'name = "Northshire Police"', "exercise = true", "", "[brand]", 'contact = "Call 101"']
    lines += ["", "[pace]", *(f"{name} = {value}" for name, value in (pace or {}).items())]
    for name, options in destinations.items():
        lines += ["", f"[destinations.{name}]", *(f"{key} = {_toml(value)}" for key, value in options.items())]
    (folder / "publisher.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    clients = {
        "flickr": {"key": "sandbox-flickr-key", "secret": "sandbox-flickr-secret"},
        "youtube": {
            "client_id": "sandbox-client-id.apps.googleusercontent.com",
            "client_secret": "sandbox-client-secret",
        },
    }
    if not (folder / "secrets.toml").exists():
        secret_store.create(folder, clients)
    return folder


def sandbox_destinations(base: str) -> dict[str, dict[str, Any]]:
    """Flickr and YouTube as the stand-in at `base` speaks them."""
    return {
        "flickr": {
            "api_url": f"{base}/services/rest/",
            "upload_url": f"{base}/services/upload/",
            "oauth_url": f"{base}/services/oauth/",
        },
        "youtube": {
            "root_url": f"{base}/",
            "token_url": f"{base}/token",
            "auth_url": f"{base}/o/oauth2/auth",
        },
    }


def worker(
    folder: Path,
    clock: Callable[[], datetime],
    *,
    pace: Mapping[str, float] | None = None,
    name: str = "w1",
    gallery: Path | None = None,
) -> Worker:
    """A worker of an office whose one destination is a folder: beside it, or where several share one account."""
    options = {"gallery": {"kind": "folder", "path": str(gallery or folder / "gallery")}}
    write_office(folder, options, pace=pace)
    made = open_worker(office_file.load(folder), secret_store.load(folder), name, clock=clock)
    made.dice = random.Random(7)  # the same waits in every run
    made.key = factories.KEY
    return made


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def sandbox_worker(folder: Path, clock: Callable[[], datetime], control: Any, **pace: float) -> Worker:
    """A worker whose Flickr and YouTube are the stand-in that `control` steers. Needs the database."""
    from publisher.workers.token_store import TokenStore

    write_office(folder, sandbox_destinations(control.base), pace={**QUICK, **pace})
    secrets = secret_store.load(folder)
    TokenStore(secrets.seal_key).save("flickr", control.mint_flickr_token())
    TokenStore(secrets.seal_key).save("youtube", control.mint_google_token())
    made = open_worker(office_file.load(folder), secrets, "w1", clock=clock)
    made.dice = random.Random(7)
    return made
