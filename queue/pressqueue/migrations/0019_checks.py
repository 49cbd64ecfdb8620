import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Who recorded the check that stands. Of those recorded before nobody is named: they count until they are too old."""

    dependencies = [
        ("pressqueue", "0018_films"),
    ]

    operations = [
        migrations.AddField(
            model_name="subject",
            name="proceedings_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="subject",
            name="proceedings_asked",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="proceedingscheck",
            name="note",
            field=models.BooleanField(default=False),
        ),
    ]
