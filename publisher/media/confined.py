"""What a media child may still do once it has its request: read its own file, write into its own folder, end.

Decoders are large and old, and a stranger's file is what they are fed. Whatever such a file makes this process do, it
finds no secret, no database and no way out. Nothing here needs a privilege; where the kernel lacks one of the means
the others hold, and `publisher check` says which.
"""

from __future__ import annotations

import resource
import signal
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from publisher.media import landlock, syscalls

MOST_FILES = 64  # open at once
MOST_PROCESSES = 2048  # of this user in all; the filter allows none. The superuser is not bound by it
_PACKAGE = Path(__file__).resolve().parents[1]
# What the C library and the interpreter may still load: never a folder that an office could lie in.
_SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/dev/urandom")


@dataclass(frozen=True, slots=True)
class Bounds:
    """Address space and largest file in bytes, processor seconds, files to read, folders to write in."""

    memory: int
    cpu_seconds: int
    file_size: int
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Confinement:
    """What holds: the version of Landlock (0: none), the filter of calls, and whether the limit on files is ours."""

    landlock: int
    filtered: bool
    own_file_size: bool = True

    @property
    def whole(self) -> bool:
        """Whether nothing is missing: files and calls both, TCP and truncation included."""
        return self.filtered and self.landlock > 2

    def in_words(self) -> str:
        """Returns what holds and what is missing, for the person who runs the office."""
        if self.whole:
            return (
                "the program that reads pictures and videos sees its own file and folder only, opens no connection and "
                f"starts no other program (Landlock {self.landlock}, seccomp, limits)"
            )
        files = "" if self.landlock > 2 else " It can read and change every file of Publisher's account: use Linux 6.2."
        calls = "" if self.filtered else " It can open connections and start programs: allow seccomp filters."
        return f"WARNING: the program that reads pictures and videos is held by limits only in part.{files}{calls}"


def confine(bounds: Bounds) -> Confinement:
    """Give up, for good, everything that `bounds` does not name.

    Call it before any thread is started, since Landlock binds only threads that are started later.
    """
    own_file_size = _limit(bounds)
    held = syscalls.give_up_privileges()
    known = landlock.restrict([*_libraries(), *map(Path, bounds.reads)], map(Path, bounds.writes)) if held else 0
    return Confinement(known, held and syscalls.refuse(), own_file_size)


def _limit(bounds: Bounds) -> bool:
    """Set the limits; whether the one on a file's size is this one, not a smaller one that was there before."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file-size limit then arrives as an OSError, with words
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_AS, bounds.memory)
    _lower(resource.RLIMIT_CPU, bounds.cpu_seconds, 5)
    _lower(resource.RLIMIT_NOFILE, MOST_FILES)
    _lower(resource.RLIMIT_NPROC, MOST_PROCESSES)
    return _lower(resource.RLIMIT_FSIZE, bounds.file_size)


def _lower(what: int, limit: int, grace: int = 0) -> bool:
    soft, hard = (limit + grace if each == resource.RLIM_INFINITY else each for each in resource.getrlimit(what))
    resource.setrlimit(what, (min(limit, soft), min(limit + grace, hard)))
    return limit <= soft


def _libraries() -> list[Path]:
    paths = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    # Packages may lie in another environment as well; the folder of a checkout, which may hold an office, is none.
    paths += [each for each in sys.path if Path(each).name in ("site-packages", "dist-packages")]
    shared = Path(sys.base_prefix) / "lib"  # libpython itself, where it is one
    return [_PACKAGE, *(Path(each) for each in dict.fromkeys([*paths, *_SYSTEM])), *shared.glob("libpython*")]
