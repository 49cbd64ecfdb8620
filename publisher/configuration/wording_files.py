"""`wording/<language>/*.toml`, read into the Wording the rules ask; or a sentence about what is wrong with a file.

A force's own folder lies beside its configuration. A file there takes the place of the shipped one of that name; a
file of another name is read besides; so is a folder of another language.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pressqueue import wording
from publisher.configuration import policy_file, toml_file
from publisher.configuration.office_file import Misconfigured, Office, shipped_config

FOLDER = "wording"


def load(office: Office | None = None) -> wording.Wording:
    """The force's Wording, in the languages of its policy. Raises Misconfigured."""
    try:
        return wording.read(_tables(office))
    except wording.WordingWrong as error:
        raise Misconfigured(f"{error} Mend the file, or take the entry out.") from error


def files(office: Office | None, language: str) -> list[Path]:
    """Every list of one language, by name. Raises Misconfigured where there is none."""
    own: tuple[Path, ...] = (office.file.parent, office.folder) if office else ()
    found: dict[str, Path] = {}
    for place in (*reversed(shipped_config()), *reversed(own)):  # the nearer takes the other's place
        for file in sorted((place / FOLDER / language).glob("*.toml")):
            found[file.name] = file
    if not found:
        raise Misconfigured(
            f"{policy_file.policy_file(office)}: [wording] languages names “{language}”, and there is no folder "
            f"{FOLDER}/{language} with lists in it. Add it, or take the language out."
        )
    return [found[name] for name in sorted(found)]


def _tables(office: Office | None) -> Iterator[tuple[str, dict[str, Any]]]:
    for language in policy_file.languages(office):
        for file in files(office, language):
            yield str(file), toml_file.read(file, Misconfigured)
