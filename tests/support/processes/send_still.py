"""send_still.py DESTINATION: one appeal is queued for it and approved in the office of PUBLISHER_OFFICE.

Prints its reference, the hash of what was approved, and what officers call the destination.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

from pressqueue.models import Post
from publisher import settings
from publisher.workers import plugins

from support import approved_posts, factories

destination, now = sys.argv[1], datetime.now(UTC)
assert settings.OFFICE is not None and settings.SECRETS is not None
factories.operation(album_title="Operation Larch", album_description="Do you know these people?", now=now)
number = approved_posts.queue(settings.OFFICE.folder, destination, 1, now, settings.SECRETS.office_key)
post = Post.objects.select_related("item").get(pk=number)
said = {
    "reference": post.item.reference,
    "sha256": post.item.renditions.get(role="main").sha256,
    "name": plugins.display_name(settings.OFFICE, destination),
}
json.dump(said, sys.stdout)
