"""The caption on an approver's page, as each platform will show it."""

from __future__ import annotations

import pytest
from django.test import Client

from pressqueue.models import Item
from pressqueue.moves import amendments
from publisher.configuration.secret_store import Secrets
from publisher.desk import captions

from support import amended_posts, factories
from support.desk_officers import say_why
from support.factories import NOW

pytestmark = pytest.mark.usefixtures("office")
KEY = b"k" * 32
BELOW = "Image description: A person in a dark coat, seen from behind."


def in_review(*destinations: str, apart: tuple[str, ...] = ()) -> Item:
    return factories.in_review(factories.appeal(destinations=list(destinations)), alt_text_fields=apart)


def page(client: Client, address: str) -> str:
    say_why(client)
    answer = client.get(address)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def test_where_every_platform_shows_the_same_it_is_written_once(approver: Client) -> None:
    item = in_review("flickr", "gallery")
    (shown,) = captions.of(item, item.package)
    assert (shown.text.endswith(BELOW), shown.destinations) == (True, ("flickr", "gallery"))
    text = page(approver, f"/items/{item.reference}/")
    assert (text.count("<dt>Caption</dt>"), text.count("<dt>Caption on ")) == (1, 0)


def test_where_one_has_a_field_for_the_alternative_text_the_page_shows_both(approver: Client) -> None:
    item = in_review("flickr", "gallery", apart=("gallery",))
    first, second = captions.of(item, item.package)
    assert [first.destinations, second.destinations] == [("flickr",), ("gallery",)]
    assert [BELOW in first.text, BELOW in second.text] == [True, False]
    text = page(approver, f"/items/{item.reference}/")
    assert "<dt>Caption on Flickr</dt>" in text
    assert "<dt>Caption on Gallery</dt>" in text
    assert text.count(BELOW) == 1


def test_where_each_has_one_the_caption_stands_alone() -> None:
    item = in_review("gallery", apart=("gallery",))
    (shown,) = captions.of(item, item.package)
    assert (shown.text, shown.destinations) == (item.caption.strip(), ("gallery",))


def test_a_draft_shows_what_the_platforms_would_show_today() -> None:
    (shown,) = captions.of(factories.appeal(destinations=["flickr"]), None)
    assert shown.text.endswith(BELOW)


def test_a_draft_for_a_destination_that_is_no_longer_configured_opens(approver: Client, settings: object) -> None:
    settings.SECRETS = Secrets(office_key=KEY, seal_key=KEY, web_key="", clients={})  # type: ignore[attr-defined]
    item = factories.appeal(destinations=["gone"])
    (shown,) = captions.of(item, None)
    assert shown.destinations == ("gone",)
    assert "Alternative text" in page(approver, f"/items/{item.reference}/")


def test_an_amendment_keeps_where_the_text_stands(approver: Client) -> None:
    item = factories.approved(factories.appeal(destinations=["flickr", "gallery"]), alt_text_fields=["gallery"])
    amended_posts.live(factories.posted(item))
    found = amendments.amend(
        factories.author(), item, "A person was named.", alt_text="A person, seen from behind.", now=NOW
    )
    text = page(approver, f"/items/{item.reference}/amendment/")
    assert text.count("Image description: A person, seen from behind.") == 1
    assert "<dt>Caption on Gallery</dt>" in text
    first, second = captions.of(item, found.package)
    assert [first.destinations, second.destinations] == [("flickr",), ("gallery",)]
