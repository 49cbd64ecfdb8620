"""From a folder to a running office: found, read, checked against its own database, or refused in a sentence.

Django is imported inside the functions only: `publisher --help` must not wait for it, and its settings can be made
once per process, from the folder that is named first.
"""

from __future__ import annotations

import os
from pathlib import Path

from publisher.configuration import office_file, secret_store
from publisher.configuration.office_file import Misconfigured, Office
from publisher.configuration.secret_store import Secrets
from publisher.destinations import net, registry


def find_folder(named: Path | None = None) -> Path:
    """The office's folder: as named, else PUBLISHER_OFFICE, else here if `publisher.toml` lies here."""
    if named is None and os.environ.get("PUBLISHER_OFFICE"):
        named = Path(os.environ["PUBLISHER_OFFICE"])
    if named is None and (Path.cwd() / office_file.FILE_NAME).is_file():
        named = Path.cwd()
    if named is None:
        raise Misconfigured(
            "Which office? Name its folder with --office DIR or in PUBLISHER_OFFICE, or go into it. "
            "`publisher init DIR` makes a new one."
        )
    if not named.is_dir():
        raise Misconfigured(f"There is no office at {named}. `publisher init {named}` makes one.")
    return named.resolve()


def set_up(folder: Path, config: Path | None = None) -> tuple[Office, Secrets]:
    """Read the configuration and start Django on it. Asks nothing of the database."""
    office = office_file.load(folder, config)
    check_addresses(office)
    secrets = secret_store.load(folder)
    os.umask(0o077)  # whatever is written from here on belongs to the office alone
    os.environ["PUBLISHER_OFFICE"] = str(folder)
    os.environ["PUBLISHER_CONFIG"] = str(office.file)
    os.environ["DJANGO_SETTINGS_MODULE"] = "publisher.settings"
    import django  # noqa: PLC0415  # see above

    django.setup()
    return office, secrets


def open_office(folder: Path, *, config: Path | None = None, check_migrations: bool = True) -> tuple[Office, Secrets]:
    """`set_up`, and everything the database must say before anything is done with it.

    Raises Misconfigured (unapplied migrations, another kind of office), SecretMissing, Tampered (unguarded log).
    """
    office, secrets = set_up(folder, config)
    if check_migrations:
        demand_migrations()
        check_binding(office)
        from pressqueue import audit_triggers  # noqa: PLC0415  # Django is set up by now

        audit_triggers.require_triggers()
        _settle_the_key(office, secrets)
        _look_at_the_register(office)
        _look_at_the_configuration(office, secrets)
    return office, secrets


def _settle_the_key(office: Office, secrets: Secrets) -> None:
    """A change of the integrity key that was cut off is ended before anything is checked by a key."""
    from pressqueue.moves import leases  # noqa: PLC0415  # Django is set up by now
    from publisher.setup import key_rotation  # noqa: PLC0415  # Django is set up by now

    key_rotation.settle(office, secrets, leases.database_now())


def _look_at_the_register(office: Office) -> None:
    """Withdrawals are written into it from here on, and an older database in a newer one's place is frozen."""
    from pressqueue.moves import leases  # noqa: PLC0415  # Django is set up by now
    from publisher.register import sync  # noqa: PLC0415  # Django is set up by now

    sync.connect(office)
    sync.watch(office, leases.database_now())


def _look_at_the_configuration(office: Office, secrets: Secrets) -> None:
    """What decides where and what is published and was changed since is written down before anything is done."""
    from pressqueue.moves import leases  # noqa: PLC0415  # Django is set up by now
    from publisher.configuration import changes  # noqa: PLC0415  # Django is set up by now

    changes.watch(office, secrets, leases.database_now())


def unapplied_migrations() -> list[str]:
    """The names of migrations this program knows and the database has not seen."""
    from django.db import connection  # noqa: PLC0415  # Django is set up by now
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415  # Django is set up by now

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def demand_migrations() -> None:
    """Refuse a database that is older than the program."""
    if missing := unapplied_migrations():
        raise Misconfigured(
            f"The database lacks {len(missing)} migrations ({missing[0]} first): run `publisher migrate`."
        )


def check_binding(office: Office) -> None:
    """An office is an exercise or it is not, for ever: the database says which, the configuration must agree."""
    from pressqueue.models import Office as Row  # noqa: PLC0415  # Django is set up by now

    row = Row.objects.first()
    if row is None:
        raise Misconfigured("The database holds no office. `publisher init DIR` makes one, with its administrators.")
    if row.exercise != office.identity.exercise:
        bound, says = ("an exercise", "a real") if row.exercise else ("a real", "an exercise")
        raise Misconfigured(
            f"{office.file} says this is {says} office, but its database was made for {bound} office, which it stays "
            f"for ever. Set [office] exercise = {str(row.exercise).lower()}, or make another with `publisher init`."
        )


def check_addresses(office: Office) -> None:
    """Every address in the configuration, before anything is built from it. Raises Misconfigured."""
    exercise, plugins = office.identity.exercise, registry.load()
    for name, settings in office.destinations.items():
        where = f"{office.file}: [destinations.{name}]"
        # Without these an exercise office would speak to the real platforms, whose addresses are the defaults.
        needed = plugins[settings.kind].addresses if settings.kind in plugins else ()
        missing = [each for each in needed if each not in settings.options]
        if exercise and missing:
            raise Misconfigured(f"{where} needs {missing[0]} in an exercise office: the address of the sandbox.")
        for key, value in settings.options.items():
            if key in needed or key.endswith("_url"):
                try:
                    net.check_address(str(value), exercise)
                except net.BadSetting as error:
                    raise Misconfigured(f"{where} {key}: {error}") from error
