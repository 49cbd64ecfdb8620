"""Landlock: a process gives up every file but those it names, for good, and needs no privilege for it.

From the kernel's own description (docs.kernel.org, userspace-api/landlock). What a kernel does not know yet is left
out, so the oldest that has Landlock (5.13) and the newest are both asked for as much as they can give.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

# The same numbers on every architecture that Linux has had since these calls were added.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_PATH_BENEATH = 1
_ASK_VERSION = 1
_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_REMOVE_FILE, _MAKE_REGULAR, _TRUNCATE = 1 << 5, 1 << 8, 1 << 14
_READING = _READ_FILE | _READ_DIR
_WRITING = _READING | _WRITE_FILE | _REMOVE_FILE | _MAKE_REGULAR | _TRUNCATE
# Version of Landlock, and what it can take away: rights to files, TCP (bind and connect), reach (abstract sockets and
# signals of processes outside).
_FILE_RIGHTS = ((1, (1 << 13) - 1), (2, 1 << 13), (3, _TRUNCATE), (5, 1 << 15))
_TCP_SINCE, _TCP = 4, 0b11
_REACH_SINCE, _REACH = 6, 0b11

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def version() -> int:
    """Returns the version of Landlock that this kernel offers; 0 where there is none or it is switched off."""
    try:
        return _call(_CREATE_RULESET, None, 0, _ASK_VERSION)
    except OSError:
        return 0


def restrict(reads: Iterable[Path], writes: Iterable[Path]) -> int:
    """Give up every file access but reading below `reads`, and making and changing plain files below `writes`.

    Binds this thread and every one it starts, so call it before any. No program can be executed afterwards. Returns the
    version in force, 0 for none; raises OSError where the kernel has it and refuses. The caller has set no_new_privs.
    """
    offered = version()
    if not offered:
        return 0
    rights = sum(right for since, right in _FILE_RIGHTS if offered >= since)
    asked = struct.pack("QQQ", rights, _TCP if offered >= _TCP_SINCE else 0, _REACH if offered >= _REACH_SINCE else 0)
    ruleset = _call(_CREATE_RULESET, asked, len(asked), 0)
    try:
        for allowed, paths in ((_READING, reads), (_WRITING, writes)):
            for path in paths:
                _allow(ruleset, path, allowed & rights)
        _call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return offered


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no leave; whoever wanted to read it finds that out in its own words
    try:
        if not path.is_dir():
            rights &= _READ_FILE | _WRITE_FILE | _TRUNCATE
        _call(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, place), 0)
    finally:
        os.close(place)


def _call(number: int, *arguments: int | bytes | None) -> int:
    given = [ctypes.c_long(argument) if isinstance(argument, int) else argument for argument in arguments]
    answer: int = _libc.syscall(ctypes.c_long(number), *given)
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return answer
