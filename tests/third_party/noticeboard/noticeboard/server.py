"""The board's web server: what an owner may ask with a token, and what anybody may without."""

from __future__ import annotations

import hashlib
import html
import json
import re
import threading
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from noticeboard.board import Board, NotThere

LARGEST = 64 * 1024 * 1024  # bytes
PAGE = "<!doctype html><title>Board</title><p>{application} may post as {holder} with <code>{token}</code></p>"


class Refusal(Exception):
    """An answer other than a good one."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Running:
    """A board that is listening, at `base`."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.board = board
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._standing = False

    def __enter__(self) -> Self:
        self._thread.start()
        self._standing = True
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Nothing answers at `base` from now on."""
        if self._standing:
            self._standing = False
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # whoever closes it waits for what is being answered
    board: Board


class _Handler(BaseHTTPRequestHandler):
    timeout = 10.0
    server: _Server

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(min(length, LARGEST + 1))
        try:
            if len(body) < length:
                raise Refusal(400)
            with self.server.board as board:
                kind, content = self._found(board, urlsplit(self.path).path, body)
            code = 200
        except NotThere:
            code, kind, content = 404, "application/json", b"{}"
        except Refusal as refusal:
            code, kind, content = refusal.code, "application/json", b"{}"
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _found(self, board: Board, path: str, body: bytes) -> tuple[str, bytes]:
        """The public's pages, then what takes a token."""
        if path == "/authorise":
            application = self._query("application")
            if not application:
                raise Refusal(400)
            named = {"application": html.escape(application), "holder": html.escape(board.holder)}
            page = PAGE.format(**named, token=board.grant(application))
            return "text/html; charset=utf-8", page.encode()
        if path == "/record":
            return "application/json", json.dumps(board.record()).encode()
        if path.startswith("/media/"):
            served = board.served(path.removeprefix("/media/"))
            return served.media_type, served.body
        return "application/json", json.dumps(self._owned(board, path, body)).encode()

    def _owned(self, board: Board, path: str, body: bytes) -> dict[str, Any]:
        for method, pattern, name in _ROUTES:
            if method == self.command and (match := re.fullmatch(pattern, path)):
                board.heard.append({"operation": f"noticeboard.{name}"})
                if not board.knows(self.headers.get("Authorization", "").removeprefix("Bearer ")):
                    raise Refusal(401)
                found: dict[str, Any] = getattr(self, f"_{name}")(board, body, *match.groups())
                return found
        raise NotThere

    def _account(self, board: Board, body: bytes) -> dict[str, Any]:
        return {"id": board.id, "holder": board.holder}

    def _post(self, board: Board, body: bytes) -> dict[str, Any]:
        told = json.loads(unquote(self.headers.get("Notice", "{}")))
        if not body or hashlib.sha256(body).hexdigest() != told.get("sha256"):
            raise Refusal(422)
        return board.post(body, self.headers.get("Content-Type", ""), told).described()

    def _list(self, board: Board, body: bytes) -> dict[str, Any]:
        since, until = datetime.fromisoformat(self._query("since")), self._query("until")
        found, more = board.listed(since, datetime.fromisoformat(until) if until else None, self._query("before"))
        return {"notices": [each.described() for each in found], "next": more}

    def _look(self, board: Board, body: bytes, number: str) -> dict[str, Any]:
        return board.notice(number).described()

    def _change(self, board: Board, body: bytes, number: str) -> dict[str, Any]:
        return board.change(number, json.loads(body)).described()

    def _delete(self, board: Board, body: bytes, number: str) -> dict[str, Any]:
        board.delete(number)
        return {}

    def _albums(self, board: Board, body: bytes) -> dict[str, Any]:
        return {"albums": board.albums()}

    def _make_album(self, board: Board, body: bytes) -> dict[str, Any]:
        return {"id": board.make_album(json.loads(body)).id}

    def _describe_album(self, board: Board, body: bytes, number: str) -> dict[str, Any]:
        return {"id": board.describe_album(number, json.loads(body)).id}

    def _file(self, board: Board, body: bytes, album: str, number: str) -> dict[str, Any]:
        members, notice = board.album(album).members, board.notice(number)
        members += [notice.id] if notice.id not in members else []
        return {}

    def _unfile(self, board: Board, body: bytes, album: str, number: str) -> dict[str, Any]:
        members = board.album(album).members
        if number not in members:
            raise NotThere
        members.remove(number)
        return {}

    def _query(self, name: str) -> str:
        return parse_qs(urlsplit(self.path).query).get(name, [""])[0]


_ONE = "/api/notices/([a-z0-9]+)"
_ALBUM = "/api/albums/([a-z0-9]+)"
_ROUTES = (
    ("GET", "/api/account", "account"),
    ("POST", "/api/notices", "post"),
    ("GET", "/api/notices", "list"),
    ("GET", _ONE, "look"),
    ("PATCH", _ONE, "change"),
    ("DELETE", _ONE, "delete"),
    ("GET", "/api/albums", "albums"),
    ("POST", "/api/albums", "make_album"),
    ("PATCH", _ALBUM, "describe_album"),
    ("PUT", f"{_ALBUM}/members/([a-z0-9]+)", "file"),
    ("DELETE", f"{_ALBUM}/members/([a-z0-9]+)", "unfile"),
)
