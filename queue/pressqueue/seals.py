"""Seals: what each row that a publication rests on said when this program last wrote it, and the Entry that tells why.

A row without a Seal, or one that says something else, was written by somebody else. A Seal says what this transaction
wrote and, for every other column, what the Seal before it said: a move that follows a forgery does not make it true.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import models, transaction

from pressqueue import key_rotation, sealing
from pressqueue.errors import Tampered
from pressqueue.hashing import canonical, entry_hash
from pressqueue.models import (
    Account,
    AccountChange,
    Alarm,
    Amendment,
    Approval,
    ApprovedText,
    BlockedImage,
    BreakGlass,
    Campaign,
    ChainHead,
    Edit,
    Entry,
    Item,
    Office,
    Officer,
    Original,
    Post,
    Seal,
    Stop,
    StopEnding,
    Subject,
    Verification,
)
from pressqueue.tracking import Written, sealed_fields

BATCH = 500
_LOGGED = ("approval", "verification")  # what the log itself must tell of
# Kept as a keyed hash: a purge must be able to erase them.
_TEXTS = frozenset({"reason", "overrides", "rank", "read_name", "read_rank", "before", "after", "title", "caption"})
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of row that is sealed. `by`: the column its scope is named after; empty: it is the office's own."""

    name: str
    model: type[models.Model]
    group: str
    by: str = "pk"

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that a Seal of this kind covers."""
        return sealed_fields(self.model)

    def scope(self, row: Values) -> str:
        """Returns the scope by which a Seal of this row is found."""
        return f"{self.group}:{row[self.by]}" if self.by else self.group


KINDS = (
    Kind("office", Office, "office", ""),
    Kind("alarm", Alarm, "office", ""),
    Kind("campaign", Campaign, "campaign"),
    Kind("item", Item, "item"),
    Kind("edit", Edit, "item", "item_id"),
    Kind("glass", BreakGlass, "item", "item_id"),
    Kind("amendment", Amendment, "item", "item_id"),
    Kind("original", Original, "original"),
    Kind("blocked_image", BlockedImage, "original", "sha256"),
    Kind("approval", Approval, "package", "package_id"),
    Kind("verification", Verification, "package", "package_id"),
    Kind("post", Post, "post"),
    Kind("officer", Officer, "officer"),
    Kind("change", AccountChange, "change"),
    Kind("stop", Stop, "stops", ""),
    Kind("ending", StopEnding, "stops", ""),
    Kind("subject", Subject, "subject"),
    Kind("standing_text", ApprovedText, "standing_text"),
    Kind("account", Account, "account"),
)
BY_MODEL = {kind.model: kind for kind in KINDS}
BY_NAME = {kind.name: kind for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Fault:
    """One row that is not as this program wrote it. `what`: added, removed, changed, unsealed or forged."""

    kind: str
    row: str
    what: str
    detail: str = ""

    def __str__(self) -> str:
        name = f"{self.kind.replace('_', ' ')} {self.row}"
        return {
            "added": f"The {name} was written into the database by something other than this program.",
            "removed": f"The {name} was taken out of the database by something other than this program.",
            "changed": f"The {name} was changed by something other than this program ({self.detail}).",
            "unsealed": f"The {name} was written while the integrity key was missing.",
            "forged": f"The seal of the {name} was not made with this office's integrity key.",
            "unlogged": f"The audit log does not tell of the {name} ({self.detail}).",
        }[self.what]


def append(head: ChainHead, written: Written, entry_of: Callable[[Kind, str, Values], Entry | None]) -> None:
    """Seal what a transaction wrote. The caller holds the head locked, and saves it."""
    made: list[Seal] = []
    for kind, rows in _by_kind(written).items():
        current = _rows(kind, rows)
        scopes = {kind.scope(row) for row in current.values()}
        before = _newest(Seal.objects.filter(scope__in=scopes, kind=kind.name)) if _partial(rows) else {}
        for pk, row in current.items():
            values = _values(kind, row)
            fields, known = rows[pk], before.get((kind.name, str(pk)))
            if fields is not None and known is not None:
                values = json.loads(known.values) | {name: values[name] for name in fields if name in values}
            made.append(_chained(head, kind, str(pk), kind.scope(row), values, entry_of(kind, str(pk), row)))
    Seal.objects.bulk_create(made, batch_size=BATCH)


def seal_outside(written: Written) -> None:
    """Seal at once what was written outside a move; no Entry tells of it."""
    with transaction.atomic():
        head = ChainHead.objects.select_for_update(no_key=True).first()
        if head is None:
            return  # before the first migration has ended
        vouched = is_vouched(head)
        append(head, written, lambda *_: None)
        sign(head, vouched=vouched)
        head.save()


def seal_all(head: ChainHead, entry: Entry) -> int:
    """Seal every row as it is now; returns how many. Only at first, or after two people accepted the rows."""
    count = 0
    for kind in KINDS:
        for rows in _batches(kind):
            made = [_chained(head, kind, str(row["pk"]), kind.scope(row), _values(kind, row), entry) for row in rows]
            Seal.objects.bulk_create(made)
            count += len(made)
    return count


def reseal(head: ChainHead, new: bytes) -> None:
    """Seal every row under another key, each checked against its present Seal from the same reading.

    Each new Seal names the same Entry as the one before. Raises Tampered, with nothing changed.
    """
    for kind in KINDS:
        seen: set[str] = set()
        for rows in _batches(kind):
            known = _newest_of(kind, [str(row["pk"]) for row in rows])
            for row in rows:
                if fault := _fault(kind, row, known.get(str(row["pk"]))):
                    raise Tampered(str(fault))
            seen |= known.keys()
            with sealing.under(new):
                made = [_again(head, kind, row, known[str(row["pk"])]) for row in rows if str(row["pk"]) in known]
            Seal.objects.bulk_create(made)
        for pk, seal in _newest_of(kind, sorted(_ever_sealed(kind) - seen)).items():
            if not says_nothing(json.loads(seal.values)):
                raise Tampered(str(Fault(kind.name, pk, "removed")))


def _again(head: ChainHead, kind: Kind, row: Values, seal: Seal) -> Seal:
    entry = Entry(number=seal.entry, hash=seal.entry_hash) if seal.entry else None
    return _chained(head, kind, str(row["pk"]), kind.scope(row), _values(kind, row), entry)


def _ever_sealed(kind: Kind) -> set[str]:
    return set(Seal.objects.filter(kind=kind.name).values_list("row", flat=True))


def _newest_of(kind: Kind, rows: Sequence[str]) -> dict[str, Seal]:
    found: dict[str, Seal] = {}
    for start in range(0, len(rows), BATCH):
        some = Seal.objects.filter(kind=kind.name, row__in=rows[start : start + BATCH])
        found |= {seal.row: seal for seal in some.order_by("number")}
    return found


def count_of_rows() -> int:
    """Returns how many rows there are to seal."""
    return sum(kind.model._default_manager.count() for kind in KINDS)


def digest_of_rows() -> str:
    """Returns SHA-256 over the content of every row now, kind by kind, in order."""
    hashing = hashlib.sha256()
    for kind in KINDS:
        for rows in _batches(kind):
            for row in rows:
                hashing.update(f"{kind.name}\n{row['pk']}\n{canonical(_values(kind, row))}\n".encode())
    return hashing.hexdigest()


def faults(
    scopes: Collection[str], loaded: Mapping[str, Sequence[models.Model]] | None = None, logged: str = ""
) -> list[Fault]:
    """Returns what does not agree in these scopes, such as "item:7". Raises sealing.KeyMissing.

    `loaded`: by the name of their kind, all rows of it in these scopes, which the caller has read already. `logged`:
    the scope of which the log must tell as well; asked where the rows agree.
    """
    newest = _newest(Seal.objects.filter(scope__in=list(scopes)))
    deciding = [seal for seal in newest.values() if seal.scope == logged and seal.kind in _LOGGED]
    found: list[Fault] = []
    for kind in KINDS:
        names = [scope.partition(":")[2] for scope in scopes if scope.partition(":")[0] == kind.group]
        if not names:
            continue
        for row in _scoped(kind, names, loaded or {}):
            fault = _fault(kind, row, newest.pop((kind.name, str(row["pk"])), None))
            found += [fault] if fault else []
    gone = [pair for pair, seal in newest.items() if not says_nothing(json.loads(seal.values))]
    found += [Fault(kind, row, "removed") for kind, row in gone]
    return found or list(_unlogged(deciding))


def of_rows(kind: Kind, rows: Sequence[Values]) -> Iterator[Fault]:
    """Yields what does not agree in rows of one kind; does not look for removed rows. Raises sealing.KeyMissing."""
    wanted = [str(row["pk"]) for row in rows]
    newest = _newest(Seal.objects.filter(kind=kind.name, row__in=wanted))
    for row in rows:
        if fault := _fault(kind, row, newest.get((kind.name, str(row["pk"])))):
            yield fault


def all_rows(kind: Kind, part: models.Q | None = None) -> Iterator[list[Values]]:
    """Yields every row of a kind, or those of a part, in batches."""
    return _batches(kind, part)


def unlogged(scopes: Collection[str]) -> list[Fault]:
    """Returns valid Approvals and Verifications whose Entry is missing, changed, or about something else."""
    newest = _newest(Seal.objects.filter(scope__in=list(scopes), kind__in=_LOGGED))
    return list(_unlogged(newest.values()))


def _unlogged(newest: Iterable[Seal]) -> Iterator[Fault]:
    standing = [(seal, values) for seal in newest if (values := json.loads(seal.values))["void_at"] is None]
    entries = Entry.objects.in_bulk([seal.entry for seal, _ in standing])
    for seal, values in standing:
        entry = entries.get(seal.entry)
        if why := _not_told(seal, values, entry):
            yield Fault(seal.kind, seal.row, "unlogged", why)


def _not_told(seal: Seal, values: Values, entry: Entry | None) -> str:
    if entry is None:
        return "there is no entry of it"
    if entry.hash != seal.entry_hash or entry_hash(entry) != entry.hash:
        return f"entry {entry.number} was changed"
    if entry.act == ROWS_SEALED:
        return ""
    about = json.loads(entry.about)
    if about.get(seal.kind) != int(seal.row) or about.get("package") != values["digest"]:
        return f"entry {entry.number} tells of something else"
    people = [values[name] for name in ("approver_id", "investigator_id", "confirmed_by_id", "attached_by_id")
              if values.get(name)]  # fmt: skip
    return "" if entry.actor in {f"officer:{pk}" for pk in people} else f"entry {entry.number} names another person"


ROWS_SEALED = "rows_sealed"


def holds(seal: Seal) -> bool:
    """Whether this Seal was made with this office's key. Raises sealing.KeyMissing."""
    return bool(seal.mac) and sealing.same("row", _parts(seal), seal.mac)


