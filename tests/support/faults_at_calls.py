"""A Destination that orders a fault at the moment one of its methods is first called, and counts what that costs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any, cast

from django.apps import apps

from publisher.destinations.base import Destination
from publisher.exercise.sandbox.control import Control
from publisher.scheduling import scheduler
from publisher.workers.worker import Worker

# What a platform might write into an error: markup, a path, a signature, somebody's title.
UGLY = "Zq7ugly-of-the-platform <b>Traceback</b> /srv/farm9/upload.php oauth_signature=Zq7ugly-of-the-platform%3D"


class Armed:
    """`when`: the method at whose first call the fault is ordered; `seen` is where the request log stood then."""

    def __init__(self, inner: Destination, when: str, order: Callable[[], object], control: Control) -> None:
        self._inner, self._when, self._order, self._control = inner, when, order, control
        self.seen: int | None = None

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._inner, name)
        if name == "as_withdrawal":
            return lambda: _Again(attribute(), self)
        return self.watched(name, attribute)

    def watched(self, name: str, attribute: Any) -> Any:
        if name != self._when or self.seen is not None:
            return attribute

        def call(*given: Any, **named: Any) -> Any:
            self.arm()
            return attribute(*given, **named)

        return call

    def arm(self) -> None:
        if self.seen is None:
            self.seen = len(self._control.requests())
            self._order()

    def cost(self) -> dict[str, int]:
        """The requests since the fault was ordered, by operation without the platform's name."""
        assert self.seen is not None, f"{self._when} was never called"
        since = self._control.requests()[self.seen :]
        return dict(Counter(one["operation"].partition(".")[2] for one in since))


class _Again:
    """The same destination as a withdrawal uses it."""

    def __init__(self, inner: Destination, armed: Armed) -> None:
        self._inner, self._armed = inner, armed

    def __getattr__(self, name: str) -> Any:
        return self._armed.watched(name, getattr(self._inner, name))


def arm(
    worker: Worker, destination: str, when: str, control: Control, *, operation: str, kind: str, **detail: Any
) -> Armed:
    """Put it in the worker's destination's place. The fault never ends by itself."""
    name = operation if operation.startswith("google") else f"{destination}.{operation}"
    armed = Armed(
        worker.destinations[destination],
        when,
        lambda: control.fault(name, kind, times=1000, **detail),
        control,
    )
    worker.destinations[destination] = cast("Destination", armed)
    return armed


def before(inner: Destination, method: str, act: Callable[[], object]) -> Destination:
    """The same destination; `act` is done before each call of that method."""

    class Interposed:
        def __getattr__(self, name: str) -> Any:
            if name == method:
                act()
            return getattr(inner, name)

    return cast("Destination", Interposed())


def ring_out(worker: Worker) -> None:
    """Rounds with the clock standing still: no wait ends, so a fault costs what one try costs."""
    for _ in range(9):
        if not any(count for lane in ("publish", "withdraw") for count in scheduler.round(worker, lane).values()):
            return
    raise AssertionError("time stood still and it was asked again and again")


def everything_written() -> str:
    """Every value in every table of ours: what any page, command or mail could show."""
    models = [*apps.get_app_config("pressqueue").get_models(), *apps.get_app_config("desk").get_models()]
    return json.dumps([list(model._default_manager.values()) for model in models], default=str)
