"""`up`, `web`, `worker`, `tick`, `sandbox`: the parts that run."""

from __future__ import annotations

import errno
import os
import secrets as random_source
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from publisher.cli.session import AsJson, Named, Session, enter
from publisher.output import Declined, say, table, tell

if TYPE_CHECKING:
    from publisher.configuration.office_file import Office

LANES = ("publish", "withdraw", "clock")
Host = Annotated[str, typer.Option(help="Where the desk listens; [web] host if not given.")]
Port = Annotated[int, typer.Option(help="The desk's port; [web] port if not given.", min=0, max=65535)]


def register(app: typer.Typer) -> None:
    for name, command in (("up", up), ("web", web), ("worker", worker), ("tick", tick), ("sandbox", sandbox)):
        app.command(name)(command)


def demand_free(host: str, port: int) -> None:
    """Said before anything starts. Raises Declined where nothing can listen there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Declined(
                f"Port {port} on {host} is in use: another `publisher up`, or another program, listens there. Stop it, "
                f"or choose another port: --port {min(port + 1, 65535)}, or [web] port in publisher.toml."
            ) from None
        raise Declined(f"Nothing can listen on {host}, port {port}: {error.strerror}. See [web] host.") from None


def up(context: typer.Context, host: Host = "", port: Port = 0) -> None:
    """Run it all: the desk and the workers, withdrawals in a process of their own. What dies is started again."""
    session = enter(context)
    from publisher.workers.supervisor import Crew, until_told_to_stop

    _demand_worker(session)
    demand_free(host or session.office.web.host, port or session.office.web.port)
    crew = Crew(notify=say, clock=time.monotonic)
    crew.add(
        "web",
        *_again(context),
        "web",
        "--host",
        host or session.office.web.host,
        "--port",
        str(port or session.office.web.port),
    )
    for lane in LANES:
        crew.add(lane, *_again(context), "worker", "--only", lane)
    _close_database()
    crew.start()
    say(f"The desk is at {address_of(session.office, host, port)} (Ctrl-C ends everything).")
    try:
        until_told_to_stop(crew.tend)
    finally:
        say("Stopping: what is under way is finished first.")
        crew.stop(session.office.pace.stop_within)


def web(context: typer.Context, host: Host = "", port: Port = 0) -> None:
    """The desk alone."""
    session = enter(context)
    demand_free(host or session.office.web.host, port or session.office.web.port)
    _close_database()
    from publisher.desk.server import serve

    place = host or session.office.web.host, port or session.office.web.port
    try:
        listening = serve.listen(*place)
    except OSError as error:
        raise Declined(
            f"The desk cannot listen at {place[0]}:{place[1]} ({error.strerror}). Choose another --port."
        ) from error
    serve.serve(listening)


def worker(
    context: typer.Context,
    only: Annotated[str, typer.Option(metavar="LANE", help="publish, withdraw or clock; all three if not given.")] = "",
) -> None:
    """The work alone: runs until it is told to end, and finishes or hands back what it has in hand."""
    if only and only not in LANES:
        raise Declined(f"“{only}” is no lane: {', '.join(LANES)}.")
    session = enter(context)
    from publisher.scheduling import scheduler
    from publisher.workers.worker import open_worker

    scheduler.run(open_worker(session.office, session.secrets), only or None)


def tick(
    context: typer.Context,
    only: Annotated[str, typer.Option(metavar="LANE", help="publish, withdraw or clock; all three if not given.")] = "",
    as_json: AsJson = False,
) -> None:
    """One round of everything that is due, and out."""
    if only and only not in LANES:
        raise Declined(f"“{only}” is no lane: {', '.join(LANES)}.")
    session = enter(context)
    from publisher.scheduling import scheduler
    from publisher.workers.worker import open_worker

    done = scheduler.round(open_worker(session.office, session.secrets), only or None)
    rows = [(name, count) for name, count in done.items() if count]
    tell({"done": done}, as_json, lambda: table("what", "how many", rows=rows) if rows else "Nothing was due.")


def sandbox(
    folder: Annotated[Path, typer.Option(metavar="DIR", help="Where it keeps what it is given.")] = Path("sandbox"),
    port: Annotated[int, typer.Option(help="Its port.", min=0, max=65535)] = 8765,
) -> None:
    """The platforms' stand-ins on this machine, alone: nothing that is posted there is public."""
    from publisher.exercise.sandbox.__main__ import run

    if port:
        demand_free("127.0.0.1", port)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret = _sandbox_secret(folder / "secret")
    say(f"The sandbox keeps everything in {folder}; the file for `init --sandbox-secret` is {folder / 'secret'}.")
    say(f"Photo stream and channel: http://127.0.0.1:{port}/ (Ctrl-C ends it)." if port else "Ctrl-C ends it.")
    run(folder, port, secret)


def _sandbox_secret(file: Path) -> str:
    """The same from run to run, so that an office made before still knows it."""
    if file.is_file():
        return file.read_text(encoding="ascii").strip()
    secret = random_source.token_urlsafe(24)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
        made.write(secret + "\n")
    return secret


def address_of(office: Office, host: str = "", port: int = 0) -> str:
    """The address people open."""
    if office.web.address and not (host or port):
        return office.web.address
    shown = host or office.web.host
    return f"http://{'127.0.0.1' if shown in ('0.0.0.0', '::') else shown}:{port or office.web.port}/"  # noqa: S104


def _again(context: typer.Context) -> list[str]:
    """How to start this same program on this same office once more."""
    named = context.ensure_object(Named)
    config = ["--config", str(named.config.resolve())] if named.config else []
    return ["-m", "publisher", "--office", os.environ["PUBLISHER_OFFICE"], *config]


def _demand_worker(session: Session) -> None:
    """What a worker would refuse is said at once, and not by a process that dies again and again."""
    from publisher.workers.worker import open_worker

    open_worker(session.office, session.secrets)


def _close_database() -> None:
    from django.db import connections

    connections.close_all()
