"""How much of a body is taken in, of whom and where: refused before it is parsed, so that nothing lands on the disk."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NoReturn

from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string

from publisher.desk import addresses

GetResponse = Callable[[HttpRequest], HttpResponseBase]
TOO_LARGE = "More was sent than this page takes. Nothing was kept."


class NoFiles(FileUploadHandler):
    """A file where no page asked for one is passed over, unread and unwritten."""

    def new_file(self, *_: Any, **__: Any) -> NoReturn:
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


class Bodies:
    """Middleware. Files are taken where a page has a file field, and only from who is signed in."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if length := _length(request):
            signed_in = request.user.is_authenticated
            if length > addresses.largest_body(request.path_info, signed_in=signed_in):
                page = render_to_string("413.html", {"words": TOO_LARGE})
                return HttpResponse(page, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            if not (signed_in and addresses.name_of(request.path_info) in addresses.UPLOADS):
                request.upload_handlers = [NoFiles(request)]
        return self.get_response(request)


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
