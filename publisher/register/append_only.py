"""Files that only grow: one writer at a time, whole lines or nothing, on the disk before anybody is answered."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

PATIENCE = 5.0  # seconds to wait for another process that writes; then the clock's next round writes
_TAIL = 64 * 1024


@contextlib.contextmanager
def locked(path: Path) -> Iterator[int]:
    """The file, made if there is none, locked against other processes. OSError; TimeoutError."""
    if not path.parent.is_dir():
        path.parent.mkdir(mode=0o700)
    new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        if new:
            flush_folder(path.parent)
        _wait_for(descriptor)
        yield descriptor
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int) -> None:
    """A process that was stopped while it held the lock must not keep an officer waiting for ever."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise TimeoutError("another process has been writing it for too long") from None
            time.sleep(0.01)


def drop_unfinished(descriptor: int) -> int:
    """Cut off a last line that a death left unfinished: it is still to be written. Returns the size then."""
    size = os.fstat(descriptor).st_size
    if size == 0 or os.pread(descriptor, 1, size - 1) == b"\n":
        return size
    tail, start = b"", size
    while start > 0 and b"\n" not in tail:
        start = max(0, start - _TAIL)
        tail = os.pread(descriptor, size - start, start)
    end = start + tail.rfind(b"\n") + 1
    os.ftruncate(descriptor, end)
    return end


def last_line(descriptor: int, end: int) -> str:
    """The last whole line before `end`, without its end; empty where there is none."""
    if end == 0:
        return ""
    size = _TAIL
    while True:
        start = max(0, end - size)
        tail = os.pread(descriptor, end - start, start)
        if start == 0 or b"\n" in tail[:-1]:
            return tail[:-1].rpartition(b"\n")[2].decode("utf-8", "replace")
        size *= 2


def write_or_nothing(descriptor: int, content: bytes, end: int) -> None:
    """Append at `end`, durably; what a full disk left half written is cut off again. OSError."""
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, end)
        raise


def flush_folder(folder: Path) -> None:
    """A new name is durable only once its folder has been flushed."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
