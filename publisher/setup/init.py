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

from pressqueue import sealing
from pressqueue.actors import Actor
from pressqueue.errors import Tampered
from publisher.configuration import office_file, secret_store
from publisher.configuration.office_file import Misconfigured, shipped_config
from publisher.configuration.secret_store import Secrets
from publisher.configuration.starter import Blank, configuration
from publisher.destinations import net
from publisher.setup import bootstrap

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


def prepare_sealing(office: office_file.Office) -> bool:
    """Whether this database was never sealed; then it gets its key, before anything is changed.

    A database without seals beside a high-water file that has a MAC was sealed once: it is an older one, or somebody
    took the seals out. Two people decide about that at the desk, not this program.
    Raises SecretMissing, naming the setting, where the office's secrets are kept elsewhere and lack it.
    """
    from django.db import connection  # noqa: PLC0415  # Django is set up by now

    from pressqueue.models import Entry, Seal  # noqa: PLC0415  # Django is set up by now
    from publisher.register import register_file  # noqa: PLC0415  # Django is set up by now

    tables = connection.introspection.table_names()
    if Entry._meta.db_table not in tables or register_file.is_high_water_keyed(office.register):
        return False
    if Seal._meta.db_table in tables and Seal.objects.exclude(mac="").exists():
        return False
    if not sealing.has_key():
        sealing.port.key = secret_store.add_integrity_key(office.folder)
    return True


def seal_existing(shell: str) -> int:
    """Verify the log in full, then seal every row as it is, once. Raises Tampered. Returns how many rows."""
    from pressqueue import audit, crosscheck  # noqa: PLC0415  # Django is set up by now
    from pressqueue.moves import alarms, leases  # noqa: PLC0415  # Django is set up by now

    audit.verify()
    if untold := next(crosscheck.untold(), ""):
        raise Tampered(
            f"{untold} Nothing is sealed, so nothing is published; see docs/operations.md, The integrity key."
        )
    return alarms.seal_existing(Actor(None, "cli", shell), now=leases.database_now())


def demand_room(folder: Path) -> None:
    """Refuse a place that is not free for a new office. Raises Misconfigured."""
    if (folder / office_file.FILE_NAME).exists():
        raise Misconfigured(f"There is an office at {folder} already. Nothing was changed.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Misconfigured(f"{folder} is not an empty folder. Name a new one; nothing was changed.")
    if not folder.parent.is_dir():
        raise Misconfigured(f"There is no folder {folder.parent} to put the office in.")


@contextmanager
def building(folder: Path) -> Iterator[Path]:
    """A private folder beside `folder`, gone again unless it was renamed to it."""
    try:
        site = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise Misconfigured(
            f"{folder} cannot be made ({error.strerror}). Mend {folder.parent}, or name another."
        ) from error
    try:
        yield site
    finally:
        if site.exists():
            shutil.rmtree(site, ignore_errors=True)


def _furnish(site: Path, blank: Blank, clients: dict[str, dict[str, str]]) -> None:
    for name in FOLDERS:
        (site / name).mkdir(mode=0o700)
    file = site / office_file.FILE_NAME
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
    from django.db import connections  # noqa: PLC0415  # Django is set up by now

    from pressqueue.moves import leases, officers  # noqa: PLC0415  # Django is set up by now

    try:
        call_command("migrate", verbosity=0, interactive=False)
        codes = officers.found_office(
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
