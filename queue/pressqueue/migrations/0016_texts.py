from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pressqueue", "0015_delivery")]

    operations = [
        # Answers that are stored stay as they are: only a person recorded from now on begins unanswered.
        migrations.AlterField("subject", "appears_under_10", models.BooleanField(null=True)),
        migrations.AddField("item", "foresee_at", models.DateTimeField(null=True)),
    ]
