"""How bytes come to YouTube: the resumable protocol, and the two simpler ones beside it.

Written after the guide "Resumable uploads" of the Data API, strict where the guide is: chunks of 256 KiB
multiples, without overlap or gap, exactly as long as announced; a query tells what is stored, and after
completion gives the completion's own answer again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from publisher.exercise.sandbox.multipart import parts as split_parts
from publisher.exercise.sandbox.naming import letters
from publisher.exercise.sandbox.records import UploadSession
from publisher.exercise.sandbox.spoiled import receive, under_faults
from publisher.exercise.sandbox.wire import AnswerNow, HangUp, Reply, Request, ShortBody, json_reply, text_reply
from publisher.exercise.sandbox.youtube import extras
from publisher.exercise.sandbox.youtube.api import Ask, body_of, charge, unauthorised_reply, within_channel_limit
from publisher.exercise.sandbox.youtube.arrival import check_video, keep_video
from publisher.exercise.sandbox.youtube.errors import Refusal

if TYPE_CHECKING:
    from publisher.exercise.sandbox.world import World

PATH = "/upload/youtube/v3/"
BLOCK = 256 * 1024
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_QUERY = re.compile(r"bytes \*/(\d+|\*)")

Check = Callable[[Ask], None]
Keep = Callable[[Ask, Path], dict[str, Any]]
# kind: (operation charged, maxSize of the discovery document, accepted types, check, keep)
_KINDS: dict[str, tuple[str, int, tuple[str, ...], Check, Keep]] = {
    "videos": ("videos.insert", 274_877_906_944, ("video/", "application/octet-stream"), check_video, keep_video),
    "thumbnails/set": (
        "thumbnails.set",
        52_428_800,
        ("image/jpeg", "image/png", "application/octet-stream"),
        extras.check_thumbnail,
        extras.keep_thumbnail,
    ),
    "captions": ("captions.insert", 104_857_600, ("",), extras.check_caption, extras.keep_caption),
}


def serve(world: World, request: Request) -> Reply:
    """Answer one request of an upload, whichever protocol and step it is."""
    kind = request.path.removeprefix(PATH).strip("/")
    if kind not in _KINDS:
        return text_reply(404, "Not Found", "notFound")
    session_id = request.argument("upload_id")
    if request.method == "PUT" and session_id:
        return _put(world, request, kind, session_id)
    if request.method != "POST":
        return text_reply(405, "Method Not Allowed", "methodNotAllowed")
    opened = request.argument("uploadType") == "resumable"
    request.operation = _operation(kind, "session" if opened else "chunk")
    return _open(world, request, kind) if opened else _whole(world, request, kind)


def _operation(kind: str, step: str) -> str:
    return f"youtube.{step}" if kind == "videos" else f"youtube.{_KINDS[kind][0]}"


def _admitted(world: World, request: Request, kind: str, body: dict[str, Any]) -> Ask:
    """The call behind an upload, authorised, charged and checked. Raises Refusal or AnswerNow."""
    operation, _, _, check, _ = _KINDS[kind]
    refused = unauthorised_reply(world, request, operation)
    if refused is not None:
        raise AnswerNow(refused)
    charge(world, operation)
    if kind == "videos":
        within_channel_limit(world)
    ask = Ask(world, request, body)
    check(ask)
    return ask


def _open(world: World, request: Request, kind: str) -> Reply:
    """Open a session: metadata in, its address out. No byte is stored yet."""
    raw = request.small_body()
    request.fields = {**dict(request.query), "body": raw.decode("utf-8", "replace")}
    return under_faults(world, request, lambda: _opened(world, request, kind, raw))


def _opened(world: World, request: Request, kind: str, raw: bytes) -> Reply:
    declared = request.headers.get("X-Upload-Content-Length", "")
    media_type = request.headers.get("X-Upload-Content-Type", "application/octet-stream")
    with world.lock:
        try:
            ask = _admitted(world, request, kind, body_of(raw))
            _media_allowed(kind, media_type, int(declared) if declared.isdigit() else 0)
        except Refusal as refusal:
            return refusal.reply()
        session = UploadSession(
            id=letters(64, "AFJb"),
            kind=kind,
            created=ask.now,
            query=dict(request.query),
            metadata=ask.body,
            media_type=media_type,
            total=int(declared) if declared.isdigit() else None,
            slug=request.headers.get("Slug", ""),
        )
        if request.fault is not None and request.fault.kind == "processing_failed":
            session.outcome = _outcome(request)
        world.ledger.put(session)
    query = "&".join(f"{name}={value}" for name, value in request.query if name in ("uploadType", "part", "videoId"))
    address = f"{world.base}{request.path}?{query}&upload_id={session.id}"
    return Reply(200, headers={"Location": _misnamed(request, address)})


def _misnamed(request: Request, address: str) -> str:
    """The session's address, or what a fault says in its stead: `location`, with the address as `{address}`, cut to
    `length` characters."""
    if request.fault is None or request.fault.kind != "session_at":
        return address
    detail = request.fault.detail
    return str(detail.get("location", "{address}")).format(address=address)[: detail.get("length")]


def _outcome(request: Request) -> str:
    detail = request.fault.detail if request.fault is not None else {}
    return str(detail.get("outcome", "failed:conversion"))


def _media_allowed(kind: str, media_type: str, size: int) -> None:
    _, most, types, _, _ = _KINDS[kind]
    if not media_type.startswith(types):
        raise Refusal(400, "badContent", f"Media type '{media_type}' is not supported.", "global")
    if size > most:
        raise Refusal(413, "uploadTooLarge", "The upload is larger than the maximum allowed.", "global")


def _whole(world: World, request: Request, kind: str) -> Reply:
    """The simple protocols: the file alone (`media`), or metadata and file in one body (`multipart`)."""
    arrived = world.ledger.arriving()
    try:
        receive(world, request, arrived)
        return under_faults(world, request, lambda: _whole_kept(world, request, kind, arrived))
    finally:
        arrived.unlink(missing_ok=True)


def _whole_kept(world: World, request: Request, kind: str, arrived: Path) -> Reply:
    body: dict[str, Any] = {}
    media_type = request.headers.get_content_type()
    file = world.ledger.arriving()
    with world.lock:
        world.ripen()
        try:
            if media_type.startswith("multipart/"):
                found = split_parts(arrived, str(request.headers.get_param("boundary")))
                if len(found) != 2:
                    raise Refusal(400, "mediaBodyRequired", "The request does not include the media.", "youtube.video")
                body = body_of(found[0].read())
                media_type = found[1].headers.get_content_type()
                found[1].copy_to(file)
            else:
                arrived.rename(file)
            ask = _admitted(world, request, kind, body)
            _media_allowed(kind, media_type, file.stat().st_size)
            return json_reply(_KINDS[kind][4](ask, file))
        except Refusal as refusal:
            return refusal.reply()
        finally:
            file.unlink(missing_ok=True)


def _put(world: World, request: Request, kind: str, session_id: str) -> Reply:
    """A chunk for a session, or the question what it holds."""
    content_range = request.headers.get("Content-Range", "")
    asking = _QUERY.fullmatch(content_range) is not None
    request.operation = _operation(kind, "query" if asking else "chunk")
    session = world.ledger.get(UploadSession, session_id)
    if session is not None:
        request.fields = {"range": content_range, "metadata": str(session.metadata), "upload_id": session.id}
    if asking:
        request.small_body()
        return under_faults(world, request, lambda: _told(world, request, session))
    arrived = world.ledger.arriving()
    try:
        _received(world, request, session, arrived)
        return under_faults(world, request, lambda: _chunk(world, request, session, arrived))
    finally:
        arrived.unlink(missing_ok=True)


def _received(world: World, request: Request, session: UploadSession | None, arrived: Path) -> None:
    """Read the chunk to its announced end. Of one that was cut off, whole blocks may be kept: what the
    server holds is not what the client believes it sent, only `Range` tells."""
    try:
        receive(world, request, arrived)
    except (ShortBody, HangUp, AnswerNow, OSError):
        if session is not None and session.reply is None and world.settings.keep_cut_chunks:
            _keep_cut(world, request, session, arrived)
        raise


def _keep_cut(world: World, request: Request, session: UploadSession, arrived: Path) -> None:
    with world.lock:
        try:
            start, _ = _span(request, session, cut=True)
        except Refusal:
            return
        if start == session.stored and not session.spoiled:
            _append(world, session, arrived, arrived.stat().st_size // BLOCK * BLOCK)


def _live(world: World, session: UploadSession | None) -> UploadSession | None:
    """The session, None when there is none or its time is over."""
    if session is None or world.ledger.get(UploadSession, session.id) is None:
        return None
    return session if world.now() < session.created + world.settings.session_seconds else None


def _lost(world: World, session: UploadSession | None) -> Reply:
    if session is not None:
        world.ledger.drop(session)
        _file(world, session).unlink(missing_ok=True)
    return text_reply(404, "Not Found", "sessionNotFound")


def _told(world: World, request: Request, session: UploadSession | None) -> Reply:
    """Answer `bytes */N`: how much is stored; or, once complete, the completion's answer again."""
    with world.lock:
        session = _live(world, session)
        if session is None or (request.fault is not None and request.fault.kind == "session404"):
            return _lost(world, session)
        return _progress(session)


