"""The table of tamperings: by what name both commands find each at once, and when the hourly check does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import typer

from pressqueue import audit, sealing
from pressqueue.models import Alarm, ChainHead, Notice, Post, Subject
from pressqueue.moves import alarms, holds, public_texts, subjects
from publisher.cli import listing
from publisher.evidence import integrity
from publisher.output import Declined
from publisher.register import sync
from publisher.setup import checks

from support import anchored_office, factories
from support.factories import NOW
from support.loops import at_least_one
from support.tampering import (
    FALSE,
    SQLITE,
    Scene,
    anchors_of_their_own,
    append,
    change_about,
    change_anchor,
    change_text,
    cut_anchors,
    cut_off,
    delete_texts,
    empty_package,
    forge_checkpoint,
    forget_anchors,
    hide_entry,
    index_nothing,
    insert_approval,
    never_fires,
    no_ops,
    once,
    remove_anchors,
    remove_newest_seal,
    replace_package,
    rewrite,
    rewrite_and_high_water,
    show_elsewhere,
    spoil_about,
    spoil_package,
    sql,
    stop_then,
    take_out,
    taken_back,
)


@dataclass(frozen=True)
class Tampering:
    """`hours`: within how many the hourly check finds it. `unseen`: the log by its hashes and names alone holds."""

    do: Callable[[Scene], None]
    found: str
    hours: int
    unseen: bool = True


TAMPERINGS = {
    "the log is rewritten and chained anew": Tampering(rewrite, "head", 1),
    "the log is rewritten, the high-water file too": Tampering(rewrite_and_high_water, "anchors", 1),
    "an entry is appended": Tampering(append, "head", 1),
    "the newest entry is cut off": Tampering(cut_off, "head", 1),
    "log, seals and high-water file are taken back to an earlier day": Tampering(taken_back, "anchors", 1),
    "an entry is taken out": Tampering(take_out, "chain", 1, unseen=False),
    "the texts are deleted": Tampering(delete_texts, "texts", 24),
    "an entry is hidden from the page of its item": Tampering(hide_entry, "chain", 24, unseen=False),
    "an entry is shown on the page of another item": Tampering(show_elsewhere, "chain", 24, unseen=False),
    "the page of an item names an entry that never was": Tampering(index_nothing, "chain", 1, unseen=False),
    "an entry is about something else": Tampering(change_about, "chain", 24, unseen=False),
    "an entry is about nothing that can be read": Tampering(spoil_about, "chain", 24, unseen=False),
    "a text is changed": Tampering(change_text, "chain", 24, unseen=False),
    "triggers that do nothing have the right names": Tampering(no_ops, "guards", 1),
    "a trigger never fires": Tampering(never_fires, "guards", 1),
    "the anchors are gone": Tampering(remove_anchors, "anchors", 1),
    "the anchors and the memory of them are gone": Tampering(forget_anchors, "head", 1),
    "the newest anchor is cut off": Tampering(cut_anchors, "anchors", 1),
    "an anchor is changed": Tampering(change_anchor, "anchors", 1),
    "the anchors are somebody else's": Tampering(anchors_of_their_own, "anchors", 1),
    "a checkpoint is forged": Tampering(forge_checkpoint, "checkpoint", 1),
    "an approval is inserted": Tampering(insert_approval, "rows", 24),
    "an approval is changed": Tampering(once("UPDATE pressqueue_approval SET rank = 'chief constable'"), "rows", 1),
    "what was approved says something else": Tampering(
        once("UPDATE pressqueue_package SET content = replace(content, 'Rufus', 'Rex')"), "rows", 1
    ),
    "what was approved is another thing": Tampering(replace_package, "rows", 1),
    "what was approved describes nothing": Tampering(empty_package, "rows", 1),
    "what was approved is no JSON": Tampering(spoil_package, "rows", 1),
    "what was approved is said to be purged": Tampering(
        once("UPDATE pressqueue_package SET content = '{\"purged\": true}'"), "rows", 1
    ),
    "an approved item comes down later": Tampering(
        once("UPDATE pressqueue_item SET expires_at = '2099-01-01 00:00:00'"), "rows", 24
    ),
    "an approved item is to be made from other boxes": Tampering(
        once("UPDATE pressqueue_item SET redactions = '[[1, 1, 2, 2]]'"), "rows", 24
    ),
    "an officer gets a role": Tampering(
        once(f"UPDATE pressqueue_officer SET may_approve = {'1' if SQLITE else 'true'} WHERE username = 'amara'"),
        "rows", 1,
    ),
    "an officer gets a rank": Tampering(
        once("UPDATE pressqueue_officer SET rank = 'superintendent' WHERE username = 'inga'"), "rows", 24
    ),
    "who edited is taken out": Tampering(once("DELETE FROM pressqueue_edit"), "rows", 1),
    "a hold is cleared": Tampering(
        stop_then(
            lambda scene: holds.hold(factories.approver(), scene.post.item, "Wait.", now=NOW),
            f"UPDATE pressqueue_item SET held = {FALSE}",
        ),
        "rows", 1,
    ),
    "a hold is cleared, its seal taken out": Tampering(remove_newest_seal, "seals", 1),
    "a campaign's hold is cleared": Tampering(
        stop_then(
            lambda scene: holds.hold_campaign(factories.approver(), scene.post.item.campaign, "Wait.", now=NOW),
            f"UPDATE pressqueue_campaign SET held = {FALSE}",
        ),
        "rows", 1,
    ),
    "a freeze is cleared": Tampering(
        stop_then(
            lambda _: holds.freeze(factories.approver(), "all", now=NOW), "UPDATE pressqueue_office SET frozen = 'none'"
        ),
        "rows", 1,
    ),
    "an outcome is cleared": Tampering(
        stop_then(
            lambda _: subjects.outcome(factories.approver(), Subject.objects.get(), "eliminated", now=NOW),
            "UPDATE pressqueue_subject SET outcome = ''",
        ),
        "rows", 24,
    ),
    "a blocked picture is free again": Tampering(
        stop_then(
            lambda _: subjects.outcome(factories.approver(), Subject.objects.get(), "eliminated", now=NOW),
            "DELETE FROM pressqueue_blockedimage",
        ),
        "rows", 24,
    ),
    "a standing text is in force again": Tampering(
        once(
            "UPDATE pressqueue_standingtext SET ended_at = NULL"
        ),
        "rows", 24,
    ),
    "an alarm is ended": Tampering(
        stop_then(
            lambda _: alarms.raise_alarm("earlier", "Something was found.", now=NOW),
            "UPDATE pressqueue_alarm SET ended_at = '2026-03-02 09:00:00+00:00'",
        ),
        "rows", 1,
    ),
}  # fmt: skip


@pytest.fixture
def scene(db: None, tmp_path: Path) -> Scene:
    factories.office()
    made = anchored_office.opened(tmp_path)
    made.key()
    body = "The appeal {reference} is over. Please do not share it any more."
    text = public_texts.draft_text(factories.author(), "tombstone", None, body=body, now=NOW)
    public_texts.drop_text(
        factories.author(), public_texts.approve_text(factories.approver(), text, text.digest, now=NOW), now=NOW
    )
    factories.in_review(factories.appeal())
    made.day()
    copy = ChainHead.objects.values().get()
    item = factories.approved(factories.feature(title="Rufus - Northshire Police"))
    post = factories.posted(item)
    made.day()
    sync.run_round(made.office, NOW)
    assert integrity.run_round(made.office, NOW) == 0
    assert not Alarm.objects.exists()
    return Scene(made, Post.objects.select_related("item__campaign").get(pk=post.pk), dict(copy))


@pytest.mark.first_row
@pytest.mark.parametrize("name", TAMPERINGS)
def test_it_is_found_by_name_by_both_commands_at_once_and_by_the_hourly_check_in_time(
    name: str, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = TAMPERINGS[name]
    row.do(scene)
    if row.unseen:  # the control: what was looked at before is satisfied
        assert audit.verify() > 0
    assert f"{row.found}: " in verified(scene, monkeypatch)
    (finding,) = [each for each in checks._database(scene.notary.office) if each.what == "integrity"]
    assert not finding.right
    assert f"[{row.found}]" in finding.words
    assert row.found in alarms_within(row.hours, scene)


def verified(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> str:
    """What `publisher audit verify` says against it."""
    monkeypatch.setattr(listing, "enter", lambda _: scene.notary)
    with pytest.raises(Declined) as said:
        listing.verify(typer.Context(typer.main.get_command(typer.Typer(callback=lambda: None))))
    return str(said.value)


def alarms_within(hours: int, scene: Scene) -> set[str]:
    """The causes of what the hourly check raises first, in so many hours."""
    before = set(Alarm.objects.values_list("pk", flat=True))
    for hour in range(1, hours + 1):
        integrity.run_round(scene.notary.office, NOW + timedelta(hours=hour))
        if causes := set(Alarm.objects.exclude(pk__in=before).values_list("cause", flat=True)):
            return causes
    return set()


def test_nothing_is_found_where_nothing_was_touched(scene: Scene) -> None:
    for hour in range(1, 26):
        holds.hold(factories.approver(), scene.post.item, "Wait.", now=NOW)
        factories.release(scene.post.item)
        integrity.run_round(scene.notary.office, NOW + timedelta(hours=hour))
    assert not Alarm.objects.exists()
    assert integrity.of_everything(scene.notary.office) == []


def test_a_missing_key_is_told_until_it_is_back_and_raises_no_alarm(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = sealing.port.key
    monkeypatch.setattr(sealing.port, "key", None)
    integrity.run_round(scene.notary.office, NOW + timedelta(hours=1))
    assert Notice.objects.filter(cause=integrity.KEY_CAUSE, cleared_at__isnull=True).exists()
    assert not Alarm.objects.exists()
    monkeypatch.setattr(sealing.port, "key", key)
    integrity.run_round(scene.notary.office, NOW + timedelta(hours=2))
    assert not Notice.objects.filter(cause=integrity.KEY_CAUSE, cleared_at__isnull=True).exists()


def test_a_round_within_the_hour_looks_at_nothing(scene: Scene, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        integrity.run_round(scene.notary.office, NOW + timedelta(minutes=59))
    assert not Alarm.objects.exists()


def test_the_hourly_check_is_not_put_off_by_writing_that_it_was_made(scene: Scene) -> None:
    rewrite(scene)
    sql("UPDATE pressqueue_bell SET rung_at = %s WHERE name = 'integrity'", NOW + timedelta(minutes=59))
    integrity.run_round(scene.notary.office, NOW + timedelta(hours=1))
    assert Alarm.objects.filter(cause="head").exists()


def test_the_document_says_of_each_when_it_is_found() -> None:
    text = (Path(__file__).parents[1] / "docs" / "evidence.md").read_text(encoding="utf-8")
    for name, row in at_least_one(TAMPERINGS.items()):
        assert f"| {name} | {row.found} | {row.hours} hour{'s' if row.hours > 1 else ''} |" in text
