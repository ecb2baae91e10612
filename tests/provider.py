"""A real OpenID provider, and the app with its login, for tests of signing in."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from oidc_provider_mock import User, run_server_in_thread
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

COOKIE_SECRET = "the secret of this test's cookies, long enough"
CLIENT = "sqid-explorer"


@contextmanager
def provider(**people: Mapping[str, Any]) -> Iterator[str]:
    """The provider's address, with people by their subject: their claims."""
    known = [User(sub=sub, claims=dict(claims)) for sub, claims in people.items()]
    with run_server_in_thread(user_claims=known) as server:
        yield f"http://localhost:{server.server_port}"


def change(address: str, subject: str, **claims: Any) -> None:
    """The provider says something else of somebody from now on."""
    requests.put(f"{address}/users/{subject}", json=claims, timeout=10).raise_for_status()


def auth_section(provider_address: str, app_address: str) -> dict[str, str]:
    """Streamlit's `[auth]`. app_address: as the browser has it, without a slash at its end."""
    return {
        "redirect_uri": f"{app_address}/oauth2callback",
        "cookie_secret": COOKIE_SECRET,
        "client_id": CLIENT,
        "client_secret": "known to both",
        "server_metadata_url": f"{provider_address}/.well-known/openid-configuration",
    }


def secrets_file(path: Path, section: Mapping[str, str]) -> Path:
    """The section as Streamlit's secrets.toml."""
    path.write_text("[auth]\n" + "".join(f'{name} = "{value}"\n' for name, value in section.items()), encoding="utf-8")
    return path


def claims(subject: str, **more: Any) -> dict[str, Any]:
    """What Streamlit keeps of somebody who signed in a moment ago."""
    token = {"iss": "https://login.example", "sub": subject, "aud": [CLIENT], "iat": time.time()}
    added = {"is_logged_in": True, "provider": "default", "origin": "http://testserver", "name": subject.title()}
    return token | added | more


def signed(user: Mapping[str, Any], secret: str = COOKIE_SECRET) -> dict[str, str]:
    """The cookie that Streamlit makes of it."""
    value = create_signed_value(secret, USER_COOKIE_NAME, json.dumps(user))
    return {USER_COOKIE_NAME: value.decode("latin-1")}


@contextmanager
def with_login(**more: Any) -> Iterator[None]:
    """This process has the login that `claims` are of."""
    section = auth_section("https://login.example", "http://testserver") | more
    secrets_singleton.merge_programmatic_secrets({"auth": section})
    try:
        yield
    finally:
        secrets_singleton.merge_programmatic_secrets({"auth": {}})
