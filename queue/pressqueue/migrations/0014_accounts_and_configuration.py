"""Whose account a Post was taken for, and what of the configuration decides where and what is published."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pressqueue", "0013_seals")]

    operations = [
        migrations.AddField(
            model_name="account",
            name="identity",
            field=models.CharField(blank=True, db_default="", default="", max_length=160),
        ),
        migrations.AddField(
            model_name="post",
            name="account",
            field=models.CharField(blank=True, db_default="", default="", max_length=160),
        ),
        migrations.AddField(
            model_name="office",
            name="configuration",
            field=models.JSONField(default=dict),
        ),
    ]
