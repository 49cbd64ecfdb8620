"""Code that runs is changed where it runs: functions of a loaded module are given the bytecode of another text.

Whoever imported a function already holds the same one, so that a change is met everywhere at once, and taken back
as quickly: no copy of the tree and no new process for each.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FunctionType, ModuleType

WRAPPED = ("__wrapped__", "__func__", "fget", "func")  # decorators, static methods, properties, cached properties


@contextmanager
def swapped(name: str, whole: str, changed: str) -> Iterator[None]:
    """Within it the module `name` behaves as `changed` says; `whole` is its text.

    Raises ValueError where the change lies in no function: what ran at import has run.
    """
    module = importlib.import_module(name)
    differing = _differing(whole, changed)
    ours = {known: each for known, each in _functions(module) if known in differing}
    code = dict(_codes(compile(changed, str(module.__file__), "exec")))
    if not ours or any(known not in code for known in ours):
        raise ValueError(f"{name}: the change lies in no function")
    before = {known: each.__code__ for known, each in ours.items()}
    try:
        for known, each in ours.items():
            each.__code__ = code[known]
        yield
    finally:
        for known, each in ours.items():
            each.__code__ = before[known]


def _differing(whole: str, changed: str) -> set[str]:
    """Qualified names of the functions that are not the same in both texts."""
    one, other = dict(_defined(ast.parse(whole))), dict(_defined(ast.parse(changed)))
    return {name for name in other if one.get(name) != other[name]}


def _defined(tree: ast.AST, within: str = "") -> Iterator[tuple[str, str]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            yield f"{within}{node.name}", ast.dump(node)
        elif isinstance(node, ast.ClassDef):
            yield from _defined(node, f"{within}{node.name}.")


def _codes(code: CodeType) -> Iterator[tuple[str, CodeType]]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield each.co_qualname, each
            yield from _codes(each)


def _functions(module: ModuleType) -> Iterator[tuple[str, FunctionType]]:
    """The functions that a module defines, and those of its classes."""
    for each in list(vars(module).values()):
        if getattr(each, "__module__", None) != module.__name__:
            continue
        for held in vars(each).values() if isinstance(each, type) else (each,):
            if isinstance(found := _innermost(held), FunctionType):
                yield found.__qualname__, found


def _innermost(held: object) -> object:
    """The function that a decorator, a property or a static method wraps."""
    while not isinstance(held, FunctionType) or hasattr(held, "__wrapped__"):
        inner = next((getattr(held, name) for name in WRAPPED if hasattr(held, name)), None)
        if inner is None:
            return held
        held = inner
    return held
