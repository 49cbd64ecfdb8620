"""Django's registration of the domain."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate, post_save


class PressQueue(AppConfig):
    """what is saved is noted for sealing, and after every migration the audit log's guards are put up again."""

    name = "pressqueue"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the signals that seal each saved row, and load the integrity key from the settings."""
        from pressqueue import (  # noqa: PLC0415  # models exist only from here on
            audit_triggers,  # models exist only from here on
            sealing,
            seals,
            tracking,
        )

        sealing.port.key = getattr(settings, "INTEGRITY_KEY", None) or sealing.port.key
        tracking.port.outside = seals.seal_outside
        for model in seals.BY_MODEL:
            post_save.connect(_saved, sender=model)
        post_migrate.connect(audit_triggers.create_triggers_after_migration, sender=self)


def _saved(sender: Any, instance: Any, created: bool, update_fields: frozenset[str] | None, **_: object) -> None:
    """Signal receiver of post_save."""
    from pressqueue import tracking  # noqa: PLC0415

    if created or update_fields is None:
        return tracking.note(sender, [instance.pk], None)
    if fields := tracking.columns(sender, update_fields) & set(tracking.sealed_fields(sender)):
        tracking.note(sender, [instance.pk], fields)
    return None
