"""Only `pressqueue.moves` writes state: the code of domain and service is read for anything else that does."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from support.loops import at_least_one

ROOT = Path(__file__).resolve().parents[2]
WRITES = {
    "save", "delete", "update", "bulk_create", "bulk_update", "create", "get_or_create", "update_or_create", "raw",
    "execute", "executemany",
}  # fmt: skip
RELATED = {"add", "set", "remove", "clear"}  # of a relation to many, but also of any Python set
MANAGERS = {"objects", "_default_manager", "_base_manager"}
# What writes besides the moves, and why.
EXCEPTED = {
    "queue/pressqueue/audit.py": "the log and its head: the last statements of every move",
    "queue/pressqueue/seals.py": "the Seal of each row a move wrote, made as the move ends",
    "queue/pressqueue/tracking.py": "the models' own save, update and bulk_create, which remember what was written",
    "queue/pressqueue/register.py": "the line that a move leaves for the register, in the move's transaction",
    "queue/pressqueue/audit_triggers.py": "the triggers of the database, put up after each migration",
    "queue/pressqueue/due/base.py": "one SELECT, which Django composed of QuerySets",
    "queue/pressqueue/models/people.py": "Django's way of making an account: its manager saves it",
    "publisher/backup/snapshot.py": "a whole database is read out and put back, outside any office at work",
    "publisher/evidence/packing.py": "the isolation level of a transaction that only reads",
    "publisher/desk/throttle.py": "the desk's own table of failed sign-ins",
    "publisher/desk/sessions.py": "the desk's own table of sessions",
}


def places() -> list[Path]:
    found = [*(ROOT / "queue" / "pressqueue").rglob("*.py"), *(ROOT / "publisher").rglob("*.py")]
    skipped = ("queue/pressqueue/moves/", "publisher/exercise/sandbox/", "migrations/")
    return [each for each in sorted(found) if not any(part in each.as_posix() for part in skipped)]


def writes(source: str) -> list[str]:
    """Each statement of `source` that writes rows, as text."""
    tree = ast.parse(source)
    names, given = rows_by_name(tree), rows_as_arguments(tree)
    return [
        ast.unparse(node.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and _writes(node.func, names | given, given)
    ]


def rows_by_name(tree: ast.AST) -> set[str]:
    """Names that stand for rows or queries because they were assigned from a manager."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and _from_manager(node.value):
            names |= {each.id for target in node.targets for each in ast.walk(target) if isinstance(each, ast.Name)}
        elif isinstance(node, ast.NamedExpr) and _from_manager(node.value):
            names.add(node.target.id)
        elif isinstance(node, ast.For | ast.comprehension) and _from_manager(node.iter):
            names |= {each.id for each in ast.walk(node.target) if isinstance(each, ast.Name)}
    return names


def rows_as_arguments(tree: ast.AST) -> set[str]:
    """Names that stand for rows or queries because they are annotated as such."""
    models = {
        each.asname or each.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pressqueue.models")
        for each in node.names
    }
    return {
        node.arg
        for node in ast.walk(tree)
        if isinstance(node, ast.arg) and node.annotation is not None
        if {each.id for each in ast.walk(node.annotation) if isinstance(each, ast.Name)} & (models | {"QuerySet"})
    }


def _from_manager(value: ast.AST) -> bool:
    return any(isinstance(each, ast.Attribute) and each.attr in MANAGERS for each in ast.walk(value))


def _writes(func: ast.Attribute, names: set[str], given: set[str]) -> bool:
    if func.attr in RELATED:
        return isinstance(func.value, ast.Attribute) and _root(func) in given
    if func.attr not in WRITES:
        return False
    if func.attr in ("execute", "executemany"):
        return "cursor" in ast.unparse(func.value)
    return _from_manager(func.value) or _root(func) in names


def _root(func: ast.Attribute) -> str:
    """The name an expression begins with: "item" of `item.posts.filter(...).update`."""
    root = func.value
    while isinstance(root, ast.Attribute | ast.Call):
        root = root.func if isinstance(root, ast.Call) else root.value
    return root.id if isinstance(root, ast.Name) else ""


def test_only_the_moves_write() -> None:
    found = {each.relative_to(ROOT).as_posix(): writes(each.read_text(encoding="utf-8")) for each in places()}
    assert len(found) > 300
    strangers = {place: calls for place, calls in found.items() if calls and place not in EXCEPTED}
    assert not strangers


def test_every_exception_is_needed() -> None:
    for place in at_least_one(EXCEPTED):
        assert (ROOT / place).is_file(), place


HEAD = "from pressqueue.models import Item, Post\nfrom django.db import connection\n"
KINDS = {
    "update": "Post.objects.filter(pk=1).update(state='live')",
    "update of a query by its name": "mine = Post.objects.filter(pk=1)\nmine.update(state='live')",
    "update of a query that was narrowed": "mine = Post.objects.all()\nmine.exclude(pk=2).update(state='live')",
    "save": "def set_live(post: Post) -> None:\n    post.state = 'live'\n    post.save()",
    "save of what was read": "post = Post.objects.get(pk=1)\npost.save(update_fields=['state'])",
    "save in a loop": "for post in Post.objects.all():\n    post.save()",
    "delete": "Post.objects.filter(pk=1).delete()",
    "delete of a row": "def drop(item: Item | None) -> None:\n    item.delete()",
    "create": "Post.objects.create(state='live')",
    "get_or_create": "Post.objects.get_or_create(pk=1)",
    "update_or_create": "Post.objects.update_or_create(pk=1)",
    "bulk_create": "Post.objects.bulk_create([])",
    "bulk_update": "Post.objects.bulk_update([], ['state'])",
    "through a relation": "def end(item: Item) -> None:\n    item.posts.update(state='gone')",
    "a relation to many": "def show(item: Item) -> None:\n    item.subjects.add(1)",
    "raw SQL": "with connection.cursor() as cursor:\n    cursor.execute('UPDATE pressqueue_post SET state = 1')",
    "raw SQL, many": "connection.cursor().executemany('UPDATE pressqueue_post SET state = 1', [])",
}


@pytest.mark.parametrize("source", KINDS.values(), ids=KINDS)
def test_control_each_way_to_write_is_seen(source: str) -> None:
    assert writes(HEAD + source)


@pytest.mark.parametrize(
    "source",
    ["Post.objects.filter(pk=1).exists()", "limits = {}\nlimits.update(a=1)", "seen: set[int] = set()\nseen.add(1)"],
)
def test_what_only_reads_is_not_taken_for_a_write(source: str) -> None:
    assert not writes(HEAD + source)


def test_control_a_state_written_elsewhere_fails(tmp_path: Path) -> None:
    """The same reading, over a file of the service with one statement more."""
    file = ROOT / "publisher" / "publishing" / "delivery.py"
    stray = tmp_path / "delivery.py"
    stray.write_text(file.read_text(encoding="utf-8") + "\n\nPost.objects.filter(pk=1).update(state='live')\n")
    assert not writes(file.read_text(encoding="utf-8"))
    assert writes(stray.read_text(encoding="utf-8"))