def is_vouched(head: ChainHead) -> bool:
    """Whether this program wrote the head; a log without any entry counts too. Never raises."""
    if not sealing.has_key():
        return False
    if not head.mac and head.number == 0 and head.seals == 0:
        return True
    parts = _head_parts(head)
    return sealing.same("head", parts, head.mac) or (
        key_rotation.follow(parts, head.mac) and sealing.same("head", parts, head.mac)
    )


def sign(head: ChainHead, *, vouched: bool) -> None:
    """Write the head's MAC where `vouched`: a forged head never becomes valid because a move follows it."""
    head.mac = sealing.mac("head", _head_parts(head)) if vouched and sealing.has_key() else ""


def _head_parts(head: ChainHead) -> list[object]:
    return [head.number, head.hash, head.seals, head.seal, head.anchor, head.base, head.base_seals]


def _parts(seal: Seal) -> list[object]:
    return [
        seal.number, seal.previous, seal.scope, seal.kind, seal.row, seal.values, seal.entry, seal.entry_hash,
    ]  # fmt: skip


def _chained(head: ChainHead, kind: Kind, row: str, scope: str, values: Values, entry: Entry | None) -> Seal:
    seal = Seal(
        number=head.seals + 1, scope=scope, kind=kind.name, row=row, values=canonical(values), previous=head.seal,
        entry=entry.number if entry else 0, entry_hash=entry.hash if entry else "",
    )  # fmt: skip
    seal.mac = sealing.mac("row", _parts(seal)) if sealing.has_key() else ""
    head.seals, head.seal = seal.number, seal.mac
    return seal


