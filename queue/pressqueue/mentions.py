"""Which Entries name an Item, a Post, a person or an original: found by an index, not by reading the log.

An Entry has no foreign keys: its `about` names rows by kind and number. An EntryLink says the same the other way round.
It is written in the Entry's transaction, never changed, and compared with the Entry whenever the chain is checked. It
finds Entries and proves nothing: what a decision rests on is read from the Entries themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from django.db.models import Q

from pressqueue.errors import Tampered
from pressqueue.hashing import about_of
from pressqueue.models import ChainHead, Entry, EntryLink, Item

Named = tuple[str, str]  # kind and row, as a link holds them
# By which words an Entry names a row, one or several, and of what kind it is.
KINDS = {
    "item": "item", "items": "item", "post": "post", "posts": "post", "subject": "subject", "subjects": "subject",
    "sha256": "original", "original": "original",
}  # fmt: skip
_DIFFERS = "The index of entry {} does not say what the entry names: somebody changed it."
_NOTHING = "There is an index of entry {}, which does not exist."


def named(about: Mapping[str, object], words: Iterable[str] = tuple(KINDS)) -> set[Named]:
    """Returns the rows that an Entry names by these words. `about`: its content, as it is logged."""
    found = set()
    for word in words:
        value = about.get(word)
        rows = value if isinstance(value, list) else [value]
        found |= {(KINDS[word], str(row)) for row in rows if row is not None and row != ""}
    return found


def links_of(entry: Entry) -> list[EntryLink]:
    """Returns the links of one Entry, not saved."""
    return [EntryLink(entry=entry.number, kind=kind, row=row) for kind, row in sorted(named(about_of(entry.about)))]


def entries(rows: Iterable[Named], words: Iterable[str], *, last: int | None = None) -> list[Entry]:
    """Returns the Entries that name at least one of these rows by one of these words, the oldest first.

    `last`: none with a higher number.
    """
    wanted, words = set(rows), tuple(words)
    where = Q(pk__in=[])
    for kind, row in wanted:
        where |= Q(kind=kind, row=row)
    found = Entry.objects.filter(number__in=EntryLink.objects.filter(where).values("entry")).order_by("number")
    if last is not None:
        found = found.filter(number__lte=last)
    return [entry for entry in found if wanted & named(about_of(entry.about), words)]


def of_item(item: Item, *, people: bool = False) -> set[Named]:
    """Returns the rows by which Entries name an Item: itself, its Posts, its original; with `people` whom it shows."""
    rows = {("item", str(item.pk)), ("original", str(item.original_id))}
    rows |= {("post", str(pk)) for pk in item.posts.values_list("pk", flat=True)}
    if people:
        rows |= {("subject", str(pk)) for pk in item.subjects.values_list("pk", flat=True)}
    return rows


def stray() -> int | None:
    """Returns the number of an Entry that was never written and has links all the same; None where there is none."""
    outside = EntryLink.objects.filter(Q(entry__lt=1) | Q(entry__gt=ChainHead.objects.values("number")[:1]))
    return outside.order_by("entry").values_list("entry", flat=True).first()


def compared(read: Iterable[Entry], first: int, last: int) -> Iterator[Entry]:
    """Yields the Entries numbered `first` to `last`, in order, and compares the links of each once it was checked.

    Whoever reads them says first what is wrong with an Entry itself, or which is missing. Raises Tampered where an
    Entry and its links differ, or where there are links of one that is not there.
    """
    links = EntryLink.objects.filter(entry__range=(first, last)).order_by("entry").iterator(chunk_size=2000)
    link = next(links, None)
    for entry in read:
        told, other = set(), 0
        while link is not None and link.entry <= entry.number:
            if link.entry == entry.number:
                told.add((link.kind, link.row))
            else:
                other = link.entry
            link = next(links, None)
        yield entry
        if other:
            raise Tampered(_NOTHING.format(other))
        if told != named(about_of(entry.about)):
            raise Tampered(_DIFFERS.format(entry.number))
    if link is not None:
        raise Tampered(_NOTHING.format(link.entry))
