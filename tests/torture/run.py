"""`make torture`: an office under kill -9, SIGSTOP, faults and withdrawals, held against the sandbox's own record.

    tests/torture/run.py                          2,000 Posts on SQLite, then on PostgreSQL
    tests/torture/run.py --short                  60 Posts on each, as CI runs it
    tests/torture/run.py --database postgres --posts 400 --kills 120 --each 5 --faults 5
    tests/torture/run.py --short --wrong lookup   a control: must report doubles

Ends with exit code 1 where anything was lost, doubled, left up or made public against the rules, and where too little
was done to it: a chaos test that killed nothing fails.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / part) for part in (".", "queue", "tests")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "publisher.settings")

import django

django.setup()

from support import databases
from torture import terms as scaled
from torture.chaos import Chaos
from torture.crew import Crew
from torture.ground import Ground, ground
from torture.reckoning import reckon
from torture.terms import SHORT, Terms


def main(arguments: list[str]) -> int:
    given, terms = _read(arguments)
    tell(f"scaled pace {scaled.PACE}")
    tell(f"the sandbox's {scaled.KNOBS}, quotas {scaled.QUOTAS}")
    tell(f"{terms}")
    reports = [
        torture(kind, terms) for kind in (("sqlite", "postgres") if given.database == "both" else [given.database])
    ]
    if given.json:
        sys.stdout.write(json.dumps(reports) + "\n")
    return 0 if all(report["held"] for report in reports) else 1


def torture(kind: str, terms: Terms) -> dict[str, Any]:
    """One run on one database. Answers its report, "held" where nothing was violated and enough was met."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="torture-") as folder, ground(kind, Path(folder), terms.posts) as place:
        tell(f"{kind}: {terms.posts} Posts queued after {time.monotonic() - began:.0f} s")
        crew = Crew(place, terms.workers, terms.wrong)
        chaos = Chaos(place, crew, terms)
        try:
            chaos.run()
            tell(f"{kind}: chaos over after {time.monotonic() - began:.0f} s")
            chaos.run_out(120 + terms.posts / 5)
        finally:
            crew.end()
            chaos.end()
        report = _report(kind, terms, place, chaos)
    report["seconds"] = round(time.monotonic() - began)
    _print(report)
    return report


def _report(kind: str, terms: Terms, place: Ground, chaos: Chaos) -> dict[str, Any]:
    found, toll = reckon(place), chaos.toll
    chain = databases.run("race.py", "verify", env=place.env) if not terms.wrong else {}
    settled, missing = toll.officer["settled"], chaos.missing()
    violations = {name: count for name, count in found.violations().items() if count}
    if settled > found.posts * scaled.SETTLED_SHARE:
        violations["settled"] = settled
    if not terms.wrong and chain.get("verified") != chain.get("entries"):
        violations["chain"] = 1
    if terms.wrong == "":
        _explain(place, found)
    return {
        "database": kind,
        "posts": found.posts,
        "states": dict(found.states),
        "kills": toll.kills,
        "kills that hit nobody": toll.missed,
        "kills by state": dict(sorted(toll.by_state.items())),
        "kills by call": {" ".join(kind): count for kind, count in sorted(toll.by_call.items())},
        "stopped past their lease": dict(toll.frozen_at),
        "faults": dict(sorted(toll.faults.items())),
        "officer": dict(sorted(toll.officer.items())),
        **found.violations(),
        "settled": settled,
        "chain": chain,
        "violations": violations,
        "not met": missing,
        "held": not violations and not missing,
    }


def _explain(place: Ground, found: Any) -> None:
    """The rows of what is wrong, and the last of what the workers logged: the folder is gone afterwards."""
    wrong = sorted({post for name, count in found.violations().items() if count for post in getattr(found, name)})
    for post in wrong[:12]:
        tell(str(place.sql("SELECT * FROM pressqueue_post WHERE id = ?", post)))
        mark = place.sql("SELECT mark FROM pressqueue_post WHERE id = ?", post)[0][0]
        for thing in place.control.things():
            if any(mark in tag for tag in thing["tags"]):
                tell(f"    {[thing[k] for k in ('id', 'created', 'public', 'deleted', 'processing')]}")
        entries = "SELECT number, at, act, about FROM pressqueue_entry WHERE about LIKE ? ORDER BY number"
        for row in place.sql(entries, f'%"post":{post}%'):
            if json.loads(row[3])["post"] == post:  # and not one whose number only begins like it
                tell(f"    {row}")
    if wrong:
        tell(place.logged()[-3000:])


def _print(report: dict[str, Any]) -> None:
    tell("\n".join(f"  {name}: {value}" for name, value in report.items()))


def tell(words: str) -> None:
    sys.stderr.write(words + "\n")


def _read(arguments: list[str]) -> tuple[argparse.Namespace, Terms]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--short", action="store_true", help="the terms of CI")
    parser.add_argument("--json", action="store_true", help="the reports on stdout as one JSON list")
    for each in fields(Terms):
        parser.add_argument(f"--{each.name}", type=type(each.default), default=None)
    given = parser.parse_args(arguments)
    chosen = {name: getattr(given, name) for name in asdict(SHORT) if getattr(given, name) is not None}
    return given, replace(SHORT if given.short else Terms(), **chosen)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
