"""An office that holds each deciding commit against its own account of who had a hand in it, not against the gates."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from pressqueue import gates
from pressqueue.actors import Actor
from pressqueue.errors import QueueError
from pressqueue.models import AccountChange, Approval, Item, Officer, Post
from pressqueue.moves import (
    account_changes,
    amendment_trial,
    items,
    leases,
    officers,
    posting,
    posts,
    subjects,
    takedown,
)
from pressqueue.moves import amendments as amendment_moves
from pressqueue.proceedings import forbids_more

from support import factories
from support.factories import NOW

LEASE = timedelta(days=400)
PEOPLE = {
    "amara": ("author",), "both": ("author", "approver"), "bran": ("approver",), "cleo": ("approver",),
    "inga": ("investigator",), "mixed": ("approver", "investigator"), "chief": ("administrator",),
    "deputy": ("administrator",),
}  # fmt: skip

WRITERS, DECIDERS = st.sampled_from(["amara", "both"]), st.sampled_from(["both", "bran", "cleo", "mixed"])

PLACES = {"flickr": True, "folder": True}
RARELY = st.integers(0, 9)  # only at nought


class Unsafe(AssertionError):
    """A deciding commit that ought not to have been."""


class Office(RuleBasedStateMachine):
    """One appeal for one person in a real office, and everything that anybody may do to it."""

    reveals = 0  # over all runs: a machine that never revealed anything proved nothing
    amendments = 0  # the same of new words for what is public

    @initialize()
    def found(self) -> None:
        self.block = transaction.atomic()  # each run begins with the same office, and leaves nothing behind
        self.block.__enter__()
        self.now = NOW
        self.actors = {name: Actor(factories.officer(name, *roles).pk, "desk") for name, roles in PEOPLE.items()}
        record = factories.appeal_record(investigator=factories.officer("inga"))
        self.item = factories.appeal(
            record=record,
            expires_at=NOW + timedelta(days=28),
            publish_until=NOW + timedelta(days=20),
            destinations=list(PLACES),
        )
        self.person = self.item.subjects.get()
        self.hands = {"amara"}
        self.vulnerable, self.anonymous, self.proceedings, self.looked_at = False, False, "none", NOW
        self.two_to_amend = False  # whether two approvals were needed of the amendment that was approved last
        self.over = self.gone_for_good = False
        self.barred = dict.fromkeys(PEOPLE, NOW)
        self.shown = ""  # the digest somebody has on their screen, perhaps an old one

    def teardown(self) -> None:
        if hasattr(self, "block"):
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    def attempt(self, move: Callable[[], Any]) -> bool:
        """Whether the office let it be done. Everything it refuses it must refuse in a sentence."""
        try:
            with transaction.atomic():
                move()
        except QueueError as refused:
            assert str(refused)
            return False
        finally:
            self.item = Item.objects.get(pk=self.item.pk)
        return True

    @rule(who=WRITERS, words=st.sampled_from(["Thank you.", "Thank you for your help."]))
    def edit(self, who: str, words: str) -> None:
        caption = f"{factories.CAPTION} {words}"
        if self.attempt(lambda: items.edit(self.actors[who], self.item, caption=caption, now=self.now)):
            self.hands.add(who)

    @rule(who=WRITERS, anonymous=st.booleans())
    def answer(self, who: str, anonymous: bool) -> None:
        change = {"anonymity": anonymous}
        if self.attempt(lambda: items.edit(self.actors[who], self.item, record=change, now=self.now)):
            self.hands.add(who)
            self.anonymous = anonymous

    @rule(who=WRITERS, vulnerable=st.booleans())
    def describe(self, who: str, vulnerable: bool) -> None:
        answers = {"vulnerable": vulnerable, "vulnerability": "Frail." if vulnerable else ""}
        changes = vulnerable != self.vulnerable
        if self.attempt(lambda: subjects.describe(self.actors[who], self.person, answers, now=self.now)) and changes:
            self.hands.add(who)
            self.vulnerable = vulnerable

    @rule()
    def prepare(self) -> None:
        if self.item.state == "draft":
            self.attempt(lambda: items.submit(self.actors["amara"], self.item, now=self.now))
        if self.item.state == "submitted":
            main = factories.rendition(self.item, f"edition {self.item.edition}".encode())
            self.attempt(lambda: items.rendered(self.item, main, None, now=self.now))

    def carry_on(self, who: str) -> None:
        """The next thing a well-run office would do: else chance alone would hardly ever reveal anything."""
        state, package = self.item.state, self.item.package
        if state in ("draft", "submitted"):
            self.prepare()
        elif state == "in_review" and not package.verifications.exists():
            self.verify(who="inga", look_first=True)
        elif state == "in_review":
            self.approve(who=who, look_first=True)
        elif self.now - self.looked_at > timedelta(hours=72):
            self.look_up(state="none")
        elif amendment_trial.drafted(self.item) is not None:
            self.approve_amendment(who=who, verify_first=True)
        elif Post.objects.filter(amending__isnull=False).exists():
            self.write()
        elif amendment_trial.may_be_amended(self.item):
            self.amend(who="amara", words=f"Mended {self.item.amendments.count()}.")
        else:
            self.reveal(everywhere=False)

    @rule(who=DECIDERS)
    def next_step(self, who: str) -> None:
        self.carry_on(who)

    @rule(who=DECIDERS)
    def two_next_steps(self, who: str) -> None:
        self.carry_on(who)
        self.carry_on(who)

    @rule(who=DECIDERS)
    def three_next_steps(self, who: str) -> None:
        for _ in range(3):
            self.carry_on(who)

    @rule()
    def look(self) -> None:
        self.shown = self.item.package.digest if self.item.package else ""

    @rule(who=st.sampled_from(["inga", "mixed"]), look_first=st.booleans())
    def verify(self, who: str, look_first: bool) -> None:
        if look_first:
            self.look()
        self.attempt(lambda: factories.verify(self.actors[who], self.item, self.shown, now=self.now))

    @rule(who=DECIDERS, look_first=st.booleans())
    def approve(self, who: str, look_first: bool) -> None:
        if look_first:
            self.look()
        said = gates.Deciding(reason="It is right.")
        approve = lambda: factories.decide(self.actors[who], self.item, self.shown, said=said, now=self.now)  # noqa: E731
        if self.attempt(approve) and self.now < self.barred[who]:
            raise Unsafe(f"{who} approved while barred")

    @rule(who=DECIDERS, really=RARELY)
    def send_back(self, who: str, really: int) -> None:
        if really:
            return
        self.attempt(lambda: items.send_back(self.actors[who], self.item, "Not yet.", now=self.now))

    @rule(who=DECIDERS, approves=st.booleans(), really=RARELY)
    def change_roles(self, who: str, approves: bool, really: int) -> None:
        if really:
            return
        roles = [role for role in PEOPLE[who] if role != "approver"] + (["approver"] if approves else [])
        person = Officer.objects.get(username=who)
        self.attempt(
            lambda: account_changes.change_roles(self.actors["chief"], person, roles or ["author"], now=self.now)
        )

    @rule(who=DECIDERS)
    def reset(self, who: str) -> None:
        self.attempt(
            lambda: account_changes.issue_code(self.actors["chief"], Officer.objects.get(username=who), now=self.now)
        )

    @rule(who=st.sampled_from(["chief", "deputy"]))
    def confirm(self, who: str) -> None:
        change = AccountChange.objects.filter(decided_at__isnull=True).first()
        if change and self.attempt(lambda: account_changes.confirm_change(self.actors[who], change, now=self.now)):
            if who == "chief":
                raise Unsafe("one administrator confirmed what the same one had asked for")
            if Officer.objects.get(pk=change.officer_id).may_approve:
                self.barred[change.officer.username] = self.now + timedelta(hours=24)

    @rule(who=DECIDERS, really=RARELY)
    def leave(self, who: str, really: int) -> None:
        if really:
            return
        self.attempt(
            lambda: officers.disable_officer(self.actors["chief"], Officer.objects.get(username=who), now=self.now)
        )

    @rule(who=DECIDERS)
    def come_back(self, who: str) -> None:
        self.attempt(
            lambda: account_changes.enable_officer(
                self.actors["chief"], Officer.objects.get(username=who), now=self.now
            )
        )

    @rule(hours=st.sampled_from([1, 5, 30, 50]))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(state=st.sampled_from(["none", "none", "none", "arrested", "warrant_issued"]))
    def look_up(self, state: str) -> None:
        """By the officer in the case."""
        self.looked_up_by("inga", state)

    def looked_up_by(self, who: str, state: str) -> None:
        """Of its author what forbids counts, and nothing else."""
        said = {"name": "PNC", "confirmed_by": "DC Okafor", "now": self.now}
        if self.attempt(lambda: subjects.record_check(self.actors[who], self.person, state, **said)):
            if who == "inga":
                self.looked_at = self.now
            if who == "inga" or forbids_more(state, self.proceedings):
                self.proceedings = state

    @rule(became=st.sampled_from(["eliminated", "named_unconfirmed", "identified"]), really=RARELY)
    def end(self, became: str, really: int) -> None:
        if really == 0 and self.attempt(
            lambda: subjects.outcome(self.actors["bran"], self.person, became, now=self.now)
        ):
            self.over = self.over or became != "named_unconfirmed"

    @rule(really=RARELY)
    def withdraw(self, really: int) -> None:
        if really == 0 and self.attempt(
            lambda: takedown.withdraw(self.actors["amara"], self.item, "withdrawn", now=self.now)
        ):
            self.gone_for_good = True

    @rule(who=WRITERS, words=st.sampled_from(["Thank you.", "Thank you for your help.", "With thanks."]))
    def amend(self, who: str, words: str) -> None:
        """New words for what is public, where anything is."""
        caption = f"{factories.CAPTION} {words}"
        draft = lambda: amendment_moves.amend(self.actors[who], self.item, "Mended.", caption=caption, now=self.now)  # noqa: E731
        if self.attempt(draft):
            self.hands.add(who)

    @rule(who=DECIDERS, verify_first=st.booleans())
    def approve_amendment(self, who: str, verify_first: bool) -> None:
        drafted = amendment_trial.drafted(self.item)
        if drafted is None:
            return
        digest = drafted.package.digest
        if verify_first:
            self.attempt(lambda: factories.verify(self.actors["inga"], self.item, digest, now=self.now))
        said = replace(factories.viewed(self.item, self.actors[who], now=self.now), reason="It is right.")
        approve = partial(amendment_moves.approve_amendment, self.actors[who], self.item, digest)
        if self.attempt(lambda: approve(deciding=said, now=self.now)):
            self.two_to_amend = self.vulnerable or self.anonymous
            if self.now < self.barred[who]:
                raise Unsafe(f"{who} approved while barred")

    @rule()
    def write(self) -> None:
        """What the machine does for whatever has words to be written."""
        for post in Post.objects.filter(amending__isnull=False):
            self.attempt(lambda post=post: self.written(post))

    def written(self, post: Post) -> None:
        mine = leases.pick_up(post, "w1", LEASE, now=self.now)
        if mine is None:
            return
        content = json.loads(mine.package.content)
        amendment_moves.amended(mine, mine.fence, title=content["title"], caption=content["caption"], now=self.now)
        Office.amendments += 1
        self.judge(Post.objects.get(pk=post.pk), in_place=True)

    @rule(everywhere=st.booleans())
    def reveal(self, everywhere: bool) -> None:
        """Send it, out of sight, if it is approved; then ask for the deciding commit, whatever has happened since."""
        if self.item.state == "approved" and not self.item.posts.exclude(state__in=["cancelled", "removed"]).exists():
            self.attempt(
                lambda: posting.open_posts(self.item, key=factories.KEY, conceals=PLACES, due_at=self.now, now=self.now)
            )
        for post in Post.objects.filter(state="waiting"):
            self.attempt(lambda post=post: self.send(post))
        for post in Post.objects.filter(state="concealed").order_by("pk")[: 2 if everywhere else 1]:
            reveal = lambda post=post: posts.begin_reveal(post, post.fence, needs_attestation=False, now=self.now)  # noqa: E731
            if self.attempt(reveal):
                self.judge(Post.objects.get(pk=post.pk))
                Office.reveals += 1

    def send(self, post: Post) -> None:
        mine = leases.take(post, "w1", LEASE, now=self.now)
        if mine is not None:
            posts.sent(mine, mine.fence, remote_id=f"r{mine.pk}", url="http://x/", media_urls=[], now=self.now)
            Post.objects.filter(pk=post.pk).update(owner="", until=None)

    def judge(self, post: Post, *, in_place: bool = False) -> None:
        """`in_place`: it was public already. Whether it may stay so is asked every hour, not by who mends its words."""
        content = json.loads(post.package.content)
        given = Approval.objects.filter(digest=post.package.digest, void_at__isnull=True).select_related("approver")
        eyes = {each.approver.username for each in given} - self.hands
        # What is public and was described anew after its amendment was approved is looked at again by the hourly watch.
        two = self.two_to_amend if in_place else self.vulnerable or self.anonymous
        wrong = {
            "what was approved is not what it says now": content["caption"] != self.item.caption,
            "nobody but its authors approved it": not eyes,
            "one of them may not approve": any(not each.approver.may_approve for each in given),
            "a second approver was needed": two and len(eyes) < 2,
            "the approval had lapsed": all(self.now - each.at > timedelta(hours=72) for each in given),
            "nobody had looked up the proceedings": self.now - self.looked_at > timedelta(hours=72),
            "there are proceedings": self.proceedings != "none",
            "the search was over": self.over,
            "it was withdrawn": self.gone_for_good,
            "its time had passed": self.now >= NOW + timedelta(days=20),
            "its officer had not verified it": not post.package.verifications.filter(
                investigator__username="inga"
            ).exists(),
        }
        if in_place:
            for words in ("the approval had lapsed", "nobody had looked up the proceedings", "its time had passed"):
                del wrong[words]
        if found := [words for words, is_so in wrong.items() if is_so]:
            raise Unsafe("; ".join(found))


def run(examples: int, seed: int | None = None) -> None:
    run_state_machine_as_test(
        Office,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
            report_multiple_bugs=False,
        ),
    )
