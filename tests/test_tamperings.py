"""The table of tamperings: who can write the database and the files beside it, and has not the integrity key.

Each row says what is done, by what name it is found, and within how many hours the hourly check finds it. `audit
verify` and `check` find every one at once. The attacker uses our own hash functions: they are no secret.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import notary
import pytest
import typer
import world
from django.db import connection
from notary import Notary
from tables import at_least_one
from world import NOW

from pressqueue import audit, audit_triggers, hashing, sealing
from pressqueue.models import Alarm, ChainHead, Entry, Notice, Post, Seal, Subject
from pressqueue.moves import alarms, holds, public_texts, subjects
from publisher.cli import listing
from publisher.evidence import anchors, integrity
from publisher.output import Declined
from publisher.register import register_file, sync
from publisher.setup import checks

SQLITE = connection.vendor == "sqlite"
FALSE = "0" if SQLITE else "false"


@dataclass
class Scene:
    """An office with a waiting Post, an older Item, anchors, a register and a high-water file."""

    notary: Notary
    post: Post
    copy: dict[str, Any]  # the head's row as it was earlier, as a backup has it


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def unguarded(work: Callable[[], object]) -> None:
    """Take the triggers away, do it, and put them back as they were: nothing of that shows afterwards."""
    with connection.cursor() as cursor:
        for name in audit_triggers.guards(connection):
            table = name.rsplit("_", 1)[0]
            cursor.execute(f"DROP TRIGGER {name}" + ("" if SQLITE else f" ON pressqueue_{table}"))
    work()
    audit_triggers.put_up_guards(connection)


def set_head(entry: Entry) -> None:
    sql("UPDATE pressqueue_chainhead SET number = %s, hash = %s", entry.number, entry.hash)


def chain_anew(number: int, **changes: str) -> None:
    """Change one Entry and make every hash after it anew, the head's as well."""
    previous = Entry.objects.get(number=number).previous
    for entry in list(Entry.objects.filter(number__gte=number).order_by("number")):
        if entry.number == number:
            for name, value in changes.items():
                setattr(entry, name, value)
        entry.previous = previous
        entry.hash = hashing.entry_hash(entry)
        sql("UPDATE pressqueue_entry SET hash = %s WHERE number = %s", f"x{entry.number}", entry.number)
        sql(
            "UPDATE pressqueue_entry SET previous = %s, hash = %s, act = %s, actor = %s WHERE number = %s",
            entry.previous, entry.hash, entry.act, entry.actor, entry.number,
        )  # fmt: skip
        previous = entry.hash
    set_head(entry)


def rewrite(_: Scene) -> None:
    unguarded(lambda: chain_anew(3, actor="officer:99"))


def rewrite_and_high_water(scene: Scene) -> None:
    """And the file that says how far the log had come agrees with it."""
    rewrite(scene)
    edit_high_water(scene, lambda mark: mark | {"hash": ChainHead.objects.get().hash})


