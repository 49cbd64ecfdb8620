"""The server's front: whole requests are collected without occupying a thread, by a deadline, up to a size.

waitress reads every connection in one loop and hands only complete requests to threads, so that a client that never
finishes costs a file descriptor and nothing else. Added here: deadlines that one byte now and then does not move,
a limit of the body for each address before any of it is kept, threads of their own for what takes down, room for a
new connection however many idle ones there are, and a word when bytes have left.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher, WSGITask

HEADER_WITHIN = 20.0  # seconds from a request's first byte, or from the connection's beginning, to its header's end
BODY_WITHIN = 30.0  # seconds for a body, and more as it comes:
BODY_RATE = 4096  # bytes a second; whoever sends more slowly is not waited for
IDLE = 30.0  # seconds between two requests, or without reading what was answered
FINISH_WITHIN = 15.0  # seconds what is under way may take once the server is told to end
FLUSHED = "publisher.flushed"  # in the environment: waits until everything written so far has left

LargestBody = Callable[[str, str], int]  # of a path and a Cookie header: bytes


class Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress ships no types
    """Refuses a body that its address does not take when its header has come, before a byte of it is kept."""

    largest_body: LargestBody
    adj: Adjustments

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if self.content_length or self.chunked:
            self.adj = copy.copy(self.adj)
            most = type(self).largest_body(self.path, self.headers.get("COOKIE", ""))
            self.adj.max_request_body_size = most + 1

    def received(self, data: bytes) -> int:
        consumed = int(super().received(data))
        if self.error is not None:
            self.expect_continue = False  # what is refused is not asked for
        return consumed


class Task(WSGITask):  # type: ignore[misc]  # the same
    """A request in its thread."""

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        environ[FLUSHED] = self.channel.flushed
        return environ


class Channel(HTTPChannel):  # type: ignore[misc]  # the same
    """One connection."""

    task_class = Task
    parser_class = Parser
    began = 0.0  # when the first byte came of the request that is being received

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self.began = time.time()
        return bool(super().received(data))

    def is_overdue(self, now: float) -> bool:
        """Whether nobody waits for it any longer. What a thread works on is the thread's to end."""
        if self.requests:
            return False
        if self.request is None:
            return bool(now - max(self.last_activity, self.creation_time) > IDLE)
        if not self.request.headers_finished:
            return bool(now - self.began > HEADER_WITHIN)
        return bool(now - self.began > BODY_WITHIN + self.request.body_bytes_received / BODY_RATE)

    def flushed(self) -> None:
        """Wait until everything written so far has left for the client. Raises ClientDisconnected."""
        self._wait_for_room(0)
        if not self.connected:
            raise ClientDisconnected

    def _flush_outbufs_below_high_watermark(self) -> None:
        self._wait_for_room(self.adj.outbuf_high_watermark)

    def _wait_for_room(self, most: int) -> None:
        """Until at most so many bytes are unsent; a client that takes none for IDLE seconds is given up."""
        with self.outbuf_lock:
            while self.connected and (left := self.total_outbufs_len) > most:
                self.server.pull_trigger()
                if not self.outbuf_lock.wait(IDLE) and self.total_outbufs_len >= left:
                    self.will_close = True
                    self.server.pull_trigger()
                    raise ClientDisconnected


class Lanes:
    """Threads by what they serve: each lane's are used by nothing else."""

    def __init__(self, threads: Mapping[Any, int], lane_of: Callable[[str], Any]) -> None:
        self._lane_of = lane_of
        self._lanes = {lane: ThreadedTaskDispatcher() for lane in threads}
        for lane, count in threads.items():
            self._lanes[lane].set_thread_count(count)

    def add_task(self, channel: Channel) -> None:
        """The connection's next request, to the threads of its address."""
        self._lanes[self._lane_of(getattr(channel.requests[0], "path", ""))].add_task(channel)

    def shutdown(self) -> None:
        """Finish what is under way, within a bound; what waits is told to come again."""
        ends = time.time() + FINISH_WITHIN
        for lane in self._lanes.values():
            lane.set_thread_count(0)
        for lane in self._lanes.values():
            lane.shutdown(timeout=max(0.0, ends - time.time()))


class Server(TcpWSGIServer):  # type: ignore[misc]  # the same
    """The listening socket and its connections."""

    channel_class = Channel

    def __init__(self, *given: Any, room: int, **named: Any) -> None:
        self.room = room  # connections at once
        super().__init__(*given, **named)

    def maintenance(self, now: float) -> None:
        """Close what is overdue. Called about once a second by the loop."""
        for channel in self.active_channels.values():
            if channel.is_overdue(now):
                channel.will_close = True

    def handle_accept(self) -> None:
        """Where there is no room left, whoever has kept us waiting longest goes: first those without a header."""
        if len(self.active_channels) >= self.room:
            waiting = [each for each in self.active_channels.values() if not each.requests]
            if waiting:
                min(waiting, key=_patience_with).handle_close()
        super().handle_accept()


def _patience_with(channel: Channel) -> tuple[bool, float]:
    underway = channel.request is not None and channel.request.headers_finished
    return underway, channel.began or channel.creation_time


def adjustments(room: int) -> Adjustments:
    """waitress's own settings."""
    return Adjustments(
        backlog=1024,
        connection_limit=room + 100,  # never reached: `room` is kept by us
        cleanup_interval=1,
        asyncore_use_poll=True,  # select() knows 1,024 connections
        max_request_header_size=32 * 1024,
        ident=None,
        clear_untrusted_proxy_headers=False,  # `proxy.TrustedProxy` does that, whatever server stands before it
    )
