"""The audit log: chained, guarded, purgeable in its texts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from pressqueue import audit, audit_triggers, hashing
from pressqueue.errors import Tampered
from pressqueue.models import ChainHead, Entry, EntryText
from pressqueue.moves import takedown

from support import databases, factories
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")


@pytest.fixture
def unguarded(office: object) -> None:
    """Somebody with the database's own password took the triggers away."""
    postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for name in audit_triggers.trigger_names(connection):
            table = name.rsplit("_", 1)[0]
            on = f" ON pressqueue_{table}" if postgres else ""
            cursor.execute(f"DROP TRIGGER {name}{on}")


def test_the_chain_holds_after_any_moves() -> None:
    item = factories.approved(factories.appeal())
    takedown.withdraw(factories.approver(), item, "eliminated", now=NOW)
    assert audit.verify() == Entry.objects.count() > 8


@pytest.mark.parametrize(
    "attack",
    [
        lambda: Entry.objects.filter(number=2).update(act="nothing"),
        lambda: Entry.objects.filter(number=2).delete(),
        lambda: EntryText.objects.update(text="{}"),
        lambda: ChainHead.objects.all().delete(),
    ],
    ids=["change", "delete", "text", "head"],
)
def test_the_database_itself_refuses_to_change_the_log(attack: object) -> None:
    factories.feature()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        attack()  # type: ignore[operator]


@pytest.mark.usefixtures("unguarded")
@pytest.mark.parametrize(
    ("attack", "words"),
    [
        (lambda: Entry.objects.filter(number=2).update(act="nothing"), "Entry 2 was changed"),
        (lambda: Entry.objects.filter(number=2).update(actor="officer:99"), "Entry 2 was changed"),
        (lambda: Entry.objects.filter(number=2).delete(), "no entry 2"),
        (lambda: Entry.objects.order_by("-number")[:1].get().delete(), "which does not exist"),
        (lambda: EntryText.objects.order_by("number")[:1].get().__class__.objects.update(text="{}"), "text of entry"),
    ],
    ids=["act", "actor", "middle", "end", "text"],
)
def test_what_was_tampered_with_is_found(attack: object, words: str) -> None:
    factories.feature()
    attack()  # type: ignore[operator]
    with pytest.raises(Tampered, match=words):
        audit.verify()


@pytest.mark.usefixtures("unguarded")
def test_a_rewritten_entry_whose_own_hash_was_made_anew_is_found() -> None:
    factories.feature()
    entry = Entry.objects.get(number=2)
    entry.act = "nothing"
    Entry.objects.filter(number=2).update(act="nothing", hash=hashing.entry_hash(entry))
    with pytest.raises(Tampered, match="does not follow"):
        audit.verify()


def test_purging_a_text_leaves_the_chain_whole() -> None:
    factories.feature()
    assert EntryText.objects.all().delete()[0] > 0
    assert audit.verify() == Entry.objects.count()


@pytest.mark.usefixtures("unguarded")
def test_the_service_does_not_start_without_its_guards() -> None:
    with pytest.raises(Tampered, match="unguarded"):
        audit_triggers.require_triggers()
    audit_triggers.create_triggers(connection)
    audit_triggers.require_triggers()


def test_a_move_that_fails_leaves_no_entry() -> None:
    factories.series()
    before = Entry.objects.count()
    with pytest.raises(Exception, match="R44"):
        factories.feature(alt_text="")
    head = ChainHead.objects.get()
    # The Original was received by a move of its own, which stands.
    assert Entry.objects.count() == head.number == before + 1


def test_no_entry_holds_a_title_a_name_or_a_caption() -> None:
    factories.approved(factories.feature(title="Day {day} - Sergeant Unusualname", caption="Captionword"))
    kept = " ".join(f"{entry.about} {entry.actor}" for entry in Entry.objects.all())
    assert "Unusualname" not in kept
    assert "Captionword" not in kept


def test_the_guards_stand_after_all_migrations() -> None:
    assert audit_triggers.missing_triggers(connection) == []


def test_a_rebuilt_table_loses_its_guards_on_sqlite_and_the_next_migration_puts_them_back(tmp_path: Path) -> None:
    """An AlterField on SQLite makes the table anew. On a database of its own: it cannot be done in a transaction."""
    script = (
        "import django; django.setup()\n"
        "from django.core.management import call_command\n"
        "from django.db import connection, models\n"
        "from pressqueue import audit_triggers\n"
        "from pressqueue.models import Entry\n"
        "call_command('migrate', verbosity=0)\n"
        "assert audit_triggers.missing_triggers(connection) == []\n"
        "longer = models.CharField(max_length=80); longer.set_attributes_from_name('act')\n"
        "with connection.schema_editor() as editor: editor.alter_field(Entry, Entry._meta.get_field('act'), longer)\n"
        "assert audit_triggers.missing_triggers(connection), 'the table kept its triggers: nothing was tested'\n"
        "call_command('migrate', verbosity=0)\n"
        "assert audit_triggers.missing_triggers(connection) == []\n"
    )
    env = databases.environment(f"sqlite:///{tmp_path / 'rebuilt.sqlite3'}")
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_head_moved_back_is_found() -> None:
    factories.approved(factories.appeal())
    third = Entry.objects.get(number=3)
    ChainHead.objects.update(number=third.number, hash=third.hash)
    with pytest.raises(Tampered, match="moved the head back"):
        audit.verify()
