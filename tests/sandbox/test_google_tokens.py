"""Google's consent page and token endpoint."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

FORM = "application/x-www-form-urlencoded"
CLIENT = {"client_id": "sandbox-client-id.apps.googleusercontent.com", "client_secret": "sandbox-client-secret"}
VERIFIER = "a-verifier-of-enough-length-for-pkce-0123456789"
BACK = "http://127.0.0.1:9/"


def token(stage, **form):
    return stage.http("POST", "/token", urlencode({**CLIENT, **form}).encode(), Content_Type=FORM)


def address(**changes):
    challenge = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
    query = {
        "client_id": CLIENT["client_id"],
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "https://www.googleapis.com/auth/youtube.force-ssl",
        "state": "s",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "access_type": "offline",
    }
    return f"/o/oauth2/auth?{urlencode({**query, **changes})}"


def consented(stage, **changes):
    answer = stage.http("GET", address(**changes))
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))


def exchange(stage, code, **changes):
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    return token(stage, **{**form, **changes})


@pytest.fixture
def agreeing(open_stage):
    return open_stage(auto_consent=True)


def test_a_code_becomes_tokens_once(agreeing):
    given = consented(agreeing)
    assert given["state"] == "s"
    answer = exchange(agreeing, given["code"]).json
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3600)
    assert answer["scope"] == "https://www.googleapis.com/auth/youtube.force-ssl"
    assert "refresh_token" in answer
    assert exchange(agreeing, given["code"]).json["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "another"}, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:8/"}, "redirect_uri_mismatch"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_code_wrongly_presented_gives_nothing(agreeing, changes, error):
    answer = exchange(agreeing, consented(agreeing)["code"], **changes)
    assert answer.code in (400, 401)
    assert answer.json["error"] == error


def test_online_access_has_no_refresh_token(agreeing):
    answer = exchange(agreeing, consented(agreeing, access_type="online")["code"]).json
    assert "refresh_token" not in answer


def test_a_person_may_untick_a_scope(open_stage):
    readonly = "https://www.googleapis.com/auth/youtube.readonly"
    stage = open_stage(auto_consent=True, granted_scopes=readonly)
    given = consented(stage)
    assert given["scope"] == readonly
    assert exchange(stage, given["code"]).json["scope"] == readonly


def test_a_person_is_asked_first(stage):
    page = stage.http("GET", address())
    assert page.code == 200 and "youtube.force-ssl" in page.text and "SANDBOX" in page.text
    form = dict(parse_qsl(urlsplit(address()).query))
    answer = stage.http("POST", "/o/oauth2/auth", urlencode(form).encode(), Content_Type=FORM)
    assert answer.code == 302 and answer.headers["Location"].startswith(BACK)


@pytest.mark.parametrize("changes", [{"redirect_uri": "https://example.org/"}, {"client_id": "nobody"}])
def test_consent_is_for_the_known_client_on_loopback_only(agreeing, changes):
    assert agreeing.http("GET", address(**changes)).code == 400


def test_a_revoked_consent_is_invalid_grant_and_ends_its_access(stage):
    caller = stage.youtube()
    stage.control.revoke_google()
    answer = token(stage, grant_type="refresh_token", refresh_token=caller.consent["refresh_token"])
    assert (answer.code, answer.json["error"]) == (400, "invalid_grant")
    assert caller.ask("GET", "videos", id="x", part="id").code == 401


def test_an_access_token_ends_with_its_time(stage):
    caller = stage.youtube()
    stage.clock.now += 3601
    assert caller.ask("GET", "videos", id="x", part="id").code == 401


def test_time_let_pass_at_the_platform_ends_no_token(stage):
    caller = stage.youtube()
    stage.control.advance(1_000_000)
    assert caller.ask("GET", "videos", id="x", part="id").code == 200
