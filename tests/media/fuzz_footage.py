"""Damaged films by the thousand: whatever is done to a sample, it is taken or refused in a sentence.

In the tests a few seconds of it run with a fixed seed. By hand: `python tests/media/fuzz_footage.py --minutes 20`,
with `--seed N` to begin elsewhere; what fails is kept beside it as fuzz-<seed>-<number>.<ending>.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # this file is also run by itself

from publisher.media.brand import Brand
from publisher.media.errors import BadMedia
from publisher.media.footage import render_footage
from publisher.media.limits import FOOTAGE_SECONDS
from publisher.media.probe import probe
from publisher.media.recipe import TONE, MarkStyle, Recipe

HERE = Path(__file__).parent
FILMS = (".mp4", ".mov", ".mkv", ".avi", ".ts", ".mpg", ".h264")
LARGEST = 400_000  # bytes; a larger sample is read for too long to be of use here


def samples() -> list[Path]:
    """The small films, in a fixed order."""
    found = [*(HERE / "samples" / "recorders").iterdir(), *(HERE / "samples").glob("derived_*")]
    return sorted(each for each in found if each.suffix in FILMS and each.stat().st_size <= LARGEST)


def mutated(body: bytes, chance: random.Random) -> bytes:
    """The same file damaged in one to four ways."""
    changed = bytearray(body)
    for _ in range(chance.randint(1, 4)):
        _DAMAGES[chance.randrange(len(_DAMAGES))](changed, chance)
    return bytes(changed)


def _flip(body: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 3, 20, 200))):
        if body:
            body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)


def _head(body: bytearray, chance: random.Random) -> None:
    """Where containers keep what they say of themselves."""
    for _ in range(chance.choice((1, 4, 16))):
        if body:
            body[chance.randrange(min(len(body), 3000))] = chance.choice(
                (0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256))
            )


def _number(body: bytearray, chance: random.Random) -> None:
    at = chance.randrange(max(1, len(body) - 8))
    size = chance.choice((2, 4, 8))
    value = chance.choice((0, 1, (1 << 8 * size - 1) - 1, (1 << 8 * size) - 1, chance.getrandbits(8 * size)))
    body[at : at + size] = value.to_bytes(size, chance.choice(("big", "little")))


def _cut(body: bytearray, chance: random.Random) -> None:
    del body[chance.randrange(1, max(2, len(body))) :]


def _drop(body: bytearray, chance: random.Random) -> None:
    at = chance.randrange(max(1, len(body)))
    del body[at : at + chance.choice((1, 4, 188, 1000))]


def _repeat(body: bytearray, chance: random.Random) -> None:
    at, long = chance.randrange(max(1, len(body))), chance.choice((4, 188, 2000))
    body[at:at] = body[at : at + long]


def _move(body: bytearray, chance: random.Random) -> None:
    one, long = chance.randrange(max(1, len(body))), chance.choice((188, 1880, 5000))
    piece = body[one : one + long]
    del body[one : one + long]
    other = chance.randrange(max(1, len(body)))
    body[other:other] = piece


_DAMAGES = (_flip, _head, _head, _number, _cut, _drop, _repeat, _move)


class Bench:
    """Reads and publishes damaged films in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._brand = Brand.from_folder(
            HERE.parents[1] / "config" / "brand", force="Northshire Police", contact="Call 101", handle="@N"
        )

    def try_out(self, sample: Path, seed: int, number: int) -> str:
        """What became of it: "taken", or the sentence it was refused with. Anything else it raises is a fault."""
        chance = random.Random(f"{seed}:{number}:{sample.name}")
        place = self._folder / f"fuzz-{seed}-{number}{sample.suffix}"
        place.write_bytes(mutated(sample.read_bytes(), chance))
        try:
            return self._published(place, chance)
        except BadMedia as bad:
            assert bad.message.endswith("."), bad.message
            return bad.message
        finally:
            if sys.exc_info()[0] is None:
                place.unlink(missing_ok=True)

    def _published(self, place: Path, chance: random.Random) -> str:
        name = place.name
        found = probe(place, declared_name=name)
        assert found.seconds is not None and 0 < found.seconds <= FOOTAGE_SECONDS + 1
        recipe = Recipe(
            reference="WTN-0123",
            brand=self._brand.identity,
            mark=MarkStyle.PLATE if chance.random() < 0.5 else MarkStyle.STRIP,
            audio_authorised=True,
            source_fps="" if found.fps else "12.5",
            tone=TONE if found.colour_profile else "",
        )
        made = render_footage(place, recipe, self._brand, self._folder / "out.mp4")
        assert made.seconds is not None and made.seconds <= FOOTAGE_SECONDS + 1
        return "taken"


def attempts(seed: int) -> Iterator[tuple[Path, int]]:
    """One sample after the other, for ever, in an order drawn by the seed."""
    chance, number, films = random.Random(seed), 0, samples()
    while True:
        yield chance.choice(films), number
        number += 1


def main() -> int:
    """Run for so many minutes; the exit code is 1 where anything failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    until, failed, outcomes = time.monotonic() + asked.minutes * 60, 0, dict[str, int]()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        for sample, number in attempts(asked.seed):
            if time.monotonic() > until:
                break
            try:
                outcome = "taken" if bench.try_out(sample, asked.seed, number) == "taken" else "refused"
            except Exception as fault:  # noqa: BLE001 -- whatever it is, it is what this looks for
                outcome, failed = f"FAULT {type(fault).__name__}: {fault}", failed + 1
                print(f"{sample.name} seed {asked.seed} number {number}: {outcome}", flush=True)
                for kept in Path(folder).glob(f"fuzz-{asked.seed}-{number}.*"):
                    shutil.copy(kept, Path.cwd())
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
    print(outcomes)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
