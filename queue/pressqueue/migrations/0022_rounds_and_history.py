import json
from typing import Any

from django.db import migrations, models
from django.db.models import F, Index, Q


# As it is in `pressqueue.mentions` at this version.
KINDS = {
    "item": "item", "items": "item", "post": "post", "posts": "post", "subject": "subject", "subjects": "subject",
    "sha256": "original", "original": "original",
}  # fmt: skip
AT_ONCE = 5_000


def read(about: str) -> dict[str, Any]:
    """Nothing where somebody spoiled the log: the check of the chain says so afterwards."""
    try:
        ids = json.loads(about)
    except ValueError:
        return {}
    return ids if isinstance(ids, dict) else {}


def link_entries(apps: Any, _: object) -> None:
    """Every Entry that an older office has is found by its Item and its Posts."""
    entry_model, link_model = apps.get_model("pressqueue", "Entry"), apps.get_model("pressqueue", "EntryLink")
    list(apps.get_model("pressqueue", "ChainHead").objects.select_for_update(no_key=True))  # nobody appends meanwhile
    links = []
    for number, about in entry_model.objects.order_by("number").values_list("number", "about").iterator(AT_ONCE):
        ids, named = read(about), set()
        for word, kind in KINDS.items():
            value: Any = ids.get(word)
            rows = value if isinstance(value, list) else [value]
            named |= {(kind, str(row)) for row in rows if row is not None and row != ""}
        links += [link_model(entry=number, kind=kind, row=row) for kind, row in sorted(named)]
        if len(links) >= AT_ONCE:
            link_model.objects.bulk_create(links)
            links = []
    link_model.objects.bulk_create(links)


class Migration(migrations.Migration):
    """What grows with the years is not read in every round.

    An album is compared with what it should read when that may have changed; the register's lines are counted, and the
    account's last reconciliation is found, by an index; so are the Entries that name an Item, a Post, a person or an
    original.
    """

    dependencies = [("pressqueue", "0021_rounds")]

    operations = [
        migrations.AddField("album", "words_version", models.PositiveIntegerField(default=1)),
        migrations.AddField("album", "words_checked", models.PositiveIntegerField(default=0)),
        migrations.AddIndex(
            "album", Index(F("id"), name="albums_to_check", condition=Q(words_checked__lt=F("words_version")))
        ),
        migrations.AddIndex(
            "registerline", Index(F("id"), name="register_written", condition=Q(written_at__isnull=False))
        ),
        migrations.CreateModel(
            "EntryLink",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("entry", models.PositiveBigIntegerField()),
                ("kind", models.CharField(max_length=10)),
                ("row", models.CharField(max_length=64)),
            ],
            {
                "indexes": [Index(F("entry"), name="links_of_an_entry")],
                "constraints": [models.UniqueConstraint(fields=("kind", "row", "entry"), name="a_row_once_per_entry")],
            },
        ),
        migrations.RunPython(link_entries, migrations.RunPython.noop),
        migrations.AddIndex("reconciliationrun", Index(F("destination"), F("began_at"), name="runs_of_an_account")),
    ]
