"""The public moves: what the desk, the command line and the workers may call."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from pressqueue import moves
from pressqueue.cleaning import MARK


def public_moves() -> dict[str, Callable[..., Any]]:
    """Every function of the moves that cleans what it is handed, by its name, which no two share."""
    found: dict[str, Callable[..., Any]] = {}
    for module in iter_modules(moves.__path__, "pressqueue.moves."):
        for name, one in inspect.getmembers(import_module(module.name), inspect.isfunction):
            if one.__module__ == module.name and hasattr(one, MARK):
                assert name not in found, f"two moves are called {name}"
                found[name] = one
    return found


def person_moves() -> dict[str, Callable[..., Any]]:
    """Every public move that takes an actor first."""
    return {
        name: one
        for name, one in public_moves().items()
        if next(iter(inspect.signature(one).parameters), "") == "actor"
    }
