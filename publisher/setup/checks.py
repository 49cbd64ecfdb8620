"""What `publisher check` looks at. Each check answers for itself: one that fails does not hide the others."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from publisher.configuration.office_file import Misconfigured, Office
from publisher.configuration.secret_store import SecretMissing, Secrets
from publisher.setup import bootstrap

LEAST_FREE = 2 * 1024**3  # bytes: a day of footage with its renditions
MOST_SKEW = timedelta(minutes=5)  # OAuth 1.0a and TLS refuse a clock that is further off


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    right: bool
    words: str

    @property
    def mark(self) -> str:
        """How the table marks it: what warns is neither right nor wrong."""
        if not self.right:
            return "WRONG"
        return "warning" if "WARNING" in self.words else "right"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def all_of(folder: Path, config: Path | None, *, ask_platforms: bool) -> list[Finding]:
    """Every finding about the office in `folder`, in the order in which one thing needs another."""
    try:
        office, secrets = bootstrap.set_up(folder, config)
    except (Misconfigured, SecretMissing) as error:
        return [Finding("configuration", False, str(error))]
    found = [Finding("configuration", True, f"{office.file}, {_kind(office)} office {office.identity.name}")]
    found += _storage(office)
    found += _database(office)
    if all(each.right for each in found if each.what in ("database", "migrations", "office")):
        found += _service(office)
        found += _destinations(office, secrets, ask_platforms)
    return found


def _kind(office: Office) -> str:
    return "exercise" if office.identity.exercise else "real"


def _guarded(what: str, look: Callable[[], str]) -> Finding:
    """A check that says in words what is right, or raises what is wrong."""
    try:
        return Finding(what, True, look())
    except Exception as error:  # noqa: BLE001  # whatever is wrong is what a person must read
        return Finding(what, False, str(error) or type(error).__name__)


def _storage(office: Office) -> Iterator[Finding]:
    for place in (office.folder, office.media):
        yield _guarded(f"storage {place}", lambda place=place: _writable(place))  # type: ignore[misc]
    yield _guarded("brand", lambda: _brand(office))
    yield _guarded("media child", _held)


def _writable(place: Path) -> str:
    try:
        with tempfile.NamedTemporaryFile(dir=place, prefix=".check-") as file:
            file.write(b"publisher check")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise Misconfigured(f"{place} cannot be written to ({error.strerror}). Mend its permissions.") from error
    free = shutil.disk_usage(place).free
    if free < LEAST_FREE:
        raise Misconfigured(f"{place} has {free / 1024**3:.1f} GiB free; keep at least {LEAST_FREE / 1024**3:.0f} GiB.")
    return f"can be written to; {free / 1024**3:.0f} GiB free"


def _held() -> str:
    from publisher.media import supervised  # noqa: PLC0415  # the libraries that decode, for nobody else here

    return supervised.confinement().in_words()


def _brand(office: Office) -> str:
    from publisher.workers.worker import brand_of  # noqa: PLC0415  # needs Django's settings

    brand_of(office)
    return f"crest and fonts in {office.brand_folder}"


def _database(office: Office) -> Iterator[Finding]:
    reached = _guarded("database", _reach_database)
    yield reached
    if not reached.right:
        return
    migrated = _guarded("migrations", _migrated)
    yield migrated
    if migrated.right:
        yield _guarded("office", lambda: _bound(office))
        yield _guarded("audit log", _log_guarded)
        yield _guarded("integrity", lambda: _intact(office))


def _reach_database() -> str:
    from django.db import connection  # noqa: PLC0415  # Django is set up by now

    connection.ensure_connection()
    return f"{connection.vendor}, {connection.settings_dict['NAME']}"


def _migrated() -> str:
    bootstrap.demand_migrations()
    return "all applied"


def _bound(office: Office) -> str:
    bootstrap.check_binding(office)
    return f"bound as a{'n exercise' if office.identity.exercise else ' real'} office"


def _log_guarded() -> str:
    from pressqueue import audit_triggers  # noqa: PLC0415  # Django is set up by now

    audit_triggers.require_triggers()
    return "guarded"


def _intact(office: Office) -> str:
    from publisher.evidence import integrity  # noqa: PLC0415  # Django is set up by now
    from publisher.setup import key_rotation  # noqa: PLC0415  # Django is set up by now

    key_rotation.connect(office)
    if found := integrity.of_everything(office):
        raise Misconfigured(" ".join(f"[{each.name}] {each.words}" for each in found))
    return "every entry, seal and anchor agrees"


def _service(office: Office) -> Iterator[Finding]:
    from pressqueue.models import Heartbeat, Notice  # noqa: PLC0415  # Django is set up by now
    from pressqueue.models import Office as Row  # noqa: PLC0415  # Django is set up by now
    from pressqueue.moves.leases import database_now  # noqa: PLC0415  # Django is set up by now

    now = database_now()
    rung = {heartbeat.name: heartbeat.rung_at for heartbeat in Heartbeat.objects.all()}
    for lane in ("clock", "publish", "withdraw"):
        yield _guarded(f"last tick of {lane}", lambda lane=lane: _ticked(office, rung.get(lane), now))  # type: ignore[misc]
    frozen = Row.objects.get().frozen
    yield Finding(
        "freeze",
        True,
        "nothing is paused" if frozen == "none" else f"{frozen}: not revealed until two people end it at the desk",
    )
    yield _guarded("high water", lambda: _as_high_as_it_was(office))
    yield _guarded("register", lambda: _register(office))
    yield _guarded("anchors", lambda: _anchors(office))
    waiting = Notice.objects.filter(cleared_at__isnull=True).count()
    yield Finding(
        "attention",
        True,
        f"{waiting} notices wait for a person: `publisher list --attention`" if waiting else "nothing",
    )


def _as_high_as_it_was(office: Office) -> str:
    from pressqueue.local import at  # noqa: PLC0415  # Django is set up by now
    from pressqueue.models import Office as Row  # noqa: PLC0415  # Django is set up by now
    from publisher.register import sync  # noqa: PLC0415  # Django is set up by now

    if words := sync.fallen_back(office):
        raise Misconfigured(words)
    if since := Row.objects.get().recovering_since:
        raise Misconfigured(
            f"Restored from a backup at {at(since)}: nothing is sent or revealed until "
            "`publisher reconcile` has looked at every account and somebody resumed it."
        )
    return "the audit log is as long as it was"


def _register(office: Office) -> str:
    from pressqueue.models import RegisterLine  # noqa: PLC0415  # Django is set up by now
    from publisher.register import sync  # noqa: PLC0415  # Django is set up by now

    if not office.register.exists():
        if RegisterLine.objects.filter(written_at__isnull=False).exists():
            raise Misconfigured(
                f"{office.register} is missing. The next round writes it again from the database and raises an alarm."
            )
        return f"nothing is written yet; it will be {office.register}" + _nearness(office)
    lines = sync.of(office).lines()
    late = RegisterLine.objects.filter(written_at__isnull=True).count()
    if late:
        raise Misconfigured(f"{late} lines could not be written to {office.register} yet. Mend it.")
    return f"{len(lines)} lines in {office.register}" + _nearness(office)


def _anchors(office: Office) -> str:
    from publisher.evidence import anchors  # noqa: PLC0415  # Django is set up by now

    ours = anchors.of(office)
    if not ours.key_in_use():
        return "WARNING: the audit log is not anchored: an administrator runs `publisher anchors key` once"
    ours.key()
    last = ours.last()
    return f"the last is of {last['date']} in {ours.path}" if last else f"none is made yet; it will be {ours.path}"


def _nearness(office: Office) -> str:
    """A warning where one broken disk would take the office and its register together."""
    place = next(each for each in office.register.parents if each.exists())
    if place.stat().st_dev != office.folder.stat().st_dev:
        return ""
    return ". WARNING: it lies on the office's own disk, so one loss takes both: set [register] path to another"


def _ticked(office: Office, rung: datetime | None, now: datetime) -> str:
    from pressqueue.local import at  # noqa: PLC0415  # Django is set up by now

    patience = timedelta(seconds=office.pace.silent_after)
    if rung is None:
        raise Misconfigured("It has never run. Start it: `publisher up`.")
    if now - rung > patience:
        raise Misconfigured(f"Silent since {at(rung)}. Is `publisher up` running?")
    return f"{max(0, int((now - rung).total_seconds()))} s ago"


def _destinations(office: Office, secrets: Secrets, ask: bool) -> Iterator[Finding]:
    from publisher.setup.account_checks import look_at  # noqa: PLC0415  # Django is set up by now

    for name in office.destinations:
        yield from look_at(office, secrets, name, ask)
    if not office.destinations:
        yield Finding("destinations", False, f"{office.file} has no [destinations.NAME]: nothing can be published.")
