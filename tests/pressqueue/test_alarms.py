"""An alarm stops publishing until two people have ended it, one of them an approver; never a withdrawal."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from pressqueue import audit, integrity, sealing, seals
from pressqueue.actors import Actor
from pressqueue.errors import Forbidden
from pressqueue.models import (
    Alarm,
    Approval,
    ChainHead,
    Entry,
    Item,
    Notice,
    Officer,
    Post,
    Rendition,
    Seal,
    Verification,
)
from pressqueue.moves import alarms, items, leases, posts, takedown

from support import factories
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")
WHY = "A hand in the database: see the incident report."


def chief() -> Actor:
    return Actor(factories.officer("chief", "administrator").pk, "desk")


def second() -> Actor:
    return Actor(factories.officer("bela", "approver").pk, "desk")


def waiting() -> Post:
    return factories.posted(
        factories.approved(factories.appeal(publish_from=NOW, publish_until=NOW + timedelta(hours=9)))
    )


def take(post: Post) -> Post | None:
    return leases.take(Post.objects.get(pk=post.pk), "w1", timedelta(minutes=5), now=NOW)


def approved_again(item: Item) -> Post:
    """Prepared again, verified again, shown and approved again."""
    items.rendered(item, Rendition.objects.get(item=item), None, now=NOW)
    ready = factories.verified(Item.objects.get(pk=item.pk))
    assert ready.package is not None
    factories.decide(factories.approver(), ready, ready.package.digest)
    return factories.posted(Item.objects.get(pk=item.pk))


def raised(name: str = "rows") -> None:
    assert alarms.raise_alarm(name, "The approval 1 was changed.", now=NOW)


def test_an_alarm_stops_what_waits_and_what_is_hidden_and_no_withdrawal() -> None:
    post, hidden = waiting(), take(waiting())
    assert hidden is not None
    hidden = posts.sent(hidden, hidden.fence, remote_id="r1", url="", media_urls=[], now=NOW)
    raised()
    with pytest.raises(Forbidden, match="until two people have ended this alarm"):
        take(post)
    with pytest.raises(Forbidden, match="until two people have ended this alarm"):
        posts.begin_reveal(hidden, hidden.fence, needs_attestation=False, now=NOW)
    assert takedown.withdraw(factories.approver(), post.item, "eliminated", now=NOW).state == "withdrawn"
    assert Notice.objects.filter(cause="alarm:rows", cleared_at__isnull=True).exists()


def test_one_alarm_of_a_cause_is_raised_once() -> None:
    raised()
    assert not alarms.raise_alarm("rows", "Again.", now=NOW)
    assert Alarm.objects.count() == 1


def tamper() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pressqueue_approval SET rank = 'chief constable'")


def test_where_everything_agrees_again_it_just_ends() -> None:
    post = waiting()
    tamper()
    raised()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pressqueue_approval SET rank = 'inspector'")
    alarms.end_alarms(chief(), WHY, now=NOW)
    assert alarms.end_alarms(factories.approver(), WHY, now=NOW) is True
    assert take(post) is not None


def test_two_people_end_it_and_everything_is_decided_again() -> None:
    post = waiting()
    tamper()
    raised()
    assert alarms.end_alarms(chief(), WHY, now=NOW) is False
    with pytest.raises(Forbidden, match="a second person must"):
        alarms.end_alarms(chief(), WHY, now=NOW)
    assert alarms.end_alarms(factories.approver(), WHY, now=NOW) is True
    item = Item.objects.get(pk=post.item_id)
    assert item.state == "submitted"
    assert not Approval.objects.filter(void_at__isnull=True).exists()
    assert not Verification.objects.filter(void_at__isnull=True).exists()
    assert not Notice.objects.filter(cause="alarm:rows", cleared_at__isnull=True).exists()
    assert integrity.of_everything() == []
    assert take(approved_again(item)) is not None


@pytest.mark.parametrize(
    ("who", "words"),
    [
        (factories.author, "at the desk"),
        (lambda: Actor(factories.officer("amara", "author").pk, "desk"), "approver or administrator"),
        (factories.investigator, "approver or administrator"),
    ],
    ids=["command line", "author", "investigator"],
)
def test_who_may_not_end_it(who: Callable[[], Actor], words: str) -> None:
    raised()
    with pytest.raises(Forbidden, match=words):
        alarms.end_alarms(who(), WHY, now=NOW)


def test_two_administrators_are_not_enough() -> None:
    raised()
    alarms.end_alarms(chief(), WHY, now=NOW)
    with pytest.raises(Forbidden, match="must be an approver"):
        alarms.end_alarms(Actor(factories.officer("deputy", "administrator").pk, "desk"), WHY, now=NOW)


def test_an_alarm_that_was_raised_since_the_first_word_takes_two_more() -> None:
    raised()
    alarms.end_alarms(chief(), WHY, now=NOW)
    raised("chain")
    assert alarms.end_alarms(factories.approver(), WHY, now=NOW) is False
    assert alarms.end_alarms(second(), WHY, now=NOW) is True


def test_a_reason_is_asked_for() -> None:
    raised()
    with pytest.raises(Forbidden, match="Say what was found"):
        alarms.end_alarms(chief(), " ", now=NOW)


def test_what_was_forged_is_not_made_good_by_ending_the_alarm() -> None:
    """An approval that was inserted is void, and an account that was given a role approves nothing for a day."""
    item = factories.in_review(factories.feature())
    assert item.package is not None
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pressqueue_office SET exercise = %s", [False])
        cursor.execute("UPDATE pressqueue_officer SET may_approve = %s WHERE username = 'amara'", [True])
        cursor.execute(
            "INSERT INTO pressqueue_approval (package_id, digest, approver_id, at, rank, reason, batch, others,"
            " overrides, break_glass, void_reason) VALUES (%s, %s, %s, %s, '', '', %s, '', '{}', %s, '')",
            [item.package.pk, item.package.digest, factories.approver().officer_id, NOW, False, False],
        )
    raised()
    alarms.end_alarms(chief(), WHY, now=NOW)
    alarms.end_alarms(factories.approver(), WHY, now=NOW)
    assert not Approval.objects.filter(void_at__isnull=True).exists()
    barred = Officer.objects.get(username="amara").barred_until
    assert barred is not None
    assert barred > NOW


def test_a_lost_key_is_followed_by_a_new_one_and_everything_is_approved_again(monkeypatch: pytest.MonkeyPatch) -> None:
    post = waiting()
    monkeypatch.setattr(sealing.port, "key", b"\x07" * 32)
    with pytest.raises(Forbidden, match="not written by this program"):
        take(post)
    assert {"head", "rows"} <= {each.name for each in integrity.of_everything()}
    raised("head")
    alarms.end_alarms(chief(), WHY, now=NOW)
    alarms.end_alarms(factories.approver(), WHY, now=NOW)
    assert integrity.of_everything() == []
    assert take(approved_again(Item.objects.get(pk=post.item_id))) is not None


def test_what_happened_while_the_key_was_missing_is_told_until_two_people_have_sealed_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    post, key = waiting(), sealing.port.key
    monkeypatch.setattr(sealing.port, "key", None)
    assert [each.name for each in integrity.of_everything()] == ["key"]
    other = factories.posted(factories.approved(factories.feature(title="Rufus - Northshire Police")))
    takedown.withdraw(factories.approver(), other.item, "eliminated", now=NOW)
    with pytest.raises(Forbidden, match="Put the integrity key in its place first"):
        alarms.end_alarms(chief(), WHY, now=NOW)
    monkeypatch.setattr(sealing.port, "key", key)
    with pytest.raises(Forbidden, match="not written by this program"):
        take(post)
    assert "head" in {each.name for each in integrity.of_everything()}
    raised("head")
    alarms.end_alarms(chief(), WHY, now=NOW)
    alarms.end_alarms(factories.approver(), WHY, now=NOW)
    assert integrity.of_everything() == []
    assert ChainHead.objects.get().mac


def test_rows_from_before_there_were_seals_are_sealed_once_and_the_log_says_which() -> None:
    post = waiting()
    before = seals.digest_of_rows()
    count = alarms.seal_existing(Actor(None, "cli"), now=NOW)
    entry = Entry.objects.get(act="rows_sealed")
    about = json.loads(entry.about)
    assert (about["rows"], about["digest"], about["why"]) == (count, before, "first")
    assert count == seals.count_of_rows()
    assert take(post) is not None, "what was approved stays approved"
    assert audit.verify() == entry.number + 1


def test_seals_that_follow_those_made_without_the_key_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """An older office that was restored before it had its key: the first Seal with a MAC follows one without."""
    monkeypatch.setattr(sealing.port, "key", None)
    waiting()
    monkeypatch.setattr(sealing.port, "key", factories.INTEGRITY_KEY)
    alarms.seal_existing(Actor(None, "cli"), now=NOW)
    first = Seal.objects.filter(number__gt=ChainHead.objects.get().base_seals).earliest("number")
    assert first.previous == ""
    assert integrity.of_everything() == []