def says_nothing(values: Values) -> bool:
    """Whether nothing rests on a row: an account without a known identity and without an attestation."""
    return all(value in (None, "") for value in values.values())


def _fault(kind: Kind, row: Values, seal: Seal | None) -> Fault | None:
    name = str(row["pk"])
    if seal is None:
        return None if says_nothing(_values(kind, row)) else Fault(kind.name, name, "added")
    if not seal.mac:
        return Fault(kind.name, name, "unsealed")
    if not holds(seal):
        return Fault(kind.name, name, "forged")
    said, values = json.loads(seal.values), _values(kind, row)
    # Columns that a later version seals as well are not in older Seals.
    differing = sorted(column for column in said if column in values and said[column] != values[column])
    if seal.scope != kind.scope(row):
        differing.append("whose it is")
    return Fault(kind.name, name, "changed", ", ".join(differing)) if differing else None


def _newest(found: models.QuerySet[Seal]) -> dict[tuple[str, str], Seal]:
    return {(seal.kind, seal.row): seal for seal in found.order_by("number")}


def _scoped(kind: Kind, names: list[str], loaded: Mapping[str, Sequence[models.Model]]) -> Iterable[Values]:
    if kind.name in loaded:
        return [_read(kind, row) for row in loaded[kind.name]]
    return _query(kind, models.Q(**{f"{kind.by}__in": names}) if kind.by else models.Q())


