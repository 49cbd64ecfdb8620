"""The chain begins with nothing before it."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def begin(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("pressqueue", "ChainHead").objects.get_or_create(id=1)


class Migration(migrations.Migration):
    dependencies = [("pressqueue", "0001_initial")]
    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
