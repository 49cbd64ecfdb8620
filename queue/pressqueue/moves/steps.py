"""Steps: what follows when a Post is live, such as filing it under an album. The Post stays live whatever they do."""

from __future__ import annotations

from datetime import datetime

from pressqueue.models import Step


def done(step: Step) -> None:
    """It is done; why it waited is forgotten."""
    Step.objects.filter(pk=step.pk).update(state="done", words="")


def given_up(step: Step, words: str) -> None:
    """It will not be done; `words` say why, for an officer."""
    Step.objects.filter(pk=step.pk).update(state="failed", words=words)


def wait(step: Step, not_before: datetime, words: str | None = None) -> None:
    """Not its turn yet, which counts as no try. `words`: why, where a person can do something about it."""
    said = {} if words is None else {"words": words}
    Step.objects.filter(pk=step.pk).update(not_before=not_before, **said)


def failed(step: Step, not_before: datetime, words: str, *, for_good: bool) -> None:
    """It was tried in vain: tried again from `not_before` on, or given up."""
    state = "failed" if for_good else "waiting"
    Step.objects.filter(pk=step.pk, state="waiting").update(
        state=state, not_before=not_before, tries=step.tries + 1, words=words
    )
