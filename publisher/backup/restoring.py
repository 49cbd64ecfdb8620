"""An office made again from a backup: all of it or nothing, frozen, with everything withdrawn since withdrawn again.

It is built beside its place under a temporary name, like a new office, and renamed when the register has been
replayed: there is no moment at which a restored office exists that does not know what came down after the backup.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pressqueue import sealing
from publisher.backup import manifest
from publisher.backup.manifest import Listed, Manifest
from publisher.backup.sealed import BackupRefused, Opener
from publisher.configuration import office_file, secret_store
from publisher.configuration.office_file import Office
from publisher.configuration.secret_store import Secrets
from publisher.media.vault import digest
from publisher.setup import bootstrap, init

Vouched = Callable[[Office, Secrets], tuple[int, int]]  # two different people, by their accounts' numbers


@dataclass(frozen=True, slots=True)
class Restored:
    """A restored office, which sends nothing until it was reconciled."""

    folder: Path
    manifest: Manifest
    replayed: dict[str, int]
    held: list[str]
    keyless: bool = False  # the integrity key was not given: nothing will be published without it


@dataclass(frozen=True, slots=True)
class Order:
    """What is restored, and with what. `media`: where the files of a backup by reference are."""

    file: Path
    folder: Path
    key: bytes
    secrets_file: Path | None = None
    media: Path | None = None
    register: Path | None = None
    vouched: Vouched | None = None  # given where two people say it may be done without the register


def check(file: Path, key: bytes) -> tuple[Manifest, int]:
    """Open all of a backup, hash every file, walk its audit chain. Returns its list, and how many Entries hold."""
    _django_alone()
    from publisher.backup import snapshot  # noqa: PLC0415  # Django is set up by now

    with tempfile.TemporaryDirectory(prefix="publisher-check-") as name, file.open("rb") as body:
        room = Path(name)
        opener = Opener(body, key)
        listed = manifest.read(opener)
        manifest.read_bodies(opener, listed, lambda entry: _if_database(room, entry))
        return listed, snapshot.verify(room / "database", listed)


def restore(order: Order) -> Restored:
    """Make the office. Raises BackupRefused, Misconfigured, SecretMissing, RegisterBroken; nothing is left behind."""
    folder = order.folder.absolute()
    init.demand_room(folder)
    with init.building(folder) as site:
        listed = _unpack(order, site)
        office, secrets = _open(site, order, listed, folder)
        with _database(listed, site) as whole, _placed(site, folder) as place:
            replayed, held, believed = _make_it_true(order, office, secrets, listed)
            _begin_anew(office, believed=believed)
            whole()
            place()
    return Restored(folder, listed, replayed, held, secrets.integrity_key is None)


@contextmanager
def _placed(site: Path, folder: Path) -> Iterator[Callable[[], Path]]:
    """Gives the office its name, and takes it back where anything fails after that."""
    try:
        yield lambda: site.rename(folder)
    except BaseException:
        if not site.exists():
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _unpack(order: Order, site: Path) -> Manifest:
    with order.file.open("rb") as body:
        opener = Opener(body, order.key)
        listed = manifest.read(opener)
        _demand_database(listed)
        manifest.read_bodies(opener, listed, lambda entry: site / _place(entry))
    for name in init.FOLDERS:
        (site / name).mkdir(mode=0o700, exist_ok=True)
    for entry in listed.files:
        if not entry.inside:
            _fetch(entry, order.media, site / _place(entry))
        (site / _place(entry)).chmod(0o400 if entry.path.startswith("media/") else 0o600)
    return listed


def _place(entry: Listed) -> Path:
    """Where a file of the list lies in an office: the vaults shelve theirs by the first two digits."""
    path = Path(entry.path)
    return path.parent / path.name[:2] / path.name if path.parts[0] == "media" else path


def _fetch(entry: Listed, media: Path | None, place: Path) -> None:
    if media is None:
        raise BackupRefused("This backup holds its media by reference: name the folder that has them with --media DIR.")
    source = media.joinpath(*_place(entry).parts[1:])
    if not source.is_file() or digest(source) != entry.sha256:
        raise BackupRefused(f"{media} does not hold {entry.path.removeprefix('media/')[:24]}… as it was backed up.")
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.link(source, place)  # never written to again, so one copy may have two names
    except OSError:
        shutil.copyfile(source, place)


def _demand_database(listed: Manifest) -> None:
    named = os.environ.get("DATABASE_URL", "")
    if listed.database == "sqlite" and named:
        raise BackupRefused("This backup holds an SQLite database, which lies in the office: unset DATABASE_URL.")
    if listed.database == "postgresql" and not named.startswith("postgres"):
        raise BackupRefused("This backup holds a PostgreSQL database: name an empty one in DATABASE_URL.")


def _open(site: Path, order: Order, listed: Manifest, folder: Path) -> tuple[Office, Secrets]:
    """Configuration, keys and Django, on the office as it is being built. The keys must be the office's own."""
    if order.secrets_file is not None:
        shutil.copyfile(order.secrets_file, site / secret_store.FILE_NAME)
        (site / secret_store.FILE_NAME).chmod(0o600)
    os.environ.pop("PUBLISHER_CONFIG", None)
    _name_the_register(site, order, folder)
    try:
        office, secrets = bootstrap.set_up(site)
    except secret_store.SecretMissing as missing:
        words = str(missing).replace(str(site), str(folder))
        raise BackupRefused(
            f"{words} Keys are not in a backup: name the kept secrets.toml with --secrets FILE."
        ) from None
    if manifest.key_check(secrets.office_key, listed.office) != listed.key_check:
        raise BackupRefused(
            "The office_key is not the one this office was backed up with: copies at the platforms would not be known "
            "again, and would be sent twice. Keys are not in a backup; name the kept secrets.toml with --secrets FILE."
        )
    return replace(office, folder=folder, file=folder / office_file.FILE_NAME), secrets


