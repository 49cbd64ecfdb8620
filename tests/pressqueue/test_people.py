"""Accounts: who may make them, and what becomes of a leaver's approvals (R54)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pressqueue.actors import Actor
from pressqueue.errors import Forbidden
from pressqueue.models import Approval, Entry, Item, Office, Officer, Post, SignInCode
from pressqueue.moves import account_changes, officers
from pressqueue.moves.officers import CODE_LIFE, digest
from pressqueue.states import ItemState, PostState

from support import factories

pytestmark = pytest.mark.django_db
NOW = factories.NOW


@pytest.fixture
def chief(office: Office) -> Actor:
    return Actor(factories.officer("chief", "administrator").pk, "cli")


def bran() -> Officer:
    return Officer.objects.get(username="bran")


def state_of(item: Item) -> str:
    item.refresh_from_db()
    return item.state


def test_a_leaver_s_approval_of_an_appeal_not_yet_revealed_is_void(chief: Actor) -> None:
    appeal = factories.approved(factories.appeal())
    post = factories.posted(appeal)
    assert officers.disable_officer(chief, bran(), now=NOW) == [appeal.reference]
    assert state_of(appeal) == ItemState.SUBMITTED
    approval = Approval.objects.get()
    assert (approval.void_at, approval.void_reason) == (NOW, "approver_disabled")
    post.refresh_from_db()
    assert post.state == PostState.CANCELLED


def test_a_feature_already_approved_survives_its_approver(chief: Actor) -> None:
    feature = factories.approved(factories.feature())
    assert officers.disable_officer(chief, bran(), now=NOW) == []
    assert state_of(feature) == ItemState.APPROVED


def test_for_cause_a_feature_must_be_approved_again_too(chief: Actor) -> None:
    feature = factories.approved(factories.feature())
    assert officers.disable_officer(chief, bran(), now=NOW, for_cause=True) == [feature.reference]
    assert state_of(feature) == ItemState.SUBMITTED


def test_what_is_public_already_stays(chief: Actor) -> None:
    appeal = factories.approved(factories.appeal())
    post = factories.posted(appeal)
    Post.objects.filter(pk=post.pk).update(state=PostState.LIVE)
    assert officers.disable_officer(chief, bran(), now=NOW) == []
    assert state_of(appeal) == ItemState.APPROVED
    assert Approval.objects.get().void_at is None


def test_somebody_else_s_approvals_stand(chief: Actor) -> None:
    appeal = factories.approved(factories.appeal())
    factories.officer("cora", "approver")
    assert officers.disable_officer(chief, Officer.objects.get(username="cora"), now=NOW) == []
    assert state_of(appeal) == ItemState.APPROVED


def test_a_refused_disabling_voids_nothing(chief: Actor) -> None:
    appeal = factories.approved(factories.appeal())
    Officer.objects.filter(username="bran").update(is_active=False)
    with pytest.raises(Forbidden, match="disabled already"):
        officers.disable_officer(chief, bran(), now=NOW)
    assert state_of(appeal) == ItemState.APPROVED
    assert Approval.objects.get().void_at is None


def test_disabling_ends_codes_and_tokens(chief: Actor, office: Office) -> None:
    officer = factories.officer("bran", "approver")
    account_changes.issue_code(chief, officer, now=NOW)
    officers.issue_token(Actor(officer.pk, "desk"), label="laptop", scope="author", life=timedelta(days=30), now=NOW)
    officers.disable_officer(chief, officer, now=NOW)
    assert officer.codes.get().used_at == NOW
    assert officer.tokens.get().revoked_at == NOW


def test_a_code_is_kept_as_its_digest_and_ends_the_one_before(chief: Actor) -> None:
    officer = factories.officer("amara", "author")
    first = account_changes.issue_code(chief, officer, now=NOW)
    second = account_changes.issue_code(chief, officer, now=NOW + timedelta(hours=1))
    codes = {code.digest: code for code in SignInCode.objects.all()}
    assert set(codes) == {digest(first), digest(second)}
    assert codes[digest(first)].used_at == NOW + timedelta(hours=1)
    assert codes[digest(second)].expires_at == NOW + timedelta(hours=1) + CODE_LIFE


def test_a_new_account_has_no_password_that_fits(chief: Actor) -> None:
    made = account_changes.add_officer(chief, username="amara", roles=["author"], now=NOW)
    assert not made.has_usable_password()
    assert (made.may_author, made.may_approve, made.administrator) == (True, False, False)


def test_outside_exercises_an_administrator_neither_writes_nor_approves() -> None:
    factories.office(exercise=False)
    chief = Actor(factories.officer("chief", "administrator").pk, "cli")
    for role in ("author", "approver"):
        with pytest.raises(Forbidden, match="neither writes nor approves"):
            account_changes.add_officer(chief, username="both", roles=["administrator", role], now=NOW)


@pytest.mark.parametrize("role", ["author", "approver"])
def test_only_administrators_change_accounts(office: Office, role: str) -> None:
    actor = Actor(factories.officer("someone", role).pk, "cli")
    other = factories.officer("amara", "author")
    for attempt in (
        lambda: account_changes.add_officer(actor, username="friend", roles=["approver"], now=NOW),
        lambda: account_changes.issue_code(actor, other, now=NOW),
        lambda: officers.disable_officer(actor, other, now=NOW),
        lambda: account_changes.enable_officer(actor, other, now=NOW),
    ):
        with pytest.raises(Forbidden, match="no administrator"):
            attempt()
    assert not Officer.objects.filter(username="friend").exists()


@pytest.mark.parametrize(
    ("scope", "life", "words"),
    [
        ("admin", timedelta(days=1), "no scope"),
        ("author", timedelta(days=91), "at most 90 days"),
        ("author", timedelta(0), "at most 90 days"),
    ],
)
def test_a_token_that_cannot_be_is_refused(office: Office, scope: str, life: timedelta, words: str) -> None:
    actor = factories.author()
    with pytest.raises(Forbidden, match=words):
        officers.issue_token(actor, label="x", scope=scope, life=life, now=NOW)


def test_a_token_is_ended_by_its_holder_or_an_administrator_only(chief: Actor) -> None:
    holder, stranger = factories.author(), factories.approver()
    officers.issue_token(holder, label="laptop", scope="read", life=timedelta(days=1), now=NOW)
    token = Officer.objects.get(pk=holder.officer_id).tokens.get()
    with pytest.raises(Forbidden):
        officers.revoke_token(stranger, token, now=NOW)
    officers.revoke_token(chief, token, now=NOW)
    token.refresh_from_db()
    assert token.revoked_at == NOW


def test_every_change_of_an_account_is_logged_without_names(chief: Actor) -> None:
    made = account_changes.add_officer(chief, username="amara", roles=["author"], name="Amara Diaz", now=NOW)
    account_changes.issue_code(chief, made, now=NOW)
    officers.disable_officer(chief, made, now=NOW)
    account_changes.enable_officer(chief, made, now=NOW)
    entries = list(Entry.objects.order_by("number"))
    assert [each.act for each in entries] == ["officer_added", "code_issued", "officer_disabled", "officer_enabled"]
    assert not any("amara" in each.about.lower() for each in entries)


def test_an_office_is_founded_once() -> None:
    shell = Actor(None, "cli", shell="root@desk")
    codes = officers.found_office(shell, exercise=True, administrators=["chief"], now=NOW)
    assert list(codes) == ["chief"]
    with pytest.raises(Forbidden, match="holds an office already"):
        officers.found_office(shell, exercise=False, administrators=["eve", "mal"], now=NOW)
    assert Office.objects.get().exercise
