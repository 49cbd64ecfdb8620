"""An amendment and a review at the desk: drafted by one, looked at and decided by another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from pressqueue import gates
from pressqueue.models import Amendment, Item, Post
from publisher.configuration import office_file
from publisher.desk.moments import as_wall
from publisher.desk.views import amending

from support import factories, pack_recipients
from support.desk_officers import keep, picture, say_why, shown, signed_in

TODAY = datetime.now(UTC)
NEW = "Can you help us find this person? {reference}"


def noon(days: int) -> datetime:
    """A wall time so many days on, at noon, so that no night with a change of clocks is met; its seconds are odd."""
    return (as_wall(TODAY) + timedelta(days=days)).replace(hour=12, minute=0)


@pytest.fixture
def live(desk: office_file.Office) -> Item:
    """An appeal that is public, its rendition in the vault."""
    item = factories.appeal(now=TODAY, expires_at=timezone.make_aware(noon(27)))
    body = picture()
    keep(desk, body)
    ready = factories.approved(item, body, now=TODAY)
    pack_recipients.live(ready, now=TODAY)
    return ready


@pytest.fixture
def writer(author: Client) -> Client:
    say_why(author)
    return author


def page(client: Client, item: Item) -> str:
    say_why(client)
    return unescape(client.get(f"/items/{item.reference}/amendment/").content.decode())


def form(item: Item, **changes: str) -> dict[str, str]:
    """As the browser sends it: every word and every answer of the record."""
    from publisher.desk.record_form import RecordForm

    answers = RecordForm(item, without="review_at")
    sent: dict[str, str] = {}
    for name, field in answers.fields.items():
        value = field.prepare_value(answers.get_initial_for_field(field, name))
        if value is not None:
            sent[name] = value.strftime("%Y-%m-%dT%H:%M") if isinstance(value, datetime) else str(value)
    words = {"title": item.title, "caption": item.caption, "alt_text": item.alt_text, "tags": ", ".join(item.tags)}
    sent |= {f"words-{name}": value for name, value in words.items()}
    return {**sent, "words-reason": "It was not clear.", "then": "keep", **changes}


def draft(client: Client, item: Item, **changes: str) -> str:
    answer = client.post(f"/items/{item.reference}/amendment/", form(item, **changes), follow=True)
    return unescape(answer.content.decode())


def decide(client: Client, item: Item, **said: Any) -> str:
    drafted = Amendment.objects.get(item=item, state="drafted")
    sent = {"digest": drafted.package.digest, "confirm": "on", "others": "on", **said}
    answer = client.post(f"/items/{item.reference}/amendment/approve/", sent, follow=True)
    return unescape(answer.content.decode())


def test_it_is_drafted_verified_looked_at_and_decided(live: Item, writer: Client, approver: Client) -> None:
    assert "Amend or review it" in unescape(writer.get(f"/items/{live.reference}/").content.decode())
    told = draft(writer, live, **{"words-title": NEW})
    assert "is drafted" in told and "It was not clear." in told
    live.refresh_from_db()
    assert live.title != NEW, "what is public stays"
    assert live.reference in unescape(approver.get("/").content.decode()), "approvers find it among what waits"

    before = page(approver, live)
    assert "Can you help us find this person" in before and "has not verified" in before
    inga = signed_in("inga")
    shown(inga, live)
    assert "right person or thing" in page(inga, live)
    digest = Amendment.objects.get().package.digest
    verified = inga.post(f"/items/{live.reference}/verify/", {"digest": digest, "confirm": "on"})
    assert verified["Location"] == f"/items/{live.reference}/amendment/"

    assert "Not shown to you in full yet" in page(approver, live)
    assert "Not shown to you in full" in decide(approver, live)
    shown(approver, live)
    assert "is amended" in decide(approver, live)
    live.refresh_from_db()
    assert live.title == NEW
    assert Post.objects.get().amending == Amendment.objects.get()


def test_whoever_drafted_it_is_told_that_somebody_else_decides(live: Item) -> None:
    both = signed_in("petra", "author", "approver")
    say_why(both)
    draft(both, live, **{"words-title": NEW})
    assert "somebody else must approve it" in page(both, live)
    shown(both, live)
    assert "somebody else must approve it" in decide(both, live)


def test_what_the_rules_refuse_stays_typed(live: Item, writer: Client) -> None:
    told = draft(writer, live, **{"words-caption": "This person was there."})
    assert "Rule R13" in told and "This person was there." in told
    assert not Amendment.objects.exists()


def test_what_a_platform_would_not_take_is_said_at_once(live: Item, writer: Client) -> None:
    told = draft(writer, live, **{"words-title": "x" * 251})
    assert "at most 250" in told.lower() or "250 characters" in told
    assert not Amendment.objects.exists()


def test_the_record_changes_with_the_words(live: Item, writer: Client) -> None:
    told = draft(writer, live, risk="Raised: threats were made.")
    assert "Raised: threats were made." in told
    drafted = Amendment.objects.get()
    assert drafted.changes == {"item": {}, "record": {"risk": "Raised: threats were made."}}


def test_a_form_that_changes_nothing_says_so(live: Item, writer: Client) -> None:
    assert "changes nothing" in draft(writer, live)


def test_it_says_why(live: Item, writer: Client) -> None:
    told = draft(writer, live, **{"words-title": NEW, "words-reason": ""})
    assert "Say why it is amended." in told and NEW in told


def test_it_is_dropped_and_the_author_reads_why(live: Item, writer: Client, approver: Client) -> None:
    draft(writer, live, **{"words-title": NEW})
    say_why(approver)
    url = f"/items/{live.reference}/amendment/drop/"
    assert "Say why" in unescape(approver.post(url, {"drop-reason": ""}).content.decode())
    approver.post(url, {"drop-reason": "Name the road."})
    assert Amendment.objects.get().state == "dropped"
    assert "Name the road." in page(writer, live)


def test_a_review_is_drafted_and_decided(live: Item, writer: Client, approver: Client) -> None:
    later, ends = (noon(days).strftime("%Y-%m-%dT%H:%M") for days in (20, 26))
    sent = {"review-necessity": "Nobody is found.", "review-review_at": later, "review-expires_at": ends}
    url = f"/items/{live.reference}/amendment/review/"
    nothing = writer.post(url, {**sent, "review-necessity": ""})
    assert "Say why it is still necessary" in unescape(nothing.content.decode())
    told = unescape(writer.post(url, sent, follow=True).content.decode())
    assert "Nobody is found." in told
    inga = signed_in("inga")
    for client in (inga, approver):
        say_why(client)
        shown(client, live)
    digest = Amendment.objects.get().package.digest
    inga.post(f"/items/{live.reference}/verify/", {"digest": digest, "confirm": "on"})
    decide(approver, live)
    live.refresh_from_db()
    assert live.expires_at is not None and as_wall(live.expires_at).strftime("%Y-%m-%dT%H:%M") == ends
    record = gates.Case(gates.Step.LIVE, live, TODAY).appeal
    assert as_wall(record.review_at).strftime("%Y-%m-%dT%H:%M") == later
    assert Amendment.objects.get().state == "written"


def test_a_date_too_far_off_is_refused_by_its_rule(live: Item, writer: Client) -> None:
    far = noon(700).strftime("%Y-%m-%dT%H:%M")
    sent = {"review-necessity": "Nobody is found.", "review-review_at": far, "review-expires_at": far}
    told = unescape(writer.post(f"/items/{live.reference}/amendment/review/", sent).content.decode())
    assert "Rule R1" in told and "Nobody is found." in told


def test_the_pictures_are_asked_for_with_a_reason(live: Item, author: Client) -> None:
    assert author.get(f"/items/{live.reference}/amendment/")["Location"].startswith("/why/")


def test_an_approval_of_a_stale_page_is_refused(live: Item, writer: Client, approver: Client) -> None:
    draft(writer, live, **{"words-title": NEW})
    say_why(approver)
    shown(approver, live)
    assert live.package is not None
    told = decide(approver, live, digest=live.package.digest)
    assert "changed while you looked" in told
    live.refresh_from_db()
    assert live.title != NEW


def test_what_is_not_public_has_nothing_to_amend(desk: office_file.Office, author: Client) -> None:
    item = factories.appeal(now=TODAY)
    assert "Nothing of it is public" in page(author, item)


def test_only_what_changes_is_marked() -> None:
    parts = amending.marked(["The road is closed.", "Take care."], ["The road is open again.", "Take care."])
    assert parts == [
        ("", "The road is "), ("out", "closed.\n"), ("in", "open again.\n"), ("", "Take care."),
    ]  # fmt: skip
    assert amending.marked([], ["Said."]) == [("in", "Said.")]
    assert amending.marked(["Said."], ["Said."]) == [("", "Said.")]


def test_dates_that_stand_are_no_change_to_the_second(live: Item, writer: Client) -> None:
    stands = as_wall(live.expires_at).strftime("%Y-%m-%dT%H:%M")
    sent = {"review-necessity": "Nobody is found.", "review-expires_at": stands}
    told = unescape(writer.post(f"/items/{live.reference}/amendment/review/", sent).content.decode())
    assert "changes nothing" in told


def test_what_is_typed_outlives_the_sitting(live: Item, author: Client) -> None:
    answer = author.post(f"/items/{live.reference}/amendment/", form(live, **{"words-title": NEW, "words-reason": ""}))
    assert (answer.status_code, NEW in unescape(answer.content.decode())) == (400, True)
