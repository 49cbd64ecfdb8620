"""The browser's way back from a platform's consent page: one request to this machine, with the answer in it."""

from __future__ import annotations

import http.server
import secrets
import threading
from urllib.parse import parse_qs, urlsplit

from publisher.destinations.errors import Refused


class BrowserAnswer:
    """Waits on loopback for the browser to come back from the platform.

    The path is random, so that no other page can hand in an answer of its own.
    """

    def __init__(self) -> None:
        self._path = f"/{secrets.token_urlsafe(16)}"
        self._came = threading.Event()
        self._given: dict[str, list[str]] = {}
        self._server = http.server.HTTPServer(("127.0.0.1", 0), self._visit())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1})

    def __enter__(self) -> BrowserAnswer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def address(self) -> str:
        """The loopback address, with its random path, to which the platform must send the browser back."""
        return f"http://127.0.0.1:{self._server.server_port}{self._path}"

    def wait(self, seconds: float) -> dict[str, list[str]]:
        """Returns the query fields of the address the browser came back with.

        Raises Refused where nobody agreed within `seconds`.
        """
        if not self._came.wait(seconds):
            raise Refused(f"Nobody agreed within {seconds:.0f} seconds. Run the command again.")
        return self._given

    def _visit(self) -> type[http.server.BaseHTTPRequestHandler]:
        waiting = self

        class Visit(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                address = urlsplit(self.path)
                ours = address.path == waiting._path
                page = b"Publisher has its answer. You may close this window." if ours else b"Not here."
                self.send_response(200 if ours else 404)
                self.send_header("Content-Type", "text/plain; charset=utf-8")
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)
                if ours:
                    waiting._given = parse_qs(address.query)
                    waiting._came.set()

            def log_message(self, *_: object) -> None:
                """Say nothing: the address holds the verifier."""

        return Visit
