"""What a decision about one Item rests on: each kind of row is read once, and then the rules are asked in memory."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from pressqueue import records
from pressqueue.models import (
    Account,
    Alarm,
    Amendment,
    AppealRecord,
    Approval,
    BlockedImage,
    BreakGlass,
    Edit,
    FeatureRecord,
    Item,
    Office,
    Officer,
    Original,
    Subject,
    Verification,
)

if TYPE_CHECKING:
    from pressqueue.locks import Held


class Basis:
    """The rows about one Item and one Package of it. What nobody asks for is not read.

    Within a transaction that holds the Item locked it is the state that the transaction decides about. It is made anew
    for each decision, and after a write to any of these rows.
    """

    def __init__(self, item: Item, package: int | None, destination: str | None = None) -> None:
        """`package`: its id; None where there is none yet. `destination`: whose account matters."""
        self.item, self.package, self.destination = item, package, destination

    @classmethod
    def of(cls, held: Held, package: int | None, destination: str | None = None) -> Basis:
        """Returns that of an Item which the caller holds, with the rows that were read when it was locked."""
        made = cls(held.item, package, destination)
        made.office = held.office
        if held.subjects is not None:
            made.subjects = held.subjects
        return made

    @cached_property
    def office(self) -> Office | None:
        """The office; None before it was made."""
        return Office.objects.first()

    @cached_property
    def alarms(self) -> list[Alarm]:
        """Every alarm, ended or not, the first one first."""
        return list(Alarm.objects.order_by("pk"))

    @cached_property
    def subjects(self) -> Sequence[Subject]:
        """The people whom the Item shows, by number."""
        return list(self.item.subjects.order_by("number"))

    @cached_property
    def edits(self) -> list[Edit]:
        """Who wrote or changed it."""
        return list(Edit.objects.filter(item=self.item).select_related("officer"))

    @cached_property
    def emergencies(self) -> list[BreakGlass]:
        """Emergencies that were declared for it, open or ended."""
        return list(BreakGlass.objects.filter(item=self.item).order_by("pk"))

    @cached_property
    def amendments(self) -> list[Amendment]:
        """Its amendments, whatever became of them."""
        return list(Amendment.objects.filter(item=self.item))

    @cached_property
    def originals(self) -> list[Original]:
        """The file it is made of; none where somebody took its row out of the database."""
        found = list(Original.objects.filter(pk=self.item.original_id))
        if found:
            self.item.original = found[0]  # whoever asks the Item for it does not read it again
        return found

    @property
    def original(self) -> Original:
        """The same. Raises Original.DoesNotExist."""
        return self.originals[0] if self.originals else self.item.original

    @cached_property
    def blocks(self) -> list[BlockedImage]:
        """Blocks on that file, lifted or not."""
        return list(BlockedImage.objects.filter(sha256=self.item.original_id).order_by("pk"))

    @cached_property
    def approvals(self) -> list[Approval]:
        """Every Approval of the Package, void or not, the newest first."""
        given = Approval.objects.filter(package=self.package).select_related("approver")
        return list(given.order_by("-at", "-pk")) if self.package is not None else []

    @cached_property
    def verifications(self) -> list[Verification]:
        """Every Verification of the Package, void or not, the newest first."""
        given = Verification.objects.filter(package=self.package).select_related("investigator", "confirmed_by")
        return list(given.order_by("-at", "-pk")) if self.package is not None else []

    @property
    def officers(self) -> list[Officer]:
        """The accounts that wrote, verified or approved it, each once."""
        people = [*(edit.officer for edit in self.edits), *(approval.approver for approval in self.approvals)]
        for verification in self.verifications:
            people += [who for who in (verification.investigator, verification.confirmed_by) if who is not None]
        return list({person.pk: person for person in people}.values())

    @cached_property
    def record(self) -> AppealRecord | FeatureRecord:
        """Its record; an empty one where nobody has begun it."""
        return records.of(self.item)

    @cached_property
    def account(self) -> Account | None:
        """The account at the destination, as it was last known to be."""
        return Account.objects.filter(pk=self.destination).first() if self.destination else None
