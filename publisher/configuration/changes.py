"""Which settings decide where and what is published, each as a digest that tells no value: a change of one is told.

Whatever stands in the configuration decides, but for what is listed here as deciding nothing of it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from typing import Any

from publisher.configuration import policy_file, wording_files
from publisher.configuration.office_file import Office
from publisher.configuration.secret_store import Secrets

# How fast, at which hours of the night, at which port, through which mail server: nothing of where or what.
DECIDES_NOTHING = frozenset(
    {
        *(f"pace.{name}" for name in (
            "lease", "margin", "renew", "ask", "settle", "server_time", "give_up", "reveal_patience", "retry_first",
            "retry_most", "withdraw_first", "withdraw_most", "confirm", "media_most", "poll", "tick", "stop_within",
            "silent_after", "tries", "hand_over", "breaker_after", "breaker_first", "breaker_most",
        )),
        "reconcile.hour", "reconcile.grace",
        "web.host", "web.port", "web.address", "web.trusted_proxy", "web.proxies",
        "mail.host", "mail.port", "mail.tls",
        "anchors.hour",
    }
)  # fmt: skip
# Of a destination: how much of its allowance is used, how long is waited. Every other option decides, a plug-in's too.
OPTIONS_DECIDE_NOTHING = frozenset(
    {"calls_per_hour", "calls_reserve", "uploads_per_day", "units_per_day", "reply_timeout", "connect_timeout"}
)


def watch(office: Office, secrets: Secrets, now: datetime) -> list[str]:
    """Compare what is set now with what was set; a change is an Entry and a Notice. Returns the settings changed."""
    from pressqueue.moves import configuration  # noqa: PLC0415  # Django is set up by now

    return configuration.configuration_known(digests(office, secrets), now=now)


def digests(office: Office, secrets: Secrets) -> dict[str, str]:
    """Each setting that decides, with a digest under the office's own key: a short value cannot be guessed from it."""
    told = {}
    for name, value in settings(office):
        if name not in DECIDES_NOTHING:
            keyed = hmac.new(secrets.office_key, f"configuration\n{name}\n{value!r}".encode(), hashlib.sha256)
            told[name] = keyed.hexdigest()[:32]
    return told


def settings(office: Office) -> Iterator[tuple[str, Any]]:
    """Every setting there is, with its value: the configuration's, the policy's, and each list of wording."""
    sections: dict[str, Any] = {
        "office": office.identity, "brand": office.brand, "pace": office.pace, "reconcile": office.reconcile,
        "web": office.web, "mail": office.mail, "register": office.register_file, "anchors": office.anchor_files,
    }  # fmt: skip
    for section, values in sections.items():
        yield from ((f"{section}.{field.name}", getattr(values, field.name)) for field in fields(values))
    for name, destination in office.destinations.items():
        yield f"destinations.{name}.kind", destination.kind
        deciding = {key: value for key, value in destination.options.items() if key not in OPTIONS_DECIDE_NOTHING}
        yield from ((f"destinations.{name}.{key}", value) for key, value in deciding.items())
    policy = policy_file.load(office)
    # A set has no order of its own.
    ruled = ((field.name, getattr(policy, field.name)) for field in fields(policy))
    yield from ((f"policy.{name}", sorted(value) if isinstance(value, frozenset) else value) for name, value in ruled)
    for language in policy_file.languages(office):
        for file in wording_files.files(office, language):
            yield f"wording.{language}.{file.stem}", hashlib.sha256(file.read_bytes()).hexdigest()
