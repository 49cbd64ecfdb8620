"""R24: whose look at proceedings counts: never that of somebody who had a hand in what shows the person."""

from __future__ import annotations

from pressqueue.models import BreakGlass, Edit, Item, Subject

RECORD_CHECK = "Record the check"  # the button on a person's page
_COUNTS_FROM = (
    f"“{RECORD_CHECK}” counts from the officer in the case, or from an officer who had no part in what shows the person"
)


def who_counts(*, named: bool) -> str:
    """Returns, in a sentence, whose check counts. `named`: for a wanted person, whom the recorder looks up themself."""
    return f"{_COUNTS_FROM}." if named else f"{_COUNTS_FROM} and who names the person they asked."


def counts(person: Subject, kind: str, officer_in_case: int | None) -> bool:
    """Whether the recorded check confirms anything for an Item of this kind, with this officer in the case.

    Evaluated with every rule: the recorder may have written the Item since, or have left.
    """
    by = person.proceedings_by
    if by is None:  # recorded before this was asked: it counts until it is too old
        return True
    if not by.is_active:
        return False
    if by.investigator and by.pk == officer_in_case:
        return True
    return (kind == Item.Kind.WANTED or person.proceedings_asked) and by.pk not in hands_on(person)


def counts_somewhere(person: Subject) -> bool:
    """Whether the recorded check counts for any Item that shows the person.

    True where no Item shows them yet: it is evaluated again once one does.
    """
    shown = list(Item.objects.filter(subjects=person).values_list("kind", "appeal_record__investigator_id"))
    return not shown or any(counts(person, kind, officer) for kind, officer in shown)


def hands_on(person: Subject) -> set[int]:
    """Returns everyone who wrote, edited or handed in an Item that shows this person, or declared its emergency."""
    wrote = Item.objects.filter(subjects=person).values_list("author_id", "original__received_by_id")
    changed = Edit.objects.filter(item__subjects=person).values_list("officer_id", flat=True)
    declared = BreakGlass.objects.filter(item__subjects=person).values_list("declared_by_id", flat=True)
    return {pk for pair in wrote for pk in pair} | {*changed, *declared}
