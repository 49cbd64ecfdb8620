"""One function of the product, or one constant, and its text with a part replaced: what a mutation changes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path


def file_of(at: str, root: Path) -> Path:
    """The file of `module:name` or `module` below the checkout at `root`. Raises ValueError where there is none."""
    module = at.partition(":")[0]
    inside = Path(*module.split("."))
    base = root / "queue" / inside if inside.parts[0] == "pressqueue" else root / inside
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.exists():
            return path
    raise ValueError(f"there is no module {module}")


def patched(at: str, find: str, replace: str, root: Path) -> str:
    """The text of the whole file, with `find` replaced within `at` alone.

    Raises ValueError where there is no such function or constant, or it does not hold `find` exactly once.
    """
    text = file_of(at, root).read_text("utf-8")
    first, last = _lines(at, text)
    lines = text.splitlines(keepends=True)
    inside = "".join(lines[first:last])
    if (times := inside.count(find)) != 1:
        raise ValueError(f"{at} holds it {times} times: {find.strip()}")
    return "".join([*lines[:first], inside.replace(find, replace), *lines[last:]])


def _lines(at: str, text: str) -> tuple[int, int]:
    """From which line of the file to which it goes, its decorators with it; the whole file where no name is given."""
    name = at.partition(":")[2]
    if not name:
        return 0, len(text.splitlines())
    for known, node in _named(ast.parse(text)):
        if known == name:
            first = min(each.lineno for each in (node, *getattr(node, "decorator_list", ())))
            return first - 1, node.end_lineno or first
    raise ValueError(f"there is no {at}")


def _named(tree: ast.AST, within: str = "") -> Iterator[tuple[str, ast.stmt]]:
    """Every function, class and constant of a module and of its classes, by its qualified name."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield f"{within}{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from _named(node, f"{within}{node.name}.")
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from ((f"{within}{each.id}", node) for each in targets if isinstance(each, ast.Name))
