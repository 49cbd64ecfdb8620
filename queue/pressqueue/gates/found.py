"""Every gate there is: found in the modules of this package, so that none has to be entered anywhere."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeGuard

from pressqueue.gates.base import Gate


@cache
def every() -> tuple[Gate, ...]:
    """Returns one instance of each gate, in the order in which a refusal lists them.

    By number; within one number by its `place`, and then as they are defined, module by module.
    """
    return tuple(kind() for kind in sorted(_kinds(), key=lambda kind: (int(kind.number[1:]), kind.place)))


def _kinds() -> Iterator[type[Gate]]:
    """By the modules' names, and by their lines."""
    package = __name__.rpartition(".")[0]
    for name in sorted(each.name for each in pkgutil.iter_modules([str(Path(__file__).parent)])):
        module = importlib.import_module(f"{package}.{name}")
        yield from (each for each in vars(module).values() if _is_gate(each) and each.__module__ == module.__name__)


def _is_gate(found: object) -> TypeGuard[type[Gate]]:
    return inspect.isclass(found) and issubclass(found, Gate) and not inspect.isabstract(found)
