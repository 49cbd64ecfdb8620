"""An order reaches a process of a run, however close behind another it was given."""

from __future__ import annotations

import os

from torture.orders import Orders


def test_orders_given_in_one_breath_are_each_heard_and_then_the_end() -> None:
    reads, writes = os.pipe()
    with os.fdopen(reads) as stream, os.fdopen(writes, "w") as giver:
        orders = Orders(stream)
        giver.write("more\nmore\nrest\n")
        giver.flush()
        assert [orders.next(10) for _ in range(3)] == ["more", "more", "rest"]
        assert orders.next(0) == ""
        giver.close()
        assert orders.next(10) is None
