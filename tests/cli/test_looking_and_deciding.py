"""What officers see and decide from the shell."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from support.commands import Typist, feature

shades = itertools.count(10)


@pytest.fixture
def reference(exercise: Typist, picture: Callable[..., Path]) -> str:
    """A draft of its own."""
    said = exercise(*feature(picture(colour=(next(shades), 0, 0))), "--json")
    return str(said.object["items"][0]["reference"])


def shown(office: Typist, reference: str) -> dict[str, Any]:
    return office("show", reference, "--json").object


def test_show_says_everything_and_who_did_what(exercise: Typist, reference: str) -> None:
    found = shown(exercise, reference)
    assert found["state"] == "draft"
    assert found["author"] == "amara"
    assert [each["act"] for each in found["log"]] == ["item_added"]
    page = exercise("show", reference).out
    assert "Rufus waits for his handler." in page
    assert "item_added" in page


def test_list_can_be_narrowed(exercise: Typist, reference: str) -> None:
    drafts = exercise("list", "--state", "draft", "--json").object["items"]
    assert reference in [each["reference"] for each in drafts]
    assert exercise("list", "--state", "live", "--json").object["items"] == []
    assert exercise("list", "--campaign", "operation-larch", "--json").object["items"] == []
    assert "“gone” is no state. Items: draft" in exercise("list", "--state", "gone").err


def test_what_needs_a_person_is_listed_by_its_cause(exercise: Typist) -> None:
    assert exercise("list", "--attention").out == "There is nothing to do.\n"
    exercise.sql(
        "INSERT INTO pressqueue_notice (cause, words, reference, raised_at, people)"
        " VALUES ('test:1', 'Look.', 'POD-1', ?, '[]')",
        str(datetime.now(UTC)),
    )
    (notice,) = exercise("list", "--attention", "--json").object["notices"]
    assert (notice["cause"], notice["words"], notice["reference"]) == ("test:1", "Look.", "POD-1")


def test_an_item_is_held_and_released_at_the_desk_only(exercise: Typist, reference: str) -> None:
    said = exercise("hold", reference, "--reason", "mourning", "--as", "amara")
    assert said.out.startswith(f"{reference} is held.")
    assert shown(exercise, reference)["held"] is True
    said = exercise("release", reference, "--as", "bran")
    assert said.code == 1
    assert "ended at the desk" in said.err
    assert shown(exercise, reference)["held"] is True


def test_a_whole_campaign_is_held_and_released_at_the_desk_only(exercise: Typist) -> None:
    assert exercise("hold", "--campaign", "operation-larch", "--as", "amara").code == 0
    held = {each["campaign"]: each["held"] for each in exercise("campaign", "list", "--json").object["campaigns"]}
    assert held == {"operation-larch": True, "photo-of-the-day": False}
    assert exercise("release", "--campaign", "operation-larch", "--as", "bran").code == 1


def test_hold_wants_one_thing(exercise: Typist, reference: str) -> None:
    for arguments in ([], [reference, "--campaign", "operation-larch"]):
        said = exercise("hold", *arguments, "--as", "amara")
        assert (said.code, said.err) == (1, "Name one Item, or one campaign with --campaign.\n")


def test_features_or_everything_can_be_frozen(exercise: Typist) -> None:
    for what in ("features", "all"):
        assert exercise("freeze", what, "--as", "bran", "--json").object == {"frozen": what}
        assert exercise.sql("SELECT frozen FROM pressqueue_office") == [(what,)]
    said = exercise("thaw", "--as", "bran")
    assert said.code == 1
    assert "resumed at the desk" in said.err
    assert "“appeals” cannot be paused" in exercise("freeze", "appeals", "--as", "bran").err


def test_any_officer_withdraws_and_twice_is_no_error(exercise: Typist, reference: str) -> None:
    for _ in range(2):
        said = exercise("withdraw", reference, "--reason", "eliminated", "--as", "bran")
        assert (said.code, said.out) == (0, f"{reference} is withdrawn. Nothing of it is up.\n")
    assert shown(exercise, reference)["ended_reason"] == "eliminated"


def test_a_withdrawal_s_reason_is_one_of_the_known(exercise: Typist, reference: str) -> None:
    said = exercise("withdraw", reference, "--reason", "bored", "--as", "bran")
    assert said.code == 1
    assert "“bored” is not a reason to withdraw. Known are: identified" in said.err
    assert shown(exercise, reference)["state"] == "draft"


def unsure(office: Typist, reference: str, **changes: object) -> None:
    """A Post of this Item as a worker leaves it that lost sight of an upload."""
    now = str(datetime.now(UTC))
    ((item,),) = office.sql("SELECT id FROM pressqueue_item WHERE reference = ?", reference)
    content = json.dumps({"files": {}})
    office.sql(
        "INSERT INTO pressqueue_package (item_id, digest, content, made_at) VALUES (?, ?, ?, ?)",
        item, f"{item:064d}", content, now,
    )  # fmt: skip
    ((package,),) = office.sql("SELECT id FROM pressqueue_package WHERE item_id = ?", item)
    values: dict[str, object] = {
        "item_id": item, "package_id": package, "destination": "flickr", "conceals": 1, "mark": "0" * 32,
        "state": "unsure", "urgency": 1, "due_at": now, "not_before": now, "owner": "", "fence": 3, "reason": "",
        "journal": "{}", "title": "", "caption": "", "url": "", "media_urls": "[]", "dressed": 0, "tries": 4,
        "words": "", "looks": "[]", "answered_failures": 0, "created_at": now, "sight_lost_at": now,
    } | changes  # fmt: skip
    marks = ", ".join("?" * len(values))
    office.sql(f"INSERT INTO pressqueue_post ({', '.join(values)}) VALUES ({marks})", *values.values())


def test_an_unsure_post_is_settled_by_the_officer_who_looked(exercise: Typist, reference: str) -> None:
    unsure(exercise, reference)
    said = exercise("settle", reference, "flickr", "--there", f"987{reference[-4:]}", "--as", "amara", "--json")
    assert said.object["state"] == "unsure"  # what is there is looked at before it is believed
    said = exercise("settle", reference, "flickr", "--there", "4711", "--as", "amara")
    assert said.out == "Noted: Publisher checks 4711 at Flickr next, and adopts it if it carries the Mark.\n"


def test_what_is_not_there_is_sent_again(exercise: Typist, reference: str) -> None:
    unsure(exercise, reference)
    said = exercise("settle", reference, "flickr", "--absent", "--as", "amara")
    assert said.out == f"{reference} at Flickr is waiting.\n"


def test_settling_wants_one_answer_about_a_post_that_is_there(exercise: Typist, reference: str) -> None:
    both = exercise("settle", reference, "flickr", "--there", "1", "--absent", "--as", "amara")
    assert both.err == "Say what you saw: --there ID, or --absent.\n"
    none = exercise("settle", reference, "flickr", "--absent", "--as", "amara")
    assert none.err == f"{reference} has no Post at flickr. It has none.\n"


def test_a_withdrawal_out_of_sight_is_not_called_down(exercise: Typist, reference: str) -> None:
    unsure(exercise, reference)
    said = exercise("withdraw", reference, "--as", "bran")
    assert said.out == f"{reference} is withdrawn. Removal in progress: flickr.\n"
    (post,) = shown(exercise, reference)["posts"]
    assert post["confirmed_down"] is False
    assert "not confirmed down" in exercise("list").out


def test_what_failed_is_tried_again(exercise: Typist, reference: str) -> None:
    unsure(exercise, reference, state="failed", words="Flickr refused it.")
    said = exercise("retry", reference, "--as", "amara")
    assert said.out == "Tried again: flickr.\n"
    (post,) = shown(exercise, reference)["posts"]
    assert post["state"] == "waiting"


def test_there_is_nothing_to_retry_where_nothing_failed(exercise: Typist, reference: str) -> None:
    assert exercise("retry", reference, "--as", "amara").err.startswith(f"{reference} has no Post yet")
    unsure(exercise, reference)
    assert "there is nothing to retry" in exercise("retry", reference, "flickr", "--as", "amara").err


CAMPAIGNS = [
    (["x", "--title", "X", "--kind", "gallery", "--prefix", "XX"], "“gallery” is no kind of campaign"),
    (["x", "--title", "X", "--kind", "series", "--prefix", "7"], "two to eight letters"),
    (["operation-larch", "--title", "X", "--kind", "operation", "--prefix", "XX"], "already"),
    (["x", "--title", "X", "--kind", "series", "--prefix", "XX", "--zone", "Mars/Base"], "is not a time zone"),
    (["x", "--title", "X", "--kind", "series", "--prefix", "XX", "--lateness", "0"], "more than 0"),
]


@pytest.mark.parametrize(("arguments", "words"), CAMPAIGNS)
def test_a_campaign_that_cannot_be_is_refused(exercise: Typist, arguments: list[str], words: str) -> None:
    said = exercise("campaign", "add", *arguments, "--as", "amara")
    assert said.code == 1
    assert words in said.err


SLOTS = [
    (["--at", "25:00"], "is no time of day"),
    (["--at", "08:00", "--days", "mon,someday"], "“som” is no day"),
    (["--at", "08:00", "--starts", "2001-01-01"], "is past"),
    (["--at", "08:00", "--starts", "tomorrow"], "is no date"),
]


@pytest.mark.parametrize(("arguments", "words"), SLOTS)
def test_an_hour_that_cannot_be_is_refused(exercise: Typist, arguments: list[str], words: str) -> None:
    said = exercise("slot", "add", "photo-of-the-day", *arguments, "--as", "amara")
    assert said.code == 1
    assert words in said.err


def test_a_campaign_has_one_hour_a_day(exercise: Typist) -> None:
    said = exercise("slot", "add", "photo-of-the-day", "--at", "08:00", "--days", "weekdays", "--as", "amara")
    assert said.out == "photo-of-the-day publishes mon tue wed thu fri 08:00.\n"
    again = exercise("slot", "add", "photo-of-the-day", "--at", "18:00", "--days", "fri,sat", "--as", "amara")
    assert "one feature a day" in again.err
    listed = exercise("campaign", "list").out
    assert "mon tue wed thu fri 08:00" in listed


def test_show_says_who_decided_when_and_how_long_after_it_was_first_shown(exercise: Typist, reference: str) -> None:
    assert shown(exercise, reference)["approvals"] == []
    digest, at = "ab" * 32, "2026-03-02 09:00:00"
    exercise.sql(
        "INSERT INTO pressqueue_package (item_id, digest, content, made_at)"
        " SELECT id, ?, '{}', ? FROM pressqueue_item WHERE reference = ?",
        digest, at, reference,
    )  # fmt: skip
    for seconds, void in ((41.25, "superseded"), (None, "")):
        exercise.sql(
            "INSERT INTO pressqueue_approval (package_id, digest, approver_id, at, rank, seconds, reason, overrides,"
            " break_glass, batch, others, void_at, void_reason)"
            " SELECT package.id, ?, officer.id, ?, 'inspector', ?, '', '{}', 0, 1, 'none', ?, ?"
            " FROM pressqueue_package package, pressqueue_officer officer"
            " WHERE package.digest = ? AND officer.username = 'bran'",
            digest, at, seconds, at if void else None, void, digest,
        )  # fmt: skip
    first, second = shown(exercise, reference)["approvals"]
    assert (first["approver"], first["rank"], first["seconds"], first["void_reason"]) == (
        "bran", "inspector", 41.25, "superseded",
    )  # fmt: skip
    assert (second["seconds"], second["void"]) == (None, None)
    assert (second["batch"], second["others"]) == (True, "none")
    page = exercise("show", reference, COLUMNS="400").out
    assert "bran (inspector)" in page
    assert "41.2 seconds after it was first shown" in page
    assert "void: superseded" in page
    assert "one of a batch" in page
    assert "declared of others in the frame: none" in page


def test_show_says_who_sent_it_back_after_how_long_a_look(exercise: Typist, reference: str) -> None:
    assert shown(exercise, reference)["sent_back"] == []
    digest, at = "ab" * 32, "2026-03-02 09:00:00"
    exercise.sql(
        "INSERT INTO pressqueue_package (item_id, digest, content, made_at)"
        " SELECT id, ?, '{}', ? FROM pressqueue_item WHERE reference = ?",
        digest, at, reference,
    )  # fmt: skip
    exercise.sql(
        "INSERT INTO pressqueue_sentback (package_id, officer_id, at, seconds, batch)"
        " SELECT package.id, officer.id, ?, 9.5, 1 FROM pressqueue_package package, pressqueue_officer officer"
        " WHERE package.digest = ? AND officer.username = 'bran'",
        at, digest,
    )  # fmt: skip
    [sent] = shown(exercise, reference)["sent_back"]
    assert (sent["officer"], sent["digest"], sent["seconds"], sent["batch"]) == ("bran", digest, 9.5, True)
    assert "9.5 seconds after it was first shown" in exercise("show", reference, COLUMNS="400").out


def test_hours_are_changed_and_removed_and_a_campaign_edited_and_closed(exercise: Typist) -> None:
    new = ["--title", "Police dogs", "--kind", "series", "--prefix", "DOG", "--as", "amara"]
    assert exercise("campaign", "add", "dogs", *new).code == 0
    added = exercise("slot", "add", "dogs", "--at", "08:00", "--as", "amara", "--json").object["slot"]
    number = str(added["slot"])
    changed = exercise("slot", "change", number, "--at", "09:30", "--days", "weekends", "--as", "amara", "--json")
    assert changed.object["slot"]["at"] == "09:30"
    assert "has ended already" in exercise("slot", "end", number, "--as", "amara").err
    assert exercise("slot", "end", str(changed.object["slot"]["slot"]), "--as", "amara").code == 0
    edited = exercise("campaign", "edit", "dogs", "--title", "A picture a day", "--as", "amara", "--json")
    assert edited.object["title"] == "A picture a day"
    assert exercise("campaign", "edit", "dogs", "--contact", "Call 101", "--as", "amara").code == 0
    assert exercise.sql("SELECT contact FROM pressqueue_campaign WHERE slug = 'dogs'") == [("Call 101",)]
    assert exercise("campaign", "edit", "dogs", "--as", "amara").code == 1
    assert exercise("campaign", "close", "dogs", "--as", "amara", "--json").object["closed"] is True
    assert "is closed" in exercise("slot", "add", "dogs", "--at", "08:00", "--as", "amara").err
