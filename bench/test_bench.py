"""What the safeguards cost, beside the least anybody could do. `make bench`; no part of `make test`.

The limits are generous: they catch a quadratic loop or a lost index, not a busy machine. The database is the
tests' own, in memory unless DATABASE_URL says otherwise: what is compared is work, not disks.
"""

from __future__ import annotations

import io
import itertools
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from django.db.models import F
from PIL import Image
from requests_oauthlib import OAuth1

from pressqueue.models import Post
from pressqueue.moves import leases, posting
from publisher.exercise.sandbox.control import Control
from publisher.exercise.sandbox.server import Sandbox
from publisher.media.brand import Brand
from publisher.media.recipe import Recipe
from publisher.media.stills import render_still
from publisher.publishing import delivery

from support import factories, office_folder

ROOT = Path(__file__).resolve().parent.parent
PICTURES = {
    "a phone's picture of 12 megapixels": ROOT / "tests/media/samples/synth_phone_12mp_exif_gps_thumb_p3_o6.jpg",
    "a small photograph": ROOT / "publisher/exercise/samples/road-straight.jpg",
}
CLAIMS = 200
LEASE = timedelta(minutes=5)
Best = Callable[[Callable[[], object], int], float]
Note = Callable[..., float]


@pytest.mark.parametrize("name", PICTURES)
def test_rendering_a_still(name: str, best: Best, measured: Note, tmp_path: Path) -> None:
    brand = Brand.from_folder(ROOT / "config/brand", force="Northshire Police", contact="Call 101", handle="@N")
    recipe = Recipe(reference="WTN-0123", brand=brand.identity, credit="N", copyright="N", usage_terms="None")
    original = PICTURES[name]

    def floor() -> None:
        with Image.open(original) as picture:
            picture.convert("RGB").save(tmp_path / "floor.jpg", "JPEG", quality=90, subsampling="4:2:0")

    ours = best(lambda: render_still(original, recipe, brand, tmp_path / "ours.jpg"), 3)
    # Turned, colour managed, marked, proved pixel by pixel, encoded, hashed, and opened again to look for metadata.
    assert measured(f"rendering {name}", ours, "Pillow: open and save", best(floor, 3)) < 25


@pytest.mark.django_db
def test_claiming(best: Best, measured: Note) -> None:
    now = datetime.now(UTC)
    hours = {"publish_from": now, "publish_until": now + timedelta(hours=12)}
    for _ in range(CLAIMS):
        factories.posted(factories.approved(factories.appeal(now=now, **hours), now=now), now=now)
    posts = list(Post.objects.order_by("pk"))

    def bare() -> None:
        for post in posts:
            Post.objects.filter(pk=post.pk, state="waiting").update(owner="floor", fence=F("fence") + 1)

    def take() -> None:
        assert all(leases.take(post, "w1", LEASE, now=now) for post in posts)

    floor = best(bare, 3)
    # Gates, digest, locks, the texts filled in, the Attempt and a line of the audit chain, in one transaction each.
    assert measured(f"claiming {CLAIMS} Posts", best(take, 1), "one conditional UPDATE each", floor) < 150


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Control]:
    with Sandbox(tmp_path / "sandbox") as sandbox:
        made = Control(sandbox.base, sandbox.secret)
        made.settings(listing_delay=0.0, search_delay=0.0)
        yield made


@pytest.mark.django_db
def test_delivering_one_photograph(control: Control, best: Best, measured: Note, tmp_path: Path) -> None:
    factories.office()
    worker = office_folder.sandbox_worker(tmp_path / "office", leases.database_now, control)
    picture = io.BytesIO()
    Image.effect_noise((1600, 1200), 60).convert("RGB").save(picture, "JPEG", quality=90)
    waiting = iter([ready(worker, picture.getvalue() + bytes([n])) for n in range(3)])

    def deliver() -> None:
        post = next(waiting)
        delivery.deliver(worker, post)
        assert Post.objects.get(pk=post.pk).state == "live"

    token = control.mint_flickr_token()
    signed = OAuth1("sandbox-flickr-key", "sandbox-flickr-secret", token["token"], token["secret"])
    bodies = (picture.getvalue() + bytes([n]) for n in itertools.count(100))

    def upload() -> None:
        photo = {"photo": ("x.jpg", next(bodies), "image/jpeg")}
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(f"{control.base}/services/upload/", files=photo, auth=signed, timeout=30)
        assert 'stat="ok"' in answer.text

    # Uploaded privately, dressed, looked at, revealed, looked at again; a commit and a log line for each.
    assert measured("delivering a photograph, waiting to live", best(deliver, 3), "one upload", best(upload, 3)) < 60


def ready(worker: office_folder.Worker, body: bytes) -> Post:
    """An approved appeal whose rendition is these bytes, waiting."""
    now = leases.database_now()
    file = worker.office.folder / uuid.uuid4().hex
    file.write_bytes(body)
    worker.renditions.take_in(file)
    hours = {"publish_from": now, "publish_until": now + timedelta(hours=12)}
    item = factories.approved(factories.appeal(now=now, **hours), body, now=now)
    return posting.open_posts(item, key=worker.key, conceals={"flickr": True}, due_at=now, now=now)[0]
