"""The nginx file that is shipped: nginx itself accepts it, and it serves the desk as its comments say."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from support.databases import ROOT
from support.patience import PATIENCE

SHIPPED = ROOT / "config" / "nginx.conf"


def nginx() -> str:
    """Skip, in words, where there is none; fail where it is required."""
    if found := shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin"):
        return found
    words = "nginx is not installed (Debian: apt-get install nginx-light)"
    if "nginx" in os.environ.get("PUBLISHER_TESTS_REQUIRE", "").split(","):
        pytest.fail(words)
    pytest.skip(words)


class Desk(BaseHTTPRequestHandler):
    """Says what reached it."""

    heard: list[tuple[str, str | None, str | None]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.heard.append((self.path, self.headers["X-Forwarded-For"], self.headers["Host"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def proxied(folder: Path) -> Iterator[int]:
    """The shipped file with a port for its name and no certificate, before a desk that listens."""
    Desk.heard = []
    desk = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    serving = threading.Thread(target=desk.serve_forever, kwargs={"poll_interval": 0.05})
    serving.start()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    text = SHIPPED.read_text()
    text = text.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};").replace("8000", str(desk.server_port))
    text = "\n".join(line for line in text.splitlines() if "ssl_" not in line)
    for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"):
        text = f"{name}_temp_path {folder / name};\n" + text
    file = folder / "nginx.conf"
    file.write_text(
        f"worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{ worker_connections 256; }}\nhttp {{ access_log off;\n{text}\n}}\n"
    )
    command = [nginx(), "-p", str(folder), "-c", str(file)]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        _until_it_listens(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(20)
        desk.shutdown()
        serving.join()
        desk.server_close()


def _until_it_listens(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            continue
        return
    pytest.fail("nginx did not start")


def post(port: int, path: str, size: int, **headers: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("POST", path, bytes(size), headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_the_shipped_file_serves_the_desk(tmp_path: Path) -> None:
    with proxied(tmp_path) as port:
        assert post(port, "/items/POD-0001/take-down/", 100, **{"X-Forwarded-For": "192.0.2.9"}) == 200
        assert Desk.heard == [("/items/POD-0001/take-down/", "127.0.0.1", f"127.0.0.1:{port}")]
        assert post(port, "/sign-in/", 65 * 1024) == 413
        assert post(port, "/live/", 3 * 1024**2) == 413
        assert post(port, "/items/new/", 3 * 1024**2) == 200
        assert len(Desk.heard) == 2


@pytest.mark.slow
def test_what_is_not_whole_never_reaches_the_desk(tmp_path: Path) -> None:
    with proxied(tmp_path) as port:
        slow = [socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) for _ in range(20)]
        for each in slow:
            each.sendall(b"POST /sign-in/ HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\nusername=")
        assert post(port, "/items/POD-0001/take-down/", 10) == 200
        assert [path for path, _, _ in Desk.heard] == ["/items/POD-0001/take-down/"]
        for each in slow:
            each.close()
