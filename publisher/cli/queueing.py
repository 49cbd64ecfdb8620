"""Files become Items: each in a transaction of its own, as soon as it was looked at."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pressqueue.errors import QueueError
from publisher import PublisherError
from publisher.cli.answers import Given
from publisher.cli.items import limits_of
from publisher.cli.record import describe
from publisher.cli.session import Session
from publisher.media.errors import BadMedia, NoRoom
from publisher.output import Declined, aside, say

if TYPE_CHECKING:
    from pressqueue.actors import Actor
    from pressqueue.models import Campaign, Item, Original
    from publisher.destinations.base import Limits


@dataclass(slots=True)
class Batch:
    """The files of one command: what they share, and what became of them."""

    session: Session
    actor: Actor
    campaign: Campaign
    kind: str
    words: dict[str, Any]
    given: Given
    submitted: bool
    made: list[Item] = field(default_factory=list)
    refused: list[tuple[Path, str]] = field(default_factory=list)
    left_out: list[tuple[Path, str]] = field(default_factory=list)  # with the reference of the Item made of it

    def take(self, file: Path, resume: bool) -> None:
        """Queue one file, or note why not. What refuses the first of them is raised: it would refuse the others too."""
        if resume and (there := self._made_of(file)):
            self.left_out.append((file, there.reference))
            return
        try:
            self.made.append(self._make(self._receive(file)))
        except NoRoom as full:  # nothing is wrong with the file, and the next one has no room either
            if self.made:
                say(f"{files_were(len(self.made))} queued before {file}. To go on, run this again with --resume.")
            raise Declined(f"{full.message} ({file}) It was not queued.") from None
        except BadMedia as bad:
            self.refused.append((file, bad.message))
        except (QueueError, PublisherError) as refusal:
            if not (self.made or self.left_out):
                raise
            self.refused.append((file, str(refusal)))

    def _made_of(self, file: Path) -> Item | None:
        """The Item of this campaign that was made of the same bytes, whatever became of it."""
        from pressqueue.models import Item

        try:
            with file.open("rb") as opened:
                sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
        except OSError:
            return None  # receiving it says what is wrong
        return Item.objects.filter(campaign=self.campaign, kind=self.kind, original=sha256).order_by("pk").first()

    def _receive(self, file: Path) -> Original:
        from publisher.media.vault import Vault
        from publisher.publishing import intake, video_answers

        if file.is_dir():
            raise BadMedia("It is a folder: name the files in it.")
        vault = Vault(self.session.office.media / "originals")
        original = intake.receive(self.actor, file, file.name, vault, self.session.now, patient=True)
        # What a film's file does not say of itself is said by whoever adds it.
        if fault := video_answers.fault_of_rate(original, self.words["frame_rate"]):
            raise BadMedia(f"{fault} (--frame-rate)")
        if fault := video_answers.fault_of_track(original, self.words["track"]):
            raise BadMedia(f"{fault} (--track)")
        return original

    def _make(self, original: Original) -> Item:
        from django.db import transaction

        from pressqueue.moves import items as item_moves
        from pressqueue.moves import subjects as subject_moves
        from publisher.publishing import readiness

        session, now = self.session, self.session.now
        words = dict(self.words)
        subjects, new, named = words.pop("subjects"), words.pop("new_subject", False), words.pop("destinations")
        with transaction.atomic():
            shown = [*subjects, subject_moves.make_subject(self.actor, self.campaign, now=now)] if new else subjects
            describe(session, self.actor, shown, self.given)
            places = named or _takers(session, original, limits_of(session))
            item = item_moves.add_item(
                self.actor, campaign=self.campaign, kind=self.kind, original=original, now=now, destinations=places,
                subjects=shown, record=self.given.record, **words,
            )  # fmt: skip
            demand_fit(session, [item])
            if self.submitted:
                readiness.demand(item, session.office, session.secrets, now)
                item = item_moves.submit(self.actor, item, now=now)
        if warning := readiness.same_picture(item):
            say(f"Warning: {item.reference}: {warning}")
        return item


@contextmanager
def one_by_one(files: list[Path]) -> Iterator[Iterable[Path]]:
    """The files, one by one, with a bar that says how long the rest will take; of one file there is none."""
    columns = (
        TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=aside, transient=True, disable=len(files) == 1) as shown:
        task = shown.add_task("Receiving", total=len(files))

        def advancing() -> Iterator[Path]:
            for file in files:
                shown.update(task, description=f"Receiving {file.name}")
                yield file
                shown.advance(task)

        yield advancing()


def files_were(count: int) -> str:
    return "1 file was" if count == 1 else f"{count} files were"


def _takers(session: Session, original: Original, limits: dict[str, Limits]) -> list[str]:
    """The connected destinations that take a file of this kind. Raises Declined where there is none."""
    from publisher.media.formats import published_type

    if not limits:
        ways = " or ".join(f"`publisher connect {name}`" for name in session.office.destinations)
        way_out = ways or f"add a destination to {session.office.file}"
        raise Declined(
            f"No account is connected, so it could go nowhere: {way_out}. "
            "Or say where it is to go later: --destination NAME."
        )
    kind = published_type(original.kind)
    takers = [name for name, limit in limits.items() if kind in limit.media_types]
    if not takers:
        raise Declined(f"None of {', '.join(limits)} takes {kind.partition('/')[0]} files.")
    return takers


def demand_fit(session: Session, items: list[Item], *, amending: bool = False) -> None:
    """What the platforms would not take is said now, not when the approver has looked at it."""
    from publisher.media.formats import published_type
    from publisher.publishing.parcels import as_approved, faults

    limits = limits_of(session)
    for item in items:
        media_type = published_type(item.original.kind)
        taken = {name: limits[name] for name in item.destinations if name in limits}
        if amending:
            taken = {name: as_approved(each, item, name) for name, each in taken.items()}
        found = [words for name, each in taken.items() for words in faults(item, media_type, 0, each, name)]
        if found:
            unchanged = " Nothing was changed." if amending else ""
            raise Declined(f"{' '.join(dict.fromkeys(found))} ({item.original.filename}){unchanged}")
