"""The desk under attack by those who never finish: what takes down is answered while all of them are still there."""

from __future__ import annotations

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from support.databases import ROOT, environment
from support.patience import PATIENCE

IDLE, SLOW, BOMBS = 200, 50, 8
LATEST = 5.0  # seconds the former server is given; it does not answer while the sockets stay
BESIEGED = Path(__file__).with_name("besieged_office.py")
OURS = [sys.executable, "-m", "publisher.desk.server.serve"]
GUNICORN = [sys.executable, "-m", "gunicorn", "-c", "tests/desk/former_gunicorn.conf.py", "publisher.wsgi", "-b"]


class Desk:
    """A desk in a process of its own, and what its office holds."""

    def __init__(self, port: int, told: dict[str, Any]) -> None:
        self.port = port
        self.cookie = str(told["cookie"])  # of Bran, who is signed in
        self.author = str(told["author"])  # and of Amara, who uploads
        self.csrf = str(told["csrf"])
        self.items: list[str] = list(told["items"])
        self.film = str(told["film"])

    def open(self, request: bytes) -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        made.sendall(request)
        return made

    def withdraw(self, reference: str, timeout: float) -> tuple[int, float]:
        """The status of the answer and the seconds to it."""
        body = urlencode({"csrfmiddlewaretoken": self.csrf, "reason": "wrong_image"})
        head = {
            "Cookie": f"sessionid={self.cookie}; csrftoken={self.csrf}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        began = time.perf_counter()
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("POST", f"/items/{reference}/take-down/", body, head)
            return connection.getresponse().status, time.perf_counter() - began
        finally:
            connection.close()


def at_the_office(folder: Path, *arguments: str) -> Any:
    """A process of its own, and what it printed."""
    done = subprocess.run(
        [sys.executable, str(BESIEGED), str(folder), *arguments], cwd=ROOT, capture_output=True, text=True, check=False,
        env=environment(PUBLISHER_OFFICE=str(folder)) if arguments[0] != "found" else environment(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def serving(folder: Path, command: list[str], told: dict[str, Any]) -> Iterator[Desk]:
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listening:
        number, port = listening.fileno(), listening.getsockname()[1]
        address = f"fd://{number}" if command is GUNICORN else str(number)
        process = subprocess.Popen(
            [*command, address], cwd=ROOT, env=environment(PUBLISHER_OFFICE=str(folder)), pass_fds=[number],
            start_new_session=True,
        )  # fmt: skip
    try:
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", "/sign-in/")
        assert connection.getresponse().status == 200
        connection.close()
        yield Desk(port, told)
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # gunicorn's worker as well
        process.wait(120)


def besiege(desk: Desk, stack: ExitStack) -> list[socket.socket]:
    """Sockets that never finish their header, bodies that never end, films that nobody reads, and scan bombs."""
    host = f"Host: 127.0.0.1:{desk.port}\r\n"
    who = f"Cookie: sessionid={desk.author}; csrftoken={desk.csrf}\r\n"
    held = [desk.open(f"GET / HTTP/1.1\r\n{host}X-Slow: ".encode()) for _ in range(IDLE)]
    slow = f"POST /sign-in/ HTTP/1.1\r\n{host}Content-Length: 900\r\n\r\nusername="
    large = f"POST /items/new/ HTTP/1.1\r\n{host}{who}Content-Length: 900000000\r\n\r\nabc"
    held += [desk.open((slow if number % 2 else large).encode()) for number in range(SLOW)]
    held += [desk.open(_upload(desk, host + who, _scan_bomb(number))) for number in range(BOMBS)]
    film = f"GET {desk.film} HTTP/1.1\r\n{host}{who}\r\n"
    held += [desk.open(film.encode()) for _ in range(BOMBS)]
    for each in held:
        stack.callback(each.close)
    return held


def _upload(desk: Desk, head: str, content: bytes) -> bytes:
    edge = "edge"
    fields = f'--{edge}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{desk.csrf}\r\n'
    part = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    body = (fields + part).encode() + content + f"\r\n--{edge}--\r\n".encode()
    kind = f"Content-Type: multipart/form-data; boundary={edge}\r\nContent-Length: {len(body)}\r\n\r\n"
    return f"POST /items/new/ HTTP/1.1\r\n{head}{kind}".encode() + body


def _scan_bomb(number: int, scans: int = 2000) -> bytes:
    """A progressive JPEG whose last scan comes again and again: small to send, long to decode."""
    import io

    from PIL import Image

    plain = io.BytesIO()
    Image.new("RGB", (1600, 1200), (number, 90, 120)).save(plain, "JPEG", progressive=True)
    whole = plain.getvalue()
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * scans + whole[-2:]


def is_open(held: socket.socket) -> bool:
    """The server has not hung up: nothing to read yet, or an answer, but no end."""
    held.setblocking(False)
    try:
        return held.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("besieged") / "office"
    at_the_office(folder, "found")
    return folder, at_the_office(folder, "fill")


@pytest.mark.slow
def test_a_withdrawal_is_answered_while_every_hostile_connection_is_still_open(
    told: tuple[Path, dict[str, Any]],
) -> None:
    folder, found = told
    with serving(folder, OURS, found) as desk, ExitStack() as stack:
        held = besiege(desk, stack)
        taken = [desk.withdraw(reference, 60) for reference in desk.items[:5]]
        assert [is_open(each) for each in held] == [True] * len(held)
        assert [status for status, _ in taken] == [302] * 5
    states = at_the_office(folder, "states")
    assert [states[reference] for reference in desk.items[:5]] == ["withdrawn"] * 5
    print(f"\n{len(held)} hostile connections: a withdrawal at the desk in {_median(taken):.3f} s (median of 5)")


def test_control_the_former_server_does_not_answer_before_they_go(told: tuple[Path, dict[str, Any]]) -> None:
    folder, found = told
    with serving(folder, GUNICORN, found) as desk, ExitStack() as stack:
        held = besiege(desk, stack)
        with pytest.raises(TimeoutError):
            desk.withdraw(desk.items[5], LATEST)
        assert is_open(held[0])


def test_on_the_command_line_from_its_first_query(told: tuple[Path, dict[str, Any]]) -> None:
    folder, found = told
    seconds = at_the_office(folder, "withdraw", *found["items"][6:9])
    print(f"\na withdrawal on the command line, from its first query: {statistics.median(seconds):.3f} s (median of 3)")
    assert len(seconds) == 3


def _median(taken: list[tuple[int, float]]) -> float:
    return statistics.median(seconds for _, seconds in taken)
