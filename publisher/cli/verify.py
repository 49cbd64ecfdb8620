"""`verify` and `break-glass`: the signed form of an officer without an account, and a threat to life.

An officer who has an account verifies at the desk, with the picture in view; approval is never given here either.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from publisher.cli.items import find
from publisher.cli.moments import iso, past, shown
from publisher.cli.session import As, AsJson, act, enter
from publisher.output import Declined, tell

Reference = Annotated[str, typer.Argument(metavar="REF", help="A reference, such as WTN-0001.")]


def register(app: typer.Typer) -> None:
    app.command("verify")(verify)
    app.command("break-glass")(break_glass)


def verify(
    context: typer.Context,
    reference: Reference,
    form: Annotated[Path, typer.Option(metavar="FILE", help="The signed form: a PDF, or a JPEG or PNG picture of it.")],
    signed: Annotated[str, typer.Option(help="When it was signed.")],
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Attach the form an officer in the case signed, who has no account. An approver confirms it at the desk."""
    session = enter(context)
    from pressqueue.moves import verification
    from publisher.media.errors import BadMedia
    from publisher.media.vault import Vault
    from publisher.publishing import intake

    actor, item = act(session, user), find(reference)
    if item.package is None:
        raise Declined(f"{item.reference} is not in review yet: there is nothing that could have been verified.")
    if not form.is_file():
        raise Declined(f"There is no file {form}.")
    at = past(signed, session.office.identity.zone, session.now, "--signed")
    try:
        with intake.form_of(
            actor, item, form, form.name, Vault(session.office.media / "originals"), session.now
        ) as kept:
            made = verification.attach_form(actor, item, item.package.digest, kept, signed_at=at, now=session.now)
    except BadMedia as bad:
        raise Declined(f"{bad.message} ({form})") from None
    payload = {"reference": item.reference, "officer": made.name, "rank": made.rank, "form": kept.sha256,
               "signed": iso(at), "confirmed": False}  # fmt: skip
    message = f"The form of {made.name} is attached to {item.reference}; an approver confirms it at the desk."
    tell(payload, as_json, lambda: message)


def break_glass(
    context: typer.Context,
    reference: Reference,
    reason: Annotated[str, typer.Option(help="Whose life is at risk, and why it cannot wait.")],
    user: As = None,
    as_json: AsJson = False,
) -> None:
    """Declare a threat to life: some answers of the record may be given a day later. Every approver is told."""
    session = enter(context)
    from pressqueue.moves import emergencies

    item = find(reference)
    declared = emergencies.break_glass(act(session, user), item, reason, now=session.now)
    payload = {"reference": item.reference, "due": iso(declared.due_at)}
    due = shown(declared.due_at, session.office.identity.zone)
    tell(payload, as_json, lambda: f"Declared. What is deferred of {item.reference} is due by {due}, or it comes down.")