def edit_high_water(scene: Scene, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    file = scene.notary.office.register.parent / register_file.HIGH_WATER
    file.write_text(json.dumps(change(json.loads(file.read_text()))))


def append(_: Scene) -> None:
    head = ChainHead.objects.get()
    entry = Entry(number=head.number + 1, previous=head.hash, at="2026-03-02T09:00:00.000000+00:00", act="approved",
                  actor="officer:1", door="desk", about="{}", salt="0" * 32)  # fmt: skip
    entry.hash = hashing.entry_hash(entry)
    sql(
        "INSERT INTO pressqueue_entry (number, previous, hash, at, act, actor, door, about, text_digest, salt)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, '', %s)",
        entry.number, entry.previous, entry.hash, entry.at, entry.act, entry.actor, entry.door, entry.about, entry.salt,
    )  # fmt: skip
    set_head(entry)


def cut_off(scene: Scene) -> None:
    """The newest Entry is gone, head and high-water file say that it never was."""
    last = Entry.objects.order_by("-number")[0]
    before = Entry.objects.get(number=last.number - 1)

    def work() -> None:
        sql("DELETE FROM pressqueue_entrytext WHERE number = %s", last.number)
        sql("DELETE FROM pressqueue_entry WHERE number = %s", last.number)
        set_head(before)

    unguarded(work)
    edit_high_water(scene, lambda mark: mark | {"number": before.number, "hash": before.hash})


def taken_back(scene: Scene) -> None:
    """Everything since an earlier day is gone, and the head is that day's own, with its MAC; so is the high-water."""

    def work() -> None:
        number, seals = scene.copy["number"], scene.copy["seals"]
        sql("DELETE FROM pressqueue_entrytext WHERE number > %s", number)
        sql("DELETE FROM pressqueue_entry WHERE number > %s", number)
        sql("DELETE FROM pressqueue_seal WHERE number > %s", seals)
        sql("DELETE FROM pressqueue_checkpoint WHERE number > %s", number)
        columns = [name for name in scene.copy if name != "id"]
        named = ", ".join(f"{name} = %s" for name in columns)
        sql(f"UPDATE pressqueue_chainhead SET {named}", *(scene.copy[name] for name in columns))

    unguarded(work)
    edit_high_water(scene, lambda mark: mark | {"number": scene.copy["number"], "hash": scene.copy["hash"]})


def take_out(_: Scene) -> None:
    unguarded(lambda: sql("DELETE FROM pressqueue_entry WHERE number = 3"))


def delete_texts(_: Scene) -> None:
    sql("DELETE FROM pressqueue_entrytext WHERE number IN (SELECT MIN(number) FROM pressqueue_entrytext)")


def change_text(_: Scene) -> None:
    unguarded(lambda: sql("UPDATE pressqueue_entrytext SET text = '{}'"))


def no_ops(_: Scene) -> None:
    with connection.cursor() as cursor:
        for name in audit_triggers.guards(connection):
            table, verb = name.rsplit("_", 1)
            if SQLITE:
                cursor.execute(f"DROP TRIGGER {name}")
                cursor.execute(f"CREATE TRIGGER {name} BEFORE {verb.upper()} ON pressqueue_{table} BEGIN SELECT 1; END")
        if not SQLITE:
            cursor.execute(
                "CREATE OR REPLACE FUNCTION pressqueue_refuse() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RETURN OLD; END $$"
            )


def never_fires(_: Scene) -> None:
    name = "entry_update"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}" + ("" if SQLITE else " ON pressqueue_entry"))
        if SQLITE:
            cursor.execute(
                f"CREATE TRIGGER {name} BEFORE UPDATE ON pressqueue_entry WHEN 0"
                " BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
            )
        else:
            cursor.execute(
                f"CREATE TRIGGER {name} BEFORE UPDATE ON pressqueue_entry FOR EACH ROW WHEN (false)"
                " EXECUTE FUNCTION pressqueue_refuse()"
            )


def remove_anchors(scene: Scene) -> None:
    scene.notary.office.anchors.unlink()


def cut_anchors(scene: Scene) -> None:
    file = scene.notary.office.anchors
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))


def change_anchor(scene: Scene) -> None:
    file = scene.notary.office.anchors
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([*lines[:-1], lines[-1].replace('"missed":[]', '"missed":["2026-03-01"]')]))


def anchors_of_their_own(scene: Scene) -> None:
    """A whole file that holds by itself, signed by a key of the attacker's."""
    office = scene.notary.office
    office.anchors.unlink()
    office.anchor_key.unlink()
    remembered = ChainHead.objects.values().get()
    anchors.introduce(office, "first", NOW, lambda _: None)
    anchors.make(office, scene.notary.now)
    columns = ("anchor", "mac")  # what the program remembered for them is put back: they have no key for it
    sql("UPDATE pressqueue_chainhead SET anchor = %s, mac = %s", *(remembered[name] for name in columns))


def forget_anchors(scene: Scene) -> None:
    scene.notary.office.anchors.unlink()
    sql("UPDATE pressqueue_chainhead SET anchor = ''")


def forge_checkpoint(_: Scene) -> None:
    head = ChainHead.objects.get()
    sql("DELETE FROM pressqueue_checkpoint")
    sql(
        "INSERT INTO pressqueue_checkpoint (number, hash, seals, at, mac) VALUES (%s, %s, %s, %s, %s)",
        head.number, head.hash, head.seals, NOW, "0" * 64,
    )  # fmt: skip


def insert_approval(scene: Scene) -> None:
    """For a picture nobody approved yet, whose Post then waits."""
    item = world.in_review(world.feature(title="Rex - Northshire Police"))
    assert item.package is not None
    sql(
        "INSERT INTO pressqueue_approval (package_id, digest, approver_id, at, rank, reason, batch, others, overrides,"
        " break_glass, void_reason) VALUES (%s, %s, %s, %s, 'inspector', '', %s, '', '{}', %s, '')",
        item.package.pk, item.package.digest, world.approver().officer_id, NOW, False, False,
    )  # fmt: skip
    sql("UPDATE pressqueue_item SET state = 'approved', approved_at = %s WHERE id = %s", NOW, item.pk)


def remove_newest_seal(scene: Scene) -> None:
    """A hold is undone, together with the Seal that says so."""
    holds.hold(world.approver(), scene.post.item, "Wait.", now=NOW)
    seal = Seal.objects.filter(kind="item", row=str(scene.post.item_id)).order_by("-number")[0]
    holds.freeze(world.approver(), "features", now=NOW)
    world.thaw()
    unguarded(lambda: sql("DELETE FROM pressqueue_seal WHERE number = %s", seal.number))
    sql(f"UPDATE pressqueue_item SET held = {FALSE}")


