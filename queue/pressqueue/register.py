"""The withdrawal register: what must be known even when this database is lost and an older one is put in its place.

A line is a row of the transaction it tells of. Once that has committed, whoever is connected here appends it to a file
outside database and backup, before the officer is answered. Lines hold references, codes and hashes only.

| kind | codes |
| --- | --- |
| withdrawn | item, reason, image: the Original's SHA-256 |
| post_down | item, destination, mark, reason: one public Post, its Item goes on |
| outcome | subject, outcome, items |
| inherited_down | destination, ids: what stood there before us; reason |
| blocked | hashes: of every image that may not be queued again; reason, subject |
| disclosed | item, archive: SHA-256 of the press pack that was handed over |
| legal_hold, legal_hold_lifted | on: an Item's reference or a Subject's number; at: when it was placed |
| purged | item, hashes: of every file of it |
| approvals_void | item, packages: digests; reason |
| hold, release | item |
| campaign_hold, campaign_release | prefix |
| freeze | what: none, features or all |
| totals | prefix; shown, removed, removed_then: what the public reads of a campaign |
| text_ended | digest: of approved standing words that are in force no more |
| officer_disabled, officer_enabled | officer: see `officer_code`; for_cause |
| sealed | lines: so many before it are believed, whatever they carry |
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from pressqueue.hashing import canonical
from pressqueue.models import Office, Officer, RegisterLine

Code = str | int | list[str]


@dataclass(slots=True)
class Port:
    """Who writes the file: set when the service starts. Without one the lines wait for the clock's next round."""

    write: Callable[[], object] | None = None


port = Port()


@dataclass(frozen=True, slots=True)
class RegisterEvent:
    """One line as it was told: what happened, when (UTC), and its codes."""

    kind: str
    at: datetime
    codes: dict[str, Code]

    def text(self, name: str) -> str:
        """Returns one code as a text; empty where the line has none of that name."""
        return str(self.codes.get(name, ""))

    def texts(self, name: str) -> list[str]:
        """Returns one code that is a list of texts; empty where the line has none of that name."""
        found = self.codes.get(name, [])
        return [str(each) for each in found] if isinstance(found, list) else []


def note(now: datetime, kind: str, **codes: Code) -> None:
    """Leave a line for the register. Call it inside the transaction of the move that it records."""
    RegisterLine.objects.create(line=spell(RegisterEvent(kind, now, codes)), made_at=now)
    # robust: a register that cannot be written never undoes, or refuses, what has been committed.
    transaction.on_commit(_ask_for_writing, robust=True)


def spell(event: RegisterEvent) -> str:
    """Returns a line's body as it is stored: canonical JSON."""
    at = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    return canonical({"kind": event.kind, "at": at, "codes": event.codes})


def read(body: str) -> RegisterEvent:
    """Returns the event that a line's body holds. Raises ValueError where it holds none."""
    try:
        parsed = json.loads(body)
        return RegisterEvent(str(parsed["kind"]), datetime.fromisoformat(parsed["at"]), dict(parsed["codes"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a line of the register: {error}") from error


# Lines that end what another line began: from a register that does not hold they are not believed.
_ENDINGS = frozenset({"release", "campaign_release", "officer_enabled", "legal_hold_lifted"})


def ends_a_stop(event: RegisterEvent) -> bool:
    """Whether replaying this line would allow publication that was stopped."""
    return event.kind in _ENDINGS or (event.kind == "freeze" and event.text("what") == "none")


def officer_code(officer: Officer) -> str:
    """Returns a code for an account, 32 hex digits, without its name.

    The register may lie where people should not read who works here.
    """
    office = Office.objects.get().uuid
    return hashlib.sha256(f"{office}\n{officer.username}".encode()).hexdigest()[:32]


def _ask_for_writing() -> None:
    if port.write is not None:
        port.write()
