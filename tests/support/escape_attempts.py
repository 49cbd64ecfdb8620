"""What a media child taken over by a hostile file would try. Run as a program, it tries all and prints what it got.

The request on stdin: bounds to be confined by (none: unconfined, the control), an office's folder, an own folder, a
port and a unix socket that listen. A first line out says that everything is ready.
"""

from __future__ import annotations

import ctypes
import json
import mmap
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

LARGEST = 1 << 20  # bytes in one file, as the bounds have it
_PTRACE_SEIZE, _SHMGET = 0x4206, {"x86_64": 29, "aarch64": 194}
Attempt = Callable[[dict[str, Any]], object]


def _file(asked: dict[str, Any], name: str) -> Path:
    return Path(asked["office"]) / name


def _write_to_database(asked: dict[str, Any]) -> None:
    with sqlite3.connect(_file(asked, "office.sqlite3")) as office:
        office.execute("CREATE TABLE forged (id)")
    office.close()


def _talk(asked: dict[str, Any], family: int, kind: int, place: Any) -> None:
    with socket.socket(family, kind) as line:
        line.connect(place)
        line.send(b"the face of a victim")


def _called(answer: int) -> None:
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _attach(asked: dict[str, Any]) -> None:
    _called(ctypes.CDLL(None, use_errno=True).ptrace(_PTRACE_SEIZE, asked["other"], None, None))


def _share_memory(_: dict[str, Any]) -> None:
    number = ctypes.c_long(_SHMGET[os.uname().machine])
    libc = ctypes.CDLL(None, use_errno=True)
    _called(libc.syscall(number, ctypes.c_long(0x5075), ctypes.c_long(4096), ctypes.c_long(0o1600)))


def _fork(_: dict[str, Any]) -> None:
    if (child := os.fork()) == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _large_file(asked: dict[str, Any]) -> None:
    with (Path(asked["own"]) / "large").open("wb") as body:
        body.write(bytes(LARGEST + 1))


def _raise_limit(asked: dict[str, Any]) -> None:
    import resource

    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))


ATTEMPTS: dict[str, Attempt] = {
    "read the secrets": lambda it: _file(it, "secrets.toml").read_bytes(),
    "list the office": lambda it: list(Path(it["office"]).iterdir()),
    "read the database": lambda it: _file(it, "office.sqlite3").read_bytes(),
    "open the database to write": lambda it: _file(it, "office.sqlite3").open("r+b").close(),
    "write a row": _write_to_database,
    "cut a file short": lambda it: os.truncate(_file(it, "cut"), 0),
    "change whose a file is": lambda it: _file(it, "secrets.toml").chmod(0o644),
    "change when a file was made": lambda it: os.utime(_file(it, "secrets.toml"), (1, 1)),
    "link a file into its own folder": lambda it: os.link(_file(it, "secrets.toml"), Path(it["own"]) / "linked"),
    "move a file into its own folder": lambda it: _file(it, "moved").rename(Path(it["own"]) / "moved"),
    "remove a file": lambda it: _file(it, "removed").unlink(),
    "write outside": lambda it: _file(it, "planted").write_bytes(b"."),
    "change its own input": lambda it: Path(it["input"]).write_bytes(b"."),
    "make a way out of its own folder": lambda it: (Path(it["own"]) / "out").symlink_to(it["office"]),
    "read what other processes were given": lambda it: Path(f"/proc/{it['other']}/environ").read_bytes(),
    "read the system's users": lambda _: Path("/etc/passwd").read_bytes(),
    "connect by TCP": lambda it: _talk(it, socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", it["port"])),
    "listen by TCP": lambda _: socket.create_server(("127.0.0.1", 0)).close(),
    "send by UDP": lambda it: _talk(it, socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", it["port"])),
    "connect to a unix socket": lambda it: _talk(it, socket.AF_UNIX, socket.SOCK_STREAM, it["unix"]),
    "make a pair of sockets": lambda _: [each.close() for each in socket.socketpair()],
    "fork": _fork,
    "start a program": lambda _: os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0),
    "signal another process": lambda it: os.kill(it["other"], 0),
    "hold another process": _attach,
    "share memory with another process": _share_memory,
    "slow another process down": lambda it: os.setpriority(os.PRIO_PROCESS, it["other"], 5),
    "write a file larger than its limit": _large_file,
    "raise its own limits": _raise_limit,
    "take more memory than its limit": lambda _: mmap.mmap(-1, 3 << 30, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close(),
}
# What the work itself needs, confined or not.
NEEDED: dict[str, Attempt] = {
    "read its input": lambda it: Path(it["input"]).read_bytes(),
    "write into its own folder": lambda it: (Path(it["own"]) / "made").write_bytes(b"."),
    "rename within its own folder": lambda it: (Path(it["own"]) / "made").rename(Path(it["own"]) / "done"),
    "import what is installed": lambda _: __import__("email.mime.image"),
}


def main() -> None:
    asked = json.loads(sys.stdin.readline())
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    asked["other"] = other.pid
    if asked["bounds"]:
        from publisher.media.confined import Bounds, confine

        confine(Bounds(**asked["bounds"]))
    print(json.dumps({name: _tried(attempt, asked) for name, attempt in {**NEEDED, **ATTEMPTS}.items()}))
    assert other.stdin is not None
    other.stdin.close()


def _tried(attempt: Attempt, asked: dict[str, Any]) -> str:
    try:
        attempt(asked)
    except (OSError, sqlite3.Error, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return "done"


if __name__ == "__main__":
    main()
