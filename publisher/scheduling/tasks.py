"""A round as a list of tasks: one statement says which of them have something to do, and only those are done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pressqueue.due import timetable
from pressqueue.due.base import Question, which
from publisher.workers.worker import Worker


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that a round does, and what is due while there is anything for it to do.

    `counts`: by what name the number is told that `run` returns; empty: none is. `due`: questions of which one has a
    row; none: it is done in every round. `belongs`: to the office, which one thread of a process serves, or to the
    accounts that a worker serves. `recovering`: whether it is done before a restored office was reconciled.
    """

    counts: str
    run: Callable[[Worker], int | None]
    due: tuple[Question, ...] = ()
    belongs: str = ""  # "", "office" or "accounts"
    recovering: bool = True

    def is_for(self, worker: Worker) -> bool:
        """Whether this worker does it."""
        if self.belongs == "office":
            return worker.serves_office
        return bool(worker.destinations) or self.belongs != "accounts"


def run_all(worker: Worker, tasks: tuple[Task, ...]) -> dict[str, int]:
    """Do what is due of these, in their order. Returns the counts of all that this worker does.

    What one task did may be what another waits for: after each that ran, the rest are asked for anew.
    """
    ours = tuple(task for task in tasks if task.is_for(worker))
    done = dict.fromkeys((task.counts for task in ours if task.counts), 0)
    due: set[Task] | None = None
    for position, task in enumerate(ours):
        if task.due:
            if due is None:
                due = _due(worker, ours[position:])
            if task not in due:
                continue
        count = task.run(worker) or 0
        if task.counts:
            done[task.counts] += count
        due = None
    return done


def _due(worker: Worker, tasks: tuple[Task, ...]) -> set[Task]:
    asking = [(task, question) for task in tasks for question in task.due]
    questions = (timetable.offices_recovering, *(question for _, question in asking))
    recovering, *answers = which(questions, worker.scope())
    due = {task for (task, _), answer in zip(asking, answers, strict=True) if answer}
    return {task for task in due if task.recovering or not recovering}
