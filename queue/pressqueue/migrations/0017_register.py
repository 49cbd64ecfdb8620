"""Since when a high-water file lies beside the withdrawal register: one that is gone is noticed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pressqueue", "0016_texts")]

    operations = [
        migrations.AddField("alarm", "accepted_at", models.DateTimeField(null=True)),
        migrations.AddField("office", "high_water_at", models.DateTimeField(null=True)),
    ]
