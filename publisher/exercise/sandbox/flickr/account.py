"""Flickr's methods about the account itself: who is signed in, how full it is, what licences exist."""

from __future__ import annotations

from publisher.exercise.sandbox.flickr.api import Call, method
from publisher.exercise.sandbox.flickr.reply import FlickrError, Node
from publisher.exercise.sandbox.records import Ticket, Token

# As recorded, with the 4.0 licences that the reply of 2024 did not have yet.
LICENCES: dict[str, tuple[str, str]] = {
    "0": ("All Rights Reserved", ""),
    "4": ("Attribution License", "https://creativecommons.org/licenses/by/2.0/"),
    "6": ("Attribution-NoDerivs License", "https://creativecommons.org/licenses/by-nd/2.0/"),
    "3": ("Attribution-NonCommercial-NoDerivs License", "https://creativecommons.org/licenses/by-nc-nd/2.0/"),
    "2": ("Attribution-NonCommercial License", "https://creativecommons.org/licenses/by-nc/2.0/"),
    "1": ("Attribution-NonCommercial-ShareAlike License", "https://creativecommons.org/licenses/by-nc-sa/2.0/"),
    "5": ("Attribution-ShareAlike License", "https://creativecommons.org/licenses/by-sa/2.0/"),
    "7": ("No known copyright restrictions", "https://www.flickr.com/commons/usage/"),
    "8": ("United States Government Work", "http://www.usa.gov/copyright.shtml"),
    "9": ("Public Domain Dedication (CC0)", "https://creativecommons.org/publicdomain/zero/1.0/"),
    "10": ("Public Domain Mark", "https://creativecommons.org/publicdomain/mark/1.0/"),
    "11": ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
    "12": ("CC BY-SA 4.0", "https://creativecommons.org/licenses/by-sa/4.0/"),
    "13": ("CC BY-ND 4.0", "https://creativecommons.org/licenses/by-nd/4.0/"),
    "14": ("CC BY-NC 4.0", "https://creativecommons.org/licenses/by-nc/4.0/"),
    "15": ("CC BY-NC-SA 4.0", "https://creativecommons.org/licenses/by-nc-sa/4.0/"),
    "16": ("CC BY-NC-ND 4.0", "https://creativecommons.org/licenses/by-nc-nd/4.0/"),
}


@method("flickr.test.login", "read")
def test_login(call: Call) -> Node:
    """Who the token belongs to."""
    settings = call.world.settings
    user = Node("user", {"id": settings.flickr_nsid, "path_alias": settings.path_alias})
    user.children.append(Node("username", text=settings.flickr_username))
    return user


@method("flickr.test.echo", "none")
def test_echo(call: Call) -> Node:
    return Node("method", text="flickr.test.echo")


@method("flickr.auth.oauth.checkToken", "read")
def check_token(call: Call) -> Node:
    """What the signing token may do: the only place where its permissions can be read."""
    named = call.world.ledger.get(Token, f"flickr-access/{call.get('oauth_token')}")
    token = named or call.token
    if token is None:
        raise FlickrError(98, "Invalid auth token")
    settings = call.world.settings
    user = {
        "nsid": settings.flickr_nsid,
        "username": settings.flickr_username,
        "fullname": settings.flickr_fullname,
    }
    return Node(
        "oauth",
        children=[
            Node("token", text=token.id.removeprefix("flickr-access/")),
            Node("perms", text=token.perms),
            Node("user", dict(user)),
        ],
    )


@method("flickr.people.getUploadStatus", "read")
def upload_status(call: Call) -> Node:
    """How many items the account holds, and the size limits; shape as recorded."""
    world = call.world
    count = sum(one.mine for one in world.ledger.things("flickr"))
    videos = sum(one.mine and one.is_video for one in world.ledger.things("flickr"))
    albums = sum(1 for _ in world.ledger.albums("flickr"))
    limit = world.settings.flickr_items_limit
    user: dict[str, str | int | float] = {
        "id": world.settings.flickr_nsid,
        "ispro": int(world.settings.flickr_pro),
        "upload_count": count,
    }
    if limit is not None:
        state = "below_limit" if count < limit else "at_limit"
        user |= {"upload_limit": limit, "upload_limit_status": state}
    return Node(
        "user",
        user,
        [
            Node("username", text=world.settings.flickr_username),
            Node("bandwidth", _bandwidth()),
            Node("filesize", _size(world.settings.photo_bytes)),
            Node("sets", {"created": albums, "remaining": "lots"}),
            Node("videosize", _size(world.settings.video_bytes, with_max=False)),
            Node("videos", {"uploaded": videos, "remaining": "lots"}),
        ],
    )


def _bandwidth() -> dict[str, str | int | float]:
    return {
        "max": 2147483648,
        "used": 0,
        "maxbytes": 214748364800,
        "usedbytes": 0,
        "remainingbytes": 214748364800,
        "maxkb": 209715200,
        "usedkb": 0,
        "remainingkb": 209715200,
        "unlimited": 1,
    }


def _size(limit: int, *, with_max: bool = True) -> dict[str, str | int | float]:
    sizes: dict[str, str | int | float] = {"max": limit} if with_max else {}
    return sizes | {"maxbytes": limit, "maxkb": limit // 1024, "maxmb": limit // 1024**2}


@method("flickr.photos.licenses.getInfo", "none")
def licences(call: Call) -> Node:
    named = [Node("license", {"id": key, "name": name, "url": url}) for key, (name, url) in LICENCES.items()]
    return Node("licenses", children=named, many="license")


@method("flickr.photos.upload.checkTickets", "none")
def check_tickets(call: Call) -> Node:
    """Asynchronous uploads: 0 pending, 1 done, 2 failed, and `invalid` for a ticket nobody gave out."""
    return Node("uploader", children=[_ticket(call, key) for key in call.get("tickets").split(",")], many="ticket")


def _ticket(call: Call, key: str) -> Node:
    ticket = call.world.ledger.get(Ticket, key)
    if ticket is None:
        return Node("ticket", {"id": key, "invalid": 1})
    if call.now < ticket.ready_at:
        return Node("ticket", {"id": key, "complete": 0})
    if ticket.outcome != "succeeded":
        return Node("ticket", {"id": key, "complete": 2})
    return Node("ticket", {"id": key, "complete": 1, "photoid": ticket.photo})
