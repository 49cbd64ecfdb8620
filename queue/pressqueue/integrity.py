"""Holding the database against what this program sealed: the log, its head, its guards, its texts, and every row.

`publisher audit verify` and `check` look at everything. The hourly round looks at what is new and at what a Post that
waits or is hidden rests on, and at one part in 24 of the rest, so that everything is looked at within a day. Findings
are read beside the workers; what looks wrong is asked again while nobody can write into the log.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection, models, transaction
from django.db.models import F, Q

from pressqueue import audit, audit_triggers, crosscheck, hashing, mentions, packages, sealing, seals, vouching
from pressqueue.errors import Tampered
from pressqueue.models import Approval, ChainHead, Checkpoint, Entry, EntryText, Item, Package, Post, Seal
from pressqueue.states import ENDED, ItemState, PostState

PARTS = 24  # one an hour
SEGMENT = 1000  # Entries, or Seals, that are looked at together
AT_MOST = 20  # findings of one name: whoever changed a thousand rows needs no thousand sentences
# What may still go out, or whose words may.
UNPUBLISHED = Q(state__in=(PostState.WAITING, PostState.SENDING, PostState.UNSURE, PostState.CONCEALED)) | Q(
    amending__isnull=False
)
Span = tuple[int, int]  # first and last number


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not agree. `name` is what kind it is; the words are a sentence."""

    name: str
    words: str


def of_everything() -> list[Finding]:
    """Returns every finding in the database; none where everything agrees."""
    head = ChainHead.objects.get()
    found = [*_chain(), *_of_head(head), *_texts(Q())]
    found += _confirmed(lambda: (Finding("log", words) for words in crosscheck.untold()))
    if sealing.has_key():
        found += [*_checkpoints(), *_seals(head, [(1, head.seals)]), *_confirmed(partial(_rows, None))]
    return found


def of_hours(parts: Collection[int]) -> list[Finding]:
    """Returns the findings of one hourly round.

    It covers what is new since the last checkpoint, the rows that unpublished Posts rest on, and these `parts` of the
    rest.
    """
    head = ChainHead.objects.get()
    if not sealing.has_key():
        return [*_of_head(head)]
    last = Checkpoint.objects.order_by("-number").first()
    since, sealed = (last.number, last.seals) if last else (0, 0)
    entries = [(since + 1, head.number), *(span for part in parts for span in _spans(head.number, part))]
    sealed_now = [(sealed + 1, head.seals), *(span for part in parts for span in _spans(head.seals, part))]
    return [
        *_of_head(head),
        *_checkpoints(),
        *(finding for span in entries for finding in _walk(span)),
        *(finding for span in entries for finding in _texts(Q(number__range=span))),
        *_seals(head, sealed_now),
        *_confirmed(_unpublished),
        *(finding for part in parts for finding in _confirmed(partial(_rows, part))),
    ]


def _of_head(head: ChainHead) -> Iterator[Finding]:
    if missing := audit_triggers.missing_triggers(connection):
        yield Finding("guards", f"The audit log is unguarded ({', '.join(missing)}): `publisher migrate` puts them up.")
    if not sealing.has_key():
        yield Finding("key", vouching.NO_KEY)
    elif not seals.is_vouched(head):
        yield Finding("head", _of_unvouched(head))
    entries = Entry.objects.filter(number__lte=head.number).count()
    # Read in this order: what is appended meanwhile moves the head in the same transaction.
    last = Entry.objects.order_by("-number").values_list("number", flat=True).first() or 0
    if entries != head.number or last > ChainHead.objects.get().number:
        yield Finding("chain", f"The log has {entries} entries up to entry {head.number}, which its head names.")
    if (beyond := mentions.stray()) is not None:
        yield Finding("chain", f"There is an index of entry {beyond}, which was never written.")
    if Seal.objects.filter(number__lte=head.seals).count() != head.seals:
        yield Finding("seals", "Seals were taken out of the database by something other than this program.")


