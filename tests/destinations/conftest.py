"""A bench for every destination: the real client, a platform on loopback, and a way to see what it holds.

test_contract.py runs on ours, below, and on whatever is installed in the entry-point group `publisher.benches`.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from publisher.destinations.base import Account, Destination, Parcel, Seen, Visibility, Window
from publisher.destinations.flickr import client as flickr
from publisher.destinations.folder import gallery as folder
from publisher.destinations.youtube import client as youtube

from support import destination_benches
from support.destination_benches import (
    MP4,
    Bench,
    CountedBudget,
    Factory,
    Held,
    NotedJournal,
    make_account,
    make_parcel,
)
from support.patience import PATIENCE

if TYPE_CHECKING:
    from publisher.exercise.sandbox.control import Control


def flickr_account(base: str, token: dict[str, str] | None, **more: Any) -> Account:
    """An account on a stand-in at `base`, with the key that the sandbox knows."""
    addresses = {
        "api_url": f"{base}/services/rest/",
        "upload_url": f"{base}/services/upload/",
        "oauth_url": f"{base}/services/oauth/",
    }
    client = {"key": "sandbox-flickr-key", "secret": "sandbox-flickr-secret"}
    return make_account(addresses | more.pop("options", {}), client=client, token=token, **more)


def sandbox_held(control: Control, platform: str) -> list[Held]:
    """What the sandbox ever stored for `platform`."""
    return [
        Held(
            remote_id=thing["id"],
            sha256=thing["sha256"],
            there=thing["deleted"] is None,
            public=thing["deleted"] is None and thing["visibility"] == "public",
            ever_public=bool(thing["public"]),
        )
        for thing in control.things(platform)
    ]


def sandbox_albums(control: Control) -> list[tuple[str, str]]:
    return [(album["title"], album["description"]) for album in control.albums() if album["deleted"] is None]


def folder_albums(gallery: Path) -> list[tuple[str, str]]:
    told = [json.loads(path.read_text("utf-8")) for path in sorted((gallery / "albums").glob("*.json"))]
    return [(album["title"], f"{album['description']} {album['mark']}") for album in told]


@contextmanager
def flickr_bench(folder_: Path) -> Iterator[Bench]:
    from publisher.exercise.sandbox.control import Control
    from publisher.exercise.sandbox.server import Sandbox

    with Sandbox(folder_) as sandbox:
        control = Control(sandbox.base, sandbox.secret)
        budget = CountedBudget()
        destination = flickr.build(flickr_account(sandbox.base, control.mint_flickr_token(), budget=budget))
        yield Bench(
            destination=destination,
            budget=budget,
            parcel=make_parcel,
            held=lambda: sandbox_held(control, "flickr"),
            settle=lambda: control.advance(60),
            now=lambda: datetime.now(UTC),
            album_words=lambda: sandbox_albums(control),
            unplug=sandbox.stop,
            platform="flickr",
            control=control,
        )


def youtube_account(base: str, minted: dict[str, str], **more: Any) -> Account:
    """An account on a stand-in at `base`, for a consent as `mint_google_token` gives it."""
    addresses = {"root_url": f"{base}/", "token_url": f"{base}/token", "auth_url": f"{base}/o/oauth2/auth"}
    client = {name: minted[name] for name in ("client_id", "client_secret")}
    token = {"refresh_token": minted["refresh_token"]}
    return make_account(addresses | more.pop("options", {}), client=client, token=token, **more)


@contextmanager
def youtube_bench(folder_: Path) -> Iterator[Bench]:
    from publisher.exercise.sandbox.control import Control
    from publisher.exercise.sandbox.server import Sandbox

    with Sandbox(folder_) as sandbox:
        control = Control(sandbox.base, sandbox.secret)
        budget = CountedBudget()
        yield Bench(
            destination=youtube.build(youtube_account(sandbox.base, control.mint_google_token(), budget=budget)),
            budget=budget,
            parcel=partial(make_parcel, MP4, filename="feature.mp4", media_type="video/mp4"),
            held=lambda: sandbox_held(control, "youtube"),
            settle=lambda: control.advance(60),
            now=lambda: datetime.now(UTC),
            album_words=lambda: sandbox_albums(control),
            unplug=sandbox.stop,
            platform="youtube",
            control=control,
        )


@contextmanager
def folder_bench(folder_: Path) -> Iterator[Bench]:
    budget = CountedBudget()
    destination = folder.build(make_account({"path": str(folder_ / "gallery")}, budget=budget))
    window_begin = datetime.now(UTC) - timedelta(days=1)
    ever_public: set[str] = set()
    stored: dict[str, Held] = {}

    def held() -> list[Held]:
        there: list[Seen] = list(destination.listing(Window(window_begin, window_begin + timedelta(days=9))))
        ever_public.update(one.remote_id for one in there if one.visibility is Visibility.PUBLIC)
        for name, old in stored.items():
            stored[name] = replace(old, there=False, public=False)
        for one in there:
            public = one.visibility is Visibility.PUBLIC
            stored[one.remote_id] = Held(one.remote_id, one.sha256 or "", True, public, one.remote_id in ever_public)
        return list(stored.values())

    yield Bench(
        destination=destination,
        budget=budget,
        parcel=make_parcel,
        held=held,
        settle=lambda: None,
        now=lambda: datetime.now(UTC),
        album_words=lambda: folder_albums(folder_ / "gallery"),
    )


BENCHES: dict[str, Factory] = destination_benches.installed() | {
    "flickr": flickr_bench,
    "folder": folder_bench,
    "youtube": youtube_bench,
}


@pytest.fixture(params=sorted(BENCHES))
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """Every destination in turn."""
    with BENCHES[request.param](tmp_path) as made:
        yield made


@dataclass
class Spoken:
    """One request as it came over the wire: its head as text, its body as bytes."""

    head: str
    body: bytes

    def header(self, name: str) -> str | None:
        for line in self.head.split("\r\n")[1:]:
            key, _, value = line.partition(": ")
            if key.lower() == name.lower():
                return value
        return None


Answer = bytes | Callable[[socket.socket], None]


class Scripted:
    """A server on loopback that says exactly what a test wrote, one answer for each connection."""

    def __init__(self) -> None:
        self.heard: list[Spoken] = []
        self.answers: list[Answer] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0.05)
        self.base = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._over = threading.Event()
        self._ended = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def will_say(self, body: bytes | str, code: int = 200, **headers: str) -> None:
        """Answer the next request with `body`, its length declared."""
        content = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"HTTP/1.1 {code} Spoken", *(f"{name}: {value}" for name, value in named.items())]
        lines += [f"Content-Length: {len(content)}", "Connection: close"]
        self.answers.append("\r\n".join(lines).encode() + b"\r\n\r\n" + content)

    def broken_off(self) -> Spoken:
        """What came of the next request, once its connection has ended, whole or not."""
        assert self._ended.acquire(timeout=PATIENCE)
        return self.heard[-1]

    def stop(self) -> None:
        self._over.set()
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                connection, _ = self._socket.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(5)
                with suppress(OSError):  # the client left, as some tests want
                    self._talk(connection)
            self._ended.release()

    def _talk(self, connection: socket.socket) -> None:
        come = b""
        while b"\r\n\r\n" not in come:
            piece = connection.recv(65536)
            if not piece:
                return
            come += piece
        head, _, body = come.partition(b"\r\n\r\n")
        spoken = Spoken(head.decode("latin-1"), body)
        self.heard.append(spoken)
        while len(spoken.body) < int(spoken.header("Content-Length") or 0):
            piece = connection.recv(65536)
            if not piece:
                return
            spoken.body += piece
        answer = self.answers.pop(0) if self.answers else b""
        if callable(answer):
            answer(connection)
        else:
            connection.sendall(answer)
        connection.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    server = Scripted()
    yield server
    server.stop()


@pytest.fixture
def token() -> dict[str, str]:
    """A consent such as `flickr.finish` answers, for a server that checks none."""
    return {
        "token": "72157-token",
        "secret": "token-secret",
        "nsid": "24573443@N04",
        "username": "press",
        "fullname": "Press Office",
        "perms": "delete",
    }


@pytest.fixture
def on_scripted(scripted: Scripted, token: dict[str, str]) -> Destination:
    """The Flickr destination, its platform played by `scripted`."""
    return flickr.build(flickr_account(scripted.base, token))


@pytest.fixture
def accounts() -> Callable[..., Account]:
    """`flickr_account`, for test modules."""
    return flickr_account


@pytest.fixture
def parcels() -> Callable[..., Parcel]:
    """`make_parcel`, for test modules."""
    return make_parcel


@pytest.fixture
def journals() -> type[NotedJournal]:
    return NotedJournal


@pytest.fixture
def send(on_scripted: Destination, parcels: Callable[..., Parcel], journals: type[NotedJournal]) -> Callable[..., Any]:
    """Send a parcel (with changes) under a journal (a fresh one unless given)."""

    def call(journal: NotedJournal | None = None, **changes: Any) -> Any:
        return on_scripted.send(parcels(**changes), journal or journals())

    return call
