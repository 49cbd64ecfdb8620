"""Every page and row about an Item says what is true of it: by its state, its holds, and where its Posts are."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client

from pressqueue.models import Item, Post
from pressqueue.states import ItemState, PostState
from publisher.cli import listing, show
from publisher.cli.items import described
from publisher.scheduling import schedule_text

from support import factories
from support.factories import NOW

DOWN = ("removing", "removed", "cancelled")
PUBLIC = ("revealing", "live", "blocked", "missing")
PENDING = ("waiting", "sending", "concealed")
PROMISES = re.compile(r"goes out|will be published|if nothing changes|will go out", re.IGNORECASE)


@dataclass(frozen=True)
class Position:
    """What an Item is in, and what its page may say."""

    state: str
    held: bool
    post: str  # "" where there is none
    label: str
    words: str  # part of what stands beside the label
    promises: bool = False  # whether anything may promise that it goes out


def _table() -> list[Position]:
    rows = [Position(state, held, "", schedule_text.PLANNED, "") for state in ("draft", "submitted", "in_review")
            for held in (False, True)]  # fmt: skip
    rows += [Position("approved", False, post, schedule_text.GOES_OUT, "", promises=True) for post in ("", *PENDING)]
    rows += [Position("approved", True, post, schedule_text.PLANNED, "but held") for post in ("", *PENDING)]
    for held in (False, True):
        rows.append(Position("approved", held, "failed", schedule_text.REFUSED, "every platform refused it"))
        rows.append(Position("approved", held, "unsure", schedule_text.UNSURE, "is checking with the platform"))
    rows += [Position("approved", held, post, schedule_text.PUBLIC, "") for post in PUBLIC for held in (False, True)]
    for state in ("withdrawn", "expired"):
        rows.append(Position(state, False, "", schedule_text.OVER, "no copy was ever published"))
        rows.append(Position(state, False, "cancelled", schedule_text.OVER, "no copy was ever published"))
        rows.append(Position(state, False, "removing", schedule_text.OVER, "are being removed"))
        rows.append(Position(state, False, "removed", schedule_text.OVER, "every published copy was removed"))
        rows.append(Position(state, False, "unsure", schedule_text.OVER, "are being removed"))
    return rows


TABLE = _table()


def test_the_table_has_every_state() -> None:
    assert {each.state for each in TABLE} == set(ItemState)
    assert {each.post for each in TABLE} - {""} == set(PostState)


def _placed(position: Position) -> Item:
    item = factories.approved(factories.feature(publish_from=NOW, publish_until=NOW + timedelta(hours=12)))
    if position.post:
        post = factories.posted(item)
        gone = position.state in ("withdrawn", "expired")
        was_public = position.post in (*PUBLIC, "removing", "removed")
        Post.objects.filter(pk=post.pk).update(
            state=position.post,
            revealing_at=NOW if was_public else None,
            live_at=NOW if was_public and position.post != "revealing" else None,
            take_down_asked_at=NOW if gone else None,
            removed_at=NOW if position.post == "removed" else None,
        )
    Item.objects.filter(pk=item.pk).update(
        state=position.state, held=position.held, ended_reason="withdrawn" if position.state == "withdrawn" else ""
    )
    return Item.objects.get(pk=item.pk)


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is read at the moment the small world begins."""
    monkeypatch.setattr("publisher.desk.views.item.database_now", lambda: NOW)


def _text(page: str) -> str:
    """What is read of the page's body: no code, no hidden attribute, no rule's own meaning."""
    body = page[page.index("<main") : page.index('aria-labelledby="rules"') if 'labelledby="rules"' in page else None]
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", body).split()))


