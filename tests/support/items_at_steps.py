"""An Item as it stands at any step, also as no move would let it stand: what the rules are asked about one by one.

Everything is written past the moves, so that each rule is seen to refuse by itself what others had refused before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pressqueue import gates, packages
from pressqueue.actors import Actor
from pressqueue.audit import moving
from pressqueue.gates.shown import to_be_shown
from pressqueue.models import (
    AppealRecord,
    Approval,
    BlockedImage,
    BreakGlass,
    FeatureRecord,
    Item,
    Subject,
    Verification,
    Viewing,
)
from pressqueue.moves import items, packaging

from support import factories
from support.factories import NOW

SESSION = "ab" * 32
SECOND = {"who": "cleo", "rank": "superintendent", "reason": "Why less intrusive options would not work."}
CHILD = {"less_intrusive": "Schools were asked first.", "child_welfare": "Children's services were told."}
WANTED_CAPTION = (
    "Have you seen Ada Quill? We would like to speak to her in connection with a reported burglary. Crimestoppers: "
    "0800 555 111. Text relay: 18001 101. Call 101 quoting {reference}."
)
Changes = dict[str, dict[str, Any]]


@dataclass
class Standing:
    """An Item with everything that is decided about it. Each attribute may be set otherwise by a test."""

    item: Item
    now: datetime = NOW
    decider: str = "bran"
    shown: bool = True  # whether the decider saw every file
    said: dict[str, Any] = field(default_factory=dict)  # with the decision
    approvals: tuple[dict[str, Any], ...] = ({"who": "bran", "rank": "inspector"},)
    approved_at: datetime = NOW
    verified: bool = True
    verifier_rank: str = "inspector"
    confirmer: str = ""  # of a signed form, where the officer in the case has no account
    declared_for: timedelta | None = None  # an emergency, and how long it defers
    blocked: bool = False
    people: bool = True
    since: str = ""  # written into the caption after all was decided
    about: dict[str, Any] = field(default_factory=dict)  # whatever else the Case holds

    def case(self, step: gates.Step) -> gates.Case:
        """Read afresh."""
        return self.cases([step])[step]

    def cases(self, steps: Iterable[gates.Step]) -> dict[gates.Step, gates.Case]:
        """The same for each of these steps, of one and the same rows."""
        self._prepare()
        return {step: self._case(step) for step in steps}

    def _case(self, step: gates.Step) -> gates.Case:
        item = Item.objects.get(pk=self.item.pk)
        deciding = gates.Deciding(**{"session": SESSION, "others": True, **self.said})
        approver = factories.officer(self.decider, "approver")
        values = {"approver": approver, "deciding": deciding} if step is gates.Step.APPROVE else {}
        return gates.Case(step, item, self.now, package=item.package, **values, **self.about)

    def _prepare(self) -> None:
        item = self.item
        item.refresh_from_db()
        kept = tuple(Subject.objects.filter(campaign=item.campaign))
        item.subjects.set(kept if self.people else ())
        for model, here in ((BreakGlass, self.declared_for is not None), (BlockedImage, self.blocked)):
            model.objects.filter(item=item).delete()
            if here:
                self._add(model)
        files = packages.files_of(item, factories.rendition(item), None)
        item.package = packaging.make(item, files, NOW)
        item.save()
        Approval.objects.all().delete()
        Verification.objects.all().delete()
        for given in self.approvals:
            self._approve(**given)
        if self.verified and item.kind != Item.Kind.FEATURE:
            self._verify()
        self._show()
        Item.objects.filter(pk=item.pk).update(caption=item.caption + self.since)

    def _add(self, model: type[BreakGlass] | type[BlockedImage]) -> None:
        if model is BlockedImage:
            BlockedImage.objects.create(sha256=self.item.original_id, item=self.item, reason="wrong_image", since=NOW)
            return
        due = NOW + (self.declared_for or timedelta())
        declared_by = factories.officer("amara", "author")
        BreakGlass.objects.create(
            item=self.item, reason="A life.", declared_by=declared_by, declared_at=NOW, due_at=due
        )

    def _approve(self, who: str, **values: Any) -> None:
        package = self.item.package
        assert package is not None
        approver = factories.officer(who, "approver")
        with moving(Actor(approver.pk, "desk"), NOW) as log:
            given = Approval.objects.create(
                package=package, digest=package.digest, approver=approver, at=self.approved_at, **values
            )
            log.note("approved", item=self.item.pk, package=package.digest, approval=given.pk)

    def _verify(self) -> None:
        package, officer = self.item.package, factories.officer("inga", "investigator")
        assert package is not None
        with moving(Actor(officer.pk, "desk"), NOW) as log:
            given = Verification.objects.create(
                item=self.item, package=package, digest=package.digest, name="Inga", rank=self.verifier_rank, at=NOW,
                **(self._signed() or {"investigator": officer}),
            )  # fmt: skip
            log.note("verified", item=self.item.pk, package=package.digest, verification=given.pk)

    def _signed(self) -> dict[str, Any]:
        if not self.confirmer:
            return {}
        form, confirmer = (
            factories.original(b"%PDF-1.7 signed", kind="form"),
            factories.officer(self.confirmer, "approver"),
        )
        read = {"read_name": "Mara Voss", "read_rank": self.verifier_rank}
        return {"form": form, "confirmed_by": confirmer, "confirmed_at": NOW, **read}

    def _show(self) -> None:
        officer = factories.officer(self.decider, "approver")
        Viewing.objects.filter(officer=officer).delete()
        asked = gates.Case(gates.Step.APPROVE, self.item, self.now, package=self.item.package)
        for sha256 in to_be_shown(asked) if self.shown else ():
            Viewing.objects.create(
                officer=officer, session=SESSION, item=self.item, sha256=sha256, began_at=NOW, whole_at=NOW
            )

    @contextmanager
    def but(self, changes: Changes) -> Iterator[None]:
        """Within it so much is otherwise: of the Standing itself, its item, record, feature or person."""
        found = {name: self._part(name) for name in changes}
        before = {name: {key: getattr(found[name], key) for key in changes[name]} for name in changes}
        try:
            for name, values in changes.items():
                _set(found[name], values)
            yield
        finally:
            for name, values in before.items():
                _set(self._part(name), values)

    def _part(self, name: str) -> Any:
        if name == "standing":
            return self
        if name == "item":
            self.item.refresh_from_db()
            return self.item
        if name == "person":
            return Subject.objects.get(campaign=self.item.campaign)
        return (AppealRecord if name == "record" else FeatureRecord).objects.get(item=self.item)


def _set(part: Any, values: dict[str, Any]) -> None:
    for key, value in values.items():
        setattr(part, key, value)
    if not isinstance(part, Standing):
        part.save()


def appeal() -> Standing:
    """For one person, nobody knows who."""
    return Standing(factories.appeal(campaign=factories.operation(contact="Call 101.")))


def child() -> Standing:
    """For somebody who appears to be under 18, on a superintendent's word."""
    shown = factories.person(factories.operation(contact="Call 101."), appears_under_18="yes")
    item = factories.appeal(record=factories.appeal_record(**CHILD), subjects=[shown])
    return Standing(item, verifier_rank="superintendent", approvals=({"who": "bran", "rank": "inspector"}, SECOND))


def wanted() -> Standing:
    """For somebody by name."""
    campaign = factories.operation(contact="Call 101.")
    item = items.add_item(
        factories.author(), campaign=campaign, kind="wanted", title="Have you seen Ada Quill? {reference}",
        caption=WANTED_CAPTION, alt_text="A woman with red hair.", destinations=["flickr"],
        subjects=[factories.person(campaign, name="Ada Quill")], original=factories.original(), publish_from=NOW,
        publish_until=NOW + timedelta(hours=12), expires_at=NOW + timedelta(days=28),
        record={"investigator": factories.officer("inga", "investigator"), **factories.wanted_record()}, now=NOW,
    )  # fmt: skip
    return Standing(item)


def feature() -> Standing:
    """A dog."""
    return Standing(factories.feature())


def emergency() -> Standing:
    """An appeal for which somebody declared a threat to life; whoever approves knows of it."""
    made = appeal()
    AppealRecord.objects.filter(item=made.item).update(seriousness="threat_to_life")
    made.declared_for = timedelta(hours=24)
    made.said = {"break_glass": True, "reason": "A life is at risk."}
    made.approvals = ({"who": "bran", "rank": "inspector", "break_glass": True},)
    return made
