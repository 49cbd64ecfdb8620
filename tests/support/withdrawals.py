"""A withdrawal asked by an approver, and what is told, logged and held of it."""

from __future__ import annotations

import json
from typing import Any

from pressqueue.models import Entry, Notice, Post
from pressqueue.moves import takedown
from publisher.exercise.sandbox.control import Control

from support import factories
from support.factories import Clock


def withdraw(post: Post, clock: Clock, reason: str = "identified") -> None:
    takedown.withdraw(factories.approver(), post.item, reason, now=clock.now)


def told(cause: str) -> Notice | None:
    """The Notice of this cause, while it stands."""
    return Notice.objects.filter(cause=cause, cleared_at__isnull=True).first()


def entries(act: str) -> list[dict[str, Any]]:
    return [json.loads(entry.about) for entry in Entry.objects.filter(act=act).order_by("number")]


def thing(control: Control, post: Post) -> dict[str, Any]:
    return next(each for each in control.things() if each["id"] == post.remote_id)
