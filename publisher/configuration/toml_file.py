"""A TOML file that people write, as a table; or one sentence about why it is none.

What a table may hold is said by whoever reads it, not by a library: docs/decisions/0044-settings-are-read-by-hand.md.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from publisher import PublisherError


def read(file: Path, error: type[PublisherError]) -> dict[str, Any]:
    """The table in a file. Raises `error` in a sentence that names the file."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise error(f"{file} cannot be read: {fault}.") from fault
    return parsed(text, file, error)


def parsed(
    text: str, file: Path, error: type[PublisherError], *, secret: bool = False, way_out: str = ""
) -> dict[str, Any]:
    """The same for a text that was read already. Of a `secret` one only the place is said: the rest may quote it."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as fault:  # also a number of 5,000 digits, and brackets without end
        found = re.search(r"\(at [^)]*\)$", str(fault))
        said = f": {fault}" if not secret else f" {found.group()}" if found else ""
        raise error(f"{file} is not valid TOML{said}.{way_out}") from None
