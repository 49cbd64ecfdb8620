"""Who runs a command, as the operating system knows it."""

from __future__ import annotations

import getpass
import os
import socket


def os_user() -> str:
    """The operating system's user and host, which every Entry from the command line records: "ada@desk-1"."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a passwd line
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"
