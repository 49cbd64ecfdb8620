"""What a rule is, what it is asked, and when."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import ClassVar, TypeVar, cast

from pressqueue import policy
from pressqueue.basis import Basis
from pressqueue.models import Account, AppealRecord, BreakGlass, FeatureRecord, Item, Officer, Package, Subject

Found = TypeVar("Found")


class Step(StrEnum):
    """The moments at which gates are asked. At DRAFT only what no later answer can mend."""

    DRAFT = "draft"
    SUBMIT = "submit"
    APPROVE = "approve"
    TAKE = "take"
    BEGIN_REVEAL = "begin_reveal"
    LIVE = "while live"


class Live(StrEnum):
    """What follows where a gate fails on something live."""

    NOTHING = ""
    REVIEW = "review"  # a person looks again; it stays up meanwhile
    WITHDRAW = "withdrawal"  # it comes down at once


class Leads(StrEnum):
    """To which of the record's answers that it names a refusal leads."""

    EMPTY_OR_ALL = "empty or all"  # what nobody answered; where all is answered, something in it is wrong
    EMPTY = "empty"  # what nobody answered
    GIVEN = "given"  # what somebody did: it asks nothing of what was left out


PUBLISHING = frozenset({Step.TAKE, Step.BEGIN_REVEAL})
FROM_SUBMIT = frozenset({Step.SUBMIT, Step.APPROVE, *PUBLISHING})
EVERY_STEP = frozenset({Step.DRAFT, *FROM_SUBMIT})
AND_LIVE = frozenset({*EVERY_STEP, Step.LIVE})


@dataclass(frozen=True, slots=True)
class Deciding:
    """What an approver says with the decision. `session` is the SHA-256 of the key of their signed-in session."""

    session: str = ""
    sitting: int | None = None
    seconds: float | None = None  # between the first byte shown and the decision
    reason: str = ""
    overrides: Mapping[str, str] = field(default_factory=dict)  # rule number -> reason
    batch: bool = False  # one of several decided in one sitting
    others: bool = False  # declared: who else can be recognised is as the record answers (R12)
    break_glass: bool = False


@dataclass(frozen=True)
class Case:
    """One Item at one step: everything a rule may look at, read inside the deciding transaction, each at most once."""

    step: Step
    item: Item
    now: datetime
    package: Package | None = None
    approver: Officer | None = None  # at APPROVE: who is deciding
    deciding: Deciding = Deciding()
    destination: str | None = None
    account: Account | None = None
    needs_comment_attestation: bool = False
    amending: bool = False  # it is public already; what is decided are new words or dates for it
    reviewing: bool = False  # and it was looked at again, to stay up
    deferring: bool = True  # whether a declared emergency counts; off to see what is still owed
    rows: Basis | None = None  # what was read already

    def once(self, read: Callable[[Case], Found]) -> Found:
        """Returns what `read` finds in the database for this Case; it is called the first time only."""
        if read not in self._found:
            self._found[read] = read(self)
        return cast(Found, self._found[read])

    @cached_property
    def basis(self) -> Basis:
        """The rows about the Item and its Package."""
        return self.rows or Basis(self.item, self.package.pk if self.package else None, self.destination)

    @cached_property
    def _found(self) -> dict[object, object]:
        return {}

    @property
    def is_appeal(self) -> bool:
        """Whether the Item is an appeal as the rules use the word: of the kind appeal or wanted."""
        return self.item.kind in (Item.Kind.APPEAL, Item.Kind.WANTED)

    @property
    def seeks_a_person(self) -> bool:
        """Whether the appeal seeks a person: one about property, a vehicle or a scene has no Subject."""
        return self.is_appeal and self.item.purpose != Item.Purpose.PROPERTY

    @property
    def policy(self) -> policy.Policy:
        """The policy in force. Raises PolicyMissing."""
        return policy.current()

    @cached_property
    def appeal(self) -> AppealRecord:
        """The appeal's record; an empty one where nobody has begun it."""
        record = self.basis.record
        return record if isinstance(record, AppealRecord) else AppealRecord(item=self.item)

    @cached_property
    def feature(self) -> FeatureRecord:
        """The feature's record; an empty one where nobody has begun it."""
        record = self.basis.record
        return record if isinstance(record, FeatureRecord) else FeatureRecord(item=self.item)

    @cached_property
    def people(self) -> tuple[Subject, ...]:
        """The Subjects that the Item shows, by number."""
        return tuple(self.basis.subjects)

    @cached_property
    def declared(self) -> BreakGlass | None:
        """The emergency that somebody declared for this Item, open or ended; None where nobody did."""
        return next(iter(self.basis.emergencies), None) if self.is_appeal else None

    @property
    def emergency(self) -> BreakGlass | None:
        """The declared emergency while it defers answers, else None.

        It does so while a life is still at risk, an answer is still missing, and its time has not run out.
        """
        found = self.declared
        if found is None or not self.deferring or found.ended_at is not None or self.now >= found.due_at:
            return None
        return found if self.appeal.seriousness == AppealRecord.Seriousness.LIFE else None

    @property
    def reaches_worldwide(self) -> bool:
        """Whether any of its destinations reaches further than the force's own gallery."""
        return bool(set(self.item.destinations) - set(self.policy.own_reach))

    @property
    def shows_a_child(self) -> bool:
        """Whether somebody shown may be under 18; unsure counts as yes."""
        return any(person.may_be_a_child for person in self.people)