def _of_unvouched(head: ChainHead) -> str:
    if head.mac:
        return f"The log's head says entry {head.number}, and was not written with this office's integrity key."
    return (
        f"Nobody vouches for the log's head at entry {head.number}: it was written while the integrity key was "
        "missing, or follows what somebody else wrote."
    )


def _chain() -> Iterator[Finding]:
    try:
        audit.verify()
    except Tampered as fault:
        yield Finding("chain", str(fault))


def _walk(span: Span) -> Iterator[Finding]:
    """One stretch of the log, from the Entry before it."""
    first, _ = span
    before = Entry.objects.filter(number=first - 1).values_list("hash", flat=True).first() or hashing.BEGINNING
    entries = Entry.objects.filter(number__range=span).order_by("number")
    texts = {entry_text.number: entry_text for entry_text in EntryText.objects.filter(number__range=span)}
    try:
        audit.verify_stretch(mentions.compared(entries.iterator(chunk_size=2000), *span), texts, before, first)
    except Tampered as fault:
        yield Finding("chain", str(fault))


def _spans(last: int, part: int) -> list[Span]:
    """This hour's part of so many numbers, in segments."""
    starts = range(part * SEGMENT + 1, last + 1, PARTS * SEGMENT)
    return [(start, min(start + SEGMENT - 1, last)) for start in starts]


def _checkpoints() -> Iterator[Finding]:
    for point in Checkpoint.objects.order_by("number"):
        body = ["checkpoint", point.number, point.hash, point.seals]
        if not sealing.same("head", body, point.mac):
            yield Finding("checkpoint", f"The checkpoint at entry {point.number} is not of this office's making.")
        elif not Entry.objects.filter(number=point.number, hash=point.hash).exists():
            yield Finding("chain", f"Entry {point.number} is not the one that was there: the log was rewritten.")
        else:
            continue
        return


def _seals(head: ChainHead, spans: Iterable[Span]) -> Iterator[Finding]:
    """The Seals' own chain, and that each names an Entry as it stands and a row that is there."""
    for first, last in spans:
        for start in range(max(first, head.base_seals + 1), last + 1, SEGMENT):
            yield from _seals_between(start, min(start + SEGMENT - 1, last))


def _seals_between(first: int, last: int) -> Iterator[Finding]:
    rows = list(Seal.objects.filter(number__range=(first, last)).order_by("number"))
    before = Seal.objects.filter(number=first - 1).values_list("mac", flat=True).first()
    previous = hashing.BEGINNING if before is None else before  # one that was made without the key has an empty MAC
    hashes = dict(Entry.objects.filter(number__in={row.entry for row in rows}).values_list("number", "hash"))
    for expected, seal in enumerate(rows, first):
        if seal.number != expected or seal.previous != previous or not seals.holds(seal):
            yield Finding("seals", f"Seal {seal.number} does not follow the one before it, or is not of our making.")
            return
        if seal.entry and hashes.get(seal.entry) != seal.entry_hash:
            yield Finding("chain", f"Entry {seal.entry} is not the one that was written: the log was rewritten.")
            return
        previous = seal.mac
    yield from _removed(rows)


def _removed(rows: list[Seal]) -> Iterator[Finding]:
    for kind in seals.KINDS:
        of_kind = [seal for seal in rows if seal.kind == kind.name]
        named = {seal.row for seal in of_kind if not seals.says_nothing(json.loads(seal.values))}
        standing = kind.model._default_manager.filter(pk__in=named).values_list("pk", flat=True) if named else ()
        for row in sorted(named - {str(pk) for pk in standing}):
            yield Finding("rows", str(seals.Fault(kind.name, row, "removed")))


def _rows(part: int | None) -> Iterator[Finding]:
    """Every row, or this hour's part of them, against its newest Seal; and what the log must tell of."""
    for kind in seals.KINDS:
        for rows in seals.all_rows(kind, _share(kind, part)):
            faults = list(seals.of_rows(kind, rows))
            if kind.name in ("approval", "verification"):
                faults += seals.unlogged({kind.scope(row) for row in rows})
            yield from (Finding("rows", str(fault)) for fault in faults)
    yield from _packages(Q() if part is None else Q(pk__in=_part_of(Package, part)))
    yield from _approved_items(Q() if part is None else Q(pk__in=_part_of(Item, part)))


