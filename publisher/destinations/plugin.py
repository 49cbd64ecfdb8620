"""What the rest of the product must know of a kind of destination before one is built: its plug-in says it.

A destination is one folder with a `PLUGIN` in it. The entry point of the group `publisher.destinations` names that
object; its own name is the `kind` that a configuration gives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from publisher.destinations.base import Account, Destination, Limits

Build = Callable[[Account], Destination]


@dataclass(frozen=True, slots=True)
class Browser:
    """How the account's owner is asked to agree, from the machine where `publisher connect` runs.

    `open` shows an address of the platform. `ask` puts a question and answers what was typed. `by_hand`: no browser
    reaches this machine, so what the platform shows must be typed. `seconds`: how long the owner is waited for.
    """

    open: Callable[[str], None]
    ask: Callable[[str], str]
    by_hand: bool = False
    seconds: int = 300


@dataclass(frozen=True, slots=True)
class Plugin:
    """One kind of destination.

    `build` makes a destination from a connected account, and raises BadSetting in a sentence. `limits` answers what it
    takes as far as that needs no token; its `account` is empty. `consent` answers the token to keep, a flat dictionary
    of strings, and raises Refused or Later; None where no consent is needed.
    """

    display_name: str  # as officers write it
    build: Build
    limits: Callable[[Account], Limits] | None = None  # None: only a destination that is built can say
    consent: Callable[[Account, Browser], dict[str, str]] | None = None
    client_keys: tuple[str, ...] = ()  # what [clients.NAME] of secrets.toml must hold before anybody is asked to agree
    addresses: tuple[str, ...] = ()  # options with the platform's addresses: an exercise office must give each
    temporary_keys: tuple[str, ...] = ()  # of the Journal: forgotten once the copy is known not to be there
    clock: str = ""  # an address whose Date header tells the platform's time; where given, the first of `addresses`
