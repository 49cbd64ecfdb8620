"""submitted -> in_review: makes the Renditions, so that the approver sees the bytes that will be published.

Renditions are content-addressed and made the same way twice, so a death anywhere only costs the work.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.db import InterfaceError, OperationalError

from pressqueue.destination_names import name_of
from pressqueue.models import Item, Rendition
from pressqueue.moves import items, notices, preparing
from publisher.configuration.office_file import Office
from publisher.media import supervised
from publisher.media.errors import NO_ROOM, BadMedia, Damaged, NoRoom
from publisher.media.formats import published_type
from publisher.media.made import RenderedFile
from publisher.media.recipe import TONE, Corner, MarkStyle, Profile, Recipe, Redaction
from publisher.publishing.parcels import faults
from publisher.workers.worker import Worker

CLAIM = timedelta(minutes=10)  # renewed while a clip advances; a dead worker's Item is taken up after it
RENEW = timedelta(minutes=1)
TRIES = 3
PAUSE = timedelta(minutes=1)  # before an Item whose preparing failed through no fault of the file is tried again
log = logging.getLogger(__name__)
Progress = Callable[[str, float], None]


def prepare_submitted(worker: Worker, progress: Progress | None = None) -> int:
    """Render every submitted Item nobody else is rendering. Returns how many were prepared or sent back."""
    prepared = 0
    while prepare_next(worker, progress):
        prepared += 1
    return prepared


def prepare_next(worker: Worker, progress: Progress | None = None) -> bool:
    """Render one submitted Item nobody else is rendering. False where there is none."""
    item = preparing.claim_next(worker.clock(), CLAIM)
    if item is None:
        return False
    worker.preparing = item
    try:
        prepare(worker, item, progress)
    except BrokenOff:
        preparing.hand_back(item, worker.clock())
    except NoRoom as full:
        _no_room(worker, item, full.message)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001  # a poisoned Item waits for its next try; the others' turn comes now
        log.error("Item %s: preparing it ended in %s", item.pk, type(error).__name__)
        preparing.try_later(item, worker.clock() + PAUSE, tried=getattr(error, "errno", None) not in NO_ROOM)
    finally:
        worker.preparing = None
    return True


def prepare(worker: Worker, item: Item, progress: Progress | None = None) -> None:
    """Make the Renditions of one claimed Item; a file that cannot be prepared goes back to its author with words."""
    now = worker.clock()
    if item.rendering_tries > TRIES:
        message = "Preparing this file failed several times. Save it again with ordinary software and add that."
        items.render_failed(item, message, now=now)
        notices.notify(f"render:{item.pk}", f"{item.reference} could not be prepared.", now, item.reference)
        return
    try:
        recipe = recipe_for(worker, item)
        main, thumbnail = _make(worker, item, recipe, progress)
    except NoRoom:
        raise
    except BadMedia as bad:
        if isinstance(bad, Damaged):  # not the author's fault, and theirs alone to read it would be too few
            notices.notify(f"damaged:{item.original_id}", bad.message, worker.clock(), item.reference)
        items.render_failed(item, bad.message, now=worker.clock())
        return
    found = [
        sentence
        for name in item.destinations
        if name in worker.destinations
        for sentence in faults(item, main.media_type, main.size, worker.limits(name), name, main.seconds)
    ]
    if found:
        items.render_failed(item, " ".join(found), now=worker.clock())
    else:
        fields = [name for name in item.destinations if worker.limits(name).alt_text_field]
        items.rendered(item, main, thumbnail, alt_text_fields=fields, now=worker.clock())
        notices.clear("no_room:rendering", worker.clock())


def recipe_for(worker: Worker, item: Item) -> Recipe:
    """All that decides this Item's bytes. Raises BadMedia for a destination that does not take its kind."""
    footage = item.original.kind == "footage"
    media_type = published_type(item.original.kind)
    limits = [worker.limits(name) for name in item.destinations if name in worker.destinations]
    missing = [name for name in item.destinations if name not in worker.destinations]
    if missing:
        raise BadMedia(_unreachable(missing[0], worker.office))
    most = [limit.max_bytes[media_type] for limit in limits if media_type in limit.max_bytes]
    brand = worker.office.brand
    return Recipe(
        reference=item.reference,
        brand=worker.brand.identity,
        mark=MarkStyle(item.mark_style),
        corner=Corner(item.mark_corner),
        exercise=worker.office.identity.exercise,
        redactions=tuple(Redaction(**box) for box in item.redactions),
        audio_authorised=item.audio_authorised,
        poster_at=item.poster_at,
        source_fps=item.frame_rate,
        track=item.track,
        tone=TONE if footage and item.original.probe.get("colour_profile") else "",
        credit=brand.credit or worker.office.identity.name,
        copyright=brand.copyright or f"© {worker.office.identity.name}",
        usage_terms=brand.usage_terms,
        profile=Profile(media_type=media_type, max_bytes=min(most, default=Profile().max_bytes)),
    )


