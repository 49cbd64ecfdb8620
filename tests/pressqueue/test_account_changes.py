"""Whoever keeps the accounts decides nothing alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from pressqueue.actors import Actor
from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.models import AccountChange, Approval, Notice, Office, Officer
from pressqueue.moves import account_changes, credentials, officers

from support import factories
from support.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def real() -> Office:
    return factories.office(exercise=False)


def administrator(username: str = "chief") -> Actor:
    return Actor(factories.officer(username, "administrator").pk, "cli")


def open_change() -> AccountChange:
    return AccountChange.objects.get(decided_at__isnull=True)


def fresh(username: str) -> Officer:
    return Officer.objects.get(username=username)


def test_one_administrator_alone_makes_no_approver(real: Office) -> None:
    made = account_changes.add_officer(administrator(), username="friend", roles=["author", "approver"], now=NOW)
    assert account_changes.roles_of(made) == ["author"]
    with pytest.raises(Forbidden, match="Somebody else must confirm"):
        account_changes.confirm_change(administrator(), open_change(), now=NOW)
    account_changes.confirm_change(administrator("deputy"), open_change(), now=NOW)
    assert account_changes.roles_of(fresh("friend")) == ["author", "approver"]


def test_a_new_approver_s_old_password_and_tokens_end_and_only_the_second_sees_the_code(real: Office) -> None:
    made = account_changes.add_officer(administrator(), username="friend", roles=["author"], now=NOW)
    code = account_changes.issue_code(administrator(), made, now=NOW)
    assert isinstance(code, str)
    credentials.redeem_code("friend", code, "a long password of the chief's own", door="desk", now=NOW)
    friend = fresh("friend")
    officers.issue_token(Actor(friend.pk, "desk"), label="x", scope="author", life=timedelta(days=1), now=NOW)
    change = account_changes.change_roles(administrator(), friend, ["author", "approver"], now=NOW)
    assert change is not None and account_changes.roles_of(fresh("friend")) == ["author"]
    second = account_changes.confirm_change(administrator("deputy"), change, now=NOW)
    friend = fresh("friend")
    assert second and not friend.has_usable_password()
    assert not friend.tokens.filter(revoked_at__isnull=True).exists()


def test_a_touched_account_approves_nothing_for_a_day(real: Office) -> None:
    item = factories.verified(factories.in_review(factories.appeal()))
    assert item.package is not None
    change = account_changes.issue_code(administrator(), fresh_bran(), now=NOW)
    assert isinstance(change, AccountChange)
    account_changes.confirm_change(administrator("deputy"), change, now=NOW)
    with pytest.raises(GatesClosed, match="may approve again from 09:00 on 3 March 2026"):
        factories.decide(factories.approver(), item, item.package.digest, now=NOW + timedelta(hours=2))


def fresh_bran() -> Officer:
    factories.approver()
    return fresh("bran")


def test_the_bar_ends_after_a_day(real: Office) -> None:
    bran, later = fresh_bran(), NOW + timedelta(hours=24)
    change = account_changes.change_rank(administrator(), bran, "superintendent", now=NOW)
    assert change is not None
    account_changes.confirm_change(administrator("deputy"), change, now=NOW)
    item = factories.in_review(factories.feature(), now=NOW)
    assert item.package is not None
    with pytest.raises(GatesClosed):
        factories.decide(factories.approver(), item, item.package.digest, now=later - timedelta(seconds=1))
    factories.decide(factories.approver(), item, item.package.digest, now=later)
    assert Approval.objects.get().rank == "superintendent"


def test_a_leaver_whose_account_is_enabled_again_approves_nothing_for_a_day(real: Office) -> None:
    item = factories.in_review(factories.feature())
    assert item.package is not None
    officers.disable_officer(administrator(), fresh_bran(), now=NOW)
    enabling = account_changes.enable_officer(administrator(), fresh("bran"), now=NOW)
    assert enabling is not None and not fresh("bran").is_active
    account_changes.confirm_change(administrator("deputy"), enabling, now=NOW)
    with pytest.raises(GatesClosed, match="An administrator changed your account"):
        factories.decide(factories.approver(), item, item.package.digest, now=NOW + timedelta(hours=23))
    told = Notice.objects.get(cleared_at__isnull=True, cause__contains=":enabled:")
    assert "bran was enabled again" in told.words
    assert fresh("bran").pk in told.people
    assert factories.decide(factories.approver(), item, item.package.digest, now=NOW + timedelta(hours=24))


def test_in_an_exercise_office_one_is_enough_and_nobody_is_barred(office: Office) -> None:
    code = account_changes.issue_code(administrator(), fresh_bran(), now=NOW)
    assert isinstance(code, str)
    assert account_changes.change_rank(administrator(), fresh("bran"), "sergeant", now=NOW) is None
    assert account_changes.change_roles(administrator(), fresh("bran"), ["author", "approver"], now=NOW) is None
    assert fresh("bran").barred_until is None


def test_everybody_concerned_is_told_of_the_asking_and_of_the_doing(real: Office) -> None:
    bran = fresh_bran()
    change = account_changes.issue_code(administrator(), bran, now=NOW)
    assert isinstance(change, AccountChange)
    asked = Notice.objects.get(cleared_at__isnull=True)
    assert asked.people == sorted([bran.pk, fresh("chief").pk])
    account_changes.confirm_change(administrator("deputy"), change, now=NOW)
    done = Notice.objects.get(cleared_at__isnull=True)
    assert "was changed: asked by Chief, confirmed by Deputy" in done.words and bran.pk in done.people


def test_the_person_concerned_does_not_confirm_it_and_an_author_cannot(real: Office) -> None:
    change = account_changes.issue_code(administrator(), factories.officer("deputy", "administrator"), now=NOW)
    assert isinstance(change, AccountChange)
    for who in (administrator("deputy"), factories.author()):
        with pytest.raises(Forbidden):
            account_changes.confirm_change(who, change, now=NOW)
    account_changes.confirm_change(administrator("third"), change, now=NOW)


def test_where_two_administrators_are_all_there_are_an_approver_stands_in_for_a_locked_out_one(real: Office) -> None:
    administrator()
    change = account_changes.issue_code(administrator(), factories.officer("deputy", "administrator"), now=NOW)
    assert isinstance(change, AccountChange)
    assert account_changes.confirm_change(factories.approver(), change, now=NOW)
    ranked = account_changes.change_rank(administrator(), fresh("bran"), "superintendent", now=NOW)
    assert ranked is not None
    with pytest.raises(Forbidden):
        account_changes.confirm_change(factories.approver(), ranked, now=NOW)


def _rank(who: Actor) -> object:
    return account_changes.change_rank(who, fresh("friend"), "superintendent", now=NOW)


def _disabled(who: Actor) -> object:
    return officers.disable_officer(who, fresh("friend"), now=NOW)


@pytest.mark.parametrize("meanwhile", [_rank, _disabled], ids=["its rank", "its being disabled"])
def test_what_is_confirmed_is_the_whole_account_as_it_was_asked(
    real: Office, meanwhile: Callable[[Actor], object]
) -> None:
    """An author whom one administrator gave a rank is no approver of that rank because another agreed to the role."""
    account_changes.add_officer(administrator(), username="friend", roles=["author"], now=NOW)
    change = account_changes.change_roles(administrator(), fresh("friend"), ["author", "approver"], now=NOW)
    assert change is not None
    assert (change.before["rank"], change.after) == ("", {"roles": ["approver", "author"], "rank": "", "active": True})
    meanwhile(administrator())
    with pytest.raises(Forbidden, match="has changed since this was requested"):
        account_changes.confirm_change(administrator("deputy"), change, now=NOW)
    change.refresh_from_db()
    assert change.decided_at is not None and not change.confirmed
    assert not fresh("friend").may_approve


def test_a_rank_that_was_there_is_part_of_what_is_confirmed(real: Office) -> None:
    account_changes.add_officer(administrator(), username="friend", roles=["author"], now=NOW)
    account_changes.change_rank(administrator(), fresh("friend"), "superintendent", now=NOW)
    change = account_changes.change_roles(administrator(), fresh("friend"), ["approver"], now=NOW)
    assert change is not None
    assert change.after == {"roles": ["approver"], "rank": "superintendent", "active": True}


def test_the_person_is_told_that_their_password_ends_and_that_they_approve_nothing_for_a_day(real: Office) -> None:
    account_changes.add_officer(administrator(), username="friend", roles=["author", "approver"], now=NOW)
    asked = Notice.objects.get(cleared_at__isnull=True)
    account_changes.confirm_change(administrator("deputy"), open_change(), now=NOW)
    done = Notice.objects.get(cleared_at__isnull=True)
    for told in (asked, done):
        assert fresh("friend").pk in told.people
        assert "The password they have ends at once" in told.words
        assert "For 24 hours from the confirmation the account approves nothing." in told.words


def test_a_change_is_decided_once_and_may_be_dropped(real: Office) -> None:
    change = account_changes.change_rank(administrator(), fresh_bran(), "superintendent", now=NOW)
    assert change is not None
    with pytest.raises(Forbidden, match="waits already"):
        account_changes.change_rank(administrator("deputy"), fresh("bran"), "chief constable", now=NOW)
    account_changes.drop_change(administrator(), change, now=NOW)
    with pytest.raises(Forbidden, match="decided already"):
        account_changes.confirm_change(administrator("deputy"), change, now=NOW)
    assert fresh("bran").rank == "inspector"


def test_whoever_stops_approving_loses_what_is_not_revealed_yet(real: Office) -> None:
    item = factories.approved(factories.appeal())
    assert account_changes.change_roles(administrator(), fresh("bran"), ["author"], now=NOW) is None
    item.refresh_from_db()
    assert item.state == "submitted"


def test_what_an_approver_approved_counts_until_another_administrator_confirms_the_change(real: Office) -> None:
    item = factories.approved(factories.appeal())
    change = account_changes.change_roles(administrator(), fresh("bran"), ["administrator"], now=NOW)
    assert change is not None
    item.refresh_from_db()
    assert item.state == "approved"
    account_changes.confirm_change(administrator("deputy"), change, now=NOW)
    item.refresh_from_db()
    assert item.state == "submitted"


def test_an_administrator_neither_writes_nor_approves_in_a_real_office(real: Office) -> None:
    with pytest.raises(Forbidden, match="neither writes nor approves"):
        account_changes.change_roles(administrator(), fresh_bran(), ["approver", "administrator"], now=NOW)
    item = factories.in_review(factories.feature())
    assert item.package is not None
    Officer.objects.filter(username="bran").update(administrator=True)  # past every move, as a superuser would
    with pytest.raises(GatesClosed, match="An administrator makes accounts"):
        factories.decide(factories.approver(), item, item.package.digest, now=NOW)


def test_an_approver_made_an_administrator_past_every_move_has_approved_nothing(real: Office) -> None:
    from pressqueue import gates

    item = factories.approved(factories.feature())
    Officer.objects.filter(username="bran").update(administrator=True)
    found = gates.faults(gates.Case(gates.Step.TAKE, item, NOW, package=item.package))
    assert [number for number, _ in found] == ["R2"]
