"""Which rules must hold before a press pack is given out: those of publishing, asked of what a newsroom receives."""

from __future__ import annotations

from pressqueue.gates.base import Gate, Step


def asks(gate: Gate, *, revealed: bool) -> bool:
    """Whether this gate speaks at a disclosure; of what is up, those for what is live speak as well."""
    if not gate.of_packs or (revealed and not gate.once_revealed):
        return False
    return Step.TAKE in gate.steps or (revealed and Step.LIVE in gate.steps)
