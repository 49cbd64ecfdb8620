"""R6: what counts as shown, to whom, and what a decision without it is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection

from pressqueue import gates
from pressqueue.actors import Actor
from pressqueue.errors import GatesClosed
from pressqueue.gates.shown import BytesShown, to_be_shown
from pressqueue.models import Approval, Entry, Item, Rendition, Viewing
from pressqueue.moves import items
from pressqueue.moves import viewing as viewing_moves
from pressqueue.moves.viewing import merged

from support import factories
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")
OURS = "ab" * 32


def film() -> Item:
    """In review, with its still picture."""
    item = factories.feature(original=factories.original(kind="footage"))
    items.submit(factories.author(), item, now=NOW)
    item.refresh_from_db()
    poster = Rendition.objects.create(
        item=item, role="thumbnail", sha256="cd" * 32, size=5, media_type="image/jpeg", width=4, height=3,
        recipe="{}", made_at=NOW,
    )  # fmt: skip
    items.rendered(item, factories.rendition(item), poster, now=NOW)
    item.refresh_from_db()
    return item


def decide(item: Item, deciding: gates.Deciding | None, who: Actor | None = None) -> Approval:
    assert item.package is not None
    return items.approve(who or factories.approver(), item, item.package.digest, deciding=deciding, now=NOW)


def refused(item: Item, deciding: gates.Deciding | None, who: Actor | None = None) -> str:
    """The sentence of R6, which alone refuses."""
    with pytest.raises(GatesClosed) as closed:
        decide(item, deciding, who)
    assert [number for number, _ in closed.value.failures] == ["R6"]
    return str(closed.value.failures[0][1])


# Parts as they came, and what they make together. Half open: [0, 10) and [10, 20) touch.
PARTS = [
    ([], []),
    ([(0, 10)], [[0, 10]]),
    ([(0, 10), (10, 20)], [[0, 20]]),
    ([(10, 20), (0, 10)], [[0, 20]]),  # the index of a film lies at its end and is read first
    ([(0, 10), (11, 20)], [[0, 10], [11, 20]]),  # byte 10 is missing
    ([(0, 15), (5, 20)], [[0, 20]]),
    ([(0, 20), (5, 10)], [[0, 20]]),
    ([(4, 4)], []),
]


@pytest.mark.parametrize(("came", "made"), PARTS)
def test_parts_are_made_one_where_they_touch(came: list[tuple[int, int]], made: list[list[int]]) -> None:
    assert merged(came) == made


def test_what_was_shown_in_full_may_be_approved() -> None:
    item = factories.in_review(factories.feature())
    assert decide(item, factories.viewed(item)).digest == item.package.digest


def test_a_decision_without_a_session_is_refused_and_told_everything_that_is_missing() -> None:
    item = film()
    told = refused(item, None)
    assert "the file as it was received, the file for Flickr, the still picture for Flickr" in told
    assert "let it load or download to its end" in told
    assert refused(item, gates.Deciding(session=OURS)) == told
    assert not Approval.objects.exists()


def test_the_exhibit_the_film_and_its_still_picture_are_each_asked_for() -> None:
    item = film()
    deciding = factories.viewed(item)
    names = to_be_shown(gates.Case(gates.Step.APPROVE, item, NOW, package=item.package))
    assert len(names) == 3
    for sha256, words in names.items():
        viewing = Viewing.objects.get(sha256=sha256)
        Viewing.objects.filter(pk=viewing.pk).update(whole_at=None)
        assert words in refused(item, deciding)
        Viewing.objects.filter(pk=viewing.pk).update(whole_at=NOW)
    decide(item, deciding)


def test_parts_count_only_when_together_they_are_the_whole() -> None:
    item = factories.in_review(factories.feature())
    deciding, file = factories.viewed(item), item.renditions.get()
    Viewing.objects.filter(sha256=file.sha256).delete()

    def part(first: int, to: int) -> Viewing:
        return viewing_moves.handed_over(
            factories.approver(),
            deciding.session,
            item,
            file.sha256,
            (first, to),
            size=file.size,
            began_at=NOW,
            now=NOW,
        )

    assert part(file.size - 4, file.size).whole_at is None
    assert part(0, file.size - 5).whole_at is None
    assert "the file for Flickr" in refused(item, deciding)
    assert part(file.size - 5, file.size - 4).whole_at == NOW
    assert Viewing.objects.get(sha256=file.sha256).parts == [[0, file.size]]
    decide(item, deciding)


def test_what_was_whole_once_stays_so_from_then() -> None:
    item = factories.in_review(factories.feature())
    deciding, later = factories.viewed(item), NOW + timedelta(minutes=5)
    file = item.renditions.get()
    again = viewing_moves.handed_over(
        factories.approver(), deciding.session, item, file.sha256, (0, 3), size=file.size, began_at=later, now=later
    )
    assert (again.whole_at, again.began_at) == (NOW, NOW)


def test_another_officers_looking_does_not_count() -> None:
    item = factories.in_review(factories.feature())
    other = Actor(factories.officer("cato", "approver").pk, "desk")
    theirs = factories.viewed(item, other)
    refused(item, theirs)
    refused(item, gates.Deciding(session=factories.session_key(factories.approver())))
    decide(item, theirs, other)


def test_another_session_of_the_same_officer_does_not_count() -> None:
    item = factories.in_review(factories.feature())
    factories.viewed(item, session=OURS)
    refused(item, gates.Deciding(session="cd" * 32))
    decide(item, gates.Deciding(session=OURS))


def test_the_same_bytes_under_another_item_do_not_count() -> None:
    first, second = (factories.feature() for _ in range(2))
    shown, unseen = factories.in_review(first, b"the same"), factories.in_review(second, b"the same")
    deciding = factories.viewed(shown)
    assert "the file for Flickr" in refused(unseen, deciding)


def test_a_picture_made_anew_must_be_looked_at_anew() -> None:
    item = factories.in_review(factories.feature())
    deciding = factories.viewed(item)
    items.edit(factories.author(), item, mark_corner="top-right", now=NOW)
    again = factories.in_review_again(item, b"with the mark in another corner")
    assert refused(again, deciding).startswith("Not shown to you in full yet: the file for Flickr.")
    decide(again, factories.viewed(again))


def test_the_seconds_are_counted_here_and_never_taken_from_what_is_claimed() -> None:
    item = factories.in_review(factories.feature())
    deciding = factories.viewed(item, now=NOW - timedelta(seconds=42))
    claimed = gates.Deciding(session=deciding.session, seconds=9000.0)
    approval = decide(item, claimed)
    assert approval.seconds == 42.0
    line = Entry.objects.get(act="approved").about
    assert '"milliseconds":42000' in line
    assert all(sha256 in line for sha256 in (item.original_id, item.renditions.get().sha256))


@pytest.fixture
def gate_off(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The product without this rule."""
    monkeypatch.setattr(gates, "ALL", tuple(gate for gate in gates.ALL if not isinstance(gate, BytesShown)))
    yield


@pytest.mark.usefixtures("gate_off")
def test_control_without_the_rule_nobody_has_to_look() -> None:
    item = factories.in_review(factories.feature())
    assert decide(item, None).seconds is None


def test_the_database_holds_one_row_for_each_person_session_item_and_file() -> None:
    item = factories.in_review(factories.feature())
    for _ in range(2):
        factories.viewed(item)
    assert Viewing.objects.count() == 2  # exhibit and file
    assert connection.introspection.get_constraints(connection.cursor(), "pressqueue_viewing").keys() >= {
        "a_viewing_once_a_session"
    }
