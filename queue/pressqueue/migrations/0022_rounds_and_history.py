from django.db import migrations, models
from django.db.models import F, Index, Q


class Migration(migrations.Migration):
    """What grows with the years is not read in every round.

    An album is compared with what it should read when that may have changed; the register's lines are counted, and the
    account's last reconciliation is found, by an index.
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
        migrations.AddIndex("reconciliationrun", Index(F("destination"), F("began_at"), name="runs_of_an_account")),
    ]
