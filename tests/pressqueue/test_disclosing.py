"""Press packs: who was given what is on record first; what may not be published is given to nobody (R31)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from pressqueue import register
from pressqueue.actors import Actor
from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.models import AppealRecord, Disclosure, Entry, EntryText, Item, Notice, Office, RegisterLine, Subject
from pressqueue.moves import holds, items, press_packs, recovery, takedown

from support import factories, pack_recipients
from support.pack_recipients import ECHO

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]
NOW = factories.NOW


@pytest.fixture
def item() -> Item:
    return factories.approved(factories.appeal())


def test_a_disclosure_says_who_got_which_bytes_on_what_terms(item: Item) -> None:
    given = pack_recipients.disclosed(item, archive="cd" * 32)
    assert item.package is not None
    assert (given.organisation, given.name, given.email) == (ECHO.organisation, ECHO.name, ECHO.email)
    assert (given.package, given.digest, given.archive) == (item.package, item.package.digest, "cd" * 32)
    assert given.conditions == "For identification only; recalled on removal."
    assert (given.given_by, given.given_at, given.door) == (factories.officer("amara"), NOW, "cli")


def test_it_is_in_the_log_and_the_log_itself_names_nobody(item: Item) -> None:
    given = pack_recipients.disclosed(item)
    entry = Entry.objects.get(act="disclosed")
    assert given.archive in entry.about
    assert given.digest in entry.about
    assert "echo" not in entry.about.lower()
    assert ECHO.email in EntryText.objects.get(number=entry.number).text


def test_the_register_knows_of_it_and_names_nobody(item: Item) -> None:
    given = pack_recipients.disclosed(item)
    (line,) = [row.line for row in RegisterLine.objects.all() if register.read(row.line).kind == "disclosed"]
    assert register.read(line).codes == {"item": item.reference, "archive": given.archive}


def test_a_restored_office_that_knows_no_recipient_asks_a_person(item: Item) -> None:
    given = pack_recipients.disclosed(item)
    lines = [register.read(row.line) for row in RegisterLine.objects.all()]
    assert recovery.replay(lines, now=NOW).get("disclosed") is None
    Disclosure.objects.all().delete()
    assert recovery.replay(lines, now=NOW)["disclosed"] == 1
    assert item.reference in Notice.objects.get(cause=f"disclosed:{given.archive}").words


def _withdrawn(item: Item) -> None:
    takedown.withdraw(factories.approver(), item, "identified", now=NOW)


def _expired(item: Item) -> None:
    Item.objects.filter(pk=item.pk).update(expires_at=NOW)
    items.expire(Item.objects.get(pk=item.pk), now=NOW)


def _arrested(item: Item) -> None:
    # As a careless hand in the database would: the move itself withdraws the Item.
    item.subjects.update(proceedings="arrested", proceedings_at=NOW)


def _changed(item: Item) -> None:
    Item.objects.filter(pk=item.pk).update(title="Something else {reference}")


def _answer_changed(item: Item) -> None:
    AppealRecord.objects.filter(item=item).update(conditions_of_use="Anything goes.")


def _held(item: Item) -> None:
    holds.hold(factories.author(), item, "Wait.", now=NOW)


def _frozen(item: Item) -> None:
    holds.freeze(factories.approver(), "all", now=NOW)


def _recovering(item: Item) -> None:
    Office.objects.update(recovering_since=NOW)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (_withdrawn, "came down"),
        (_expired, "came down"),
        (_arrested, "R22"),
        (_changed, "R3"),
        (_answer_changed, "R3"),
        (_held, "is held"),
        (_frozen, "All publishing is paused"),
        (_recovering, "restored from a backup"),
    ],
)
def test_what_may_not_be_published_is_given_to_nobody(item: Item, what: Callable[[Item], None], words: str) -> None:
    what(item)
    with pytest.raises((Forbidden, GatesClosed), match=words):
        pack_recipients.disclosed(item)
    assert not Disclosure.objects.exists()
    assert not Entry.objects.filter(act="disclosed").exists()


def test_what_was_never_approved_is_given_to_nobody() -> None:
    with pytest.raises(Forbidden, match="not approved"):
        pack_recipients.disclosed(factories.in_review(factories.appeal()))


def test_an_approval_that_lapsed_gives_nothing_out_unless_it_was_revealed_in_time(item: Item) -> None:
    other, late = factories.approved(factories.appeal()), NOW + timedelta(hours=73)
    pack_recipients.live(other)
    Subject.objects.update(proceedings_at=late)
    with pytest.raises(GatesClosed, match="R4"):
        pack_recipients.disclosed(item, now=late)
    assert pack_recipients.disclosed(other, now=late).given_at == late


def test_a_stale_check_of_proceedings_gives_nothing_out(item: Item) -> None:
    Subject.objects.update(proceedings_at=NOW - timedelta(hours=73))
    with pytest.raises(GatesClosed, match="R24"):
        pack_recipients.disclosed(item)


def test_a_pack_of_what_is_up_is_refused_once_its_review_is_due(item: Item) -> None:
    pack_recipients.live(item)
    due = NOW + timedelta(days=22)
    Subject.objects.update(proceedings_at=due)
    with pytest.raises(GatesClosed, match="R34"):
        pack_recipients.disclosed(item, now=due)


def test_before_it_is_public_a_pack_is_under_embargo_until_then_at_least() -> None:
    later = NOW + timedelta(hours=20)
    item = factories.approved(factories.appeal(publish_from=later, publish_until=later + timedelta(hours=2)))
    for embargo, words in [(None, "not public yet"), (later - timedelta(minutes=1), "may not end before")]:
        with pytest.raises(Forbidden, match=words):
            pack_recipients.disclosed(item, embargo_until=embargo)
    assert pack_recipients.disclosed(item, embargo_until=later).embargo_until == later


def test_what_is_public_needs_no_embargo_and_takes_none_that_has_passed(item: Item) -> None:
    pack_recipients.live(item)
    assert pack_recipients.disclosed(item, embargo_until=None).embargo_until is None
    with pytest.raises(Forbidden, match="passed already"):
        pack_recipients.disclosed(item, embargo_until=NOW)


@pytest.mark.parametrize(
    ("recipient", "words"),
    [
        (press_packs.Recipient(" ", "Ines", "a@b.example"), "Say who receives it"),
        (press_packs.Recipient("Echo", "", "a@b.example"), "Say who receives it"),
        (press_packs.Recipient("Echo", "Ines", "no address"), "e-mail address"),
        (press_packs.Recipient("Echo", "Ines", "a@b.example\nBcc: c@d.example"), "e-mail address"),
    ],
)
def test_nobody_is_given_it_whom_no_recall_would_reach(
    item: Item, recipient: press_packs.Recipient, words: str
) -> None:
    with pytest.raises(Forbidden, match=words):
        pack_recipients.disclosed(item, recipient)


def test_only_press_officers_and_approvers_give_it_out(item: Item) -> None:
    assert item.package is not None
    for actor in (Actor(factories.officer("root", "administrator").pk, "desk"), Actor(None, "machine")):
        with pytest.raises(Forbidden, match=r"author or approver|active account"):
            press_packs.disclose(
                actor, item.package, ECHO, archive="", files=[], conditions="", embargo_until=None,
                recall_address="p@x.example", now=NOW,
            )  # fmt: skip