def _progress(session: UploadSession) -> Reply:
    if session.reply is not None:
        return Reply(session.reply_code, session.reply.encode(), "application/json; charset=UTF-8")
    headers = {"Range": f"bytes=0-{session.stored - 1}"} if session.stored else {}
    return Reply(308, headers=headers, outcome="resume incomplete")


def _chunk(world: World, request: Request, session: UploadSession | None, arrived: Path) -> Reply:
    """Store one chunk; the last one completes the upload."""
    fault = request.fault
    with world.lock:
        world.ripen()
        session = _live(world, session)
        lost = fault is not None and fault.kind == "session404"
        if session is None or (lost and fault is not None and fault.when == "before"):
            return _lost(world, session)
        if session.reply is not None:
            return _progress(session)
        try:
            reply = _stored(world, request, session, arrived)
        except Refusal as refusal:
            return refusal.reply()
        return _lost(world, session) if lost else reply


def _stored(world: World, request: Request, session: UploadSession, arrived: Path) -> Reply:
    start, last = _span(request, session)
    size = arrived.stat().st_size
    if session.spoiled or start != session.stored:
        # Overlap or gap: "none of the remaining binary content will be uploaded" (the guide). It names no
        # status code; 400 is what a client must take as final.
        session.spoiled = True
        world.ledger.put(session)
        raise Refusal(400, "invalidContentRange", "Bytes of an upload must be continuous.", "global")
    final = session.total is not None and last + 1 == session.total
    if not final and size % BLOCK:
        raise Refusal(400, "invalidChunkSize", "A chunk's size must be a multiple of 262144 bytes.", "global")
    if request.fault is not None and request.fault.kind == "processing_failed":
        session.outcome = _outcome(request)
    if request.fault is not None and request.fault.kind == "partial":
        most = int(request.fault.detail.get("stored", size // 2)) // BLOCK * BLOCK
        _append(world, session, arrived, min(most, size))
        return _progress(session)
    _append(world, session, arrived, size)
    return _completed(world, request, session) if final else _progress(session)


def _span(request: Request, session: UploadSession, *, cut: bool = False) -> tuple[int, int]:
    """(first, last) byte of a chunk; a PUT without Content-Range is the whole file. Raises Refusal."""
    text, length = request.headers.get("Content-Range", ""), request.length or 0
    found = _RANGE.fullmatch(text)
    if text and not found:
        raise Refusal(400, "invalidContentRange", "Failed to parse Content-Range header.", "global")
    start, last = (int(found[1]), int(found[2])) if found else (0, length - 1)
    total = int(found[3]) if found and found[3] != "*" else None
    if not found and not cut:
        total = length
    if last - start + 1 != length:
        raise Refusal(400, "invalidContentRange", "Content-Range does not match Content-Length.", "global")
    if session.total is None:
        session.total = total
    elif total is not None and total != session.total:
        raise Refusal(400, "invalidContentRange", "The total differs from the one declared.", "global")
    return start, last


def _file(world: World, session: UploadSession) -> Path:
    return world.ledger.arriving(f"session-{session.id[:24]}")


def _append(world: World, session: UploadSession, arrived: Path, count: int) -> None:
    """Add the first `count` bytes of `arrived` to what the session holds."""
    with _file(world, session).open("ab") as out, arrived.open("rb") as file:
        out.truncate(session.stored)
        out.seek(session.stored)
        while count:
            block = file.read(min(count, 1024 * 1024))
            out.write(block)
            count -= len(block)
            session.stored += len(block)
    world.ledger.put(session)


def _completed(world: World, request: Request, session: UploadSession) -> Reply:
    """All bytes are there: make the video (thumbnail, track) and keep the answer for whoever asks again."""
    request.query = list(session.query.items())
    ask = Ask(world, request, session.metadata)
    _file(world, session).touch()
    answer = _KINDS[session.kind][4](ask, _file(world, session))
    if session.kind == "videos":
        thing = world.ledger.thing("youtube", answer["id"])
        assert thing is not None
        thing.outcome = session.outcome or thing.outcome
        thing.filename = session.slug
        world.ledger.put(thing)
    session.reply = json_reply(answer).body.decode()  # type: ignore[union-attr]
    session.reply_code = 201 if session.kind == "videos" else 200
    world.ledger.put(session)
    return _progress(session)
