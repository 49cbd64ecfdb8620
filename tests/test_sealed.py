"""The sealed file: whatever is done to it, it opens whole and unchanged or not at all."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.backup import manifest
from publisher.backup.sealed import MAGIC, SALT_BYTES, TAG_BYTES, BackupRefused, Opener, Sealer

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
CHUNK = 16  # bytes, so that small examples have many chunks
HEADER = len(MAGIC) + SALT_BYTES
SEALED = CHUNK + TAG_BYTES
contents = st.binary(max_size=5 * CHUNK + 3)


def sealed(content: bytes, pieces: int = 7) -> bytes:
    file = io.BytesIO()
    sealer = Sealer(file, KEY, CHUNK)
    for start in range(0, len(content), pieces):
        sealer.write(content[start : start + pieces])
    sealer.close()
    return file.getvalue()


def opened(file: bytes, count: int, key: bytes = KEY) -> bytes:
    opener = Opener(io.BytesIO(file), key, CHUNK)
    content = opener.read(count)
    opener.finish()
    return content


@given(contents, st.integers(1, 40))
def test_what_was_sealed_is_opened(content: bytes, pieces: int) -> None:
    assert opened(sealed(content, pieces), len(content)) == content


@given(contents, st.data())
def test_a_changed_bit_anywhere_is_refused(content: bytes, data: st.DataObject) -> None:
    file = bytearray(sealed(content))
    place = data.draw(st.integers(0, len(file) - 1))
    file[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(BackupRefused):
        opened(bytes(file), len(content))


@given(contents, st.data())
def test_a_file_cut_short_anywhere_is_refused(content: bytes, data: st.DataObject) -> None:
    file = sealed(content)
    end = data.draw(st.integers(0, len(file) - 1))
    with pytest.raises(BackupRefused):
        opened(file[:end], len(content))


@given(st.binary(min_size=3 * CHUNK, max_size=6 * CHUNK), st.data())
def test_chunks_in_another_order_are_refused(content: bytes, data: st.DataObject) -> None:
    file = sealed(content)
    whole = (len(file) - HEADER) // SEALED
    one, other = data.draw(st.lists(st.integers(0, whole - 1), min_size=2, max_size=2, unique=True))
    chunks = [file[HEADER + at : HEADER + at + SEALED] for at in range(0, len(file) - HEADER, SEALED)]
    chunks[one], chunks[other] = chunks[other], chunks[one]
    with pytest.raises(BackupRefused):
        opened(file[:HEADER] + b"".join(chunks), len(content))


@given(contents, st.binary(min_size=1, max_size=2 * SEALED))
def test_what_is_added_at_the_end_is_refused(content: bytes, more: bytes) -> None:
    with pytest.raises(BackupRefused):
        opened(sealed(content) + more, len(content))


@given(st.binary(min_size=2 * CHUNK, max_size=4 * CHUNK))
def test_a_chunk_of_another_file_with_the_same_key_is_refused(content: bytes) -> None:
    file, other = sealed(content), sealed(content)
    with pytest.raises(BackupRefused):
        opened(file[: HEADER + SEALED] + other[HEADER + SEALED :], len(content))


@given(contents)
def test_another_key_is_refused(content: bytes) -> None:
    with pytest.raises(BackupRefused, match="the key is another one"):
        opened(sealed(content), len(content), OTHER)


def test_less_than_the_list_says_and_more_are_refused() -> None:
    with pytest.raises(BackupRefused, match="ends too early"):
        opened(sealed(b"four"), 5)
    with pytest.raises(BackupRefused, match="more than its list says"):
        opened(sealed(b"four"), 3)


def test_a_file_that_was_never_closed_is_refused() -> None:
    file = io.BytesIO()
    Sealer(file, KEY, CHUNK).write(b"x" * 3 * CHUNK)
    with pytest.raises(BackupRefused):
        opened(file.getvalue(), 2 * CHUNK)


@pytest.mark.parametrize(
    "path", ["../escaped", "/etc/passwd", "media/../../x", "brand//x", "secrets.toml", "media/./x", "", "brand\\..\\x"]
)
def test_a_list_that_names_a_place_outside_the_office_is_refused(path: str) -> None:
    file = io.BytesIO()
    sealer = Sealer(file, KEY)
    made = manifest.Manifest(
        1, "office", True, "now", 0, "", "sqlite", [], "", "inside", [manifest.Listed(path, 0, "0" * 64)]
    )  # fmt: skip
    made.write(sealer)
    sealer.close()
    with pytest.raises(BackupRefused, match="does not belong"):
        manifest.read(Opener(io.BytesIO(file.getvalue()), KEY))
