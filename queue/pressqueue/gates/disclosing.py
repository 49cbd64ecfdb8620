"""Which rules must hold before a press pack is given out: those of publishing, asked of what a newsroom receives."""

from __future__ import annotations

from pressqueue.gates.base import Gate, Step


def asks(gate: Gate, *, revealed: bool) -> bool:
    """Whether this gate is evaluated at a disclosure.

    `revealed`: the Item is public, so gates for live Items are evaluated too.
    """
    if not gate.of_packs or (revealed and not gate.once_revealed):
        return False
    return Step.TAKE in gate.steps or (revealed and Step.LIVE in gate.steps)
