"""The stand-in itself: one HTTP server on loopback that is Flickr, YouTube and Google's token endpoint."""

from __future__ import annotations

import logging
import socket
import struct
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from publisher.exercise.sandbox import pages, steering
from publisher.exercise.sandbox.flickr import account, albums, listings, photo_info, photos
from publisher.exercise.sandbox.flickr import api as flickr
from publisher.exercise.sandbox.flickr import oauth as flickr_oauth
from publisher.exercise.sandbox.flickr import upload as flickr_upload
from publisher.exercise.sandbox.settings import Settings
from publisher.exercise.sandbox.wire import SMALL, AnswerNow, HangUp, Reply, Request, ShortBody, html_reply
from publisher.exercise.sandbox.world import World
from publisher.exercise.sandbox.youtube import api as youtube
from publisher.exercise.sandbox.youtube import extras, playlists, videos
from publisher.exercise.sandbox.youtube import oauth as google_oauth
from publisher.exercise.sandbox.youtube import upload as youtube_upload

log = logging.getLogger(__name__)

# Importing these registers the platforms' methods.
METHODS = (
    account,
    photo_info,
    photos,
    listings,
    albums,
    videos,
    playlists,
    extras,
)
HOST = "127.0.0.1"
# A page in somebody's browser must not reach us under a name of its own (DNS rebinding).
_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_VERBS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE"})
_JOIN = 5.0  # seconds a connection's thread may take to end

Serve = Callable[[World, Request], Reply]
_PLACES: tuple[tuple[str, Serve], ...] = (
    (steering.PATH, steering.serve),
    (flickr_upload.PATH, flickr_upload.serve),
    (flickr.PATH, flickr.serve),
    (flickr_oauth.PATH, flickr_oauth.serve),
    (youtube_upload.PATH, youtube_upload.serve),
    (youtube.PATH, youtube.serve),
    (google_oauth.AUTH_PATH, google_oauth.serve),
    (google_oauth.TOKEN_PATH, google_oauth.serve),
)


