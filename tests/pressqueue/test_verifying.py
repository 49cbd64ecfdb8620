"""The officer in the case: whose word is asked, on what, and by which door."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pressqueue import gates
from pressqueue.actors import Actor
from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.models import Approval, Item, Officer, Original, Verification
from pressqueue.moves import items, officers, subjects, takedown
from pressqueue.moves import verification as verification_moves

from support import factories
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")
AWAY = {"investigator": None, "investigator_name": "DS Mara Voss", "investigator_rank": "sergeant"}


def digest(item: Item) -> str:
    item.refresh_from_db()
    assert item.package is not None
    return item.package.digest


def approve(item: Item, who: Actor | None = None) -> Approval:
    return factories.decide(who or factories.approver(), item, digest(item), now=NOW)


def without_an_account(**changes: object) -> Item:
    record = factories.appeal_record(review_at=NOW + timedelta(days=21), **AWAY, **changes)
    return factories.in_review(factories.appeal(record=record))


def form(name: bytes = b"%PDF-1.7 signed") -> Original:
    return factories.original(name, kind="form")


def test_nobody_approves_an_appeal_that_its_officer_has_not_verified() -> None:
    item = factories.in_review(factories.appeal())
    with pytest.raises(GatesClosed, match=r"\[R2\] Inga, the officer in the case, has not verified"):
        approve(item)
    factories.verify(factories.investigator(), item, digest(item), now=NOW)
    approve(item)
    item.refresh_from_db()
    assert item.state == "approved"


def test_a_feature_has_no_officer_in_the_case() -> None:
    item = factories.in_review(factories.feature())
    approve(item)
    item.refresh_from_db()
    assert item.state == "approved"


def test_what_was_verified_is_the_very_package_and_no_other() -> None:
    item = factories.in_review(factories.appeal())
    shown = digest(item)
    factories.verify(factories.investigator(), item, shown, now=NOW)
    items.edit(factories.author(), item, caption=f"{factories.CAPTION} Thank you.", now=NOW)
    factories.in_review_again(item)
    with pytest.raises(Forbidden, match="changed while you looked"):
        factories.verify(factories.investigator(), item, shown, now=NOW)
    with pytest.raises(GatesClosed, match="has not verified"):
        approve(item)


@pytest.mark.parametrize("roles", [("investigator",), ("author",), ("approver",), ("administrator",)])
def test_only_the_officer_the_record_names_verifies_it(roles: tuple[str, ...]) -> None:
    item = factories.in_review(factories.appeal())
    other = Actor(factories.officer("other", *roles).pk, "desk")
    with pytest.raises(Forbidden, match="is not your case"):
        factories.verify(other, item, digest(item), now=NOW)


def test_it_is_verified_at_the_desk_with_the_picture_in_view() -> None:
    item = factories.in_review(factories.appeal())
    with pytest.raises(Forbidden, match="at the desk"):
        factories.verify(Actor(factories.investigator().officer_id, "cli"), item, digest(item), now=NOW)


def test_who_wrote_it_does_not_verify_it_and_who_verified_it_does_not_approve_it() -> None:
    writer = factories.officer("both", "author", "investigator")
    item = factories.appeal(record=factories.appeal_record(investigator=writer))
    items.edit(Actor(writer.pk, "cli"), item, tags=["appeal"], now=NOW)
    factories.in_review(item)
    with pytest.raises(Forbidden, match="what you wrote is not verified by you"):
        factories.verify(Actor(writer.pk, "desk"), item, digest(item), now=NOW)

    decider = factories.officer("decider", "approver", "investigator")
    other = factories.in_review(factories.appeal(record=factories.appeal_record(investigator=decider)))
    factories.verify(Actor(decider.pk, "desk"), other, digest(other), now=NOW)
    with pytest.raises(GatesClosed, match="You verified it as the officer in the case"):
        approve(other, Actor(decider.pk, "desk"))


def test_an_officer_who_has_left_vouches_for_nothing_any_more() -> None:
    item = factories.verified(factories.in_review(factories.appeal()))
    chief = Actor(factories.officer("chief", "administrator").pk, "cli")
    officers.disable_officer(chief, factories.officer("inga"), now=NOW)
    with pytest.raises(GatesClosed, match="has not verified"):
        approve(item)


def attached(item: Item, signed: Original | None = None) -> Verification:
    return verification_moves.attach_form(
        factories.author(), item, digest(item), signed or form(), signed_at=NOW, now=NOW
    )


def second() -> Actor:
    return Actor(factories.officer("cleo", "approver").pk, "desk")


def test_a_signed_form_counts_once_an_approver_has_read_it_and_another_has_approved() -> None:
    item = without_an_account()
    verification = attached(item)
    with pytest.raises(GatesClosed, match="attach their signed form"):
        approve(item)
    done = factories.confirm(factories.approver(), verification, name="Mara Voss", rank="inspector")
    assert (done.read_name, done.read_rank) == ("Mara Voss", "inspector")
    approve(item)  # their own approval is kept, and not enough
    item.refresh_from_db()
    assert item.state == "in_review"
    assert [number for number, words in gates.wanting(case_of(item)) if "confirmed the signed form" in words] == ["R2"]
    approve(item, second())
    item.refresh_from_db()
    assert item.state == "approved"


def case_of(item: Item) -> gates.Case:
    return gates.Case(gates.Step.APPROVE, item, NOW, package=item.package)


def test_its_author_does_not_confirm_the_form_nor_does_whoever_attached_it() -> None:
    item = without_an_account()
    carrier = factories.officer("carrier", "author", "approver")
    verification = verification_moves.attach_form(
        Actor(carrier.pk, "cli"), item, digest(item), form(), signed_at=NOW, now=NOW
    )
    with pytest.raises(Forbidden, match="somebody else must confirm it"):
        factories.confirm(Actor(carrier.pk, "desk"), verification)
    with pytest.raises(Forbidden, match="lacks the approver role"):
        factories.confirm(Actor(factories.author().officer_id, "desk"), verification)


def test_a_rank_that_an_author_typed_is_no_authority() -> None:
    """A blank form, a "chief superintendent" in the record, an approver without a rank: nobody's word but theirs."""
    record = factories.appeal_record(
        review_at=NOW + timedelta(days=21), **AWAY | {"investigator_rank": "chief superintendent"}
    )
    item = factories.in_review(factories.appeal(record=record))
    plain = factories.officer("plain", "approver", rank="constable")
    factories.confirm(Actor(plain.pk, "desk"), attached(item), rank="constable")
    lower = Actor(factories.officer("lower", "approver", rank="constable").pk, "desk")
    approve(item, lower)
    item.refresh_from_db()
    assert item.state == "in_review"
    assert any("takes the word of an inspector" in words for _, words in gates.wanting(case_of(item)))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"name": " "}, "name and the rank"),
        ({"rank": ""}, "name and the rank"),
        ({"rank": "emperor"}, "is no rank this office knows"),
        ({"sha256": "0" * 64}, "not the form you were shown"),
        ({"session": "0" * 64}, "the signed form"),
    ],
)
def test_a_form_is_confirmed_as_it_was_shown_and_read(said: dict[str, str], words: str) -> None:
    verification = attached(without_an_account())
    with pytest.raises((Forbidden, GatesClosed), match=words):
        factories.confirm(factories.approver(), verification, **said)
    verification.refresh_from_db()
    assert verification.confirmed_at is None


