"""Filters of the desk's templates."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from pressqueue import waiting
from pressqueue.models import Item, Post
from pressqueue.moves import leases
from pressqueue.states import ItemState
from publisher.desk import words
from publisher.desk.access import office
from publisher.workers import plugins

register = template.Library()


@register.filter
def moment(value: datetime | None) -> str:
    """“Mon 3 Aug 2026, 08:00”, in the office's zone."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M}"


@register.filter
def iso(value: datetime | None) -> str:
    """For <time datetime>: with its offset, so that both readings of an autumn night are told apart."""
    return timezone.localtime(value).isoformat(timespec="seconds") if value else ""


@register.filter
def as_published(text: str, item: Item) -> SafeString:
    """The text with {reference} filled and {day}, which is not known before its hour, marked as such."""
    safe = str(escape(text.replace("{reference}", item.reference)))
    day = '<mark class="day">number</mark>'
    return mark_safe(safe.replace("{day}", day))  # noqa: S308  # escaped above; only our own mark is added


@register.filter
def item_words(item: Item) -> str:
    return words.of_item(item.state)


@register.filter
def item_tone(item: Item) -> str:
    return words.ITEM_TONES[ItemState(item.state)]


@register.filter
def post_words(post: Post) -> str:
    return words.of_post(post)


@register.filter
def why_waiting(post: Post) -> str:
    """Why it does not go on, in a sentence; empty where it is live, or at its end."""
    return waiting.why_waiting(post, leases.database_now())


@register.filter
def post_tone(post: Post) -> str:
    return words.tone_of_post(post)


@register.filter
def destination_name(name: str) -> str:
    """How a destination's own name is written."""
    return plugins.display_name(office(), name)


@register.filter
def first_id(field: BoundField) -> str:
    """The id an error links to: the field's, or that of its first choice."""
    return field.id_for_label or f"id_{field.html_name}"
