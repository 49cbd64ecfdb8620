"""The desk, served: by `publisher web`, or by `python -m publisher.desk.server.serve FD` on a socket that listens."""

from __future__ import annotations

import logging
import resource
import signal
import socket
import sys
from http.cookies import CookieError, SimpleCookie
from types import FrameType

from django.conf import settings

from publisher.desk import addresses, sessions
from publisher.desk.addresses import Lane, lane_of
from publisher.desk.server.request_buffer import Lanes, Parser, Server, adjustments

MOST = 4096  # connections at once, where the system gives us so many files
SPARE = 200  # files for the database, the media and the children


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=1024)


def serve(listening: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT; what is under way is finished. Closes the socket."""
    server = build(listening, connections())
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, _end)
    server.run()
    listening.close()


def build(listening: socket.socket, room: int) -> Server:
    """The desk on this socket, with room for so many connections."""
    from publisher.wsgi import application  # noqa: PLC0415  # reads the office's settings as it is loaded

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # that requests wait for a moment is no trouble
    threads = {Lane.TAKING_DOWN: 4, Lane.SIGNING_IN: 4, Lane.FILES: 8, Lane.PAGES: 8}
    Parser.largest_body = staticmethod(_largest_body)
    return Server(
        application, _sock=listening, bind_socket=False, room=room, adj=adjustments(room),
        dispatcher=Lanes(threads, lane_of),
        sockinfo=(listening.family, listening.type, listening.proto, listening.getsockname()),
    )  # fmt: skip


def connections() -> int:
    """How many connections there is room for: this process may open as many files as the system lets it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST + SPARE if hard == resource.RLIM_INFINITY else min(hard, MOST + SPARE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(wanted - SPARE, wanted // 2)


def _largest_body(path: str, cookies: str) -> int:
    return addresses.largest_body(path, signed_in=sessions.looks_ours(_session_in(cookies)))


def _session_in(cookies: str) -> str:
    try:
        found = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return found.value if found else ""


def _end(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
