"""The transport: each request once, on time, to configured hosts only.

The server here is a bare socket, because what is tested is what happens when a server does not behave.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import SimpleQueue

import pytest

from publisher.destinations.youtube.transport import NotConnected, OneShotHttp, StrayAddress, authorised, origin

from support.patience import PATIENCE

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Answer = Callable[[socket.socket], None]


class Bare:
    """A server that reads one request per connection and lets `answer` do what it likes with the socket."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with connection:
                request = self._read(connection)
                if not request:
                    return
                self.requests.append(request)
                with suppress(OSError):
                    self.answer(connection)

    def _read(self, connection: socket.socket) -> bytes:
        request = b""
        with connection.makefile("rb") as stream:
            length = 0
            while (line := stream.readline()) not in (b"", b"\r\n"):
                request += line
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            return request + stream.read(length)

    def stop(self) -> None:
        # A connection without a request is the sign to end.
        port = self._listener.getsockname()[1]
        socket.create_connection(("127.0.0.1", port)).close()
        self._thread.join()
        self._listener.close()


@pytest.fixture
def bare() -> Iterator[Callable[[Answer], Bare]]:
    servers: list[Bare] = []

    def start(answer: Answer) -> Bare:
        servers.append(Bare(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def client(*bases: str, timeout: float = 1.0, reply_limit: float = 2.0) -> OneShotHttp:
    return OneShotHttp(frozenset(map(origin, bases)), 1.0, timeout, reply_limit)


def say(content: bytes) -> Answer:
    return lambda connection: connection.sendall(content)


def test_a_reply_is_read(bare: Callable[[Answer], Bare]) -> None:
    server = bare(say(OK))
    response, content = client(server.base).request(server.base + "/x")
    assert (response.status, content) == (200, b"ok")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_a_connection_closed_without_a_reply_is_not_sent_again(bare: Callable[[Answer], Bare], method: str) -> None:
    server = bare(lambda connection: None)
    with pytest.raises(ConnectionError):
        client(server.base).request(server.base + "/x", method, body=b"once")
    assert len(server.requests) == 1


def test_a_308_is_handed_back_and_not_followed(bare: Callable[[Answer], Bare]) -> None:
    server = bare(say(b"HTTP/1.1 308 Resume Incomplete\r\nRange: bytes=0-9\r\nContent-Length: 0\r\n\r\n"))
    response, _ = client(server.base).request(server.base + "/x", "PUT", body=b"chunk")
    assert (response.status, response["range"]) == (308, "bytes=0-9")


def test_a_redirect_is_handed_back_and_not_followed(bare: Callable[[Answer], Bare]) -> None:
    elsewhere = bare(say(OK))
    reply = f"HTTP/1.1 302 Found\r\nLocation: {elsewhere.base}/y\r\nContent-Length: 0\r\n\r\n".encode()
    server = bare(say(reply))
    response, _ = client(server.base, elsewhere.base).request(server.base + "/x")
    assert response.status == 302
    assert elsewhere.requests == []


def test_a_host_that_is_not_configured_gets_nothing(bare: Callable[[Answer], Bare]) -> None:
    server, stranger = bare(say(OK)), bare(say(OK))
    with pytest.raises(StrayAddress):
        client(server.base).request(stranger.base + "/x", "PUT", body=b"secret")
    assert stranger.requests == []


def test_the_same_host_without_tls_is_another_address() -> None:
    with pytest.raises(StrayAddress):
        client("https://youtube.googleapis.com/").request("http://youtube.googleapis.com/x")


def test_a_refused_connection_is_told_from_a_lost_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(NotConnected):
        client(base).request(base + "/x", "POST", body=b"x")


def test_a_proxy_in_the_environment_is_not_asked(
    bare: Callable[[Answer], Bare], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9/")
    server = bare(say(OK))
    assert client(server.base).request(server.base + "/x")[0].status == 200


def test_silence_ends_at_the_timeout(bare: Callable[[Answer], Bare]) -> None:
    ends: SimpleQueue[bytes] = SimpleQueue()
    server = bare(lambda connection: ends.put(connection.recv(1)))
    with pytest.raises(TimeoutError):
        client(server.base, timeout=0.2).request(server.base + "/x")
    assert ends.get(timeout=PATIENCE) == b""  # the client closed the connection


def test_a_reply_that_drips_ends_at_its_limit(bare: Callable[[Answer], Bare]) -> None:
    ends: SimpleQueue[str] = SimpleQueue()

    def drip(connection: socket.socket) -> None:
        try:
            for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n" + b"." * 300:
                connection.sendall(bytes([byte]))
                threading.Event().wait(0.05)
            ends.put("all was said")
        except OSError:
            ends.put("the client left")

    server = bare(drip)
    # Each byte comes well within the timeout of one read.
    with pytest.raises(TimeoutError):
        client(server.base, timeout=1.0, reply_limit=0.3).request(server.base + "/x")
    assert ends.get(timeout=PATIENCE) == "the client left"


def test_an_unfinished_reply_is_no_reply(bare: Callable[[Answer], Bare]) -> None:
    server = bare(say(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"))
    with pytest.raises(Exception, match="IncompleteRead"):
        client(server.base).request(server.base + "/x")


def test_a_body_of_pieces_is_sent_again_from_its_start_after_a_401(bare: Callable[[Answer], Bare]) -> None:
    refusals = [b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"]
    token = b'{"access_token": "a", "expires_in": 3600, "token_type": "Bearer"}'

    def answer(connection: socket.socket) -> None:
        if b"/token" in server.requests[-1]:
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            connection.sendall(head % len(token) + token)
        else:
            connection.sendall(refusals.pop() if refusals else OK)

    server = bare(answer)
    keys = {"client_id": "id", "client_secret": "secret"}
    http = authorised(client(server.base), keys, "refresh", server.base + "/token")
    response, _ = http.request(server.base + "/x", "PUT", body=[b"ab", b"cd"], headers={"content-length": "4"})
    assert response.status == 200
    assert [request[-4:] for request in server.requests if request.startswith(b"PUT")] == [b"abcd"] * 2


def test_the_libraries_say_nothing_below_an_error(caplog: pytest.LogCaptureFixture) -> None:
    # At debug they log addresses and tokens; one warning quotes a whole reply.
    caplog.set_level(logging.DEBUG)
    for name in ("googleapiclient.http", "google.auth.transport", "requests_oauthlib.oauth2_session", "oauthlib"):
        logging.getLogger(name).warning("access_token=secret")
    assert "secret" not in caplog.text
