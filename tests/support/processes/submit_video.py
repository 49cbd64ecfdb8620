"""An officer submits one of the sample films: submit_video.py prints the Item's number."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django

django.setup()

from pressqueue.moves import items
from publisher.exercise import samples
from publisher.media.vault import Vault
from publisher.publishing import intake

from support import factories

now = datetime.now(UTC)
vault = Vault(Path(os.environ["PUBLISHER_OFFICE"]) / "media" / "originals")
film = Path(samples.__file__).with_name("car-park.mp4")
original = intake.receive(factories.author(), film, film.name, vault, now)
window = {"publish_from": now, "publish_until": now + timedelta(hours=12)}
item = factories.appeal(now=now, destinations=["youtube"], original=original, **window)
items.submit(factories.author(), item, now=now)
json.dump({"item": item.pk}, sys.stdout)
sys.stdout.write("\n")
