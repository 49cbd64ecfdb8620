"""Whatever stands among the rules is asked by the move that takes each step, and a refusal leaves nothing done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from pressqueue import gates
from pressqueue.errors import GatesClosed
from pressqueue.gates import Case, Gate, Live, Step
from pressqueue.models import Amendment, Approval, Attempt, Disclosure, Item, Notice, Post
from pressqueue.moves import amendments, leases, live_checks
from pressqueue.moves import items as item_moves
from pressqueue.moves import posts as post_moves

from support import factories, pack_recipients
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")
LEASE = timedelta(minutes=5)
TITLE = "Can you help us find this person? {reference}"
Move = Callable[[], object]


class Never(Gate):
    """R99: never, at the steps it is given."""

    number = "R99"
    source = "this test"

    def __init__(self, step: Step, live: Live = Live.NOTHING) -> None:
        self.steps, self.live = frozenset({step}), live  # type: ignore[misc]  # a rule's own, here each its own

    def fault(self, case: Case) -> str:
        return f"Never at {case.step}."


def adding() -> Move:
    original = factories.original()
    factories.person()
    return lambda: factories.appeal(original=original)


def submitting() -> Move:
    item = factories.appeal()
    return lambda: item_moves.submit(factories.author(), item, now=NOW)


def approving() -> Move:
    item = factories.verified(factories.in_review(factories.appeal()))
    assert item.package is not None
    digest = item.package.digest
    return lambda: factories.decide(factories.approver(), item, digest, now=NOW)


def taking() -> Move:
    post = factories.posted(factories.approved(factories.appeal()))
    return lambda: leases.take(post, "w1", LEASE, now=NOW)


def revealing() -> Move:
    mine = leases.take(factories.posted(factories.approved(factories.appeal())), "w1", LEASE, now=NOW)
    assert mine is not None
    hidden = post_moves.sent(mine, mine.fence, remote_id="r1", url="http://x/", media_urls=[], now=NOW)
    return lambda: post_moves.begin_reveal(hidden, hidden.fence, needs_attestation=False, now=NOW)


def disclosing() -> Move:
    item = factories.approved(factories.appeal())
    return lambda: pack_recipients.disclosed(item)


def amending() -> Move:
    item = factories.approved(factories.appeal())
    pack_recipients.live(item)
    return lambda: amendments.amend(factories.author(), item, "Clearer.", title=TITLE, now=NOW)


def amending_is_approved() -> Move:
    item = factories.approved(factories.appeal())
    pack_recipients.live(item)
    digest = amendments.amend(factories.author(), item, "Clearer.", title=TITLE, now=NOW).package.digest
    factories.verify(factories.investigator(), item, digest)
    shown = factories.viewed(item)
    return lambda: amendments.approve_amendment(factories.approver(), item, digest, deciding=shown, now=NOW)


REFERENCES = {
    "add_item": (Step.DRAFT, adding), "submit": (Step.SUBMIT, submitting), "approve": (Step.APPROVE, approving),
    "take": (Step.TAKE, taking), "begin_reveal": (Step.BEGIN_REVEAL, revealing), "disclose": (Step.TAKE, disclosing),
    "amend": (Step.SUBMIT, amending), "approve_amendment": (Step.APPROVE, amending_is_approved),
}  # fmt: skip


def state_of_things() -> object:
    items = list(Item.objects.order_by("pk").values_list("state", flat=True))
    posts = list(Post.objects.order_by("pk").values_list("state", "fence"))
    counted = [each.objects.count() for each in (Approval, Attempt, Disclosure, Amendment)]
    return items, posts, counted


@pytest.mark.parametrize(("step", "ready"), REFERENCES.values(), ids=REFERENCES)
def test_the_move_of_each_step_asks_every_rule_of_it_and_does_nothing_when_refused(
    step: Step, ready: Callable[[], Move], monkeypatch: pytest.MonkeyPatch
) -> None:
    move = ready()
    before = state_of_things()
    with monkeypatch.context() as one_more:
        one_more.setattr(gates, "ALL", (*gates.ALL, Never(step)))
        with pytest.raises(GatesClosed) as refused:
            move()
    assert refused.value.failures == [("R99", f"Never at {step}.")]
    assert state_of_things() == before
    move()  # control: without that one rule nothing stood in its way
    assert state_of_things() != before


@pytest.mark.parametrize(("live", "down"), [(Live.WITHDRAW, True), (Live.REVIEW, False)])
def test_what_is_live_is_asked_and_comes_down_or_is_looked_at(
    live: Live, down: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = factories.approved(factories.appeal())
    pack_recipients.live(item)
    assert live_checks.watch(item, now=NOW) is False
    assert not Notice.objects.exists()
    monkeypatch.setattr(gates, "ALL", (*gates.ALL, Never(Step.LIVE, live)))
    assert live_checks.watch(item, now=NOW) is down
    assert Post.objects.get().state == ("removing" if down else "live")
    assert "Never at while live." in Notice.objects.get().words


def test_every_step_is_taken_by_one_of_these() -> None:
    assert {step for step, _ in REFERENCES.values()} | {Step.LIVE} == set(Step)
