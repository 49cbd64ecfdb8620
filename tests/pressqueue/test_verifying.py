"""The officer in the case: whose word is asked, on what, and by which door."""

from __future__ import annotations

from datetime import timedelta

import pytest
import world
from world import NOW

from pressqueue import moves
from pressqueue.actors import Actor
from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.models import Approval, Item, Original, Verification

pytestmark = pytest.mark.usefixtures("office")
AWAY = {"investigator": None, "investigator_name": "DS Mara Voss", "investigator_rank": "sergeant"}


def digest(item: Item) -> str:
    item.refresh_from_db()
    assert item.package is not None
    return item.package.digest


def approve(item: Item, who: Actor | None = None) -> Approval:
    return world.decide(who or world.approver(), item, digest(item), now=NOW)


def without_an_account(**changes: object) -> Item:
    record = world.appeal_record(review_at=NOW + timedelta(days=21), **AWAY, **changes)
    return world.in_review(world.appeal(record=record))


def form(name: bytes = b"%PDF-1.7 signed") -> Original:
    return world.original(name, kind="form")


def test_nobody_approves_an_appeal_that_its_officer_has_not_verified() -> None:
    item = world.in_review(world.appeal())
    with pytest.raises(GatesClosed, match=r"\[R2\] Inga, the officer in the case, has not verified"):
        approve(item)
    world.verify(world.investigator(), item, digest(item), now=NOW)
    approve(item)
    item.refresh_from_db()
    assert item.state == "approved"


def test_a_feature_has_no_officer_in_the_case() -> None:
    item = world.in_review(world.feature())
    approve(item)
    item.refresh_from_db()
    assert item.state == "approved"


def test_what_was_verified_is_the_very_package_and_no_other() -> None:
    item = world.in_review(world.appeal())
    shown = digest(item)
    world.verify(world.investigator(), item, shown, now=NOW)
    moves.edit(world.author(), item, caption=f"{world.CAPTION} Thank you.", now=NOW)
    world.in_review_again(item)
    with pytest.raises(Forbidden, match="changed while you looked"):
        world.verify(world.investigator(), item, shown, now=NOW)
    with pytest.raises(GatesClosed, match="has not verified"):
        approve(item)


@pytest.mark.parametrize("roles", [("investigator",), ("author",), ("approver",), ("administrator",)])
def test_only_the_officer_the_record_names_verifies_it(roles: tuple[str, ...]) -> None:
    item = world.in_review(world.appeal())
    other = Actor(world.officer("other", *roles).pk, "desk")
    with pytest.raises(Forbidden, match="is not your case"):
        world.verify(other, item, digest(item), now=NOW)


def test_it_is_verified_at_the_desk_with_the_picture_in_view() -> None:
    item = world.in_review(world.appeal())
    with pytest.raises(Forbidden, match="at the desk"):
        world.verify(Actor(world.investigator().officer_id, "cli"), item, digest(item), now=NOW)


def test_who_wrote_it_does_not_verify_it_and_who_verified_it_does_not_approve_it() -> None:
    writer = world.officer("both", "author", "investigator")
    item = world.appeal(record=world.appeal_record(investigator=writer))
    moves.edit(Actor(writer.pk, "cli"), item, tags=["appeal"], now=NOW)
    world.in_review(item)
    with pytest.raises(Forbidden, match="what you wrote is not verified by you"):
        world.verify(Actor(writer.pk, "desk"), item, digest(item), now=NOW)

    decider = world.officer("decider", "approver", "investigator")
    other = world.in_review(world.appeal(record=world.appeal_record(investigator=decider)))
    world.verify(Actor(decider.pk, "desk"), other, digest(other), now=NOW)
    with pytest.raises(GatesClosed, match="You verified it as the officer in the case"):
        approve(other, Actor(decider.pk, "desk"))


def test_an_officer_who_has_left_vouches_for_nothing_any_more() -> None:
    item = world.verified(world.in_review(world.appeal()))
    chief = Actor(world.officer("chief", "administrator").pk, "cli")
    moves.disable_officer(chief, world.officer("inga"), now=NOW)
    with pytest.raises(GatesClosed, match="has not verified"):
        approve(item)


def test_a_signed_form_counts_once_an_approver_has_confirmed_it() -> None:
    item = without_an_account()
    verification = moves.attach_form(world.author(), item, digest(item), form(), signed_at=NOW, now=NOW)
    assert (verification.name, verification.rank) == ("DS Mara Voss", "sergeant")
    with pytest.raises(GatesClosed, match="attach their signed form"):
        approve(item)
    moves.confirm_form(world.approver(), verification, now=NOW)
    approve(item)
    item.refresh_from_db()
    assert item.state == "approved"


def test_its_author_does_not_confirm_the_form_nor_does_whoever_attached_it() -> None:
    item = without_an_account()
    carrier = world.officer("carrier", "author", "approver")
    verification = moves.attach_form(Actor(carrier.pk, "cli"), item, digest(item), form(), signed_at=NOW, now=NOW)
    with pytest.raises(Forbidden, match="somebody else must confirm it"):
        moves.confirm_form(Actor(carrier.pk, "desk"), verification, now=NOW)
    with pytest.raises(Forbidden, match="lacks the approver role"):
        moves.confirm_form(Actor(world.author().officer_id, "desk"), verification, now=NOW)


def test_a_form_is_refused_where_the_officer_has_an_account_or_is_not_named() -> None:
    item = world.in_review(world.appeal())
    with pytest.raises(Forbidden, match="has an account"):
        moves.attach_form(world.author(), item, digest(item), form(), signed_at=NOW, now=NOW)
    nameless = world.in_review(world.appeal(record=world.appeal_record(investigator=None)))
    with pytest.raises(Forbidden, match="Name the officer in the case"):
        moves.attach_form(world.author(), nameless, digest(nameless), form(), signed_at=NOW, now=NOW)
    later = NOW + timedelta(hours=1)
    with pytest.raises(Forbidden, match="in the future"):
        moves.attach_form(world.author(), item, digest(item), form(), signed_at=later, now=NOW)
    assert not Verification.objects.exists()


def test_a_signed_form_is_never_published() -> None:
    with pytest.raises(Forbidden, match="never published"):
        world.appeal(original=form())


def test_an_investigator_takes_down_own_cases_and_no_others() -> None:
    mine = world.appeal()
    other = world.officer("other", "investigator")
    theirs = world.appeal(record=world.appeal_record(investigator=other))
    inga = world.investigator()
    moves.withdraw(inga, mine, "wrong_image", now=NOW)
    mine.refresh_from_db()
    assert mine.state == "withdrawn"
    person = theirs.subjects.get()
    for attempt in (
        lambda: moves.withdraw(inga, theirs, "withdrawn", now=NOW),
        lambda: moves.outcome(inga, person, "eliminated", now=NOW),
        lambda: moves.record_check(inga, person, "arrested", name="PNC", now=NOW),
        lambda: moves.withdraw_operation(inga, theirs.campaign, now=NOW),
    ):
        with pytest.raises(Forbidden, match="ask the press office"):
            attempt()
    assert [each.pk for each in moves.outcome(Actor(other.pk, "desk"), person, "eliminated", now=NOW)] == [theirs.pk]
