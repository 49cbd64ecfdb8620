"""Which Entries name an Item, a Post, a person or an original: found by an index, not by reading the log.

An Entry has no foreign keys: its `about` names rows by kind and number. An EntryLink says the same the other way round.
It is written in the Entry's transaction, never changed, and compared with the Entry whenever the chain is checked. It
finds Entries and proves nothing: what a decision rests on is read from the Entries themselves.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from django.db.models import Q, QuerySet

from pressqueue.errors import Tampered
from pressqueue.models import Entry, EntryLink, Item

Named = tuple[str, str]  # kind and row, as a link holds them
# By which words an Entry names a row, one or several, and of what kind it is.
_KINDS = {
    "item": "item", "items": "item", "post": "post", "posts": "post", "subject": "subject", "subjects": "subject",
    "sha256": "original", "original": "original",
}  # fmt: skip
_DIFFERS = "The index of entry {} does not say what the entry names: somebody changed it."
_NOTHING = "There is an index of entry {}, which does not exist."


def named(about: Mapping[str, object]) -> set[Named]:
    """Returns the rows that an Entry names. `about`: its content, as it is logged."""
    found = set()
    for word, kind in _KINDS.items():
        value = about.get(word)
        rows = value if isinstance(value, list) else [value]
        found |= {(kind, str(row)) for row in rows if row is not None and row != ""}
    return found


def links_of(entry: Entry) -> list[EntryLink]:
    """Returns the links of one Entry, not saved."""
    return [EntryLink(entry=entry.number, kind=kind, row=row) for kind, row in sorted(named(json.loads(entry.about)))]


def entries(rows: Iterable[Named]) -> QuerySet[Entry]:
    """Returns the Entries that name at least one of these rows, in no order."""
    wanted = Q(pk__in=[])
    for kind, row in rows:
        wanted |= Q(kind=kind, row=row)
    return Entry.objects.filter(number__in=EntryLink.objects.filter(wanted).values("entry"))


def of_item(item: Item, *, people: bool = False) -> set[Named]:
    """Returns the rows by which Entries name an Item: itself, its Posts, its original; with `people` whom it shows."""
    rows = {("item", str(item.pk)), ("original", str(item.original_id))}
    rows |= {("post", str(pk)) for pk in item.posts.values_list("pk", flat=True)}
    if people:
        rows |= {("subject", str(pk)) for pk in item.subjects.values_list("pk", flat=True)}
    return rows


def compared(read: Iterable[Entry], first: int, last: int) -> Iterator[Entry]:
    """Yields the Entries numbered `first` to `last`, in order, each after its links were compared with it.

    Raises Tampered where they differ, or where there are links of an Entry that is not there: after the next Entry, so
    that whoever reads them can say which is missing.
    """
    links = EntryLink.objects.filter(entry__range=(first, last)).order_by("entry").iterator(chunk_size=2000)
    link = next(links, None)
    for entry in read:
        told, stray = set(), 0
        while link is not None and link.entry <= entry.number:
            if link.entry == entry.number:
                told.add((link.kind, link.row))
            else:
                stray = link.entry
            link = next(links, None)
        if told != named(json.loads(entry.about)):
            raise Tampered(_DIFFERS.format(entry.number))
        yield entry
        if stray:
            raise Tampered(_NOTHING.format(stray))
    if link is not None:
        raise Tampered(_NOTHING.format(link.entry))