class _Visit(BaseHTTPRequestHandler):
    """One connection; each request of it in turn."""

    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    sys_version = ""
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.connection.settimeout(self.server.world.settings.socket_timeout)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: addresses hold codes and tokens."""

    def _serve(self) -> None:
        world = self.server.world
        request = _request(self)
        try:
            reply = self._answered(world, request)
        except AnswerNow as now:
            reply = now.reply
        except (HangUp, ShortBody, OSError) as end:
            _noted(world, request, type(end).__name__, 0)
            self._hang_up(reset=isinstance(end, HangUp) and end.reset)
            return
        except Exception:
            log.exception("the sandbox itself failed at %s %s", request.method, request.path)
            self.server.defects += 1
            reply = html_reply(500, "Sandbox defect")
            reply.outcome = "defect"
        _noted(world, request, reply.outcome, reply.code)
        try:
            self._send(request, reply)
        except OSError:
            self.close_connection = True

    def _answered(self, world: World, request: Request) -> Reply:
        host = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
        if host not in _NAMES:
            return html_reply(403, "This stand-in answers to loopback names only")
        if request.length is None and self.headers.get("Transfer-Encoding"):
            return html_reply(411, "Length Required")
        for place, serve in _PLACES:
            if request.path == place or (place.endswith("/") and request.path.startswith(place)):
                return serve(world, request)
        return pages.serve(world, request)

    def _send(self, request: Request, reply: Reply) -> None:
        if request.unread <= SMALL:
            for _ in request.blocks():
                pass  # what an early answer left unread would turn it into a reset
        self.close_connection = self.close_connection or reply.close or request.unread > 0
        size = reply.body.stat().st_size if isinstance(reply.body, Path) else len(reply.body)
        self.send_response(reply.code)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.content_type:
            self.send_header("Content-Type", reply.content_type)
        if reply.code != 204:
            self.send_header("Content-Length", str(size))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "HEAD" or reply.code == 204:
            return
        if isinstance(reply.body, Path):
            with reply.body.open("rb") as file:
                self.connection.sendfile(file)
        else:
            self._write(reply)

    def _write(self, reply: Reply) -> None:
        body = cast(bytes, reply.body)
        if reply.drip is None:
            self.wfile.write(body)
            return
        seconds, count = reply.drip
        for at in range(min(count, len(body))):
            self.wfile.write(body[at : at + 1])
            if self.server.stopping.wait(seconds):
                return
        self.wfile.write(body[count:])

    def _hang_up(self, *, reset: bool) -> None:
        self.close_connection = True
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.server.reset.add(self.connection)

    def __getattr__(self, name: str) -> Any:
        """`do_GET` and its like: every verb goes the same way."""
        if name.removeprefix("do_") in _VERBS:
            return self._serve
        raise AttributeError(name)


def _request(visit: _Visit) -> Request:
    split = urlsplit(visit.path)
    length = visit.headers.get("Content-Length")
    announced = int(length) if length is not None and length.isdigit() else None
    return Request(
        method=visit.command,
        path=unquote(split.path),
        query=parse_qsl(split.query, keep_blank_values=True),
        headers=visit.headers,
        stream=cast(BinaryIO, visit.rfile),
        connection=visit.connection,
        url=f"http://{visit.headers.get('Host', '')}{split.path}",
        length=announced,
        unread=announced or 0,
    )


def _noted(world: World, request: Request, outcome: str, code: int) -> None:
    if request.operation:
        fault = request.fault.kind if request.fault is not None else None
        world.ledger.noted(
            {"operation": request.operation, "time": world.now(), "outcome": outcome, "code": code, "fault": fault}
        )


class _Server(ThreadingHTTPServer):
    """Keeps count of its connections, so that stopping leaves no thread and no socket behind."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int, world: World) -> None:
        self.world = world
        self.stopping = threading.Event()
        self.reset: set[socket.socket] = set()
        self.defects = 0
        self._open: dict[socket.socket, threading.Thread | None] = {}
        self._guard = threading.Lock()
        super().__init__((HOST, port), _Visit)

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(target=self.process_request_thread, args=(request, client_address), daemon=True)
        with self._guard:
            self._open[request] = thread
        thread.start()

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.pop(request, None)
            reset = request in self.reset
            self.reset.discard(request)
        if reset:
            request.close()  # with SO_LINGER 0 this sends RST; a shutdown first would send FIN
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke between requests is nobody's fault; everything else was caught."""

    def end(self) -> None:
        """Close every connection and wait for its thread."""
        self.stopping.set()
        with self._guard:
            standing = dict(self._open)
        for connection, thread in standing.items():
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
            finally:
                if thread is not None:
                    thread.join(_JOIN)
        self.server_close()


class Sandbox:
    """Flickr, YouTube and Google's token endpoint on one loopback port.

    `folder` keeps the bytes and the ledger: started on it again, the stand-in knows all it knew. `clock`
    gives the time (seconds since the epoch) that `Control.advance` adds to.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        secret: str | None = None,
        clock: Callable[[], float] = time.time,
        settings: Settings | None = None,
    ) -> None:
        self._world = World(folder, secret, clock, settings)
        self._server = _Server(port, self._world)
        self._world.base = self.base
        self._thread: threading.Thread | None = None
        self._serving = False

    @property
    def base(self) -> str:
        """The address everything is under, without a slash at its end."""
        return f"http://{HOST}:{self._server.server_address[1]}"

    @property
    def secret(self) -> str:
        """What the control address wants to see."""
        return self._world.secret

    @property
    def defects(self) -> int:
        """How often the stand-in itself failed; anything but 0 makes a test's result worthless."""
        return self._server.defects

    def start(self) -> Self:
        """Serve in the background."""
        self._serving = True
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)
        self._thread.start()
        return self

    def serve_forever(self) -> None:
        """Serve until `stop`."""
        self._serving = True
        self._server.serve_forever(poll_interval=0.02)

    def stop(self) -> None:
        """Stop serving, drop every connection, close the ledger."""
        if self._serving:
            self._server.shutdown()  # of a server that never served, this would wait for ever
        if self._thread is not None:
            self._thread.join(_JOIN)
        self._server.end()
        self._world.ledger.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
