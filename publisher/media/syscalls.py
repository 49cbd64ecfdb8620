"""A seccomp filter: what the kernel no longer does for a process that reads a stranger's file.

No sockets, no other programs, no other processes, no change to who may read a file. It names what is refused, not what
is allowed: decoders and C libraries change the harmless calls they make with every release, and files are Landlock's
matter. The numbers are the kernel's (asm/unistd_64.h for x86_64, asm-generic/unistd.h for aarch64).
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct

_NO_NEW_PRIVS = 38
_SET_MODE_FILTER, _ALL_THREADS = 1, 1
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _MACHINE_AT, _FIRST, _THIRD, _THIRD_ABOVE = 0, 4, 16, 32, 36  # in struct seccomp_data, little-endian
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_X32 = 0x40000000  # x86_64's second table of numbers, which would walk round the first
_THREAD = 0x00010000  # CLONE_THREAD

_MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_NONE = -1  # a call this architecture never had
# Refused outright: (x86_64, aarch64). The order in a line of comment is that of the pairs.
_REFUSED = (
    # socket, socketpair, connect, bind, listen, accept, accept4
    (41, 198), (53, 199), (42, 203), (49, 200), (50, 201), (43, 202), (288, 242),
    # sendto, recvfrom, sendmsg, recvmsg, sendmmsg, recvmmsg
    (44, 206), (45, 207), (46, 211), (47, 212), (307, 269), (299, 243),
    # fork, vfork, execve, execveat, unshare, setns, chroot, pivot_root, personality
    (57, _NONE), (58, _NONE), (59, 221), (322, 281), (272, 97), (308, 268), (161, 51), (155, 41), (135, 92),
    # ptrace, process_vm_readv, process_vm_writev, process_madvise, kcmp, perf_event_open, bpf, userfaultfd
    (101, 117), (310, 270), (311, 271), (440, 440), (312, 272), (298, 241), (321, 280), (323, 282),
    # tkill, rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_open, pidfd_getfd, pidfd_send_signal
    (200, 130), (129, 138), (297, 240), (434, 434), (438, 438), (424, 424),
    # io_uring_setup, io_uring_enter, io_uring_register (they would make the refused calls unseen)
    (425, 425), (426, 426), (427, 427),
    # chmod, fchmod, fchmodat, fchmodat2, chown, fchown, lchown, fchownat (Landlock leaves these be)
    (90, _NONE), (91, 52), (268, 53), (452, 452), (92, _NONE), (93, 55), (94, _NONE), (260, 54),
    # utime, utimes, futimesat, utimensat, truncate
    (132, _NONE), (235, _NONE), (261, _NONE), (280, 88), (76, 45),
    # setxattr, lsetxattr, fsetxattr, removexattr, lremovexattr, fremovexattr, setxattrat, removexattrat
    (188, 5), (189, 6), (190, 7), (197, 14), (198, 15), (199, 16), (463, 463), (466, 466),
    # link, linkat, symlink, symlinkat, mknod, mknodat
    (86, _NONE), (265, 37), (88, _NONE), (266, 36), (133, _NONE), (259, 33),
    # mount, umount2, move_mount, open_tree, fsopen, fsconfig, fsmount, fspick, mount_setattr, open_by_handle_at
    (165, 40), (166, 39), (429, 429), (428, 428), (430, 430), (431, 431), (432, 432), (433, 433), (442, 442),
    (304, 265),
    # shmget, shmat, shmctl, semget, semop, semctl, semtimedop, msgget, msgsnd, msgrcv, msgctl, mq_open, mq_unlink
    (29, 194), (30, 196), (31, 195), (64, 190), (65, 193), (66, 191), (220, 192), (68, 186), (69, 189), (70, 188),
    (71, 187), (240, 180), (241, 181),
    # add_key, request_key, keyctl, fanotify_init, acct, quotactl, swapon, swapoff, reboot, sethostname, setdomainname
    (248, 217), (249, 218), (250, 219), (300, 262), (163, 89), (179, 60), (167, 224), (168, 225), (169, 142),
    (170, 161), (171, 162),
    # init_module, finit_module, delete_module, kexec_load, kexec_file_load
    (175, 105), (313, 273), (176, 106), (246, 104), (320, 294),
    # settimeofday, clock_settime, adjtimex, clock_adjtime
    (164, 170), (227, 112), (159, 171), (305, 266),
    # setpriority, ioprio_set, sched_setparam, sched_setscheduler, sched_setattr, sched_setaffinity
    (141, 140), (251, 30), (142, 118), (144, 119), (314, 274), (203, 122),
    # setrlimit (the superuser could raise its own limits again)
    (160, 164),
)  # fmt: skip
_CLONE, _CLONE3, _KILL, _TGKILL, _PRLIMIT = (56, 220), (435, 435), (62, 129), (234, 131), (302, 261)
_SECCOMP = (317, 277)

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def give_up_privileges() -> bool:
    """Set no_new_privs: no program started from here on gains rights. Returns whether it holds."""
    return bool(_libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)


def refuse() -> bool:
    """Install the filter, for good and for all threads.

    Returns whether it holds; False on an architecture the filter is not written for.
    """
    column = list(_MACHINES).index(platform.machine()) if platform.machine() in _MACHINES else None
    if column is None:
        return False
    body = _instructions(column, os.getpid())
    program = _Program(len(body) // 8, body)
    number = _SECCOMP[column]
    return bool(_libc.syscall(ctypes.c_long(number), _SET_MODE_FILTER, _ALL_THREADS, ctypes.byref(program)) == 0)


def _instructions(column: int, me: int) -> bytes:
    """The filter as classic BPF, eight bytes an instruction."""
    lines = [
        _line(_LOAD, _MACHINE_AT),
        _line(_EQUAL, list(_MACHINES.values())[column], true=1),
        _return_error(errno.EPERM),
        _line(_LOAD, _NUMBER_AT),
        _line(_AT_LEAST, _X32, false=1),
        _return_error(errno.EPERM),
    ]
    for pair in _REFUSED:
        if pair[column] != _NONE:
            lines += [_line(_EQUAL, pair[column], false=1), _return_error(errno.EPERM)]
    # "No such call" makes the C library fall back to clone, whose flags can be seen here.
    lines += [_line(_EQUAL, _CLONE3[column], false=1), _return_error(errno.ENOSYS)]
    lines += _only_if(_CLONE[column], (_FIRST, _ANY_BIT, _THREAD))
    lines += _only_if(_KILL[column], (_FIRST, _EQUAL, me))
    lines += _only_if(_TGKILL[column], (_FIRST, _EQUAL, me))
    # Limits may be read (no new ones given), not set.
    lines += _only_if(_PRLIMIT[column], (_THIRD, _EQUAL, 0), (_THIRD_ABOVE, _EQUAL, 0))
    return b"".join([*lines, _line(_RETURN, _ALLOW)])


def _only_if(number: int, *tests: tuple[int, int, int]) -> list[bytes]:
    """This call only where half an argument passes each test: (where it lies, comparison, with what)."""
    lines = [_line(_EQUAL, number, false=3 * len(tests) + 1)]
    for place, comparison, value in tests:
        lines += [_line(_LOAD, place), _line(comparison, value, true=1), _return_error(errno.EPERM)]
    return [*lines, _line(_RETURN, _ALLOW)]


def _return_error(number: int) -> bytes:
    return _line(_RETURN, _REFUSE | number)


def _line(code: int, value: int, true: int = 0, false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, true, false, value)
