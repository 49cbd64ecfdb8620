"""What somebody does who can write the database and its files, knows our hash functions, and has no integrity key."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from pressqueue import audit_triggers, hashing, packages
from pressqueue.models import ChainHead, Entry, Post, Seal
from pressqueue.moves import holds
from publisher.evidence import anchors
from publisher.register import register_file

from support import factories
from support.anchored_office import Notary
from support.factories import NOW

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
        for name in audit_triggers.trigger_names(connection):
            table = name.rsplit("_", 1)[0]
            cursor.execute(f"DROP TRIGGER {name}" + ("" if SQLITE else f" ON pressqueue_{table}"))
    work()
    audit_triggers.create_triggers(connection)


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
        sql("DELETE FROM pressqueue_entrylink WHERE entry = %s", last.number)
        sql("DELETE FROM pressqueue_entry WHERE number = %s", last.number)
        set_head(before)

    unguarded(work)
    edit_high_water(scene, lambda mark: mark | {"number": before.number, "hash": before.hash})


def taken_back(scene: Scene) -> None:
    """Everything since an earlier day is gone, and the head is that day's own, with its MAC; so is the high-water."""

    def work() -> None:
        number, seals = scene.copy["number"], scene.copy["seals"]
        sql("DELETE FROM pressqueue_entrytext WHERE number > %s", number)
        sql("DELETE FROM pressqueue_entrylink WHERE entry > %s", number)
        sql("DELETE FROM pressqueue_entry WHERE number > %s", number)
        sql("DELETE FROM pressqueue_seal WHERE number > %s", seals)
        sql("DELETE FROM pressqueue_checkpoint WHERE number > %s", number)
        columns = [name for name in scene.copy if name != "id"]
        named = ", ".join(f"{name} = %s" for name in columns)
        sql(f"UPDATE pressqueue_chainhead SET {named}", *(scene.copy[name] for name in columns))

    unguarded(work)
    edit_high_water(scene, lambda mark: mark | {"number": scene.copy["number"], "hash": scene.copy["hash"]})


def take_out(_: Scene) -> None:
    def work() -> None:
        sql("DELETE FROM pressqueue_entrylink WHERE entry = 3")
        sql("DELETE FROM pressqueue_entry WHERE number = 3")

    unguarded(work)


def delete_texts(_: Scene) -> None:
    sql("DELETE FROM pressqueue_entrytext WHERE number IN (SELECT MIN(number) FROM pressqueue_entrytext)")


def change_text(_: Scene) -> None:
    unguarded(lambda: sql("UPDATE pressqueue_entrytext SET text = '{}'"))


def change_about(_: Scene) -> None:
    unguarded(lambda: sql("UPDATE pressqueue_entry SET about = '{\"item\":999}' WHERE number = 3"))


def spoil_about(_: Scene) -> None:
    unguarded(lambda: sql("UPDATE pressqueue_entry SET about = '[]' WHERE number = 3"))


def hide_entry(scene: Scene) -> None:
    """Nobody who opens the Item's page sees what the log says of one of its moves."""
    statement = "DELETE FROM pressqueue_entrylink WHERE kind = 'post' AND row = %s"
    unguarded(lambda: sql(statement, str(scene.post.pk)))


def show_elsewhere(scene: Scene) -> None:
    unguarded(lambda: sql("UPDATE pressqueue_entrylink SET row = '999' WHERE kind = 'item' AND entry = "
                          "(SELECT MAX(entry) FROM pressqueue_entrylink WHERE kind = 'item')"))  # fmt: skip


def index_nothing(scene: Scene) -> None:
    sql(
        "INSERT INTO pressqueue_entrylink (entry, kind, row) VALUES (%s, 'item', %s)",
        ChainHead.objects.get().number + 7, str(scene.post.item_id),
    )  # fmt: skip


def no_ops(_: Scene) -> None:
    with connection.cursor() as cursor:
        for name in audit_triggers.trigger_names(connection):
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
    item = factories.in_review(factories.feature(title="Rex - Northshire Police"))
    assert item.package is not None
    sql(
        "INSERT INTO pressqueue_approval (package_id, digest, approver_id, at, rank, reason, batch, others, overrides,"
        " break_glass, void_reason) VALUES (%s, %s, %s, %s, 'inspector', '', %s, '', '{}', %s, '')",
        item.package.pk, item.package.digest, factories.approver().officer_id, NOW, False, False,
    )  # fmt: skip
    sql("UPDATE pressqueue_item SET state = 'approved', approved_at = %s WHERE id = %s", NOW, item.pk)


def replace_package(scene: Scene) -> None:
    """Other words, and the digest that fits them."""
    _write_package(scene, scene.post.package.content.replace("Rufus", "Rex"))


def empty_package(scene: Scene) -> None:
    """JSON that is no description at all, and the digest that fits it."""
    _write_package(scene, "[]")


def spoil_package(scene: Scene) -> None:
    """No JSON, and the digest that fits it."""
    _write_package(scene, "x")


def _write_package(scene: Scene, content: str) -> None:
    package = scene.post.package
    statement = "UPDATE pressqueue_package SET content = %s, digest = %s WHERE id = %s"
    sql(statement, content, packages.digest(content), package.pk)


def remove_newest_seal(scene: Scene) -> None:
    """A hold is undone, together with the Seal that says so."""
    holds.hold(factories.approver(), scene.post.item, "Wait.", now=NOW)
    seal = Seal.objects.filter(kind="item", row=str(scene.post.item_id)).order_by("-number")[0]
    holds.freeze(factories.approver(), "features", now=NOW)
    factories.thaw()
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
