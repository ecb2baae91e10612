"""Who somebody is by what a provider says, and which role that gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from provider import CLIENT, claims
from starlette.applications import Starlette
from starlette.testclient import TestClient

from sqid_ui.login.configured import LoginSettings, login_faults, settings_of, space_secrets
from sqid_ui.login.person import person_of
from sqid_ui.shell.serving import with_modules_ready

SETTINGS = LoginSettings({"default": CLIENT})
NOW = 1_795_965_399.0


def anna(**more: object) -> dict:
    """What is kept of Anna, who signed in at that moment."""
    return claims("anna", **{"iat": NOW, **more})


def test_somebody_is_known_by_issuer_and_subject_and_called_by_name() -> None:
    person = person_of(anna(), SETTINGS, NOW)
    assert person is not None
    assert (person.key, person.name, person.role) == ("https://login.example\nanna", "Anna", None)


@pytest.mark.parametrize(
    "other",
    [
        {"is_logged_in": False},
        {"is_logged_in": "yes"},
        {"aud": "another-client"},
        {"aud": ["another-client"]},
        {"aud": None},
        {"provider": "elsewhere"},
        {"ago": 13 * 3600},
        {"ago": -3600},
        {"iat": float("nan")},
        {"iat": 10**400},
        {"iat": "1795965399"},
        {"iat": True},
        {"sub": ""},
        {"sub": 7},
        {"iss": None},
    ],
    ids=str,
)
def test_what_was_not_said_to_us_lately_is_nobody(other: dict) -> None:
    user = anna(iat=NOW - other.get("ago", 0)) | other
    assert person_of(user, SETTINGS, NOW) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=4),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=4), each, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(list(anna())), JSON))
def test_any_claims_are_somebody_or_nobody(changed: dict) -> None:
    person = person_of(anna() | changed, SETTINGS, NOW)
    assert person is None or (person.name and person.name.isprintable() and len(person.name) <= 100)


@pytest.mark.parametrize(
    ("groups", "role"), [([], "viewer"), (["judges"], "judge"), (["judges", "leads"], "lead"), (["lead"], "viewer")]
)
def test_claims_give_the_greatest_role(groups: list[str], role: str) -> None:
    said = settings_of({"client_id": CLIENT}, {"SQID_ROLES": "groups=judges:judge, groups=leads:lead"})
    person = person_of(anna(groups=groups), said, NOW)
    assert person is not None
    assert person.role == role


@pytest.mark.parametrize("roles", ["nonsense", "groups=leads", "groups=leads:king", "name=Anna:lead", ":lead"])
def test_a_role_that_cannot_be_read_is_given_to_nobody(roles: str) -> None:
    said = settings_of({"client_id": CLIENT}, {"SQID_ROLES": roles})
    person = person_of(anna(groups=["leads"]), said, NOW)
    assert person is not None
    assert person.role == "viewer"
    (fault,) = login_faults({"SQID_ROLES": f"groups=judges:judge, {roles}"})
    assert fault.startswith(f"SQID_ROLES gives nobody a role by {roles.lstrip(':')!r}: ")


@pytest.mark.parametrize(("said", "required"), [("", False), ("optional", False), ("required", True), ("typo", True)])
def test_a_login_that_is_asked_for_in_other_words_is_required(said: str, required: bool) -> None:
    assert settings_of({"client_id": CLIENT}, {"SQID_LOGIN": said}).required is required


@pytest.mark.parametrize("said", ["", "soon", "-1", "inf", "nan"])
def test_hours_that_are_none_are_twelve(said: str) -> None:
    assert settings_of({}, {"SQID_LOGIN_HOURS": said}).hours == 12
    assert len(login_faults({"SQID_LOGIN_HOURS": said})) == bool(said)


def test_what_can_be_read_is_no_fault() -> None:
    assert not login_faults({"SQID_ROLES": "groups=leads:lead, email=ann@example.org:judge,", "SQID_LOGIN_HOURS": "8"})


SPACE = {
    "OAUTH_CLIENT_ID": "id",
    "OAUTH_CLIENT_SECRET": "secret",
    "OPENID_PROVIDER_URL": "https://huggingface.co",
    "SPACE_HOST": "owner-name.hf.space",
}


def test_a_space_tells_its_login_by_variables() -> None:
    found = space_secrets(SPACE | {"OAUTH_SCOPES": "openid profile email"})
    assert found is not None
    auth = found["auth"]
    assert auth["redirect_uri"] == "https://owner-name.hf.space/oauth2callback"
    assert auth["server_metadata_url"] == "https://huggingface.co/.well-known/openid-configuration"
    assert auth["client_kwargs"] == {"scope": "openid profile email"}
    assert auth["cookie_secret"] == space_secrets(SPACE)["auth"]["cookie_secret"] != "secret"
    assert settings_of(auth, {}).clients == {"default": "id"}


@pytest.mark.parametrize("lacking", SPACE)
def test_without_one_of_them_there_is_none(lacking: str) -> None:
    assert space_secrets({name: value for name, value in SPACE.items() if name != lacking}) is None


def test_several_providers() -> None:
    found = settings_of({"google": {"client_id": "g"}, "other": {"client_id": "o"}, "expose_tokens": ["id"]}, {})
    assert found.clients == {"google": "g", "other": "o"}


def test_the_server_says_at_its_start_what_it_could_not_read(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SQID_ROLES", "groups=leads:king")
    with TestClient(Starlette(lifespan=with_modules_ready)):
        pass
    assert "a role is one of viewer, judge, lead" in caplog.text
