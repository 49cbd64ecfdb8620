"""What a fault does to an answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from publisher.exercise.sandbox.faults import SHAPING, Fault
from publisher.exercise.sandbox.flickr.reply import failed
from publisher.exercise.sandbox.wire import BLOCK, AnswerNow, HangUp, Reply, Request, html_reply, json_reply, text_reply
from publisher.exercise.sandbox.youtube import errors

if TYPE_CHECKING:
    from publisher.exercise.sandbox.world import World

_UNAVAILABLE = "Sorry, the Flickr API service is not currently available."
# The trailing comma is the platform's own, as recorded by flickr-photos-api.
_JSON = json.dumps({"stat": "fail", "message": _UNAVAILABLE, "code": 201}).encode() + b","
_FRONT_END = {
    "500": (500, "Internal Server Error"),
    "503": (503, "Service Unavailable"),
    "retry_after": (503, "Service Unavailable"),
    "504html": (504, "Gateway Timeout ERROR"),  # CloudFront's page (ShareX#7444)
    "429html": (429, "Too Many Requests"),  # as in sybrenstuvel/flickrapi#135
    "413": (413, "Request Entity Too Large"),
    "302": (302, "Found"),
    "html200": (200, "We'll be right back"),
}
_MANGLED = {
    "empty200": (b"", "empty"),
    "truncated_xml": (b'<?xml version="1.0" encoding="utf-8" ?>\n<rsp stat="ok">\n<photo', "truncated"),
    "json_in_xml": (_JSON, "fail 201"),
}
_FLICKR_CODES = {"code201": (201, _UNAVAILABLE), "code105": (105, "Service currently unavailable")}


def under_faults(world: World, request: Request, act: Callable[[], Reply]) -> Reply:
    """Answer the request with `act`, unless a fault planned for it strikes before, or after."""
    fault = world.faults.take(request.operation, request.text)
    request.fault = fault
    if fault is None or fault.kind in SHAPING:
        return act()
    if fault.kind == "drip":
        reply = act()
        reply.drip = (float(fault.detail.get("seconds", 0.1)), int(fault.detail.get("count", 20)))
        return reply
    if fault.when == "after":
        reply = act()
        return _waited(world, request, fault, lambda: reply) if fault.kind == "stall" else spoil(fault, request)
    return _waited(world, request, fault, act) if fault.kind == "stall" else spoil(fault, request)


def receive(world: World, request: Request, target: Path) -> None:
    """Write the body to `target` as it arrives; a fault with `after_bytes` strikes at its byte.

    Raises ShortBody, HangUp or AnswerNow; `target` then holds what had come.
    """
    received, head = 0, b""
    stops = world.faults.stops(request.operation)
    with target.open("wb", buffering=0) as file:
        for block in request.blocks(stops):
            file.write(block)
            received += len(block)
            head += block[: BLOCK - len(head)]
            if stops and received >= min(stops):
                _cut(world, request, received, head.decode("utf-8", "replace"))


def _cut(world: World, request: Request, received: int, head: str) -> None:
    fault = world.faults.take(request.operation, f"{request.text}\n{head}", received)
    if fault is None:
        return
    if fault.kind == "stall":
        _waited(world, request, fault, lambda: Reply(200))
        return
    reply = spoil(fault, request)
    reply.close = True
    raise AnswerNow(reply)


def _waited(world: World, request: Request, fault: Fault, act: Callable[[], Reply]) -> Reply:
    """Hold the request, then go on. A client that left loses it, unless the fault says otherwise:
    `although_gone` is the platform that finishes what its client has long given up."""
    if not world.faults.hold(fault, request) and not fault.detail.get("although_gone"):
        raise HangUp("its client has gone")
    return act()


def spoil(fault: Fault, request: Request) -> Reply:
    """The answer this kind of fault gives. Raises HangUp where it gives none."""
    if fault.kind in ("closed", "reset"):
        raise HangUp("a fault closed the connection", reset=fault.kind == "reset")
    if fault.kind in _FRONT_END:
        return _front_end(fault, request)
    if fault.kind in _MANGLED:
        body, outcome = _MANGLED[fault.kind]
        return Reply(200, body, "text/xml; charset=utf-8", outcome=outcome)
    if fault.kind == "401":
        return _unauthorised(request)
    if fault.kind in _FLICKR_CODES:
        return failed(*_FLICKR_CODES[fault.kind], request.fields)
    if fault.kind in _ORDERED:
        reply = _ORDERED[fault.kind](fault.detail, request)
        if "retry_after" in fault.detail:
            reply.headers["Retry-After"] = str(fault.detail["retry_after"])
        return reply
    return errors.on_demand(fault.kind, bool(fault.detail.get("details")))


def _front_end(fault: Fault, request: Request) -> Reply:
    """What servers in front of the API say, in HTML; YouTube's own 500 and 503 are in its envelope."""
    if fault.kind in ("500", "503") and request.operation.startswith("youtube") and not fault.detail.get("html"):
        return errors.backend_error(int(fault.kind))
    code, title = _FRONT_END[fault.kind]
    headers = {}
    if fault.kind == "retry_after":
        headers["Retry-After"] = str(fault.detail.get("seconds", 30))
    if fault.kind == "302":
        headers["Location"] = str(fault.detail.get("location", "/elsewhere"))
    return html_reply(code, title, headers)


def _unauthorised(request: Request) -> Reply:
    if request.operation.startswith("flickr"):
        return text_reply(401, "oauth_problem=token_rejected", outcome="token_rejected")
    if request.operation.startswith("google"):
        return json_reply({"error": "invalid_client", "error_description": "Unauthorized"}, 401, "invalid_client")
    return errors.unauthorised()


def _flickr_error(detail: dict[str, Any], request: Request) -> Reply:
    """`code` and `msg` in Flickr's own envelope, as every API error of it with HTTP 200."""
    return failed(int(detail["code"]), str(detail.get("msg", _UNAVAILABLE)), request.fields)


def _flickr_oauth(detail: dict[str, Any], request: Request) -> Reply:
    """`problem`: HTTP 401 in plain text, with the signed text behind it as Flickr's carries it."""
    problem = str(detail["problem"])
    return text_reply(401, f"oauth_problem={problem}&debug_sbs={detail.get('msg', '')}", outcome=problem)


def _youtube_error(detail: dict[str, Any], request: Request) -> Reply:
    """`http`, `reason`, `message`, `domain` in the Data API's envelope."""
    http, reason = int(detail.get("http", 403)), str(detail["reason"])
    message, domain = str(detail.get("message", reason)), str(detail.get("domain", "global"))
    return errors.Refusal(http, reason, message, domain).reply()


def _google_error(detail: dict[str, Any], request: Request) -> Reply:
    """`http`, `error`, `message` in OAuth's own envelope."""
    error = str(detail["error"])
    words = {"error": error, "error_description": str(detail.get("message", error))}
    return json_reply(words, int(detail.get("http", 400)), error)


def _http(detail: dict[str, Any], request: Request) -> Reply:
    """Any HTTP `code` with a front end's page that says `message`."""
    return html_reply(int(detail["code"]), str(detail.get("message", "Trouble")))


_ORDERED = {
    "flickr_error": _flickr_error,
    "flickr_oauth": _flickr_oauth,
    "youtube_error": _youtube_error,
    "google_error": _google_error,
    "http": _http,
}
