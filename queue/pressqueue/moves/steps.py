"""Steps: what follows when a Post is live, such as filing it under an album. The Post stays live whatever they do."""

from __future__ import annotations

from datetime import datetime

from pressqueue.models import Step


def done(step: Step) -> None:
    """Record that the Step is done, and clear why it waited."""
    Step.objects.filter(pk=step.pk).update(state="done", words="")


def given_up(step: Step, message: str) -> None:
    """Record that the Step will not be done; `message` tell an officer why."""
    Step.objects.filter(pk=step.pk).update(state="failed", words=message)


def wait(step: Step, not_before: datetime, message: str | None = None) -> None:
    """Let the Step wait until `not_before`, which counts as no try. `message`: why, where an officer can act on it."""
    said = {} if message is None else {"words": message}
    Step.objects.filter(pk=step.pk).update(not_before=not_before, **said)


def failed(step: Step, not_before: datetime, message: str, *, for_good: bool) -> None:
    """Record a failed try: the Step is tried again from `not_before` on, or given up `for_good`."""
    state = "failed" if for_good else "waiting"
    Step.objects.filter(pk=step.pk, state="waiting").update(
        state=state, not_before=not_before, tries=step.tries + 1, words=message
    )
