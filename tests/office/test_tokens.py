"""A platform's token at rest: nothing of it in the database, and no other key opens it."""

from __future__ import annotations

import base64

import pytest
from cryptography.fernet import Fernet
from django.db import connection

from pressqueue.models import SealedToken
from publisher.workers.token_store import TokenStore, TokenUnreadable

pytestmark = pytest.mark.django_db
KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
TOKEN = {"oauth_token": "72157720000-0123456789abcdef", "oauth_token_secret": "f00dfacecafebeef"}


def test_a_token_comes_back_as_it_was_saved() -> None:
    TokenStore(KEY).save("flickr", TOKEN)
    assert TokenStore(KEY).load("flickr") == TOKEN
    assert TokenStore(KEY).load("youtube") is None


def test_a_newer_consent_replaces_the_older() -> None:
    store = TokenStore(KEY)
    store.save("flickr", TOKEN)
    store.save("flickr", {"oauth_token": "newer"})
    assert store.load("flickr") == {"oauth_token": "newer"}
    assert SealedToken.objects.count() == 1


def test_another_key_does_not_open_it_and_the_way_out_is_named() -> None:
    TokenStore(KEY).save("flickr", TOKEN)
    with pytest.raises(TokenUnreadable, match="or connect again: `publisher connect flickr`") as refused:
        TokenStore(OTHER).load("flickr")
    assert not any(secret in str(refused.value) for secret in TOKEN.values())


@pytest.mark.parametrize("place", [0, 9, 40, -1])
def test_a_damaged_box_is_noticed_and_never_half_opened(place: int) -> None:
    TokenStore(KEY).save("flickr", TOKEN)
    row = SealedToken.objects.get()
    raw = bytearray(base64.urlsafe_b64decode(bytes(row.box)))
    raw[place] ^= 1
    SealedToken.objects.update(box=base64.urlsafe_b64encode(bytes(raw)))
    with pytest.raises(TokenUnreadable):
        TokenStore(KEY).load("flickr")


def test_the_same_token_is_sealed_differently_each_time() -> None:
    store = TokenStore(KEY)
    store.save("flickr", TOKEN)
    store.save("youtube", TOKEN)
    first, second = (bytes(row.box) for row in SealedToken.objects.order_by("pk"))
    assert first != second


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads the bytes of the database's own file")
def test_nothing_of_a_token_lies_in_the_bytes_of_the_database() -> None:
    TokenStore(KEY).save("flickr", TOKEN)
    content = connection.connection.serialize()
    box = bytes(SealedToken.objects.get().box)
    assert box in content, "these are the bytes the token was written to"
    for secret in (*TOKEN, *TOKEN.values(), KEY.hex()):
        for form in (secret.encode(), base64.b64encode(secret.encode()).rstrip(b"="), secret.encode().hex().encode()):
            assert form not in content
    assert b"oauth_token" in Fernet(base64.urlsafe_b64encode(KEY)).decrypt(box), "the control: it is all in the box"
