"""What a gate is asked, and when."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pressqueue.models import Account, Item, Officer, Package


class Step(StrEnum):
    """The moments at which gates are asked."""

    SUBMIT = "submit"
    APPROVE = "approve"
    TAKE = "take"
    BEGIN_REVEAL = "begin_reveal"


PUBLISHING = frozenset({Step.TAKE, Step.BEGIN_REVEAL})
EVERY_STEP = frozenset(Step)


@dataclass(frozen=True, slots=True)
class Case:
    """One Item at one step: everything a rule may look at, read inside the deciding transaction."""

    step: Step
    item: Item
    now: datetime
    package: Package | None = None
    approver: Officer | None = None  # at APPROVE: who is deciding
    destination: str | None = None
    account: Account | None = None
    needs_comment_attestation: bool = False

    @property
    def is_appeal(self) -> bool:
        """In the rules "appeal" means the kinds appeal and wanted."""
        return self.item.kind in (Item.Kind.APPEAL, Item.Kind.WANTED)


class Gate(ABC):
    """A rule. `source` says where it comes from; forces may configure it, it is not "the law"."""

    number: str
    steps: frozenset[Step]
    source: str

    @abstractmethod
    def fault(self, case: Case) -> str:
        """A sentence for the officer where the rule does not hold, else an empty text."""
