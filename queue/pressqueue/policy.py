"""What a force decides for itself: the numbers and switches of the rules. Read once by each process, from files.

Nothing here is "the law": the defaults are those proposed with the rules, each with its source in `policy.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta


class PolicyMissing(RuntimeError):
    """A rule was asked before a policy was read: then nothing may go out."""


@dataclass(frozen=True, slots=True)
class Authority:
    """One row of the authority matrix: at least this rank decides. "any" holds for every answer."""

    age: str  # "under_18", "adult" or "any"
    seriousness: str  # as the record's, or "any"
    reach: str  # "worldwide" for Flickr and YouTube, "own" for the force's own gallery, or "any"
    rank: str

    def covers(self, age: str, seriousness: str, reach: str) -> bool:
        """Whether this row applies to these answers; "any" in the row matches every answer."""
        pairs = ((self.age, age), (self.seriousness, seriousness), (self.reach, reach))
        return all(in_row in ("any", asked) for in_row, asked in pairs)


@dataclass(frozen=True, slots=True)
class Policy:
    """One force's settings. Spans are timedeltas."""

    ranks: tuple[str, ...]  # lowest first
    authority: tuple[Authority, ...]  # the first row that covers a case decides
    under_18_rank: str  # R7
    own_reach: tuple[str, ...]  # names of destinations that reach no further than the force's own gallery
    safety_checklist: tuple[tuple[str, str], ...]  # R43: key and question
    appeal_life: timedelta  # R4
    feature_life: timedelta
    named_check: timedelta  # R24: how old a proceedings check may be before a reveal
    named_recheck: timedelta  # and while it is live
    unidentified_check: timedelta
    recent_image: timedelta  # R19: how old a wanted person's picture may be without a word why
    review_grace: timedelta  # R34: a missed review takes down after this
    longest_review: timedelta  # R1: how far ahead the first review may lie
    longest_life: timedelta  # R1: how far ahead the expiry may lie
    attestation: timedelta  # R17
    facet_spacing: int  # R47: features between two of the same facet
    backlog_days: int
    totals_every: timedelta  # R33
    totals_step: int
    bar: timedelta  # an approver whose account an administrator touched
    deferred: timedelta  # R55
    sitting_idle: timedelta  # R37: a sitting in which nothing was looked at for so long is over
    sitting_longest: timedelta  # and every one is over after this
    duties: tuple[tuple[str, timedelta], ...]  # kind of Duty -> how long there is for it
    off: frozenset[str]  # rules this force does not ask; only those that say they may be off

    def rank_of(self, rank: str) -> int:
        """Returns the rank's place in `ranks`, 0 the lowest; -1 for a rank that is empty or not in the list."""
        wanted = rank.strip().lower()
        return self.ranks.index(wanted) if wanted in self.ranks else -1

    def reaches(self, rank: str, needed: str) -> bool:
        """Whether `rank` is as high as `needed`."""
        return self.rank_of(rank) >= self.rank_of(needed)

    def least_rank(self, *, under_18: bool, seriousness: str, worldwide: bool) -> str:
        """Returns the least rank that may decide about such an appeal; the highest where no row covers it."""
        case = ("under_18" if under_18 else "adult", seriousness, "worldwide" if worldwide else "own")
        for row in self.authority:
            if row.covers(*case):
                return row.rank
        return self.ranks[-1]  # nothing said: the highest decides

    def time_for(self, kind: str) -> timedelta:
        """Returns how long there is for a duty of this kind; 24 hours where the policy does not say."""
        return dict(self.duties).get(kind, timedelta(hours=24))


_in_force: list[Policy] = []


def current() -> Policy:
    """Returns the policy of this process. Raises PolicyMissing."""
    if not _in_force:
        raise PolicyMissing("No policy was read: nothing can be decided.")
    return _in_force[-1]


def use(policy: Policy) -> None:
    """Make this the policy of the process from now on."""
    _in_force[:] = [policy]


@contextmanager
def using(policy: Policy) -> Iterator[None]:
    """Make this the policy within the block."""
    _in_force.append(policy)
    try:
        yield
    finally:
        _in_force.pop()