def _name_the_register(site: Path, order: Order, folder: Path) -> None:
    """The restored office goes on with the register it is restored with: the copy of a drill, or the one there was."""
    file = site / office_file.FILE_NAME
    office = office_file.load(site)
    named = replace(office, folder=folder, file=folder / office_file.FILE_NAME).register
    if order.register is None or order.register.absolute() == named:
        return
    line = f"path = {json.dumps(str(order.register.absolute()), ensure_ascii=False)}"
    text = file.read_text(encoding="utf-8")
    if office.register_file.path:
        text = re.sub(r"(?m)(^\[register\][^\[]*?^)\s*path\s*=.*$", lambda found: found.group(1) + line, text, count=1)
    else:
        text += f"\n[register]\n{line}\n"
    file.write_text(text, encoding="utf-8")
    if office_file.load(site).register != order.register.absolute():
        raise BackupRefused(f"Set [register] path in the backup's configuration to {order.register}: it names {named}.")


@contextmanager
def _database(listed: Manifest, site: Path) -> Iterator[Callable[[], None]]:
    """The database, loaded. What is yielded finishes it, just before the folder gets its name."""
    from django.db import connection, connections, transaction  # noqa: PLC0415  # Django is set up by now

    postgres = listed.database == "postgresql"
    try:
        with transaction.atomic() if postgres else nullcontext():
            if postgres:
                _load_postgres(listed, site)
            else:
                (site / "database" / "publisher.sqlite3").rename(site / "publisher.sqlite3")
            shutil.rmtree(site / "database")
            _migrate(connection)
            yield (lambda: None) if postgres else connections.close_all
    finally:
        connections.close_all()


def _load_postgres(listed: Manifest, site: Path) -> None:
    from django.db import connection  # noqa: PLC0415  # Django is set up by now
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415  # Django is set up by now

    from publisher.backup import snapshot  # noqa: PLC0415  # Django is set up by now

    if connection.introspection.table_names():
        raise BackupRefused("The database in DATABASE_URL is not empty. Name an empty one; nothing was changed.")
    executor = MigrationExecutor(connection)
    executor.migrate(_last_of_each(executor, {(app, name) for app, name in listed.migrations}))
    snapshot.load_postgres(site / "database", listed)