def _packages(where: Q) -> Iterator[Finding]:
    """What was prepared for approval, against its digest, and what each Approval was given for, which is sealed."""
    standing = Post.objects.filter(package=models.OuterRef("pk")).exclude(state__in=ENDED)
    prepared = Package.objects.filter(where)
    for package in prepared.annotate(stands=models.Exists(standing)).order_by("pk").iterator(chunk_size=500):
        whole = packages.digest(package.content) == package.digest
        if not whole and not (packages.is_purged(package) and not package.stands):
            yield Finding("rows", f"The package {package.pk} was changed by something other than this program.")
    for pk in Approval.objects.filter(package__in=prepared).exclude(digest=F("package__digest")).values_list("pk"):
        yield Finding("rows", f"The approval {pk[0]} was given for other content than its package has.")


def _approved_items(where: Q) -> Iterator[Finding]:
    """What an approved Item's row says, against its Package: its end, above all, after which its copies come down."""
    items = Item.objects.filter(where, state=ItemState.APPROVED, package__isnull=False)
    for item in items.select_related("package", "campaign").order_by("pk").iterator(chunk_size=500):
        package = item.package
        if package is None or packages.digest(package.content) != package.digest:
            continue  # which is told of the Package
        for name in packages.changed(package, item):
            yield Finding("rows", f"{item.reference}: “{name}” is not what was approved; its row was changed.")


def _share(kind: seals.Kind, part: int | None) -> Q | None:
    """A part of the rows, by their number; of files by the first digit of their hash."""
    if part is None:
        return None
    key = kind.model._meta.pk
    if isinstance(key, models.CharField):
        return Q(pk__startswith=f"{part % 16:x}") if kind.name == "original" else None
    return Q(pk__in=_part_of(kind.model, part))


def _part_of(model: type[models.Model], part: int) -> models.QuerySet[Any]:
    return model._default_manager.annotate(share=F("pk") % PARTS).filter(share=part).values("pk")


def _unpublished() -> Iterator[Finding]:
    """What Posts rest on that may still go out."""
    waiting = Post.objects.filter(UNPUBLISHED, item__state="approved").select_related("item")
    for post in waiting.order_by("pk").iterator(chunk_size=500):
        yield from (Finding("rows", str(fault)) for fault in vouching.faults_of(post.item, post))
    yield from _packages(Q(pk__in=waiting.values("package")))


def _texts(where: Q) -> Iterator[Finding]:
    """A text may be missing only where an Entry says that it was purged."""
    kept = EntryText.objects.filter(number=models.OuterRef("number"))
    gone = Entry.objects.filter(where).exclude(text_digest="").filter(~models.Exists(kept))
    numbers = set(gone.values_list("number", flat=True))
    unexplained = sorted(numbers - _purged()) if numbers else []
    if unexplained:
        several = f" and {len(unexplained) - 1} others" if len(unexplained) > 1 else ""
        yield Finding("texts", f"The text of entry {unexplained[0]}{several} is missing, and no purge took it out.")


def missing_texts() -> list[int]:
    """Returns the numbers of the Entries whose text is gone, for whatever reason."""
    kept = EntryText.objects.filter(number=models.OuterRef("number"))
    gone = Entry.objects.exclude(text_digest="").filter(~models.Exists(kept))
    return sorted(gone.values_list("number", flat=True))


def _purged() -> set[int]:
    told = Entry.objects.filter(act__in=["purged", seals.ROWS_SEALED]).values_list("about", flat=True)
    return {number for about in told for number in hashing.about_of(about).get("texts") or ()}


def _confirmed(look: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """Rows and Seals are read one after the other: what disagrees is asked again while nobody writes."""
    if not list(look()):
        return []
    with transaction.atomic():
        seals.is_vouched(
            ChainHead.objects.select_for_update(no_key=True).get()
        )  # takes over a key that was changed meanwhile
        return list(dict.fromkeys(look()))[:AT_MOST]
