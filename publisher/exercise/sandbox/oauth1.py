"""OAuth 1.0a as Flickr checks it: HMAC-SHA1 over the address the client saw, by oauthlib.

A failure here is no API error: it is HTTP 401 with a line of text (`oauth_problem=...`), as recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from oauthlib.oauth1.rfc5849 import signature

from publisher.exercise.sandbox.wire import AnswerNow, Pairs, Request, text_reply

_NEEDED = ("oauth_consumer_key", "oauth_nonce", "oauth_signature", "oauth_signature_method", "oauth_timestamp")


@dataclass(slots=True)
class Signed:
    """What the Authorization header (or the form) claimed. `parameters` is everything that was signed."""

    oauth: dict[str, str]
    parameters: Pairs

    @property
    def token(self) -> str:
        return self.oauth.get("oauth_token", "")


@dataclass(slots=True)
class _Base:
    """The shape oauthlib's verifier reads a request from."""

    params: Pairs
    uri: str
    http_method: str
    signature: str


def problem(kind: str, **more: str) -> AnswerNow:
    """The 401 that Flickr answers to a request it cannot authenticate."""
    text = "&".join([f"oauth_problem={kind}", *(f"{name}={value}" for name, value in more.items())])
    return AnswerNow(text_reply(401, text, outcome=kind))


def claimed(request: Request, form: Pairs) -> Signed | None:
    """The OAuth parameters of a request, None where it carries none."""
    header = request.headers.get("Authorization", "")
    pairs = _header_pairs(header) if header.lower().startswith("oauth ") else []
    if header and not pairs:
        raise problem("parameter_absent", oauth_parameters_absent="oauth_consumer_key")
    everything = [*pairs, *request.query, *form]
    oauth = {name: value for name, value in everything if name.startswith("oauth_")}
    if "oauth_signature" not in oauth and "oauth_consumer_key" not in oauth:
        return None
    return Signed(oauth, everything)


def verify(request: Request, signed: Signed, client_secret: str, token_secret: str) -> None:
    """Raise AnswerNow(401) unless the signature holds for this very request."""
    absent = [name for name in _NEEDED if name not in signed.oauth]
    if absent:
        raise problem("parameter_absent", oauth_parameters_absent="&".join(absent))
    if signed.oauth["oauth_signature_method"] != "HMAC-SHA1":
        raise problem("signature_method_rejected")
    signed_pairs = [(name, value) for name, value in signed.parameters if name not in ("oauth_signature", "realm")]
    base = _Base(signed_pairs, request.url, request.method, signed.oauth["oauth_signature"])
    checked: Any = base
    if not signature.verify_hmac_sha1(checked, client_secret, token_secret):
        parameters = signature.normalize_parameters(checked.params)
        address = signature.base_string_uri(base.uri)
        text = signature.signature_base_string(checked.http_method, address, parameters)
        raise problem("signature_invalid", debug_sbs=text)


def _header_pairs(header: str) -> Pairs:
    pairs: Pairs = []
    for part in header[len("OAuth ") :].split(","):
        name, separator, value = part.strip().partition("=")
        if separator:
            pairs.append((unquote(name), unquote(value.strip('"'))))
    return pairs
