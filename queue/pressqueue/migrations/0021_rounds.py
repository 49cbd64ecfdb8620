from datetime import datetime, timedelta
from typing import Any

from django.db import migrations, models
from django.db.models import F, Index, Q


def note_posts_made(apps: Any, _: object) -> None:
    """The timetable does not look again at every Item that is public already."""
    item_model, post_model = apps.get_model("pressqueue", "Item"), apps.get_model("pressqueue", "Post")
    standing: dict[int, dict[str, datetime]] = {}
    posts = post_model.objects.filter(item__state="approved", take_down_asked_at__isnull=True)
    for item, destination, created_at in (
        posts.exclude(state__in=["removed", "cancelled"])
        .order_by("created_at")
        .values_list("item", "destination", "created_at")
        .iterator()
    ):
        standing.setdefault(item, {})[destination] = created_at
    for pk, destinations in list(item_model.objects.filter(state="approved").values_list("pk", "destinations")):
        made = standing.get(pk, {})
        if made and set(destinations) <= set(made):
            item_model.objects.filter(pk=pk).update(posts_made_at=max(made.values()))


def name_the_next_watch(apps: Any, _: object) -> None:
    """The column told when the rules were last asked. Now it says when they are asked again, of what is public only."""
    items, posts = apps.get_model("pressqueue", "Item").objects, apps.get_model("pressqueue", "Post").objects
    shown = posts.filter(state__in=["revealing", "blocked", "live", "missing"]).values("item")
    items.filter(watch_at__isnull=False).exclude(pk__in=shown).update(watch_at=None)
    items.filter(watch_at__isnull=False).update(watch_at=F("watch_at") + timedelta(hours=1))
    items.filter(pk__in=shown, watch_at__isnull=True).update(watch_at=F("created_at"))


def name_the_last_watch(apps: Any, _: object) -> None:
    """The way back."""
    items = apps.get_model("pressqueue", "Item").objects
    items.filter(watch_at__isnull=False).update(watch_at=F("watch_at") - timedelta(hours=1))


def indexes(model: str, *made: Index) -> list[migrations.AddIndex]:
    return [migrations.AddIndex(model, index) for index in made]


class Migration(migrations.Migration):
    """What the rounds ask is answered from indexes, whatever is public."""

    dependencies = [("pressqueue", "0020_model_names")]

    operations = [
        migrations.AddField("item", "posts_made_at", models.DateTimeField(null=True)),
        migrations.RenameField("item", "watched_at", "watch_at"),
        *indexes(
            "item",
            Index(F("state"), F("publish_from"), name="items_to_post", condition=Q(posts_made_at__isnull=True)),
            Index(F("watch_at"), name="items_watched", condition=Q(watch_at__isnull=False)),
            Index(F("state"), F("expires_at"), name="items_expiring", condition=Q(expires_at__isnull=False)),
            Index(F("foresee_at"), name="items_foreseen", condition=Q(foresee_at__isnull=False)),
        ),
        migrations.RemoveIndex("post", "posts_at"),
        *indexes(
            "post",
            Index(F("destination"), F("state"), F("not_before"), name="posts_at"),
            Index(
                F("destination"),
                F("state"),
                F("not_before"),
                name="posts_to_amend",
                condition=Q(amending__isnull=False),
            ),
        ),
        *indexes("step", Index(F("state"), F("not_before"), name="steps_due")),
        *indexes(
            "mediaaddress",
            Index(F("not_before"), name="media_addresses_standing", condition=Q(gone_at__isnull=True)),
        ),
        *indexes(
            "unmanagedmedia",
            Index(F("decision"), F("not_before"), name="unmanaged_due", condition=Q(removed_at__isnull=True)),
            Index(
                F("destination"),
                name="unmanaged_coming_down",
                condition=Q(take_down_asked_at__isnull=False, removed_at__isnull=True),
            ),
            Index(F("decision"), F("expires_at"), name="unmanaged_in_review", condition=Q(expires_at__isnull=False)),
        ),
        *indexes("amendment", Index(F("state"), F("item"), name="amendments_open")),
        *indexes("notice", Index(F("sent_at"), name="notices_standing", condition=Q(cleared_at__isnull=True))),
        *indexes("registerline", Index(F("id"), name="register_unwritten", condition=Q(written_at__isnull=True))),
        *indexes(
            "recallnotice",
            Index(fields=["queued_at"], name="recalls_unacknowledged", condition=Q(acknowledged_at__isnull=True)),
        ),
        *indexes(
            "purge",
            Index(F("confirmed_at"), name="purges_open", condition=Q(dropped_at__isnull=True, erased_at__isnull=True)),
            Index(F("erased_at"), name="purges_with_files", condition=Q(files_gone_at__isnull=True)),
        ),
        migrations.RunPython(note_posts_made, migrations.RunPython.noop),
        migrations.RunPython(name_the_next_watch, name_the_last_watch),
    ]
