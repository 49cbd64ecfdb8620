"""One signed request to Flickr, with every limit that the client library leaves out.

flickrapi 2.4.0 hands each request to a `requests.Session`. Ours belongs to one account, reads nothing
from the environment, keeps no cookies, follows no redirect, reuses no connection, and ends each request
by a deadline: a read timeout alone held a call for 4.9 s against a server that dripped bytes at a
timeout of 2 s (measured with flickrapi 2.4.0).
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from http.client import HTTPException
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from publisher.destinations.platform_clock import record_date_header

# A page of 500 photos with descriptions is about 1 MB; nothing honest is longer than this.
LONGEST_REPLY = 32 * 1024 * 1024


class HttpFault(Exception):
    """Flickr, or something before it, answered with an HTTP code other than 200.

    flickrapi 2.4.0 keeps the code only as text and loses headers and body (read in its source); all
    three decide what happens next. `body` may hold signatures: it is read, never logged or shown.
    """

    def __init__(self, code: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(f"HTTP {code}")
        self.code = code
        self.headers = headers
        self.body = body


class LineFault(Exception):
    """The connection failed. `established` False: it never stood, so certainly nothing was sent."""

    def __init__(self, established: bool) -> None:
        super().__init__("the connection failed" if established else "no connection")
        self.established = established


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: to connect, between two reads, and for a whole reply once the request is sent."""

    connect: float = 10.0
    read: float = 60.0
    reply: float = 120.0


@dataclass(slots=True)
class Line:
    """One request's connection: whether it stood, and the clock that ends it."""

    patience: Patience
    established: bool = False
    expired: bool = False
    _socket: Any = None
    _clock: threading.Timer | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def opened(self, sock: Any) -> None:
        """Record that the connection is established; reads and writes on `sock` get the read timeout (seconds)."""
        # urllib3 times the sending of a body by the *connect* timeout; a slow uplink needs the longer one.
        sock.settimeout(self.patience.read)
        with self._lock:
            self.established, self._socket = True, sock

    def start_clock(self) -> None:
        """Start the clock of the whole reply, `patience.reply` seconds; a second call starts it anew."""
        self.stop_clock()
        self._clock = threading.Timer(self.patience.reply, self._cut)
        self._clock.daemon = True
        self._clock.start()

    def stop_clock(self) -> None:
        """Stop the reply's clock, if it runs."""
        if self._clock is not None:
            self._clock.cancel()
            self._clock.join()
            self._clock = None

    def _cut(self) -> None:
        with self._lock:
            self.expired = True
            if self._socket is None:
                return
            with suppress(OSError):  # closed already: the reader knows
                # Past SSLSocket's own shutdown, which would take the TLS object from under the reader.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def closed(self) -> None:
        """Forget the socket, so that the clock can no longer cut it."""
        with self._lock:
            self._socket = None


_line: ContextVar[Line | None] = ContextVar("flickr_line", default=None)


def _report(sock: Any) -> None:
    line = _line.get()
    if line is not None:
        line.opened(sock)


class _Http(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _report(self.sock)


class _Https(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _report(self.sock)


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class _Adapter(HTTPAdapter):
    """Tells the current Line when its connection stands; never retries, as requests never does."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}


class Wire:
    """A session of one account's own, bound to the configured hosts.

    `hosts`: prefixes such as `https://api.flickr.com`; any other address has no adapter and is refused.
    """

    def __init__(self, hosts: tuple[str, ...], patience: Patience) -> None:
        self.patience = patience
        self.session = requests.Session()
        # On, it would obey http_proxy even towards loopback, and a `default` entry in ~/.netrc would
        # replace the OAuth header of an upload by a password (measured with flickrapi 2.4.0).
        self.session.trust_env = False
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.session.adapters.clear()
        for host in hosts:
            self.session.mount(host, _Adapter())

    def post(
        self,
        url: str,
        *,
        data: Any = None,
        auth: Any = None,
        headers: Mapping[str, str] | None = None,
        watch: Callable[[Line], None] = Line.start_clock,
    ) -> bytes:
        """POST and return the body of a 200. Raises HttpFault or LineFault, and nothing else of its own.

        `watch` is given the Line before anything is sent and decides when the reply's clock starts; an upload starts it
        when its last byte has been read.
        """
        with self._on_a_line(watch) as line:
            try:
                code, answered, body = self._exchange(url, data, auth, headers)
            except (requests.RequestException, urllib3.exceptions.HTTPError, HTTPException, OSError) as error:
                raise LineFault(line.established) from error
            if line.expired:
                raise LineFault(established=True)
        if code != 200:
            raise HttpFault(code, answered, body)
        return body

    def _exchange(
        self, url: str, data: Any, auth: Any, headers: Mapping[str, str] | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        # A fresh connection each time: one that went stale in a pool fails after the first byte, and
        # then nobody could say that nothing was sent.
        with self.session.post(
            url,
            data=data,
            auth=auth,
            headers={"Connection": "close", **(headers or {})},
            timeout=(self.patience.connect, self.patience.read),
            # flickrapi 2.4.0 follows a 302 as a GET without the body (measured).
            allow_redirects=False,
            stream=True,
        ) as reply:
            record_date_header(reply.headers.get("Date"))
            return reply.status_code, reply.headers, _whole(reply)

    @contextmanager
    def _on_a_line(self, watch: Callable[[Line], None]) -> Iterator[Line]:
        line = Line(self.patience)
        token = _line.set(line)
        try:
            watch(line)
            yield line
        finally:
            _line.reset(token)
            line.closed()
            line.stop_clock()

    def close(self) -> None:
        """Close the session and its adapters."""
        self.session.close()


def _whole(reply: requests.Response) -> bytes:
    body = bytearray()
    for piece in reply.iter_content(64 * 1024):
        body += piece
        if len(body) > LONGEST_REPLY:
            raise HTTPException("a reply without end")
    return bytes(body)
