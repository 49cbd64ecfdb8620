"""Nothing but a platform's own folder names it: another network is a folder more, and no line elsewhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PLATFORMS = ("flickr", "youtube")
# What may name them, and why.
MAY = {
    "publisher/destinations/": "each in its own folder; the registry lists ours",
    "publisher/exercise/": "the sandbox stands in for them; demo and samples use it",
    "publisher/configuration/starter.py": "the example configuration",
    "queue/pressqueue/rules/properties/": "where a rule comes from, and where it is enforced",
}
SOURCES = {"source"}  # attributes that say where a rule is known from


def names_a_platform(text: str) -> bool:
    return any(platform in text.casefold() for platform in PLATFORMS)


def namings(path: Path) -> Iterator[str]:
    """Each line of a file that names a platform in what runs or is shown: comments and docstrings may."""
    text = path.read_text("utf-8")
    if path.suffix != ".py":
        yield from (line.strip() for line in text.splitlines() if names_a_platform(line))
        return
    tree = ast.parse(text)
    quiet = set(_not_shown(tree))
    for node in ast.walk(tree):
        if id(node) in quiet:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and names_a_platform(node.value):
            yield node.value
        for name in ("id", "attr", "name", "arg", "module"):
            found = getattr(node, name, None)
            if isinstance(found, str) and names_a_platform(found):
                yield found


def _not_shown(tree: ast.Module) -> Iterator[int]:
    """The ids of docstrings, and of what says where a rule is known from."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield id(node.value)
        if isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id in SOURCES for to in node.targets):
            yield from (id(each) for each in ast.walk(node.value))


def files() -> list[Path]:
    return [
        path
        for folder in ("publisher", "queue")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in (".py", ".html", ".js", ".txt", ".toml")
        and not str(path.relative_to(ROOT)).startswith(tuple(MAY))
    ]


def test_nothing_else_names_a_platform() -> None:
    found = {str(path.relative_to(ROOT)): list(namings(path)) for path in files()}
    assert len(found) > 300
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize("place", MAY)
def test_every_exception_is_needed(place: str) -> None:
    here = ROOT / place
    paths = [here] if here.is_file() else sorted(here.rglob("*.py"))
    assert any(names_a_platform(path.read_text("utf-8")) for path in paths)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"""As YouTube does."""\n', False),
        ("# YouTube's limit\nx = 1\n", False),
        ('name = "flickr"\n', True),
        ("from a import flickr_client\n", True),
        ("def youtube(x): ...\n", True),
        ('class R:\n    source = "YouTube Data API v3"\n', False),
        ('words = f"Open YouTube, {name}"\n', True),
    ],
)
def test_control_what_is_found(text: str, found: bool, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(text)
    assert bool(list(namings(tmp_path / "a.py"))) is found


def test_control_a_template_that_names_one_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p>YouTube does not let us</p>")
    assert list(namings(tmp_path / "a.html"))
