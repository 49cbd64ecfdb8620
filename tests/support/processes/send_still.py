"""send_still.py DESTINATION: one appeal is queued for it and approved in the office of PUBLISHER_OFFICE.

Prints its reference, the hash of what was approved, its texts, and what officers call the destination.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

import django

django.setup()

from pressqueue import packages
from pressqueue.models import Post
from publisher import settings
from publisher.workers import plugins
from publisher.workers.worker import limits_of

from support import approved_posts, factories

destination, now = sys.argv[1], datetime.now(UTC)
assert settings.OFFICE is not None and settings.SECRETS is not None
factories.operation(album_title="Operation Larch", album_description="Do you know these people?", now=now)
limits = limits_of(settings.OFFICE, settings.SECRETS, destination)
assert limits is not None
number = approved_posts.queue(
    settings.OFFICE.folder, destination, 1, now, settings.SECRETS.office_key, alt_text_field=limits.alt_text_field
)
post = Post.objects.select_related("item").get(pk=number)
said = {
    "reference": post.item.reference,
    "sha256": post.item.renditions.get(role="main").sha256,
    "caption": packages.filled(packages.content_of(post.package), None)["caption"],
    "alt_text": post.item.alt_text,
    "name": plugins.display_name(settings.OFFICE, destination),
}
json.dump(said, sys.stdout)
