"""Words the machine publishes by itself: two people, exactly one text in force, never a name or an outcome."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from pressqueue import audit, public_texts, register
from pressqueue.actors import Actor
from pressqueue.errors import Forbidden, GatesClosed
from pressqueue.models import ApprovedText, Campaign, Entry, EntryText, Notice, Office, Officer
from pressqueue.moves import campaigns, officers, recovery
from pressqueue.moves import public_texts as public_text_moves

from support import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]
NOW = factories.NOW
BODY = "The appeal {reference} is closed. Please do not share copies of its picture. Thank you."
ALBUM = "At least {shown} people were shown here and {removed} appeals have come down since."


def drafted(kind: str = "tombstone", campaign: Campaign | None = None, **words: str) -> ApprovedText:
    title = words.get("title", "Operation Larch" if kind == "album" else "")
    body = words.get("body", ALBUM if kind == "album" else BODY)
    return public_text_moves.draft_text(factories.author(), kind, campaign, title=title, body=body, now=NOW)


def approved(kind: str = "tombstone", campaign: Campaign | None = None, **words: str) -> ApprovedText:
    text = drafted(kind, campaign, **words)
    return public_text_moves.approve_text(factories.approver(), text, text.digest, now=NOW)


def at_desk(username: str, *roles: str) -> Actor:
    return Actor(factories.officer(username, *roles).pk, "desk")


def told() -> list[str]:
    return list(Notice.objects.filter(cleared_at__isnull=True).order_by("pk").values_list("cause", flat=True))


def test_a_draft_is_not_in_force_and_tells_somebody() -> None:
    approver, both = factories.officer("bran", "approver"), _both()
    text = public_text_moves.draft_text(both, "tombstone", body=BODY, now=NOW)
    assert public_texts.in_force("tombstone") is None
    assert public_texts.waiting("tombstone") == text
    notice = Notice.objects.get()
    assert (notice.cause, notice.people) == (f"text:{text.pk}", [approver.pk])  # not who drafted it


def test_a_second_person_puts_it_in_force() -> None:
    text = approved()
    assert public_texts.in_force("tombstone") == text
    assert (text.approved_by, text.rank, told()) == (Officer.objects.get(username="bran"), "inspector", [])
    acts = list(Entry.objects.filter(act__startswith="text_").order_by("number").values_list("act", "actor"))
    drafter, approver = (Officer.objects.get(username=name).pk for name in ("amara", "bran"))
    assert acts == [("text_drafted", f"officer:{drafter}"), ("text_approved", f"officer:{approver}")]
    audit.verify()


def test_the_log_holds_digests_and_no_words() -> None:
    text = approved(body=f"Zephyrine. {BODY}")
    assert not EntryText.objects.filter(text__icontains="zephyrine").exists()
    assert Entry.objects.filter(act="text_approved", about__contains=text.digest).exists()


def _both() -> Actor:
    """Somebody who may write and approve."""
    return at_desk("both", "author", "approver")


def _administrator() -> Actor:
    Office.objects.update(exercise=False)
    return at_desk("chief", "approver", "administrator")


def _barred() -> Actor:
    actor = at_desk("barred", "approver")
    Officer.objects.filter(pk=actor.officer_id).update(barred_until=NOW + timedelta(hours=1))
    return actor


def _disabled() -> Actor:
    actor = at_desk("gone", "approver")
    Officer.objects.filter(pk=actor.officer_id).update(is_active=False)
    return actor


@pytest.mark.parametrize(
    ("who", "words"),
    [
        (lambda: at_desk("other", "author"), "approver role"),
        (_administrator, "An administrator makes accounts"),
        (_barred, "An administrator changed your account"),
        (_disabled, "active account may approve"),
        (lambda: Actor(None, "desk"), "active account may approve"),
        (lambda: Actor(factories.approver().officer_id, "cli"), "at the desk"),
        (lambda: Actor(factories.approver().officer_id, "import"), "at the desk"),
    ],
)
def test_who_may_not_approve(who: object, words: str) -> None:
    text = drafted()
    with pytest.raises(Forbidden, match=words):
        public_text_moves.approve_text(who(), text, text.digest, now=NOW)  # type: ignore[operator]  # a function
    assert public_texts.in_force("tombstone") is None


def test_who_drafted_it_never_approves_it() -> None:
    both = _both()
    text = public_text_moves.draft_text(both, "tombstone", body=BODY, now=NOW)
    with pytest.raises(Forbidden, match="You drafted these words"):
        public_text_moves.approve_text(both, text, text.digest, now=NOW)


def test_the_database_itself_knows_two_people() -> None:
    """Control: whatever code forgets, one person cannot be both."""
    text = drafted()
    with pytest.raises(IntegrityError), transaction.atomic():
        ApprovedText.objects.filter(pk=text.pk).update(approved_by=text.drafted_by, approved_at=NOW)


def test_what_was_shown_is_what_is_approved() -> None:
    text = drafted()
    with pytest.raises(Forbidden, match="changed while you looked"):
        public_text_moves.approve_text(factories.approver(), text, "0" * 64, now=NOW)
    ApprovedText.objects.filter(pk=text.pk).update(body=f"Altered. {BODY}")
    with pytest.raises(Forbidden, match="changed while you looked"):
        public_text_moves.approve_text(factories.approver(), text, text.digest, now=NOW)


def test_words_that_were_altered_behind_the_approval_are_in_force_no_more() -> None:
    text = approved()
    ApprovedText.objects.filter(pk=text.pk).update(body=f"Altered. {BODY}")
    assert public_texts.in_force("tombstone") is None


def test_a_new_draft_replaces_the_one_that_waits_and_leaves_what_is_in_force() -> None:
    first = approved()
    second, third = drafted(body=f"Second. {BODY}"), drafted(body=f"Third. {BODY}")
    second.refresh_from_db()
    assert (second.ended_reason, public_texts.waiting("tombstone")) == ("replaced", third)
    assert public_texts.in_force("tombstone") == first
    with pytest.raises(Forbidden, match="wait for nobody"):
        public_text_moves.approve_text(factories.approver(), second, second.digest, now=NOW)


def test_exactly_one_is_in_force() -> None:
    first = approved()
    second = approved(body=f"Second. {BODY}")
    first.refresh_from_db()
    assert (first.ended_reason, public_texts.in_force("tombstone")) == ("replaced", second)
    with pytest.raises(IntegrityError), transaction.atomic():
        ApprovedText.objects.filter(pk=first.pk).update(ended_at=None)


def test_a_campaigns_own_words_go_before_the_offices() -> None:
    larch, elm = factories.operation(), factories.operation("elm", prefix="ELM")
    office, own = approved(), approved("tombstone", larch)
    assert public_texts.in_force("tombstone", larch) == own
    assert public_texts.in_force("tombstone", elm) == office
    assert public_texts.in_force("tombstone") == office


def test_dropped_words_are_in_force_no_more_and_the_register_knows() -> None:
    text = approved()
    public_text_moves.drop_text(factories.author(), text, now=NOW)
    assert public_texts.in_force("tombstone") is None
    with pytest.raises(Forbidden, match="already"):
        public_text_moves.drop_text(factories.author(), text, now=NOW)
    ApprovedText.objects.filter(pk=text.pk).update(ended_at=None)  # an older database believes in them
    line = register.RegisterEvent("text_ended", NOW, {"digest": text.digest})
    assert recovery.replay([line, line], now=NOW) == {"text_ended": 1}
    assert public_texts.in_force("tombstone") is None


def test_a_draft_that_is_dropped_leaves_nothing_to_do() -> None:
    public_text_moves.drop_text(factories.approver(), drafted(), now=NOW)
    assert (public_texts.waiting("tombstone"), told()) == (None, [])


def test_an_investigator_alone_drops_nothing() -> None:
    with pytest.raises(Forbidden, match="Only an author or an approver"):
        public_text_moves.drop_text(factories.investigator(), drafted(), now=NOW)


def test_only_an_author_drafts() -> None:
    with pytest.raises(Forbidden, match="lacks the author role"):
        public_text_moves.draft_text(factories.approver(), "tombstone", body=BODY, now=NOW)
    with pytest.raises(Forbidden, match="no kind of text"):
        public_text_moves.draft_text(factories.author(), "epitaph", body=BODY, now=NOW)


@pytest.mark.parametrize("for_cause", [True, False])
def test_words_outlive_their_approver_unless_they_left_for_cause(for_cause: bool) -> None:
    text = approved()
    chief = Actor(factories.officer("chief", "administrator").pk, "cli")
    officers.disable_officer(chief, Officer.objects.get(username="bran"), for_cause=for_cause, now=NOW)
    assert public_texts.in_force("tombstone") == (None if for_cause else text)
    assert (f"text-ended:{text.pk}" in told()) is for_cause


@pytest.mark.parametrize(
    ("kind", "words", "rule"),
    [
        ("album", {"title": ""}, "has a title"),
        ("album", {"title": "{shown} people"}, "Nothing is filled into a title"),
        ("album", {"body": "{reference}"}, r"only these are filled in: \{shown\}, \{removed\}"),
        ("album", {"body": "{name} is sought"}, "R1"),
        ("album", {"body": "Shop a looter"}, "R13"),
        ("album", {"title": "Rioters"}, "R13"),
        ("album", {"body": "Asian gangs"}, "R15"),
        ("album", {"body": "{removed} people were arrested"}, "R33"),
        ("album", {"body": "{removed} have been IDENTIFIED"}, "R33"),
        ("album", {"body": "WTN-0007 has come down"}, "one number"),
        ("album", {"title": "A" * 151}, "151 characters"),
        ("album", {"body": "é" * 2401}, "4802 bytes"),
        ("album", {"body": "<b>Help</b>"}, "No platform takes"),
        ("tombstone", {"body": "It is closed."}, "must show the number"),
        ("tombstone", {"body": ""}, "empty"),
        ("tombstone", {"body": BODY, "title": "Closed"}, "has no title"),
        ("tombstone", {"body": f"The thief is known. {BODY}"}, "R13"),
        ("tombstone", {"body": f"Charged. {BODY}"}, "R33"),
        ("tombstone", {"body": f"Eliminated. {BODY}"}, "R33"),
        ("tombstone", {"body": f"Jo Nobody. {BODY}"}, "holds the name recorded for"),
        ("correction", {"body": f"Convicted. {BODY}"}, "R33"),
    ],
)
def test_what_no_standing_text_says(kind: str, words: dict[str, str], rule: str) -> None:
    larch = factories.operation()
    factories.person(larch, name="Jo Nobody")
    with pytest.raises(GatesClosed, match=rule):
        drafted(kind, larch if kind == "album" else None, **words)
    assert not ApprovedText.objects.exists()


def test_a_correction_may_say_that_somebody_was_eliminated() -> None:
    words = "On {published} {force} published {reference}. The person shown has been eliminated. {contact}"
    assert approved("correction", body=words).body == words


def test_words_are_checked_again_when_they_are_approved() -> None:
    """A person may be named, or a list changed, while a draft waits."""
    text = drafted(body=f"Jo Nobody. {BODY}")
    factories.person(name="Jo Nobody")
    with pytest.raises(GatesClosed, match="holds the name"):
        public_text_moves.approve_text(factories.approver(), text, text.digest, now=NOW)


def test_an_album_belongs_to_a_campaign() -> None:
    with pytest.raises(GatesClosed, match="belongs to a campaign"):
        drafted("album")


def test_a_campaign_with_an_album_drafts_its_words() -> None:
    larch = campaigns.make_campaign(
        factories.author(), slug="larch", title="Operation Larch", kind="operation", prefix="LAR", now=NOW,
        album_title="Operation Larch", album_description=ALBUM,
    )  # fmt: skip
    text = public_texts.waiting("album", larch)
    assert text is not None
    assert (text.title, text.body, public_texts.in_force("album", larch)) == ("Operation Larch", ALBUM, None)


def test_nothing_is_left_of_a_campaign_whose_albums_words_accuse() -> None:
    with pytest.raises(GatesClosed, match="R33"):
        campaigns.make_campaign(
            factories.author(), slug="larch", title="Operation Larch", kind="operation", prefix="LAR", now=NOW,
            album_title="Operation Larch", album_description="{removed} were charged",
        )  # fmt: skip
    assert not Campaign.objects.filter(slug="larch").exists()


def test_approving_an_albums_words_gives_them_to_the_campaign() -> None:
    larch = factories.operation(album_title="Operation Larch", album_description="Do you know these people?")
    approved("album", larch, title="Operation Larch, 2026")
    larch.refresh_from_db()
    assert (larch.album_title, larch.album_description) == ("Operation Larch, 2026", ALBUM)


def test_placeholders_are_filled_and_what_is_not_known_is_left_out() -> None:
    words = "On {published} {force} published {reference}. Call {contact}"
    values = {"published": "", "force": "Northshire Police", "reference": "WTN-0001", "contact": "101"}
    assert public_texts.filled(words, values) == "On Northshire Police published WTN-0001. Call 101"