def _last_of_each(executor: Any, applied: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those of the backup's migrations that no other of them follows: migrating to these makes its tables."""
    if unknown := sorted(applied - set(executor.loader.graph.nodes)):
        raise BackupRefused(
            f"The backup was made by a newer Publisher (it has the migration {'.'.join(unknown[0])}). Use that one."
        )
    followed = {parent for each in applied for parent in executor.loader.graph.node_map[each].parents}
    return sorted(applied - {parent.key for parent in followed if parent.key[0] in {app for app, _ in applied}})


def _migrate(connection: Any) -> None:
    """Up to this program, with the audit log's guards."""
    from django.core.management import call_command  # noqa: PLC0415  # Django is set up by now
    from django.db.migrations.recorder import MigrationRecorder  # noqa: PLC0415  # Django is set up by now

    from pressqueue import audit_triggers  # noqa: PLC0415  # Django is set up by now

    known = {tuple(each.split(".", 1)) for each in _known_migrations(connection)}
    if unknown := sorted(set(MigrationRecorder(connection).applied_migrations()) - known):
        raise BackupRefused(
            f"The backup was made by a newer Publisher (it has the migration {'.'.join(unknown[0])}). Use that one."
        )
    call_command("migrate", verbosity=0, interactive=False)
    audit_triggers.create_triggers(connection)


def _known_migrations(connection: Any) -> list[str]:
    from django.db.migrations.loader import MigrationLoader  # noqa: PLC0415  # Django is set up by now

    return [f"{app}.{name}" for app, name in MigrationLoader(connection).disk_migrations]


def _make_it_true(
    order: Order, office: Office, secrets: Secrets, listed: Manifest
) -> tuple[dict[str, int], list[str], bool]:
    """The chain holds; all is frozen; what the register tells is done again; what may not go out is set aside.

    The third value: whether the register was believed. If not, features are held as well: which of them came down
    since the backup is not known.
    """
    from pressqueue import audit  # noqa: PLC0415  # Django is set up by now
    from pressqueue.moves import (  # noqa: PLC0415  # Django is set up by now
        alarms,
        leases,  # Django is set up by now
        recovery,
        replay,
    )
    from publisher.register import register_file  # noqa: PLC0415  # the same
    from publisher.register import sync as register  # noqa: PLC0415  # the same

    bootstrap.check_binding(office)
    audit.verify()
    now = leases.database_now()
    if sealing.has_key() and not _had_seals(listed):
        alarms.seal_existing(replay.RESTORE, now=now)
    message = f"This office was restored from the backup of {listed.made_at}. {_RESUME}"
    kept = register.of(office if order.register is None else _with_register(office, order.register))
    mark = _high_water(kept)
    recovery.begin_recovery(message, now=now, backup_number=listed.head_number, backup_hash=listed.head_hash)
    codes: dict[str, str | int] = {"number": listed.head_number, "made_at": listed.made_at}
    believed = True
    try:
        replayed = register.replay(kept, mark, now)
    except register_file.RegisterBroken as broken:
        if order.vouched is None:
            raise BackupRefused(f"{broken} {_WITHOUT}") from None
        first, second = order.vouched(office, secrets)
        codes |= {"without_register": 1, "first": first, "second": second}
        replayed = recovery.replay(kept.readable(), now=now)  # as far as it stops something or takes it down
        believed = False
    held = recovery.quarantine(now, features=not believed)
    recovery.end_old_sign_ins(now)
    recovery.note_restored(replay.RESTORE, now=now, **codes)
    return replayed, held, believed


def _had_seals(listed: Manifest) -> bool:
    """Whether the backup is of an office whose rows were sealed already."""
    return any(app == "pressqueue" and name.endswith("_seals") for app, name in listed.migrations)


_RESUME = "Nothing is sent or revealed until `publisher reconcile` has looked at every account and somebody resumed it."
_WITHOUT = (
    "Without it what was withdrawn since the backup would be published again. Name it with --register FILE; if it is "
    "lost, two people may say so: --without-register --as-first USER --as-second USER. Nothing was restored."
)


def _with_register(office: Office, path: Path) -> Office:
    return replace(office, register_file=office_file.RegisterFile(str(path.absolute())))


def _high_water(kept: Any) -> Any:
    from publisher.register import register_file  # noqa: PLC0415  # Django is set up by now

    try:
        return kept.high_water()
    except register_file.RegisterBroken:
        return None  # replaying says the same in its own words, and refuses


def _begin_anew(office: Office, *, believed: bool) -> None:
    """The high-water file speaks of the restored chain from here on; where it cannot, the first round freezes again.

    A register that two people went without is taken as it is: what they said is an Entry.
    """
    from pressqueue.moves import leases  # noqa: PLC0415  # Django is set up by now
    from publisher.register import register_file  # noqa: PLC0415  # the same
    from publisher.register import sync as register  # noqa: PLC0415  # the same

    now = leases.database_now()
    try:
        if believed:
            register.rebase(register.of(office), now)
        else:
            register.accept_as_it_is(office, now)
    except (OSError, register_file.RegisterBroken):
        return


def _if_database(room: Path, entry: Listed) -> Path | None:
    return room / entry.path if entry.path.startswith("database/") else None


def _django_alone() -> None:
    """Django without an office: only the shapes of our rows are needed."""
    import django  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "publisher.settings")
    django.setup()
