"""A few hundred damaged stills: each is used, or refused in words, within its limits."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from publisher.media import supervised

from support.patience import PATIENCE

COUNT = 600


def test_no_damaged_still_crashes_what_reads_it(tmp_path: Path) -> None:
    """In a process of its own, since the worst that a file can do is to end it."""
    script = Path(__file__).with_name("fuzz_stills.py")
    done = subprocess.run(
        [sys.executable, script, "--seed", "900", "--count", str(COUNT), "--folder", tmp_path],
        env=supervised._environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False,
        timeout=PATIENCE,
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip().splitlines()[-1:]) == (
        0,
        [f"{COUNT} mutations of 52 stills, 0 failed"],
    )
