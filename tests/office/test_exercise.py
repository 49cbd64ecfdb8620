"""An exercise office is bound to this machine, a real one never speaks to it; each stays for ever what it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressqueue.models import Office as OfficeRow
from publisher.configuration import office_file, secret_store
from publisher.configuration.office_file import Misconfigured
from publisher.destinations import net
from publisher.setup import bootstrap
from publisher.workers.token_store import TokenStore
from publisher.workers.worker import build_destination

from support import factories, office_folder
from support.commands import publisher

HERE = "http://127.0.0.1:8765"
PLATFORMS = {
    ("flickr", "api_url"): "https://api.flickr.com/services/rest/",
    ("flickr", "upload_url"): "https://up.flickr.com/services/upload/",
    ("flickr", "oauth_url"): "https://www.flickr.com/services/oauth/",
    ("youtube", "root_url"): "https://youtube.googleapis.com/",
    ("youtube", "token_url"): "https://oauth2.googleapis.com/token",
    ("youtube", "auth_url"): "https://accounts.google.com/o/oauth2/auth",
}
# Hosts that look like this machine and are not.
LOOKALIKES = ["https://127.0.0.1.example.com/", "https://localhost.example.com/", "http://0.0.0.0/", "http://[::]/"]
# This machine and its network, in the spellings that resolvers and browsers take for it.
STAND_INS = [
    "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://localhost./",
    "https://[::1]/", "https://sandbox.localhost/", "https://10.0.0.5/", "https://LOCALHOST:8765/",
]  # fmt: skip
TOKENS = {
    "flickr": {"token": "t", "secret": "s", "nsid": "1@N01", "perms": "delete"},
    "youtube": {"refresh_token": "r"},
}


@pytest.fixture
def founded(folder: Path) -> Callable[..., Path]:
    """An office's folder whose destinations are these; of an exercise unless told otherwise."""

    def make(destinations: dict[str, dict[str, Any]], *, exercise: bool = True) -> Path:
        office_folder.write_office(folder, destinations)
        file = folder / "publisher.toml"
        if not exercise:
            file.write_text(file.read_text(encoding="utf-8").replace("exercise = true", "exercise = false"))
        return folder

    return make


def with_address(kind: str, key: str, address: str) -> dict[str, dict[str, Any]]:
    """The stand-in's destinations, but for one address."""
    made = office_folder.sandbox_destinations(HERE)
    made[kind][key] = address
    return made


def refusal(folder: Path) -> str:
    with pytest.raises(Misconfigured) as refused:
        bootstrap.check_addresses(office_file.load(folder))
    return str(refused.value)


def test_the_stand_in_is_what_an_exercise_speaks_to(founded: Callable[..., Path]) -> None:
    bootstrap.check_addresses(office_file.load(founded(office_folder.sandbox_destinations(HERE))))


def test_the_platforms_are_what_a_real_office_speaks_to(founded: Callable[..., Path]) -> None:
    destinations: dict[str, dict[str, Any]] = {"flickr": {}, "youtube": {}}
    bootstrap.check_addresses(office_file.load(founded(destinations, exercise=False)))
    for (kind, key), address in PLATFORMS.items():
        destinations[kind][key] = address
    bootstrap.check_addresses(office_file.load(founded(destinations, exercise=False)))


@pytest.mark.parametrize(("kind", "key"), PLATFORMS)
def test_an_exercise_refuses_a_real_host_at_every_address(founded: Callable[..., Path], kind: str, key: str) -> None:
    for address in (PLATFORMS[kind, key], *LOOKALIKES):
        said = refusal(founded(with_address(kind, key, address)))
        assert f"[destinations.{kind}] {key}: This is an exercise office and may speak to this machine only" in said


@pytest.mark.parametrize(("kind", "key"), PLATFORMS)
def test_an_exercise_needs_every_address_because_the_default_is_the_platform(
    founded: Callable[..., Path], kind: str, key: str
) -> None:
    destinations = office_folder.sandbox_destinations(HERE)
    del destinations[kind][key]
    assert f"[destinations.{kind}] needs {key} in an exercise office" in refusal(founded(destinations))


def test_another_name_for_a_destination_is_no_way_round(founded: Callable[..., Path]) -> None:
    renamed = {"holiday": {"kind": "flickr", **office_folder.sandbox_destinations(HERE)["flickr"]}}
    renamed["holiday"]["upload_url"] = PLATFORMS["flickr", "upload_url"]
    assert "[destinations.holiday] upload_url: This is an exercise office" in refusal(founded(renamed))


