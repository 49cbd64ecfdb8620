"""A lease while a body is being read: renewed as it advances, and never read past its end.

A worker that is frozen in mid-body (SIGSTOP, a sleeping laptop) wakes after its lease has gone to another. So each
read first asks a local clock that counts sleeping time; what the kernel still holds is what `settle` waits for.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import BinaryIO, cast

from django.db import Error as DatabaseError

from pressqueue import errors
from pressqueue.models import Post
from pressqueue.moves import leases
from publisher.destinations.errors import UploadInterrupted
from publisher.media.pieces import Checked
from publisher.workers import lease_deadline
from publisher.workers.worker import Worker


class LeaseCheck:
    """One lease of one Post. `asked_down` is set when a withdrawal was asked while the body was read,
    `shutdown_requested` when this process has no more time to finish it: in both the lease still stands, and the
    outcome is recorded.
    """

    def __init__(self, worker: Worker, post: Post, began: float) -> None:
        self._worker = worker
        self._post = post
        self._pace = worker.office.pace
        self._ends = began + self._pace.lease
        self._renewed = self._asked = began
        self.asked_down = False
        self.shutdown_requested = False

    def beat(self) -> None:
        """Called before every read of the body. Raises UploadInterrupted past the deadline or when no longer wanted."""
        now = self._worker.boot()
        if now >= max(self._ends - self._pace.margin, lease_deadline.ends()):
            raise UploadInterrupted("the lease ended while the file was being sent")
        if self._worker.breaking_off:
            self.shutdown_requested = True
            raise UploadInterrupted("the process was told to end while the file was being sent")
        if now - self._renewed >= self._pace.renew:
            self._renew(now)
        elif now - self._asked >= self._pace.ask:
            self._ask(now)

    def _ask(self, now: float) -> None:
        """Between renewals: a withdrawal is not to wait for the next of them."""
        try:
            wanted = leases.wanted(self._post.pk, self._post.fence)
        except errors.LeaseLost as error:
            raise UploadInterrupted(str(error)) from error
        except DatabaseError:
            return  # renewing decides what a database that does not answer means
        self._asked = now
        self._go_on_if(wanted)

    def _renew(self, now: float) -> None:
        lease = timedelta(seconds=self._pace.lease)
        try:
            wanted = leases.renew(self._post.pk, self._post.fence, lease, now=self._worker.clock())
        except errors.LeaseLost as error:
            raise UploadInterrupted(str(error)) from error
        except DatabaseError as error:
            # The lease still stands and is asked for again at the next read; but asking may have taken long.
            if self._worker.boot() >= self._ends - self._pace.margin:
                raise UploadInterrupted("the lease ended while the database was asked") from error
            return
        self._renewed, self._ends = now, now + self._pace.lease
        self._asked = now
        lease_deadline.extend(self._ends - self._pace.margin)
        self._go_on_if(wanted)

    def _go_on_if(self, wanted: bool) -> None:
        if not wanted:
            self.asked_down = True
            raise UploadInterrupted("a withdrawal was asked while the file was being sent")

    def body(self, file: Checked) -> BinaryIO:
        return cast("BinaryIO", LeaseCheckedFile(file, self.beat))


class LeaseCheckedFile(io.RawIOBase):
    """A file whose every read asks first. `len` is what is left, as multipart encoders want it."""

    def __init__(self, file: Checked, beat: Callable[[], None]) -> None:
        self._file = file
        self._size = file.size
        self._beat = beat

    def readinto(self, buffer: object) -> int:
        self._beat()
        return self._file.readinto(buffer)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    @property
    def len(self) -> int:
        return self._size - self._file.tell()

    def close(self) -> None:
        self._file.close()
        super().close()


class PostJournal:
    """The Journal port: written to the Post's row under this lease's fence, durable when `save` returns."""

    def __init__(self, post: Post) -> None:
        self._post = post

    def get(self, key: str) -> str | None:
        value = self._post.journal.get(key)
        return None if value is None else str(value)

    def save(self, key: str, value: str | None) -> None:
        journal = {**self._post.journal, key: value}
        if value is None:
            del journal[key]
        try:
            leases.save_journal(self._post.pk, self._post.fence, journal)
        except errors.LeaseLost as error:
            raise UploadInterrupted(str(error)) from error
        self._post.journal = journal
