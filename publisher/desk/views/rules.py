"""Every rule, for whoever is refused by one: what it asks, when, where it comes from, and what this force has set."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pressqueue import rules as listing
from pressqueue.gates import Live, Step
from pressqueue.rules import Listed

STEPS = {
    Step.DRAFT: "when it is written", Step.SUBMIT: "when it is submitted", Step.APPROVE: "when it is approved",
    Step.TAKE: "before it is sent", Step.BEGIN_REVEAL: "at the moment it is revealed",
    Step.LIVE: "every hour while it is live",
}  # fmt: skip
FAILS_LIVE = {Live.REVIEW: "a person looks at it again", Live.WITHDRAW: "it is taken down at once"}
KINDS = {"gate": "Gates", "duty": "Duties", "property": "Properties", "left": "Not yet enforced"}


@dataclass(frozen=True, slots=True)
class Part:
    """One gate, duty or property, with everything that is said of it: (heading, words)."""

    meaning: str
    kind: str
    is_off: bool
    said: list[tuple[str, str]]


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """All of them, or with `?kind=` those of one kind."""
    wanted = request.GET.get("kind", "")
    every = [(number, rows[0].settings, [_part(row) for row in rows]) for number, rows in listing.by_number()]
    counts = {kind: sum(part.kind == kind for _, _, parts in every for part in parts) for kind in KINDS}
    shown = [(number, set_to, [each for each in parts if wanted in ("", each.kind)]) for number, set_to, parts in every]
    context = {
        "rules": [row for row in shown if row[2]],
        "kinds": [(kind, words, counts[kind]) for kind, words in KINDS.items()],
        "all": sum(counts.values()),
        "kind": wanted,
    }
    return render(request, "desk/rules.html", context)


def _part(row: Listed) -> Part:
    return Part(
        row.meaning, "left" if row.waits_for else row.kind, row.is_off, [each for each in _said(row) if each[1]]
    )


def _said(row: Listed) -> list[tuple[str, str]]:
    may = {
        "a force may turn it off": row.may_be_off,
        "an approver may let it pass, with a reason": row.may_override,
        "a threat to life may defer it": row.deferrable,
    }
    live = FAILS_LIVE[Live(row.fails_live)] if row.fails_live else ""
    return [
        ("Checked", ", ".join(STEPS[Step(step)] for step in row.steps)),
        ("If it fails while live", live),
        ("Begins with", row.trigger),
        ("Due", row.deadline),
        ("By", row.who),
        ("Exceptions", "; ".join(words for words, holds in may.items() if holds)),
        ("Waits for", row.waits_for),
        ("Source", row.source),
    ]