@pytest.mark.parametrize("address", STAND_INS)
@pytest.mark.parametrize("key", ["api_url", "upload_url", "oauth_url"])
def test_a_real_office_refuses_this_machine_in_any_spelling(
    founded: Callable[..., Path], key: str, address: str
) -> None:
    said = refusal(founded({"flickr": {key: address}}, exercise=False))
    assert f"[destinations.flickr] {key}: This is a real office and does not speak to" in said


@pytest.mark.parametrize(("kind", "key"), PLATFORMS)
def test_a_real_office_refuses_plain_http_even_to_the_platform(
    founded: Callable[..., Path], kind: str, key: str
) -> None:
    plain = PLATFORMS[kind, key].replace("https://", "http://")
    assert f"[destinations.{kind}] {key}: " in (said := refusal(founded({kind: {key: plain}}, exercise=False)))
    assert said.endswith("must begin with https:// in a real office.")


@given(
    st.sampled_from(["http", "https"]),
    st.one_of(
        st.from_regex(r"\A[a-z0-9.\-:\[\]]{1,24}\Z"),
        st.ip_addresses().map(lambda each: f"[{each}]" if each.version == 6 else str(each)),
        st.sampled_from(["localhost", "api.flickr.com", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0177.0.0.1"]),
    ),
)
def test_no_address_is_for_both_kinds_of_office(scheme: str, host: str) -> None:
    accepted = []
    for exercise in (True, False):
        try:
            accepted.append((exercise, net.check_address(f"{scheme}://{host}/", exercise)))
        except net.BadSetting:
            continue
    assert len(accepted) <= 1


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "key"), PLATFORMS)
def test_a_destination_refuses_by_itself_what_the_start_would_have_refused(
    founded: Callable[..., Path], kind: str, key: str
) -> None:
    folder = founded(with_address(kind, key, PLATFORMS[kind, key]))
    loaded = secret_store.load(folder)
    TokenStore(loaded.seal_key).save(kind, TOKENS[kind])
    with pytest.raises(net.BadSetting, match="may speak to this machine only"):
        build_destination(office_file.load(folder), loaded, kind)


@pytest.mark.django_db
def test_an_upload_session_is_bound_as_every_other_address(founded: Callable[..., Path]) -> None:
    folder = founded(with_address("youtube", "session_hosts", "127.0.0.1:9, www.googleapis.com"))
    loaded = secret_store.load(folder)
    TokenStore(loaded.seal_key).save("youtube", TOKENS["youtube"])
    with pytest.raises(net.BadSetting, match=r"not to 'www\.googleapis\.com'"):
        build_destination(office_file.load(folder), loaded, "youtube")


@pytest.mark.django_db
@pytest.mark.parametrize("bound", [True, False])
def test_configuration_and_database_must_agree_on_what_the_office_is(founded: Callable[..., Path], bound: bool) -> None:
    factories.office(exercise=bound)
    bootstrap.check_binding(office_file.load(founded({}, exercise=bound)))
    with pytest.raises(Misconfigured, match="which it stays for ever") as refused:
        bootstrap.check_binding(office_file.load(founded({}, exercise=not bound)))
    assert f"Set [office] exercise = {str(bound).lower()}, or make another" in str(refused.value)
    assert OfficeRow.objects.get().exercise is bound


@pytest.mark.django_db
def test_a_database_without_an_office_is_not_opened(founded: Callable[..., Path]) -> None:
    with pytest.raises(Misconfigured, match="The database holds no office"):
        bootstrap.check_binding(office_file.load(founded({})))


# Through the door: a process of its own, before a database exists.
DOOR = [
    (True, {"youtube": {}}, "[destinations.youtube] needs root_url in an exercise office"),
    (True, with_address("flickr", "upload_url", "https://up.flickr.com/"), "may speak to this machine only"),
    (False, {"flickr": {"api_url": "https://127.0.0.1:8765/"}}, "is for exercise offices (`publisher init"),
    (False, {"youtube": {"root_url": "http://youtube.googleapis.com/"}}, "must begin with https:// in a real office"),
]


@pytest.mark.parametrize(("exercise", "destinations", "words"), DOOR)
def test_every_command_refuses_in_one_sentence_and_writes_nothing(
    founded: Callable[..., Path], exercise: bool, destinations: dict[str, dict[str, Any]], words: str
) -> None:
    folder = founded(destinations, exercise=exercise)
    before = sorted(folder.iterdir())
    said = publisher("--office", str(folder), "tick")
    assert said.code == 1
    assert words in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""
    assert sorted(folder.iterdir()) == before
