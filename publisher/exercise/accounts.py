"""An exercise office and its sandbox: client keys everybody knows, tokens minted without a browser."""

from __future__ import annotations

from publisher.configuration.secret_store import Secrets
from publisher.exercise.sandbox.control import Control
from publisher.exercise.sandbox.settings import Settings


def clients() -> dict[str, dict[str, str]]:
    """The client keys every sandbox knows; they open nothing else."""
    knobs = Settings()
    return {
        "flickr": {"key": knobs.flickr_key, "secret": knobs.flickr_secret},
        "youtube": {"client_id": knobs.google_client_id, "client_secret": knobs.google_client_secret},
    }


def keep_tokens(secrets: Secrets, base: str, sandbox_secret: str) -> None:
    """Mint both accounts' tokens through the sandbox's control address and seal them into the open office."""
    from publisher.workers.token_store import TokenStore  # noqa: PLC0415  # Django is set up by now

    control, store = Control(base, sandbox_secret), TokenStore(secrets.seal_key)
    store.save("flickr", control.mint_flickr_token())
    store.save("youtube", {"refresh_token": control.mint_google_token()["refresh_token"]})