@dataclass(frozen=True, slots=True)
class Settable:
    """What a force may set for a rule: where in policy.toml, the Policy's name for it or a kind of duty, in words."""

    where: str
    name: str
    words: str


class Rule(ABC):
    """A rule by its number. `source` says where it comes from; forces may configure it, it is not "the law"."""

    number: ClassVar[str]
    source: ClassVar[str]
    may_be_off: ClassVar[bool] = False  # whether a force may decide not to ask it
    settings: ClassVar[tuple[Settable, ...]] = ()  # each once among the gates, duties and properties of a number

    @property
    def meaning(self) -> str:
        """The first line of its docstring, without its number."""
        first = (self.__doc__ or "").strip().split("\n")[0]
        words = first.split(": ", 1)[-1]
        return words[:1].upper() + words[1:]


class Gate(Rule):
    """What must hold at its steps; `live` says what follows where it fails on something that is up."""

    steps: ClassVar[frozenset[Step]]
    place: ClassVar[int] = 0  # below 0 it is told before the others of its number, above it after them
    live: ClassVar[Live] = Live.NOTHING
    together: ClassVar[bool] = False  # asked of all Approvals together: until it holds, one more is needed
    deferrable: ClassVar[bool] = False  # R55: a threat to life may put it off
    answered_later: ClassVar[bool] = False  # R55: an answer that was deferred is owed until it is given
    may_override: ClassVar[bool] = False  # whether an approver may let it pass, with a reason
    of_packs: ClassVar[bool] = True  # whether it is asked before a press pack is given out
    once_revealed: ClassVar[bool] = True  # and of a pack of what is up already
    reads_words: ClassVar[bool] = False  # it holds the words against the record, beside the lists
    # Where the answers lie that satisfy it, by the fields of our own records; which page that is, the desk knows.
    answers: ClassVar[tuple[str, ...]] = ()  # of the Item's record
    leads_to: ClassVar[Leads] = Leads.EMPTY_OR_ALL
    item_fields: ClassVar[tuple[str, ...]] = ()  # of the Item itself
    looks_up: ClassVar[bool] = False  # what it asks of a person is what their proceedings are

    def is_open(self, person: Subject) -> bool:
        """Whether the officer must look at this person's own answers to satisfy the rule. For most gates: never."""
        return False

    @abstractmethod
    def fault(self, case: Case) -> str:
        """Returns a sentence for the officer where the rule does not hold, else an empty text."""


@dataclass(frozen=True, slots=True)
class RuleReference:
    """A rule, or a part of one, that is no gate: a duty or a property, with where it is enforced.

    `deadline` may name spans of the policy, as in "within {letter}".
    """

    number: str
    meaning: str
    source: str
    where: tuple[str, ...] = ()  # dotted names of what enforces it
    trigger: str = ""  # a duty's: what begins it
    deadline: str = ""
    who: str = ""
    waits_for: str = ""  # the later work this is left to: nothing enforces it yet
    settings: tuple[Settable, ...] = ()

    @property
    def is_duty(self) -> bool:
        """Whether it is a duty, which something triggers, and not a property."""
        return bool(self.trigger)