def _read(kind: Kind, row: models.Model) -> Values:
    return {"pk": row.pk, **{name: getattr(row, name) for name in {*kind.fields, kind.by or "pk"}}}


def _query(kind: Kind, where: models.Q) -> Iterable[Values]:
    columns = {"pk", kind.by or "pk", *kind.fields}
    found: Iterable[Values] = kind.model._default_manager.filter(where).order_by("pk").values(*columns)
    return found


def _rows(kind: Kind, rows: dict[Any, set[str] | None]) -> dict[Any, Values]:
    """As they are in the database now: what a move wrote, and what it did not."""
    return {row["pk"]: row for row in _query(kind, models.Q(pk__in=list(rows)))}


def _batches(kind: Kind, part: models.Q | None = None) -> Iterator[list[Values]]:
    pks = list(kind.model._default_manager.filter(part or models.Q()).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(pks), BATCH):
        yield list(_query(kind, models.Q(pk__in=pks[start : start + BATCH])))


def _by_kind(written: Written) -> dict[Kind, dict[Any, set[str] | None]]:
    found: dict[Kind, dict[Any, set[str] | None]] = {}
    for (model, pk), fields in written.rows.items():
        found.setdefault(BY_MODEL[model], {})[pk] = fields
    return found


def _partial(rows: dict[Any, set[str] | None]) -> bool:
    return any(fields is not None for fields in rows.values())


def _values(kind: Kind, row: Values) -> Values:
    return {name: _plain(name, row[name]) for name in kind.fields}


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if name in _TEXTS:
        return sealing.mac("row", [name, value])[:32] if value and sealing.has_key() else ""
    return value
