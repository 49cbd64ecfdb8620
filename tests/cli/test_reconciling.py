"""`reconcile`, `adopt` and both readings of `settle`, as people type them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from publisher.exercise.sandbox.control import Control

from support.commands import Said, Typist, appeal, copied, feature

AS = ("--as", "amara")
shades = itertools.count(60)


@pytest.fixture
def control(stand_in: object) -> Control:
    steered: Control = stand_in.control  # type: ignore[attr-defined]
    return steered


@pytest.fixture
def empty(control: Control) -> Iterator[None]:
    """An account with nothing in it, before and after."""
    yield
    for name in ("flickr", "youtube"):
        for thing in control.things(name):
            if thing["deleted"] is None:
                control.delete(name, thing["id"])


@pytest.fixture
def office(exercise_folder: Path, tmp_path: Path, empty: None) -> Iterator[Typist]:
    with Typist(copied(exercise_folder, tmp_path)) as typist:
        yield typist


def reconciled(office: Typist, *arguments: str) -> Said:
    return office("reconcile", *arguments)


def test_what_is_there_and_unknown_is_reported_until_somebody_acknowledges_it(office: Typist, control: Control) -> None:
    assert (reconciled(office).code, reconciled(office).out) == (0, "Nothing differs.\n")
    (strange,) = control.plant("flickr", title="Put there by hand")
    said = reconciled(office, "flickr", "--json")
    assert said.code == 1
    (row,) = said.object["differences"]
    assert (row["remote_id"], row["kind"], row["platform"]) == (strange, "unknown", "public: Put there by hand")
    table = reconciled(office)
    assert (table.code, strange in table.out, "Put there by hand" in table.out) == (1, True, True)
    assert office("reconcile", "--acknowledge", "4711", *AS).err.startswith("There is no difference 4711")
    assert office("reconcile", "--acknowledge", str(row["id"]), *AS).out == "1 acknowledged, 0 left.\n"
    assert (reconciled(office).code, reconciled(office).out) == (0, "Nothing differs.\n")
    control.plant("flickr", title="Another")
    assert reconciled(office).code == 1
    assert office("reconcile", "--acknowledge", "all", *AS, "--json").object["left"] == 0


def test_nobody_acknowledges_without_a_name(office: Typist, control: Control) -> None:
    control.plant("flickr")
    reconciled(office)
    said = office("reconcile", "--acknowledge", "all")
    assert (said.code, said.err.startswith("Who is acting?")) == (1, True)


def test_an_account_that_does_not_answer_is_named_and_the_others_are_reconciled(
    office: Typist, control: Control
) -> None:
    control.fault("flickr.people.getPhotos", "503")
    said = reconciled(office, "--json")
    assert said.code == 1
    assert [each["destination"] for each in said.object["failed"]] == ["flickr"]
    assert [each["destination"] for each in said.object["accounts"]] == ["youtube"]
    assert "503" not in said.out + said.err
    assert reconciled(office, "nowhere").err == "There is no account nowhere. There are: flickr, youtube.\n"


def test_an_office_that_was_not_restored_has_nothing_to_resume(office: Typist) -> None:
    said = office("reconcile", "--resume", "--as", "bran")
    assert (said.code, "was not restored" in said.err) == (1, True)


def test_a_restored_office_sends_again_once_every_account_was_reconciled(office: Typist) -> None:
    office.sql("UPDATE pressqueue_office SET recovering_since = ?", str(datetime.now(UTC)))
    refused = office("reconcile", "--resume", "--as", "bran")
    assert (refused.code, "flickr, youtube" in refused.err) == (1, True)
    assert reconciled(office).code == 0
    assert office("reconcile", "--resume", "--as", "bran").code == 0
    assert office.sql("SELECT recovering_since FROM pressqueue_office") == [(None,)]


def test_the_first_day_lists_what_was_there_and_each_is_decided_about(
    office: Typist, control: Control, picture: Callable[..., Path]
) -> None:
    kept, reviewed, linked, down, other = control.plant("flickr", 5, title="Before us {n}")
    listed = office("adopt", "--json", *AS).object
    assert (listed["new"], len(listed["open"])) == ({"flickr": 5, "youtube": 0}, 5)
    assert reconciled(office).code == 0, "what was taken stock of is known"
    (notice,) = office("list", "--attention", "--json").object["notices"]
    assert (notice["cause"], "Before us" in notice["words"]) == ("inherited:flickr", False)

    tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT12:00}"
    sought = _numbered(office, picture()).lower()
    assert office("adopt", "--keep", kept, *AS).out == "1 of 1: may stay.\n"
    assert office("adopt", "--review", reviewed, "--owner", "bran", "--expires", tomorrow, *AS).code == 0
    assert office("adopt", "--link", linked, "--subject", sought, *AS).code == 0
    withdrawn = office("adopt", "--withdraw", down, "--reason", "consent_withdrawn", *AS, "--json").object
    assert (withdrawn["things"][0]["decision"], withdrawn["things"][0]["removed"]) == ("withdrawn", None)
    assert office("adopt", "--keep", down, *AS).err.startswith(f"{down} at Flickr was withdrawn")
    assert office("adopt", "--all", *AS).out == "1 of 1: may stay.\n"
    assert office("list", "--attention").out == "There is nothing to do.\n"
    acts = [
        act for (act,) in office.sql("SELECT act FROM pressqueue_entry WHERE act LIKE 'inherited_%' ORDER BY number")
    ]
    assert acts == ["inherited_listed", "inherited_kept", "inherited_review", "inherited_linked",
                    "inherited_withdrawn", "inherited_kept"]  # fmt: skip
    for _ in range(3):
        office("tick", "--only", "withdraw")
    assert {thing["id"] for thing in control.things("flickr") if thing["deleted"] is not None} >= {down}
    ((other_decision,),) = office.sql("SELECT decision FROM pressqueue_inherited WHERE remote_id = ?", other)
    assert other_decision == "kept"


def test_a_review_whose_time_has_passed_is_told_to_its_owner(office: Typist, control: Control) -> None:
    (thing,) = control.plant("flickr")
    office("adopt", *AS)
    tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT12:00}"
    office("adopt", "--review", thing, "--owner", "bran", "--expires", tomorrow, *AS)
    office.sql("UPDATE pressqueue_inherited SET expires_at = ?", str(datetime.now(UTC) - timedelta(days=1)))
    office("tick", "--only", "clock")
    (notice,) = office("list", "--attention", "--json").object["notices"]
    assert notice["words"].startswith(f"For bran: the review of {thing} at Flickr is over.")
    office("adopt", "--keep", thing, *AS)
    assert office("list", "--attention").out == "There is nothing to do.\n"


@pytest.mark.first_row
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--keep", "1", "--withdraw", "2"], "one decision at a time"),
        (["--review", "1", "--owner", "bran"], "needs all of"),
        (["--link", "1"], "needs both"),
        (["--keep", "4711"], "Nothing inherited has the id 4711"),
        (["nowhere"], "There is no account nowhere"),
    ],
)
def test_what_adopt_refuses(arguments: list[str], words: str, office: Typist) -> None:
    said = office("adopt", *arguments, *AS)
    assert (said.code, words in said.err) == (1, True)


@pytest.fixture
def unsure(office: Typist, picture: Callable[..., Path]) -> str:
    """An Item whose Post at Flickr is unsure, as straight into the database as only a test may."""
    reference = office(*feature(picture(colour=(next(shades), 0, 0))), "--json").object["items"][0]["reference"]
    now, mark = str(datetime.now(UTC)), "ab" * 16
    ((item, original),) = office.sql("SELECT id, original_id FROM pressqueue_item WHERE reference = ?", reference)
    office.sql(
        "INSERT INTO pressqueue_package (item_id, digest, content, made_at) VALUES (?, ?, '{}', ?)",
        item, original, now,
    )  # fmt: skip
    ((package,),) = office.sql("SELECT id FROM pressqueue_package WHERE item_id = ?", item)
    values: dict[str, object] = dict.fromkeys(
        ("owner", "reason", "caption", "url", "words"), ""
    ) | {
        "item_id": item, "package_id": package, "destination": "flickr", "conceals": 1, "mark": mark,
        "state": "unsure", "urgency": 1, "due_at": now, "not_before": now, "fence": 1, "journal": "{}",
        "title": "Day 7 - Rufus", "media_urls": "[]", "dressed": 0, "tries": 0, "looks": "[]", "created_at": now,
        "sight_lost_at": now, "answered_failures": 0,
    }  # fmt: skip
    names = ", ".join(values)
    office.sql(f"INSERT INTO pressqueue_post ({names}) VALUES ({', '.join('?' * len(values))})", *values.values())
    return str(reference)


def test_settle_without_an_answer_shows_both_readings(office: Typist, control: Control, unsure: str) -> None:
    (ours,) = control.plant("flickr", tags=["publisher:mark=" + "ab" * 16], title="Day 7 - Rufus", visibility="private")
    (near,) = control.plant("flickr", title="Somebody else's")
    control.plant("flickr", title="Long ago", created=0)
    both = office("settle", unsure, "flickr", "--json").object
    assert (both["ledger"]["state"], both["ledger"]["title"]) == ("unsure", "Day 7 - Rufus")
    assert [each["remote_id"] for each in both["platform"]["with_our_mark"]] == [ours]
    assert [each["remote_id"] for each in both["platform"]["nearest"]] == [near]
    page = office("settle", unsure, "flickr")
    for words in ("unsure", "not yet", ours, near, "private"):
        assert words in page.out
    assert f"publisher settle {unsure} flickr --there ID" in page.err


def test_settle_says_so_where_the_platform_cannot_be_read(office: Typist, control: Control, unsure: str) -> None:
    control.fault("flickr.people.getPhotos", "503")
    said = office("settle", unsure, "flickr", "--json")
    assert said.code == 0
    assert said.object["ledger"]["state"] == "unsure"
    assert said.object["platform"]["trouble"].startswith("What Flickr shows cannot be said now.")


def _numbered(office: Typist, file: Path) -> str:
    """Somebody's number, given with a draft that shows them."""
    (made,) = office(*appeal(file), "--new-subject", "--json").object["items"]
    (number,) = made["subjects"]
    return str(number)
