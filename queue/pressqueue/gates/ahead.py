"""What will be asked at an approved Item's publishing time, and fails then as things are now.

Said beforehand, in the words of the control that answers it: at the hour it is too late to look for a person.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pressqueue import durations
from pressqueue.gates.base import Case, Gate, Step
from pressqueue.gates.checks import RECORD_CHECK, who_counts
from pressqueue.gates.proceedings import CheckedLately
from pressqueue.models import Account, Item


@dataclass(frozen=True, slots=True)
class Ahead:
    """One rule that fails at the hour. `opens`: an answer that is given earlier does not count."""

    gate: Gate
    sentence: str
    opens: datetime

    @property
    def number(self) -> str:
        """The number of the rule that fails."""
        return self.gate.number


def ahead(item: Item, hour: datetime, now: datetime, asked: list[Gate], attest: Callable[[str], bool]) -> list[Ahead]:
    """Returns every gate of TAKE that fails at `hour`, at any destination, each once.

    `attest` returns whether an officer must attest that comments are closed at a destination.
    """
    found: dict[str, Ahead] = {}
    for name in item.destinations:
        account = Account.objects.filter(pk=name).first()
        case = Case(
            Step.TAKE, item, hour, package=item.package, destination=name, account=account,
            needs_comment_attestation=item.kind != Item.Kind.FEATURE and attest(name),
        )  # fmt: skip
        for gate in asked:
            if not (gate.deferrable and case.emergency) and (sentence := gate.fault(case)):
                found.setdefault(sentence, _said(gate, case, sentence, now))
    return list(found.values())


def _said(gate: Gate, case: Case, sentence: str, now: datetime) -> Ahead:
    if not isinstance(gate, CheckedLately):
        return Ahead(gate, sentence, now)
    within = gate.within(case)
    numbers = ", ".join(gate.stale(case))
    return Ahead(gate, f"“{RECORD_CHECK}” for {numbers}: {_when(case, within, now)}", max(now, case.now - within))


def _when(case: Case, within: timedelta, now: datetime) -> str:
    """From when on it counts, and until when it is needed; both by the clock of the campaign."""
    zone, opens = ZoneInfo(case.item.campaign.zone), case.now - within
    by = f"by {_moment(case.now, zone)}" if case.now > now else "at once"
    since = f", not before {_moment(opens, zone)}" if opens > now else ""
    who = who_counts(named=case.item.kind == Item.Kind.WANTED)
    return f"{by}{since}. Without a check within {durations.text(within)} it does not go out. {who}"


def _moment(value: datetime, zone: ZoneInfo) -> str:
    local = value.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M}"