def test_a_form_that_was_not_opened_is_not_confirmed() -> None:
    verification = attached(without_an_account())
    session = factories.viewed(verification.item).session  # all but the form
    read = verification_moves.Read(str(verification.form_id), "Mara Voss", "sergeant", session)
    with pytest.raises(GatesClosed, match=r"\[R6\] Not shown to you in full yet: the signed form\."):
        verification_moves.confirm_form(factories.approver(), verification, verification.digest, read, now=NOW)


def test_an_approver_who_may_not_approve_today_confirms_no_form() -> None:
    verification = attached(without_an_account())
    Officer.objects.filter(pk=factories.approver().officer_id).update(barred_until=NOW + timedelta(hours=1))
    with pytest.raises(Forbidden, match="may approve again"):
        factories.confirm(factories.approver(), verification)


def test_a_form_confirmed_by_the_earlier_rule_counts_only_where_it_was_approved_with() -> None:
    item = without_an_account()
    verification = attached(item)
    earlier = Verification.objects.filter(pk=verification.pk)
    earlier.update(confirmed_by=factories.approver().officer_id, confirmed_at=NOW)
    with pytest.raises(GatesClosed, match="attach their signed form"):
        approve(item, second())
    earlier.update(earlier_rule=True)
    approve(item, second())
    item.refresh_from_db()
    assert item.state == "approved"


def test_a_form_is_refused_where_the_officer_has_an_account_or_is_not_named() -> None:
    item = factories.in_review(factories.appeal())
    with pytest.raises(Forbidden, match="has an account"):
        verification_moves.attach_form(factories.author(), item, digest(item), form(), signed_at=NOW, now=NOW)
    nameless = factories.in_review(factories.appeal(record=factories.appeal_record(investigator=None)))
    with pytest.raises(Forbidden, match="Name the officer in the case"):
        verification_moves.attach_form(factories.author(), nameless, digest(nameless), form(), signed_at=NOW, now=NOW)
    later = NOW + timedelta(hours=1)
    with pytest.raises(Forbidden, match="in the future"):
        verification_moves.attach_form(factories.author(), item, digest(item), form(), signed_at=later, now=NOW)
    assert not Verification.objects.exists()


def test_a_signed_form_is_never_published() -> None:
    with pytest.raises(Forbidden, match="never published"):
        factories.appeal(original=form())


def test_an_investigator_takes_down_own_cases_and_no_others() -> None:
    mine = factories.appeal()
    other = factories.officer("other", "investigator")
    theirs = factories.appeal(record=factories.appeal_record(investigator=other))
    inga = factories.investigator()
    takedown.withdraw(inga, mine, "wrong_image", now=NOW)
    mine.refresh_from_db()
    assert mine.state == "withdrawn"
    person = theirs.subjects.get()
    for attempt in (
        lambda: takedown.withdraw(inga, theirs, "withdrawn", now=NOW),
        lambda: subjects.outcome(inga, person, "eliminated", now=NOW),
        lambda: subjects.record_check(inga, person, "arrested", name="PNC", now=NOW),
        lambda: takedown.withdraw_operation(inga, theirs.campaign, now=NOW),
    ):
        with pytest.raises(Forbidden, match="ask the press office"):
            attempt()
    assert [each.pk for each in subjects.outcome(Actor(other.pk, "desk"), person, "eliminated", now=NOW)] == [theirs.pk]
