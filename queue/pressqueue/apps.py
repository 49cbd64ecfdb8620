"""Django's registration of the domain."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PressQueue(AppConfig):
    """The app; after every migration the audit log's guards are put up again."""

    name = "pressqueue"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from pressqueue import audit  # noqa: PLC0415  # models exist only from here on

        post_migrate.connect(audit.put_up_guards_after_migration, sender=self)
