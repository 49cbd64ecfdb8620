"""R29: what came down for a reason that outlives its Item is not published again without new authority."""

from __future__ import annotations

from pressqueue.gates.base import EVERY_STEP, Case, Gate


class NotBlocked(Gate):
    """R29: a picture that came down for good is not published again."""

    number = "R29"
    steps = EVERY_STEP
    source = "Austin v MPS: a picture outlived the reason for publishing it"

    def fault(self, case: Case) -> str:
        """Refuses an Item made from a blocked Original whose block nobody has lifted."""
        block = next((each for each in case.basis.blocks if each.lifted_at is None), None)
        if block is None:
            return ""
        # Known from the register alone where the database was restored from before its Item was queued.
        whose = f" with {block.item.reference}" if block.item else ""
        return (
            f"This picture came down{whose} on {block.since:%-d %B %Y} "
            f"({block.reason.replace('_', ' ')}) and may not be published again. With new authority another officer "
            "lifts that: `publisher unblock`."
        )
