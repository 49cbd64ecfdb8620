"""Which rules must hold before a press pack is given out: those of publishing, asked of what a newsroom receives."""

from __future__ import annotations

from pressqueue.gates.base import Gate, Step
from pressqueue.gates.publishing import CommentsClosed, WithinWindow

# A pack is given out ahead of the hour under its embargo, and no platform's comments concern it.
NOT_ASKED = (CommentsClosed, WithinWindow)
# R4 is about what was never shown: what is up under its Approval was revealed in time.
ONLY_BEFORE_THE_REVEAL = ("R4",)


def asks(gate: Gate, *, revealed: bool) -> bool:
    """Whether this gate speaks at a disclosure; of what is up, those for what is live speak as well."""
    if isinstance(gate, NOT_ASKED) or (revealed and gate.number in ONLY_BEFORE_THE_REVEAL):
        return False
    return Step.TAKE in gate.steps or (revealed and Step.LIVE in gate.steps)
