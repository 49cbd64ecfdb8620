from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pressqueue", "0017_register"),
    ]

    operations = [
        migrations.AddField(
            model_name="item",
            name="frame_rate",
            field=models.CharField(blank=True, default="", max_length=16),
        ),
        migrations.AddField(
            model_name="item",
            name="track",
            field=models.PositiveSmallIntegerField(default=1),
        ),
    ]