@pytest.mark.parametrize("position", TABLE, ids=lambda each: f"{each.state}-{'held' * each.held}-{each.post}")
def test_pages_rows_and_commands_say_where_it_is(position: Position, author: Client) -> None:
    item = _placed(position)
    seen = schedule_text.of(item, NOW)
    assert seen.label == position.label
    assert position.words in seen.words
    page = _text(author.get(f"/items/{item.reference}/").content.decode())
    assert f"{seen.label} {seen.words}" in page
    listed, shown = (
        _cells(listing._queue_table([item], {}, {}, NOW)),
        _cells(show._page(_found(item), seen, "Europe/London")),
    )
    assert f"{seen.label}: {seen.words}" in listed
    assert seen.words in shown
    for text in (page, listed, shown):
        assert " UTC" not in text
        if not position.promises:
            kept = text.replace("It does not go out until it is released", "").replace("never goes out", "")
            assert not PROMISES.search(kept), kept


def _found(item: Item) -> dict[str, object]:
    return {**described(item), "before_its_hour": [], **show._more(item)}


def _cells(table: object) -> str:
    return " ".join(str(cell) for column in table.columns for cell in column.cells)  # type: ignore[attr-defined]  # a Table


def test_a_time_that_has_passed_is_not_the_time_it_goes_out() -> None:
    item = factories.approved(factories.feature(publish_from=NOW, publish_until=NOW + timedelta(hours=4)))
    assert (
        schedule_text.of(item, NOW - timedelta(hours=1)).words
        == "between Mon 2 Mar 2026, 09:00 and Mon 2 Mar 2026, 13:00"
    )
    assert schedule_text.of(item, NOW + timedelta(hours=1)).words == (
        "now: its time began Mon 2 Mar 2026, 09:00 and ends Mon 2 Mar 2026, 13:00"
    )
    assert (
        schedule_text.of(item, NOW + timedelta(hours=5)).words
        == "a time that has passed: it ended Mon 2 Mar 2026, 13:00"
    )


HELD = {
    "live": ("is held, and STAYS PUBLIC: a hold takes nothing down. To take it down: `publisher withdraw"),
    "removing": "is held. It is coming down already",
    "waiting": "is held. It does not go out until it is released.",
    "": "is held. It does not go out until it is released.",
}


@pytest.mark.parametrize(("post", "words"), HELD.items(), ids=[name or "none" for name in HELD])
def test_a_hold_says_what_it_did_and_what_it_did_not(post: str, words: str, author: Client) -> None:
    item = _placed(Position("approved", False, post, "", ""))
    answer = author.post(f"/items/{item.reference}/hold/", {"hold-reason": "A question."}, follow=True)
    assert f"{item.reference} {words}" in html.unescape(answer.content.decode())


def test_taking_an_operation_down_says_the_same_before_and_after(author: Client) -> None:
    for position in (
        Position("approved", False, "live", "", ""), Position("approved", False, "waiting", "", ""),
        Position("withdrawn", False, "removed", "", ""), Position("withdrawn", False, "removing", "", ""),
        Position("draft", False, "", "", ""),
    ):  # fmt: skip
        _placed(position)
    address = f"/holds/{factories.series().slug}/take-down/"
    assert "4 Items, 2 copies at the platforms." in author.get(address).content.decode()
    answer = author.post(address, {"confirm": "PHOTO of the  day"}, follow=True)
    assert "has begun: 4 Items, 2 copies." in html.unescape(answer.content.decode())


@pytest.mark.parametrize("typed", ["Photo of the day", "photo-of-the-day", "PHOTO-OF-THE-DAY", " photo of the day "])
def test_an_operation_is_named_by_its_title_or_its_short_name(typed: str) -> None:
    from publisher.desk.forms.stopping import OperationForm

    assert OperationForm(factories.series(), {"confirm": typed}).is_valid()
    assert not OperationForm(factories.series(), {"confirm": "photo"}).is_valid()


def test_the_same_file_again_is_warned_of() -> None:
    from publisher.publishing import readiness

    live = _placed(Position("approved", False, "live", "", ""))
    again = factories.feature(original=live.original)
    assert readiness.same_picture(again) == f"The same file is public already, as {live.reference}."
    Post.objects.update(state="removed")
    Item.objects.filter(pk=live.pk).update(state="withdrawn")
    assert readiness.same_picture(again) == ""
    third = factories.feature(original=live.original)
    assert readiness.same_picture(third) == f"The same file is queued already, as {again.reference}."
