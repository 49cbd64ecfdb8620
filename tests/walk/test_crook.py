"""Crook v Chief Constable of Essex [2015] EWHC 988 (QB), played through with invented people.

A man was named among the "Most Wanted" with his custody photograph and an alleged rape. He had not been looked for
enough, nobody had weighed a worldwide reach, and no further action was taken against him.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pressqueue.errors import GatesClosed
from pressqueue.models import Approval, Item, Notice, Post, Subject
from pressqueue.moves import items, subjects

from support import factories
from support.press_office import Newsroom

NAME = "Rowan Ash"
CAPTION = (
    f"Have you seen {NAME}? We would like to speak to him in connection with a reported assault. Crimestoppers: "
    "0800 555 111. Text relay: 18001 101. Call 101 quoting {reference}."
)
JUSTIFIED = {"source": "custody", "custody_reason": "It is the only picture in which he can be recognised."}


@pytest.fixture
def rowan(newsroom: Newsroom) -> Subject:
    return factories.person(now=newsroom.clock.now, name=NAME)


def wanted(room: Newsroom, person: Subject, record: dict[str, Any] | None = None, **changes: Any) -> Item:
    """A draft of now for his custody photograph, with everything an appeal by name must answer."""
    now = room.clock.now
    answers = factories.wanted_record(
        now, investigator=factories.officer("inga", "investigator"), **{**JUSTIFIED, **(record or {})}
    )
    words: dict[str, Any] = {
        "title": f"Have you seen {NAME}? {{reference}}",
        "caption": CAPTION,
        "alt_text": "A man with short fair hair, from the front.",
        "destinations": ["flickr"],
        "publish_from": now,
        "publish_until": now + timedelta(hours=40),
        "expires_at": now + timedelta(days=28),
        **changes,
    }
    return items.add_item(
        factories.author(), campaign=factories.operation(), kind="wanted", original=room.received(), subjects=[person],
        record=answers, now=now, **words,
    )  # fmt: skip


UNWEIGHED = {
    "no other means tried": ({"means_tried": []}, "R1", "at least one other means that was tried"),
    "nobody looked for him first": ({"attempts_to_locate": " "}, "R19", "what was done to find the person first"),
    "the reach of a worldwide platform not weighed": ({"reach": ""}, "R1", "why a worldwide platform is"),
    "no word why the custody photograph": ({"custody_reason": ""}, "R19", "why a custody photograph is used"),
    "proportionality": ({"proportionality": ""}, "R1", "why it is proportionate"),
    "an old photograph": ({"image_taken_on": None}, "R19", "when the picture was taken"),
}


@pytest.mark.parametrize("what", UNWEIGHED)
def test_an_appeal_by_name_whose_necessity_nobody_wrote_down_gets_no_further_than_its_draft(
    newsroom: Newsroom, rowan: Subject, what: str
) -> None:
    missing, number, words = UNWEIGHED[what]
    item = wanted(newsroom, rowan, missing)
    with pytest.raises(GatesClosed) as closed:
        newsroom.ready(item)
    assert [each for each, _ in closed.value.failures] == [number]
    assert words in closed.value.failures[0][1]
    newsroom.ring()
    assert newsroom.public() == []


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("title", "Have you seen the rapist Rowan Ash? {reference}"),
        ("caption", f"This attacker is sought. {CAPTION}"),
        ("alternative text", "A rapist with short fair hair."),
        ("tags", ["rapist"]),
    ],
)
def test_no_heading_makes_him_a_rapist(newsroom: Newsroom, rowan: Subject, field: str, words: Any) -> None:
    item = newsroom.ready(wanted(newsroom, rowan, **{"alt_text" if field == "alternative text" else field: words}))
    with pytest.raises(GatesClosed, match=f"in the {field}") as closed:
        newsroom.approve(item)
    assert {number for number, _ in closed.value.failures} == {"R13"}
    assert not Approval.objects.exists()


def test_nobody_unidentified_is_put_among_the_most_wanted(newsroom: Newsroom) -> None:
    gallery = factories.operation("most-wanted", prefix="MWA", title="Most wanted")
    item = newsroom.ready(newsroom.appeal(campaign=gallery))
    with pytest.raises(GatesClosed, match="“Most wanted” in the campaign title"):
        newsroom.approve(item)


def test_control_weighed_and_worded_he_is_shown(newsroom: Newsroom, rowan: Subject) -> None:
    newsroom.approved(wanted(newsroom, rowan))
    newsroom.ring()
    assert len(newsroom.public()) == 1


@pytest.mark.first_row
@pytest.mark.parametrize("state", ["arrested", "bailed_rui", "charged", "concluded_not_guilty", "nfa"])
def test_once_he_is_found_or_the_case_is_over_his_picture_is_gone_within_minutes(
    newsroom: Newsroom, rowan: Subject, state: str
) -> None:
    item = newsroom.approved(wanted(newsroom, rowan))
    newsroom.ring()
    recorded = newsroom.clock.now
    assert subjects.record_check(factories.author(), rowan, state, name="PNC", now=recorded) == [item]
    newsroom.ring()
    assert newsroom.public() == []
    post = Post.objects.get()
    assert post.state == "removed"
    assert post.removed_at is not None
    assert post.removed_at - recorded < timedelta(minutes=5)
    with pytest.raises(GatesClosed) as closed:
        wanted(newsroom, rowan)  # nor is he queued again
    assert {number for number, _ in closed.value.failures} == {"R22"}


@pytest.mark.parametrize("state", ["arrested", "nfa"])
def test_what_was_approved_and_waits_does_not_go_out_after_it(newsroom: Newsroom, rowan: Subject, state: str) -> None:
    due = newsroom.clock.now + timedelta(hours=2)
    item = newsroom.approved(wanted(newsroom, rowan, publish_from=due))
    subjects.record_check(factories.author(), rowan, state, name="PNC", now=newsroom.clock.now)
    newsroom.until(due + timedelta(hours=1), every=timedelta(hours=1))
    assert newsroom.public() == []
    assert Item.objects.get(pk=item.pk).state == "withdrawn"


def test_he_is_not_shown_on_a_look_at_proceedings_older_than_a_day(newsroom: Newsroom, rowan: Subject) -> None:
    """R24: an arrest may have been made since. The control: looked up again, he is shown."""
    due = newsroom.clock.now + timedelta(hours=30)
    item = newsroom.approved(wanted(newsroom, rowan, publish_from=due))
    newsroom.until(due + timedelta(hours=1), every=timedelta(hours=5))
    assert newsroom.public() == []
    assert Notice.objects.filter(reference=item.reference, words__contains="Look up the proceedings").exists()
    subjects.record_check(factories.bystander(), rowan, "none", name="PNC", now=newsroom.clock.now)
    newsroom.until(newsroom.clock.now + timedelta(hours=1), every=timedelta(minutes=10))
    assert len(newsroom.public()) == 1
