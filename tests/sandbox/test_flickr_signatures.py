"""Who may call Flickr: signatures, tokens, permissions, and the three steps to a token."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from oauthlib.oauth1 import Client

FORM = "application/x-www-form-urlencoded"


def test_a_wrong_secret_is_a_401_line_of_text(stage):
    caller = replace(stage.flickr(), secret="wrong")
    answer = caller.call("test.login")
    assert answer.code == 401
    assert answer.headers["Content-Type"] == "text/plain;charset=UTF-8"
    assert answer.text.startswith("oauth_problem=signature_invalid&debug_sbs=POST&http%3A%2F%2F127.0.0.1")


@pytest.mark.parametrize("text", ['+ % & = ~ "', "é ✓", "a\r\nb\tc", "<b>", ""])
def test_signatures_hold_for_every_character(stage, text):
    caller = stage.flickr()
    photo = caller.photo(description=text)
    assert caller.call("photos.setMeta", photo_id=photo, title=text or "x", description=text).code == 200
    assert stage.thing(photo)["description"] == text


def test_an_upload_is_signed_without_its_photo(stage):
    caller = stage.flickr()
    body, headers = caller.form(b"\xff\xd8\xff\xe0 other", "a.jpg", {"title": "signed"})
    assert stage.http("POST", "/services/upload/", body.replace(b"other", b"bytes"), **headers).xml.findtext("photoid")
    body, headers = caller.form(b"\xff\xd8\xff\xe0 other", "a.jpg", {"title": "signed"})
    assert stage.http("POST", "/services/upload/", body.replace(b"signed", b"forged"), **headers).code == 401


def test_a_request_cannot_be_replayed(stage):
    caller = stage.flickr()
    body = urlencode({"method": "flickr.test.login"})
    headers = caller.signed("/services/rest/", body)
    answers = [stage.http("POST", "/services/rest/", body.encode(), Content_Type=FORM, **headers) for _ in range(2)]
    assert answers[0].xml.attrib["stat"] == "ok"
    assert (answers[1].code, answers[1].text) == (401, "oauth_problem=nonce_used")


def test_missing_parameters_are_named(stage):
    answer = stage.http(
        "POST", "/services/rest/", b"", Content_Type=FORM, Authorization='OAuth oauth_consumer_key="sandbox-flickr-key"'
    )
    assert answer.code == 401
    assert answer.text.startswith("oauth_problem=parameter_absent&oauth_parameters_absent=oauth_nonce")


def test_a_token_nobody_gave_out_is_rejected(stage):
    caller = replace(stage.flickr(), token={"token": "72157-none", "secret": "x"})
    answer = caller.call("test.login")
    assert (answer.code, answer.text) == (401, "oauth_problem=token_rejected")


def test_a_revoked_token_is_error_98(stage):
    caller = stage.flickr()
    stage.control.revoke_flickr()
    assert caller.call("test.login").failure == (98, "Invalid auth token")


def test_an_unknown_key_is_error_100(stage):
    caller = replace(stage.flickr(), key="nobody")
    assert caller.upload().failure == (100, "Invalid API Key (Key has invalid format)")


@pytest.mark.parametrize(
    ("perms", "method", "needed"),
    [
        ("read", "photos.setMeta", "write"),
        ("write", "photos.delete", "delete"),
        ("read", "photosets.create", "write"),
    ],
)
def test_each_method_needs_its_permission(stage, perms, method, needed):
    answer = stage.flickr(perms).call(method, photo_id="1")
    assert answer.failure == (
        99,
        f"Insufficient permissions. Method requires {needed} privileges; {perms} granted.",
    )


def test_a_read_token_cannot_upload(stage):
    assert stage.flickr("read").upload().failure[0] == 99
    assert stage.control.things() == []


def test_an_unsigned_call_cannot_sign_in(stage):
    answer = stage.http("POST", "/services/rest/", b"method=flickr.test.login", Content_Type=FORM)
    assert answer.failure[0] == 99


def test_a_key_over_its_hour_has_expired(open_stage):
    stage = open_stage(flickr_hourly=2)
    caller = stage.flickr()
    codes = [caller.call("test.login").xml.attrib["stat"] for _ in range(3)]
    assert codes == ["ok", "ok", "fail"]
    assert caller.call("test.login").failure == (100, "Invalid API Key (Key has expired)")
    stage.control.advance(3600)
    assert caller.call("test.login").xml.attrib["stat"] == "ok"


def steps(stage, callback, perms, *, consent):
    """Walk through request token, consent and access token; answers the access token's fields."""
    client = Client("sandbox-flickr-key", "sandbox-flickr-secret", callback_uri=callback)
    path = "/services/oauth/request_token"
    _, headers, _ = client.sign(stage.base + path, "POST")
    asked = dict(parse_qsl(stage.http("POST", path, **headers).text))
    assert asked["oauth_callback_confirmed"] == "true"
    verifier = consent(f"/services/oauth/authorize?oauth_token={asked['oauth_token']}&perms={perms}", asked)
    client = Client(
        "sandbox-flickr-key",
        "sandbox-flickr-secret",
        asked["oauth_token"],
        asked["oauth_token_secret"],
        verifier=verifier,
    )
    path = "/services/oauth/access_token"
    _, headers, _ = client.sign(stage.base + path, "POST")
    return stage.http("POST", path, **headers)


def test_consent_by_a_loopback_callback(open_stage):
    stage = open_stage(auto_consent=True)

    def consent(address, asked):
        answer = stage.http("GET", address)
        assert answer.code == 302
        back = parse_qs(urlsplit(answer.headers["Location"]).query)
        assert back["oauth_token"] == [asked["oauth_token"]]
        return back["oauth_verifier"][0]

    answer = steps(stage, "http://127.0.0.1:9/back", "delete", consent=consent)
    token = dict(parse_qsl(answer.text))
    assert list(token) == ["fullname", "oauth_token", "oauth_token_secret", "user_nsid", "username"]
    assert "user_nsid=24573443%40N04" in answer.text
    caller = replace(stage.flickr(), token={"token": token["oauth_token"], "secret": token["oauth_token_secret"]})
    oauth = caller.call("auth.oauth.checkToken").xml.find("oauth")
    assert oauth.findtext("perms") == "delete"
    assert oauth.find("user").attrib["nsid"] == "24573443@N04"


def test_consent_by_a_code_typed_over(stage):
    def consent(address, asked):
        page = stage.http("GET", address)
        assert "delete permission" in page.text and "SANDBOX" in page.text
        form = urlencode({"oauth_token": asked["oauth_token"], "perms": "delete"}).encode()
        shown = stage.http("POST", "/services/oauth/authorize", form, Content_Type=FORM).text
        code = shown.split("<code>")[1].split("</code>")[0]
        assert [len(part) for part in code.split("-")] == [3, 3, 3]
        return code

    assert "oauth_token_secret=" in steps(stage, "oob", "delete", consent=consent).text


def test_without_consent_there_is_no_token(stage):
    answer = steps(stage, "oob", "delete", consent=lambda address, asked: "123-456-789")
    assert (answer.code, answer.text) == (401, "oauth_problem=verifier_invalid")


def test_consent_never_leaves_loopback(open_stage):
    stage = open_stage(auto_consent=True)

    def consent(address, asked):
        assert stage.http("GET", address).code == 403
        return "x"

    steps(stage, "https://example.org/back", "read", consent=consent)
