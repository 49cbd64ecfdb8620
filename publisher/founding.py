"""Making an office: folder, keys, configuration, database, administrators; all of it or nothing.

It is built beside its place under a temporary name and renamed when it is whole, so that a full disk or a
half-typed answer leaves nothing that looks like an office.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from publisher import bootstrap
from publisher import office as offices
from publisher import secrets as secret_store
from publisher.blank import Blank, configuration
from publisher.destinations import net
from publisher.office import Misconfigured, shipped_config
from publisher.secrets import Secrets

FOLDERS = ("media", "media/originals", "media/renditions", "mail")


@dataclass(frozen=True, slots=True)
class Founded:
    """A new office: where it is, and each administrator's one-time code, which nobody can be shown again."""

    folder: Path
    exercise: bool
    codes: dict[str, str]


def found(
    folder: Path,
    blank: Blank,
    administrators: tuple[str, ...],
    *,
    shell: str,
    clients: dict[str, dict[str, str]] | None = None,
    finish: Callable[[Secrets], None] | None = None,
) -> Founded:
    """Make the office. Raises Misconfigured where one is there already; OSError and QueueError leave nothing behind.

    `clients`: the platforms' client keys, by destination. `finish` may do more in the open database, or refuse. Ends
    with Django set up on the folder as it was being built, so a process founds one office and then ends.
    """
    folder = folder.absolute()
    demand_room(folder)
    if blank.exercise:
        net.check_address(blank.sandbox, True)
    with building(folder) as site:
        _furnish(site, blank, clients or {})
        codes = _people(site, blank.exercise, administrators, shell, finish)
        site.rename(folder)
    return Founded(folder, blank.exercise, codes)


def demand_room(folder: Path) -> None:
    """Refuse a place that is not free for a new office. Raises Misconfigured."""
    if (folder / offices.FILE_NAME).exists():
        raise Misconfigured(f"There is an office at {folder} already. Nothing was changed.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Misconfigured(f"{folder} is not an empty folder. Name a new one; nothing was changed.")
    if not folder.parent.is_dir():
        raise Misconfigured(f"There is no folder {folder.parent} to put the office in.")


@contextmanager
def building(folder: Path) -> Iterator[Path]:
    """A private folder beside `folder`, gone again unless it was renamed to it."""
    site = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield site
    finally:
        if site.exists():
            shutil.rmtree(site, ignore_errors=True)


def _furnish(site: Path, blank: Blank, clients: dict[str, dict[str, str]]) -> None:
    for name in FOLDERS:
        (site / name).mkdir(mode=0o700)
    file = site / offices.FILE_NAME
    file.write_text(configuration(blank), encoding="utf-8")
    file.chmod(0o600)
    secret_store.create(site, clients)
    for place in shipped_config():
        if (place / "brand").is_dir():
            shutil.copytree(place / "brand", site / "brand")
            break


def _people(
    site: Path,
    exercise: bool,
    administrators: tuple[str, ...],
    shell: str,
    finish: Callable[[Secrets], None] | None,
) -> dict[str, str]:
    os.environ.pop("PUBLISHER_CONFIG", None)
    _, secrets = bootstrap.set_up(site)
    from django.core.management import call_command  # noqa: PLC0415  # Django is ready from here on
    from django.db import connections  # noqa: PLC0415

    from pressqueue import leases, moves  # noqa: PLC0415
    from pressqueue.actors import Actor  # noqa: PLC0415

    try:
        call_command("migrate", verbosity=0, interactive=False)
        codes = moves.found_office(
            Actor(None, "cli", shell=shell),
            exercise=exercise,
            administrators=administrators,
            now=leases.database_now(),
        )
        if finish is not None:
            finish(secrets)
        return codes
    finally:
        connections.close_all()
