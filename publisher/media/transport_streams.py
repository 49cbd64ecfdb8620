"""What a transport stream says of itself, again and again: which streams its programme has (ISO/IEC 13818-1, 2.4.4).

Recordings that were joined end to end may say something else from a moment on. FFmpeg then passes over what it did not
know when the file was opened, and says nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

_PACKET, _TIMED = 188, 192  # bytes; Blu-ray and AVCHD put four bytes of time before each
_SYNC = 0x47
_AT_ONCE = 40_000  # packets that are read together: 7.5 MB
_PROGRAMMES = 0  # the packet identifier of the table of programmes

_STREAMS_OF_A_PROGRAMME = 2  # the kind of table
Where = tuple[int, int]  # packet identifier and number of the table
Said = frozenset[tuple[int, int]]  # programmes and where their tables are, or streams: their types and where they are


def changes(path: Path) -> bool:
    """Whether the file announces other streams later than at its beginning. False for what is no transport stream."""
    seen: dict[Where, Said] = {}
    return any(seen.setdefault(where, said) != said for where, said in _announced(path))


def _announced(path: Path) -> Iterator[tuple[Where, Said]]:
    """Each table of the programmes and of the streams of one."""
    tables: set[int] = set()
    for packets in _packets(path):
        where = (packets[:, 1].astype(np.uint16) & 0x1F) << 8 | packets[:, 2]
        begins = (packets[:, 0] == _SYNC) & (packets[:, 1] & 0x40 != 0) & (packets[:, 3] & 0x10 != 0)
        for packet in packets[begins & (where == _PROGRAMMES)]:
            if said := frozenset(_programmes(_section(bytes(packet)))):
                tables.update(identifier for _, identifier in said)
                yield (_PROGRAMMES, 0), said
        for row in np.flatnonzero(begins & np.isin(where, sorted(tables))):
            section = _section(bytes(packets[row]))
            if section[:1] == bytes([_STREAMS_OF_A_PROGRAMME]) and (said := _streams(section)):
                yield (int(where[row]), int.from_bytes(section[3:5])), said


def _packets(path: Path) -> Iterator[np.ndarray]:
    """The file's packets without the time before them, many at a time; none where they do not follow one another."""
    with path.open("rb") as body:
        head = body.read(3 * _TIMED)
        for size, before in ((_PACKET, 0), (_TIMED, 4)):
            if len(head) > before + 2 * size and all(head[before + turn * size] == _SYNC for turn in range(3)):
                break
        else:
            return
        body.seek(0)
        while len(block := body.read(size * _AT_ONCE)) >= size:
            whole = len(block) // size
            yield np.frombuffer(block, np.uint8, whole * size).reshape(whole, size)[:, before:]


def _section(packet: bytes) -> bytes:
    """The table that begins in this packet, as far as it lies in it."""
    at = 4 + (1 + packet[4] if packet[3] & 0x20 else 0)  # behind the adaptation field
    return packet[at + 1 + packet[at] :] if at < len(packet) else b""


def _programmes(section: bytes) -> Iterator[tuple[int, int]]:
    """The number of each programme, and where its table is."""
    for at in range(8, _end(section), 4):
        if number := int.from_bytes(section[at : at + 2]):  # 0 is the network's own
            yield number, int.from_bytes(section[at + 2 : at + 4]) & 0x1FFF


def _streams(section: bytes) -> Said:
    """The streams of one programme; none where the table goes on in another packet or is damaged."""
    found, end = set(), _end(section)
    at = 12 + (int.from_bytes(section[10:12]) & 0x0FFF) if end else 0
    while 0 < at < end:
        found.add((section[at], int.from_bytes(section[at + 1 : at + 3]) & 0x1FFF))
        at += 5 + (int.from_bytes(section[at + 3 : at + 5]) & 0x0FFF)
    return frozenset(found) if at == end else frozenset()


def _end(section: bytes) -> int:
    """Where the entries of a table end, before its checksum; 0 where it does not end in this packet."""
    length = 3 + (int.from_bytes(section[1:3]) & 0x0FFF) if len(section) >= 3 else 0
    return length - 4 if 12 < length <= len(section) else 0
