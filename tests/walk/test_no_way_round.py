"""The people who must not get round: one author with two doors, an administrator, a leaver, a superuser.

A real office, its worker and both platforms: what counts is what the public gets to see. Each has its control, in which
a proper second person does the same and it goes out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from pressqueue import vouching
from pressqueue.actors import Actor
from pressqueue.basis import Basis
from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.models import AccountChange, Approval, Item, Office, Officer
from pressqueue.moves import account_changes, credentials, items, officers
from publisher.cli import session
from publisher.configuration import secret_store

from support import factories
from support.desk_officers import say_why, shown, signed_in
from support.press_office import Newsroom

DAY = timedelta(hours=24)
PASSWORD = "a long pass phrase the chief knows"


@pytest.fixture(autouse=True)
def real(newsroom: Newsroom, settings: object) -> None:
    """No exercise: two people are two people. The desk is this office's."""
    Office.objects.update(exercise=False)
    settings.OFFICE = newsroom.worker.office  # type: ignore[attr-defined]  # pytest-django's settings
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]  # too


@pytest.fixture
def by_token(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> Callable[[Officer], Actor]:
    """Whom the command line takes this officer for, by a token they made at the desk."""

    def enter(officer: Officer) -> Actor:
        now = newsroom.clock.now
        token = officers.issue_token(Actor(officer.pk, "desk"), label="x", scope="author", life=DAY, now=now)
        monkeypatch.setenv(session.TOKEN, token)
        office = newsroom.worker.office
        return session.act(session.Session(office, secret_store.load(office.folder), now), None)

    return enter


def administrator(username: str = "chief") -> Actor:
    return Actor(factories.officer(username, "administrator").pk, "cli")


def decide(client: Client, item: Item) -> int:
    """At the desk, after everything was shown to whoever is signed in there."""
    item.refresh_from_db()
    assert item.package is not None
    say_why(client)
    shown(client, item)
    form = {"digest": item.package.digest, "confirm": "on", "others": "on", "reason": "It is right."}
    code: int = client.post(f"/items/{item.reference}/approve/", form).status_code
    return code


def confirmed(change: object, by: str = "deputy") -> str:
    assert isinstance(change, AccountChange)
    return account_changes.confirm_change(administrator(by), change, now=change.asked_at)


# -- one person, two doors ---------------------------------------------------------------------------


def test_who_wrote_by_the_command_line_s_token_does_not_approve_at_the_desk(
    newsroom: Newsroom, by_token: Callable[[Officer], Actor]
) -> None:
    both = factories.officer("esi", "author", "approver")
    item = newsroom.appeal()
    actor = by_token(both)
    assert (actor.officer_id, actor.door) == (both.pk, "cli")
    items.edit(actor, item, caption=f"{factories.CAPTION} Thank you.", now=newsroom.clock.now)
    newsroom.ready(item)
    assert decide(signed_in("esi"), item) == 403
    with pytest.raises(Forbidden, match="Approval is given at the desk"):
        newsroom.approve(item, actor)  # nor by the token itself
    newsroom.ring()
    assert newsroom.public() == []
    assert decide(signed_in("cleo", "approver"), item) == 302  # the control: somebody else
    newsroom.ring()
    assert len(newsroom.public()) == 1


# -- an administrator ---------------------------------------------------------------------------------


def test_an_administrator_with_a_reset_approver_s_password_gets_nothing_revealed(newsroom: Newsroom) -> None:
    item, bran = newsroom.ready(newsroom.appeal()), Officer.objects.get(pk=factories.approver().officer_id)
    now = newsroom.clock.now
    change = account_changes.issue_code(administrator(), bran, now=now)
    assert isinstance(change, AccountChange)  # no code yet: a second administrator is asked
    with pytest.raises(Forbidden, match="Somebody else must confirm"):
        account_changes.confirm_change(administrator(), change, now=now)
    code = confirmed(change)
    credentials.redeem_code("bran", code, PASSWORD, door="desk", now=now)  # though the second one passed it on
    intruder = Client()
    assert intruder.login(username="bran", password=PASSWORD)
    assert decide(intruder, item) == 403
    newsroom.until(now + timedelta(hours=8), every=timedelta(hours=1))
    assert newsroom.public() == []
    with pytest.raises(GatesClosed, match="it may approve again from"):
        newsroom.approve(item)
    newsroom.approve(item, Actor(factories.officer("cleo", "approver").pk, "desk"))  # the control
    newsroom.ring()
    assert len(newsroom.public()) == 1


def test_the_bar_is_over_after_a_day_and_no_sooner(newsroom: Newsroom) -> None:
    change = account_changes.issue_code(
        administrator(), Officer.objects.get(pk=factories.approver().officer_id), now=newsroom.clock.now
    )
    confirmed(change)
    newsroom.until(newsroom.clock.now + DAY - timedelta(minutes=1))
    item = newsroom.ready(newsroom.appeal())
    with pytest.raises(GatesClosed, match="An administrator changed your account"):
        newsroom.approve(item)
    newsroom.pass_by(timedelta(minutes=1))
    newsroom.approve(item)
    newsroom.ring()
    assert len(newsroom.public()) == 1


def test_an_account_an_administrator_made_for_it_does_not_approve(newsroom: Newsroom) -> None:
    item, now = newsroom.ready(newsroom.appeal()), newsroom.clock.now
    made = account_changes.add_officer(
        administrator(), username="friend", roles=["author", "approver"], rank="superintendent", now=now
    )
    assert account_changes.roles_of(made) == ["author"]
    assert decide(signed_in("friend"), item) == 403
    code = confirmed(AccountChange.objects.get())
    credentials.redeem_code("friend", code, PASSWORD, door="desk", now=now)
    friend = Client()
    assert friend.login(username="friend", password=PASSWORD)
    assert decide(friend, item) == 403  # the second agreed, and still it is barred for a day
    newsroom.ring()
    assert newsroom.public() == []


@pytest.mark.parametrize("promotion", ["role", "rank"])
def test_promoting_an_account_gets_nothing_revealed_the_same_day(newsroom: Newsroom, promotion: str) -> None:
    low = factories.officer("low", *(["approver"] if promotion == "rank" else ["author"]), rank="constable")
    factories.officer("ines", "investigator", rank="sergeant")
    record = factories.appeal_record(newsroom.clock.now, investigator=factories.officer("ines"))
    item = newsroom.prepared(newsroom.appeal(record=record))
    assert item.package is not None
    factories.verify(Actor(factories.officer("ines").pk, "desk"), item, item.package.digest, now=newsroom.clock.now)
    if promotion == "role":
        change = account_changes.change_roles(administrator(), low, ["author", "approver"], now=newsroom.clock.now)
    else:
        change = account_changes.change_rank(administrator(), low, "superintendent", now=newsroom.clock.now)
    unchanged = Officer.objects.get(pk=low.pk)
    assert (unchanged.may_approve, unchanged.rank) == (promotion == "rank", "constable")
    confirmed(change)
    assert decide(signed_in("low"), item) == 403
    newsroom.ring()
    assert newsroom.public() == []
    assert not Approval.objects.exists()


def test_a_leaver_s_account_enabled_again_gets_nothing_revealed(newsroom: Newsroom) -> None:
    item, now = newsroom.ready(newsroom.appeal()), newsroom.clock.now
    bran = Officer.objects.get(pk=factories.approver().officer_id)
    bran.set_password(PASSWORD)  # which somebody knows
    bran.save()
    officers.disable_officer(administrator(), bran, now=now)
    intruder = Client()
    assert not intruder.login(username="bran", password=PASSWORD)
    enabling = account_changes.enable_officer(administrator(), bran, now=now)
    assert enabling is not None and not intruder.login(username="bran", password=PASSWORD)
    account_changes.confirm_change(Actor(factories.officer("deputy", "administrator").pk, "desk"), enabling, now=now)
    assert intruder.login(username="bran", password=PASSWORD)
    assert decide(intruder, item) == 403
    newsroom.ring()
    assert newsroom.public() == []


# -- a leaver -----------------------------------------------------------------------------------------


def queued(newsroom: Newsroom) -> tuple[Item, Item]:
    """An appeal and a feature, both approved by Bran, both due in two hours."""
    due = {"publish_from": newsroom.clock.now + timedelta(hours=2)}
    until = newsroom.clock.now + timedelta(hours=9)
    appeal = newsroom.approved(newsroom.appeal(publish_until=until, **due))
    feature = newsroom.approved(factories.feature(title="Rufus", now=newsroom.clock.now, publish_until=until, **due))
    return appeal, feature


@pytest.mark.parametrize(("leaves", "out"), [("", 2), ("leaves", 1), ("for cause", 0)])
def test_a_leaver_s_appeal_falls_a_feature_stands_unless_they_left_for_cause(
    newsroom: Newsroom, leaves: str, out: int
) -> None:
    """R54; the first row is the control, in which nobody leaves."""
    appeal, feature = queued(newsroom)
    if leaves:
        bran, now = Officer.objects.get(username="bran"), newsroom.clock.now
        again = officers.disable_officer(administrator(), bran, now=now, for_cause=leaves == "for cause")
        assert again == [appeal.reference, feature.reference][: 2 - out]
    newsroom.until(newsroom.clock.now + timedelta(hours=3), every=timedelta(hours=1))
    titles = newsroom.public()
    assert len(titles) == out
    assert any("Do you know this person?" in title for title in titles) == (not leaves)


def test_one_of_two_approvers_leaving_makes_the_first_word_void_as_well(newsroom: Newsroom) -> None:
    """An appeal that takes two: the leaver's approval does not lie in wait for the second."""
    record = factories.appeal_record(newsroom.clock.now, anonymity=True)
    item = newsroom.ready(newsroom.appeal(record=record))
    newsroom.approve(item)
    officers.disable_officer(administrator(), Officer.objects.get(username="bran"), now=newsroom.clock.now)
    assert Approval.objects.get().void_reason == "approver_disabled"
    item.refresh_from_db()
    assert item.state == "submitted"


# -- a superuser --------------------------------------------------------------------------------------


def superuser(username: str = "root") -> Officer:
    """Every flag there is, set by hand in the database; and Django's own two, which this model does not have."""
    made = factories.officer(username, "author", "approver", "investigator", "administrator", rank="chief constable")
    made.is_superuser = made.is_staff = True  # type: ignore[attr-defined]  # ours has neither
    made.save()
    return made


def test_django_s_superuser_and_staff_are_nothing_here(newsroom: Newsroom) -> None:
    root = superuser()
    with connection.cursor() as cursor:
        columns = {each.name for each in connection.introspection.get_table_description(cursor, Officer._meta.db_table)}
    assert not columns & {"is_superuser", "is_staff"}
    client = signed_in(root.username)
    assert client.get("/admin/").status_code == 404
    assert not hasattr(root, "has_perm")


def test_a_superuser_has_no_way_round_by_desk_or_command_line(
    newsroom: Newsroom, by_token: Callable[[Officer], Actor]
) -> None:
    root, item = superuser(), newsroom.ready(newsroom.appeal())
    assert decide(signed_in("root"), item) == 403  # who makes accounts does not approve
    desk = signed_in("root")
    say_why(desk)
    assert "An administrator makes accounts and so does not approve." in desk.get("/sitting/").content.decode()
    for door_ in (by_token(root), Actor(root.pk, "machine"), Actor(root.pk, "cli")):
        with pytest.raises(Forbidden, match="Approval is given at the desk"):
            newsroom.approve(item, door_)
    newsroom.ring()
    assert newsroom.public() == []


def test_a_superuser_who_makes_themselves_a_second_person_is_one_still(newsroom: Newsroom) -> None:
    """The administrator's flag taken off again by hand, and an own account of the officer in the case."""
    root = superuser()
    item = newsroom.prepared(newsroom.appeal(record=factories.appeal_record(newsroom.clock.now, investigator=root)))
    Officer.objects.filter(pk=root.pk).update(administrator=False)
    assert item.package is not None
    factories.verify(Actor(root.pk, "desk"), item, item.package.digest, now=newsroom.clock.now)
    assert decide(signed_in("root"), item) == 403  # verified it
    mine = newsroom.appeal()
    items.edit(Actor(root.pk, "cli"), mine, caption=f"{factories.CAPTION} Thank you.", now=newsroom.clock.now)
    newsroom.ready(mine)
    assert decide(signed_in("root"), mine) == 403  # wrote it
    newsroom.ring()
    assert newsroom.public() == []
    assert decide(signed_in("cleo", "approver"), item) == 302  # the control
    newsroom.ring()
    assert len(newsroom.public()) == 1


FORGED = {
    "in an author's name": {"approver": "amara"},
    "in an administrator's name": {"approver": "root"},
    "of another version": {"digest": "ab" * 32},
    "too old": {"days": 4},
}


@pytest.mark.first_row
@pytest.mark.parametrize("how", FORGED)
def test_an_approval_written_into_the_database_by_hand_reveals_nothing(newsroom: Newsroom, how: str) -> None:
    """Past every move: the rows say approved, and the worker asks again before anybody sees it (R5)."""
    item, forged = newsroom.ready(newsroom.appeal()), FORGED[how]
    Officer.objects.filter(username="amara").update(may_approve=True)
    superuser(), factories.approver()
    forge(item, newsroom, **forged)  # type: ignore[arg-type]  # by the cases' names
    newsroom.ring(most=10)
    assert newsroom.public() == []


@pytest.mark.parametrize("asked", [True, False], ids=["asked", "control"])
def test_the_same_row_in_a_proper_approver_s_name_is_no_approval_either(
    newsroom: Newsroom, asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the rules of ours it would count; no Entry tells of it. Control: where nobody asks the log, it goes out."""
    if not asked:
        monkeypatch.setattr(vouching, "demand", lambda held, post: Basis.of(held, post.package_id, post.destination))
    item = newsroom.ready(newsroom.appeal())
    factories.approver()
    forge(item, newsroom)
    newsroom.ring(most=10)
    assert len(newsroom.public()) == (0 if asked else 1)


def forge(item: Item, newsroom: Newsroom, *, approver: str = "bran", digest: str = "", days: int = 0) -> None:
    assert item.package is not None
    at = newsroom.clock.now - timedelta(days=days)
    who = Officer.objects.get(username=approver)
    Approval.objects.create(
        package=item.package, digest=digest or item.package.digest, approver=who, at=at, rank="chief constable",
        others="none",
    )  # fmt: skip
    Item.objects.filter(pk=item.pk).update(state="approved", approved_at=at)