def _unreachable(name: str, office: Office) -> str:
    """Why nothing can go there: which of the two it is, and the way out."""
    if name in office.destinations:
        return (
            f"Nobody has connected {name_of(name)}, or its consent has ended: `publisher connect {name}`, "
            "then submit again."
        )
    there = ", ".join(office.destinations) or "none"
    return f"“{name}” is no destination of this office: {office.file} has {there}. Choose another."


def _make(worker: Worker, item: Item, recipe: Recipe, progress: Progress | None) -> tuple[Rendition, Rendition | None]:
    original = worker.originals.open_verified(item.original_id)
    with tempfile.TemporaryDirectory(prefix="rendering-", dir=_workplace(worker)) as folder:
        out = Path(folder)
        if item.original.kind == "still":
            made = supervised.render_still(original, recipe, worker.brand, out / "still.jpg")
            return _keep(worker, item, "main", made, recipe), None
        made = supervised.render_footage(
            original,
            recipe,
            worker.brand,
            out / "footage.mp4",
            _Advancing(worker, item, progress),
        )
        poster = supervised.render_poster(made.path, recipe.poster_at, out / "poster.jpg")
        return _keep(worker, item, "main", made, recipe), _keep(worker, item, "thumbnail", poster, recipe)


class BrokenOff(Exception):
    """This process was told to end, and its time for finishing is over."""


class _Advancing:
    """Renews the claim while the film is being made, and hands the share done on to whoever watches."""

    def __init__(self, worker: Worker, item: Item, watcher: Progress | None) -> None:
        self._worker, self._item, self._watcher = worker, item, watcher
        self._renewed = worker.clock()

    def __call__(self, share: float) -> None:
        if self._worker.breaking_off:
            raise BrokenOff
        now = self._worker.clock()
        if now - self._renewed >= RENEW:
            preparing.renew(self._item, now + CLAIM)
            self._renewed = now
        if self._watcher is not None:
            self._watcher(self._item.reference, share)


def _keep(worker: Worker, item: Item, role: str, made: RenderedFile, recipe: Recipe) -> Rendition:
    stored = worker.renditions.take_in(made.path)
    return preparing.keep(
        item,
        role,
        stored.sha256,
        recipe.as_json(),
        size=stored.size,
        media_type=made.media_type,
        width=made.width,
        height=made.height,
        seconds=made.seconds,
        warnings=list(made.warnings),
        made_at=worker.clock(),
    )


def _workplace(worker: Worker) -> Path:
    place = worker.office.media / "making"
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise NoRoom(f"There is no room left in {place}. Free some space; it is tried again.") from error
        raise BadMedia(f"{place} cannot be made ({error.strerror}). Mend the folder's permissions.") from error
    return place


def _no_room(worker: Worker, item: Item, message: str) -> None:
    """Not the file's fault: it keeps its place and its tries, and a person is told to make room."""
    notices.notify("no_room:rendering", f"Nothing can be prepared for review. {message}", worker.clock())
    preparing.try_later(item, worker.clock() + PAUSE, tried=False)
