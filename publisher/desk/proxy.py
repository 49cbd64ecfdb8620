"""Where a request comes from, and for which host: what a header says of that counts only from the office's proxy."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

GetResponse = Callable[[HttpRequest], HttpResponseBase]
_HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO")


class TrustedProxy:
    """Middleware. After it `REMOTE_ADDR` is the caller's own address, and no forwarded header is left that lies."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if _is_trusted(str(request.META.get("REMOTE_ADDR", ""))):
            _take_over(request)
        else:
            for name in _HEADERS:
                request.META.pop(name, None)
        try:
            request.get_host()
        except DisallowedHost:  # said in one line: what was asked for is an attacker's text, and no fault of ours
            return HttpResponse("This is not the desk of that name.\n", "text/plain; charset=utf-8", status=400)
        return self.get_response(request)


def _is_trusted(peer: str) -> bool:
    office = settings.OFFICE
    return office is not None and office.web.trusted_proxy and peer in office.web.proxies


def _take_over(request: HttpRequest) -> None:
    """The last address of X-Forwarded-For is the one the proxy saw itself; those before it are what it was told."""
    told = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rsplit(",", 1)[-1].strip()
    try:
        request.META["REMOTE_ADDR"] = str(ipaddress.ip_address(told))
    except ValueError:
        return
