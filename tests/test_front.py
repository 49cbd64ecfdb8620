"""The server's front: deadlines, sizes, lanes and room, without a network where none is needed."""

from __future__ import annotations

import io
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from publisher.desk.addresses import LARGEST_OPEN, Lane, lane_of, largest_body
from publisher.desk.server import request_buffer
from publisher.desk.server.request_buffer import Channel, Lanes, Parser, Server, adjustments
from publisher.logs import Discreet

from support.patience import PATIENCE

HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /sign-in/ HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"


class Front:
    """A front on loopback whose application is a function, its loop in a thread of its own."""

    def __init__(self, application: Callable[..., Any], room: int) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        Parser.largest_body = staticmethod(lambda path, cookies: largest_body(path, signed_in=bool(cookies)))
        self.server = Server(
            application, _sock=self.listening, bind_socket=False, room=room, adj=adjustments(room),
            dispatcher=Lanes({Lane.TAKING_DOWN: 1, Lane.SIGNING_IN: 1, Lane.FILES: 1, Lane.PAGES: 1}, lane_of),
            sockinfo=(self.listening.family, self.listening.type, 0, self.listening.getsockname()),
        )  # fmt: skip
        self.server.adj.asyncore_loop_timeout = 0.02
        self.ends = threading.Event()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        while not self.ends.is_set():
            self.server.asyncore.loop(timeout=0.02, map=self.server._map, use_poll=True, count=1)

    def connect(self, sent: bytes) -> socket.socket:
        made = socket.create_connection(self.listening.getsockname(), timeout=PATIENCE)
        made.sendall(sent)
        return made

    def close(self) -> None:
        self.ends.set()
        self.thread.join()
        self.server.task_dispatcher.shutdown()
        for each in list(self.server.active_channels.values()):
            each.handle_close()
        self.server.close()


@contextmanager
def fronting(application: Callable[..., Any], room: int = 100) -> Iterator[Front]:
    found = Front(application, room)
    try:
        yield found
    finally:
        found.close()


def hello(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    start("200 OK", [("Content-Length", "5")])
    return [b"hello"]


def channel_with(received: bytes) -> Channel:
    Parser.largest_body = staticmethod(lambda path, cookies: largest_body(path, signed_in=bool(cookies)))
    channel = Channel.__new__(Channel)
    channel.requests, channel.began, channel.creation_time, channel.last_activity = [], 0.0, 0.0, 0.0
    channel.request = Parser(adjustments(10)) if received else None
    if received:
        head, _, body = received.partition(b"\r\n\r\n")
        channel.request.received(head + (b"\r\n\r\n" if _ else b""))
        if body:
            channel.request.received(body)
    return channel


@pytest.mark.parametrize(
    ("received", "last_byte", "patience"),
    [
        (b"", 0.0, request_buffer.IDLE),  # connected, and nothing
        (HEAD, 1000.0, request_buffer.HEADER_WITHIN),  # a byte now and then moves nothing
        (POST % 900 + b"u", 1000.0, request_buffer.BODY_WITHIN + 1 / request_buffer.BODY_RATE),
        (POST % 40960 + b"u" * 4096, 1000.0, request_buffer.BODY_WITHIN + 1),  # what comes buys a second for 4 KiB
    ],
)
def test_each_kind_of_slowness_has_its_deadline(received: bytes, last_byte: float, patience: float) -> None:
    channel = channel_with(received)
    if received:
        channel.last_activity = last_byte
    assert not channel.is_overdue(patience - 0.01)
    assert channel.is_overdue(patience + 0.01)


def test_what_a_thread_works_on_is_not_overdue() -> None:
    channel = channel_with(b"")
    channel.requests = ["one"]
    assert not channel.is_overdue(1e9)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (POST % (LARGEST_OPEN + 1), b"413"),
        (POST % (300 * 1024**2), b"413"),
        (b"POST /sign-in/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 300000000\r\n\r\n", b"413"),
        (b"POST /items/new/ HTTP/1.1\r\nHost: x\r\nContent-Length: 300000000\r\n\r\n", b"413"),  # nobody is signed in
        (b"POST /live/ HTTP/1.1\r\nHost: x\r\nCookie: sessionid=1\r\nContent-Length: 300000000\r\n\r\n", b"413"),
    ],
)
def test_a_body_that_is_too_large_is_refused_at_its_header(head: bytes, status: bytes) -> None:
    with fronting(hello) as desk, desk.connect(head) as sent:
        assert sent.recv(1000).split()[1] == status


