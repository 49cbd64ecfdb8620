"""The integrity key: a MAC for each purpose, and nothing without the key."""

from __future__ import annotations

import pytest

from pressqueue import sealing

from support import factories


def test_each_purpose_has_a_key_of_its_own() -> None:
    made = {sealing.mac(purpose, ["the same", 1]) for purpose in sealing.PURPOSES}
    assert len(made) == len(sealing.PURPOSES)


def test_the_derived_key_is_that_of_the_standard() -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    theirs = HKDF(hashes.SHA256(), 32, None, b"publisher row").derive(factories.INTEGRITY_KEY)
    assert sealing._derive(factories.INTEGRITY_KEY, "row") == theirs


def test_parts_cannot_be_moved_from_one_to_the_next() -> None:
    assert sealing.mac("row", ["ab", "c"]) != sealing.mac("row", ["a", "bc"])
    assert sealing.mac("row", [1]) != sealing.mac("row", ["1"])
    assert sealing.mac("row", [None]) != sealing.mac("row", [""])


def test_without_the_key_nothing_is_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing.port, "key", None)
    assert not sealing.has_key()
    with pytest.raises(sealing.KeyMissing):
        sealing.mac("row", [1])


def test_a_purpose_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="is no purpose"):
        sealing.mac("rows", [1])
