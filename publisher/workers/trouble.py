"""What the machine itself refuses, a full disk or a busy database, in sentences for the person at the door."""

from __future__ import annotations

from pathlib import PurePath


def of_database(message: str) -> str:
    """`message`: what the database said."""
    if "readonly" in message or "read-only" in message:
        return f"The database cannot be written to ({message}): check the permissions of the office's folder."
    if "full" in message or "No space" in message:
        return f"There is no room left for the database ({message}). Nothing was changed: free some space, try again."
    if "disk I/O" in message:
        return f"The disk under the database is full or failing ({message}). Nothing was changed: see to it, try again."
    if "locked" in message:
        return f"The database was busy for too long ({message}). Nothing was changed: try again."
    return f"The database refused: {message.strip()}. See `publisher check`."


def of_system(error: OSError) -> str:
    """What the operating system refused, with the file it is about."""
    where = f" ({error.filename})" if error.filename else ""
    return f"{error.strerror or error}{where}. Nothing was changed; mend this and try again."


def at_the_desk(error: BaseException | None) -> str:
    """The same for a page; an empty text for what is a fault of ours. Names no path of the server's."""
    from django.db import InterfaceError, OperationalError  # noqa: PLC0415  # the command line starts without Django

    if isinstance(error, OperationalError | InterfaceError):
        return of_database(" ".join(str(error).split())) if "locked" in str(error) or _full(error) else ""
    if isinstance(error, OSError) and error.strerror:
        where = f" ({PurePath(str(error.filename)).name})" if error.filename else ""
        return f"The office's machine cannot write: {error.strerror}{where}. Nothing was changed; tell whoever runs it."
    return ""


def _full(error: BaseException) -> bool:
    return any(sign in str(error) for sign in ("full", "No space", "disk I/O"))
