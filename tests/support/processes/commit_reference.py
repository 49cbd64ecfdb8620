"""While one move holds an Item, its campaign and its author, another row that refers to them is committed.

Prints "committed", or what the database said. PostgreSQL checks references when a transaction commits, after the log's
head was locked: a lock that kept the check waiting there would make a ring with whoever waits for the head.
"""

from __future__ import annotations

import json
import sys
import threading

import django
from django.core.management import call_command

django.setup()

from django.db import DatabaseError, connection  # after django.setup()

from pressqueue import locks  # after django.setup()
from pressqueue.actors import MACHINE  # after django.setup()
from pressqueue.audit import moving  # after django.setup()
from pressqueue.models import Edit, Item, Officer  # after django.setup()

from support import factories  # models exist only from here on


def hold(item: Item, held: threading.Event, over: threading.Event) -> None:
    with moving(MACHINE, factories.NOW) as log:
        locks.item(item.pk, posts=True)
        list(Officer.objects.select_for_update(no_key=True))
        if "--wholly" in sys.argv:  # as a control: the lock that Django takes where nothing is said
            list(Item.objects.select_for_update())
        log.note("held", item=item.pk)
        held.set()
        over.wait()
    connection.close()


def refer(item: Item) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '3s'")
    try:
        Edit.objects.create(item=item, officer=item.author, at=factories.NOW, door="desk")
    except DatabaseError as error:
        return str(error).splitlines()[0]
    return "committed"


def main() -> None:
    call_command("migrate", verbosity=0)
    factories.office()
    item = factories.feature(title="Rufus")
    held, over = threading.Event(), threading.Event()
    holding = threading.Thread(target=hold, args=(item, held, over))
    holding.start()
    held.wait()
    said = refer(item)
    over.set()
    holding.join()
    print(json.dumps(said))


if __name__ == "__main__":
    main()
