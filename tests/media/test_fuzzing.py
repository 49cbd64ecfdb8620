"""A short run of the damaged films, with a fixed seed: the long one is by hand (`fuzz_footage.py --minutes`)."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from .fuzz_footage import Bench, attempts


def test_a_damaged_film_is_taken_or_refused_in_a_sentence(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    found = [bench.try_out(sample, 5, number) for sample, number in islice(attempts(5), 40)]
    assert "taken" in found and len(set(found)) > 3
    assert not list(tmp_path.glob("fuzz-*"))