def test_a_chunked_body_ends_at_the_same_limit() -> None:
    head = b"POST /sign-in/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    with fronting(hello) as desk, desk.connect(head + chunk * 3) as sent:
        assert sent.recv(1000).split()[1] == b"413"


def test_a_film_of_an_officer_is_let_in() -> None:
    parser = Parser(adjustments(10))
    Parser.largest_body = staticmethod(lambda path, cookies: largest_body(path, signed_in=bool(cookies)))
    head = b"POST /items/new/ HTTP/1.1\r\nHost: x\r\nCookie: sessionid=1\r\nContent-Length: 9000000000\r\n\r\n"
    parser.received(head)
    assert parser.error is None
    assert not parser.completed


def test_what_takes_down_has_threads_that_nothing_else_may_use() -> None:
    busy, free = threading.Semaphore(0), threading.Event()

    def slow(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        if "take-down" not in environ["PATH_INFO"]:
            busy.release()
            free.wait(120)
        return hello(environ, start)

    others = (b"/", b"/sign-in/", b"/items/POD-0001/original/", b"/items/new/")
    with fronting(slow) as desk:
        held = [desk.connect(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path) for path in others * 3]
        for _ in range(3):
            busy.acquire()  # each lane but one is full
        with desk.connect(b"GET /items/POD-0001/take-down/ HTTP/1.1\r\nHost: x\r\n\r\n") as sent:
            assert sent.recv(1000).startswith(b"HTTP/1.1 200")
            assert not free.is_set()
        free.set()
        for each in held:
            each.close()


def test_where_there_is_no_room_left_the_longest_idle_goes() -> None:
    with fronting(hello, room=5) as desk:
        held = [desk.connect(HEAD) for _ in range(5)]
        while len(desk.server.active_channels) < 5:
            time.sleep(0)
        with desk.connect(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n") as sent:
            assert sent.recv(1000).startswith(b"HTTP/1.1 200")
        assert held[0].recv(1) == b""
        held[4].sendall(b"\r\n")
        assert held[4].recv(1000).startswith(b"HTTP/1.1 200")
        for each in held:
            each.close()


def test_a_block_counts_as_gone_only_when_the_client_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_buffer, "IDLE", 0.2)
    left: list[int] = []
    ended = threading.Event()

    def large(environ: dict[str, Any], start: Callable[..., Any]) -> Iterator[bytes]:
        start("200 OK", [("Content-Length", str(200 * 262144))])
        try:
            for number in range(200):
                yield bytes(262144)
                environ[request_buffer.FLUSHED]()
                left.append(number)
        finally:
            ended.set()

    with fronting(large) as desk, desk.connect(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"):
        assert ended.wait(120)  # nobody reads: given up
        assert len(left) < 199


def test_the_log_holds_no_message_of_an_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    written, name = io.StringIO(), "Quxwort"
    handler = logging.StreamHandler(written)
    handler.setFormatter(Discreet("%(message)s"))
    log = logging.getLogger("waitress")
    monkeypatch.setattr(log, "handlers", [handler])
    monkeypatch.setattr(log, "propagate", False)

    def failing(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        raise ValueError(name)

    with fronting(failing) as desk, desk.connect(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n") as sent:
        assert b"500" in sent.recv(1000)
    assert "ValueError" in written.getvalue()
    assert name not in written.getvalue()
