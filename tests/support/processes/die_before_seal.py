"""A process that dies between a row written outside a move and its Seal, in each way that a row can be written.

Prints for each way what then disagrees, as the database has it. `--apart`: the row and its Seal are not one
transaction, as a control.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import django
from django.core.management import call_command

django.setup()

from django.db import models  # after django.setup()

from pressqueue import seals, tracking  # after django.setup()
from pressqueue.models import Account, Office  # after django.setup()
from pressqueue.tracking import SealedRow, SealedRows  # after django.setup()

from support import factories  # models exist only from here on


class Killed(Exception):
    """What stands for a process that ends at this place."""


def kill(_: tracking.Written) -> None:
    raise Killed


def office() -> Office:
    found = Office.objects.get()
    found.high_water_at = None if found.high_water_at else factories.NOW
    return found


WAYS: dict[str, tuple[str, Callable[[], object]]] = {  # the scope of the Seal, and what writes
    "save": ("office", lambda: office().save()),
    "save of one column": ("office", lambda: office().save(update_fields=["high_water_at"])),
    "update of many": ("office", lambda: Office.objects.update(high_water_at=office().high_water_at)),
    "create": ("account:a", lambda: Account.objects.create(destination="a", identity="somebody")),
    "made at once": ("account:b", lambda: Account.objects.bulk_create([Account(destination="b", identity="somebody")])),
    "found or made": ("account:c", lambda: Account.objects.get_or_create(destination="c", identity="somebody")),
    "changed or made": (
        "account:d",
        lambda: Account.objects.update_or_create(destination="d", defaults={"identity": "somebody"}),
    ),
}


def noted_afterwards(rows: SealedRows[Office], **changes: object) -> int:
    pks = list(rows.values_list("pk", flat=True))
    done = models.QuerySet.update(rows, **changes)
    tracking.note(rows.model, pks, set(changes))
    return done


def made_and_noted_afterwards(rows: SealedRows[Account], made: list[Account], **options: object) -> list[Account]:
    models.QuerySet.bulk_create(rows, made)
    tracking.note(rows.model, [each.pk for each in made], None)
    return made


def come_apart() -> None:
    SealedRow.save = models.Model.save  # type: ignore[method-assign]  # the fault this guards against
    SealedRows.update = noted_afterwards  # type: ignore[assignment,method-assign]  # the same
    SealedRows.bulk_create = made_and_noted_afterwards  # type: ignore[assignment,method-assign]  # the same


def main() -> None:
    call_command("migrate", verbosity=0)
    factories.office()
    if "--apart" in sys.argv:
        come_apart()
    whole = tracking.port.outside
    told: dict[str, dict[str, list[str]]] = {}
    for name, (scope, write) in WAYS.items():
        tracking.port.outside = kill
        try:
            write()
        except Killed:
            told[name] = {"died": faults(scope)}
        tracking.port.outside = whole
        if not told[name]["died"]:
            write()
        told[name]["went on"] = faults(scope)
        Office.objects.get().save()  # whole again, for the next way
    print(json.dumps(told))


def faults(scope: str) -> list[str]:
    return [str(each) for each in seals.faults([scope])]


if __name__ == "__main__":
    main()
