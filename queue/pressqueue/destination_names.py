"""Destinations as sentences name them: "Flickr", where the configuration says `flickr`."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string


def name_of(destination: str) -> str:
    """Returns how officers write the name of `destination`.

    The service knows: `settings.DESTINATION_NAMES` is the dotted path of a function from the configured name to the
    written one. Without it, the configured name begins with a capital letter.
    """
    path = getattr(settings, "DESTINATION_NAMES", "")
    return str(import_string(path)(destination)) if path else destination[:1].upper() + destination[1:]