def stop_then(stop: Callable[[Scene], object], statement: str) -> Callable[[Scene], None]:
    """Something is stopped as it should be, and the stop is ended by a statement."""

    def work(scene: Scene) -> None:
        stop(scene)
        sql(statement)

    return work


def once(statement: str) -> Callable[[Scene], None]:
    return lambda _: sql(statement)


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
            lambda scene: holds.hold(world.approver(), scene.post.item, "Wait.", now=NOW),
            f"UPDATE pressqueue_item SET held = {FALSE}",
        ),
        "rows", 1,
    ),
    "a hold is cleared, its seal taken out": Tampering(remove_newest_seal, "seals", 1),
    "a campaign's hold is cleared": Tampering(
        stop_then(
            lambda scene: holds.hold_campaign(world.approver(), scene.post.item.campaign, "Wait.", now=NOW),
            f"UPDATE pressqueue_campaign SET held = {FALSE}",
        ),
        "rows", 1,
    ),
    "a freeze is cleared": Tampering(
        stop_then(
            lambda _: holds.freeze(world.approver(), "all", now=NOW), "UPDATE pressqueue_office SET frozen = 'none'"
        ),
        "rows", 1,
    ),
    "an outcome is cleared": Tampering(
        stop_then(
            lambda _: subjects.outcome(world.approver(), Subject.objects.get(), "eliminated", now=NOW),
            "UPDATE pressqueue_subject SET outcome = ''",
        ),
        "rows", 24,
    ),
    "a blocked picture is free again": Tampering(
        stop_then(
            lambda _: subjects.outcome(world.approver(), Subject.objects.get(), "eliminated", now=NOW),
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
    world.office()
    made = notary.opened(tmp_path)
    made.key()
    body = "The appeal {reference} is over. Please do not share it any more."
    text = public_texts.draft_text(world.author(), "tombstone", None, body=body, now=NOW)
    public_texts.drop_text(
        world.author(), public_texts.approve_text(world.approver(), text, text.digest, now=NOW), now=NOW
    )
    world.in_review(world.appeal())
    made.day()
    copy = ChainHead.objects.values().get()
    item = world.approved(world.feature(title="Rufus - Northshire Police"))
    post = world.posted(item)
    made.day()
    sync.keep(made.office, NOW)
    assert integrity.keep(made.office, NOW) == 0
    assert not Alarm.objects.exists()
    return Scene(made, Post.objects.select_related("item__campaign").get(pk=post.pk), dict(copy))


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
        integrity.keep(scene.notary.office, NOW + timedelta(hours=hour))
        if causes := set(Alarm.objects.exclude(pk__in=before).values_list("cause", flat=True)):
            return causes
    return set()


def test_nothing_is_found_where_nothing_was_touched(scene: Scene) -> None:
    for hour in range(1, 26):
        holds.hold(world.approver(), scene.post.item, "Wait.", now=NOW)
        world.release(scene.post.item)
        integrity.keep(scene.notary.office, NOW + timedelta(hours=hour))
    assert not Alarm.objects.exists()
    assert integrity.of_everything(scene.notary.office) == []


def test_a_missing_key_is_told_until_it_is_back_and_raises_no_alarm(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = sealing.port.key
    monkeypatch.setattr(sealing.port, "key", None)
    integrity.keep(scene.notary.office, NOW + timedelta(hours=1))
    assert Notice.objects.filter(cause=integrity.KEY_CAUSE, cleared_at__isnull=True).exists()
    assert not Alarm.objects.exists()
    monkeypatch.setattr(sealing.port, "key", key)
    integrity.keep(scene.notary.office, NOW + timedelta(hours=2))
    assert not Notice.objects.filter(cause=integrity.KEY_CAUSE, cleared_at__isnull=True).exists()


def test_a_round_within_the_hour_looks_at_nothing(scene: Scene, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        integrity.keep(scene.notary.office, NOW + timedelta(minutes=59))
    assert not Alarm.objects.exists()


def test_the_hourly_check_is_not_put_off_by_writing_that_it_was_made(scene: Scene) -> None:
    rewrite(scene)
    sql("UPDATE pressqueue_bell SET rung_at = %s WHERE name = 'integrity'", NOW + timedelta(minutes=59))
    integrity.keep(scene.notary.office, NOW + timedelta(hours=1))
    assert Alarm.objects.filter(cause="head").exists()


def test_the_document_says_of_each_when_it_is_found() -> None:
    text = (Path(__file__).parents[1] / "docs" / "evidence.md").read_text(encoding="utf-8")
    for name, row in at_least_one(TAMPERINGS.items()):
        assert f"| {name} | {row.found} | {row.hours} hour{'s' if row.hours > 1 else ''} |" in text
