"""Whether there is a login, and what it asks of people: Streamlit's `[auth]`, a Space's variables, this app's own.

SQID_LOGIN=required     nothing is shown to those who are not signed in (default: what is for everybody)
SQID_LOGIN_HOURS=12     how long a sign-in is good for
SQID_ROLES              roles by claims instead of the list of people: `groups=leads:lead, email=ann@example.org:judge`
"""

from __future__ import annotations

import hashlib
import hmac
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from streamlit.auth_util import get_secrets_auth_section

from sqid_core.bundle.audience import fulfils, rule_fault
from sqid_core.judging.store import ROLES, Role

_USUAL_HOURS = 12.0
_METADATA = "/.well-known/openid-configuration"


@dataclass(frozen=True)
class LoginSettings:
    """clients: the app's id at each provider. roles: (rule, role) by which claims give roles, None where the list of
    people does; what is no rule gives none."""

    clients: Mapping[str, str]
    required: bool = False
    hours: float = _USUAL_HOURS
    roles: tuple[tuple[str, Role], ...] | None = None

    def role_of(self, claims: Mapping[str, Any]) -> Role | None:
        """The greatest role that the claims give; None where the list of people says it."""
        if self.roles is None:
            return None
        given = {role for rule, role in self.roles if fulfils(claims, rule)}
        return next((role for role in reversed(ROLES) if role in given), "viewer")


def login_settings() -> LoginSettings | None:
    """Of this server; None where it has no login. Where one is required and none can be read, one without a provider:
    nobody is let in because a file of secrets is missing."""
    auth = get_secrets_auth_section()
    settings = settings_of(auth, os.environ)
    return settings if auth or settings.required else None


def roles_by_claims() -> bool:
    """Whether the login says who is what, and not the list of people."""
    settings = login_settings()
    return settings is not None and settings.roles is not None


def settings_of(auth: Mapping[str, Any], environment: Mapping[str, str]) -> LoginSettings:
    """What a section `[auth]` and variables say. Whatever cannot be read is taken at its strictest."""
    sections = {name: each for name, each in auth.items() if isinstance(each, Mapping) and each.get("client_id")}
    clients = {name: str(each["client_id"]) for name, each in sections.items()}
    if auth.get("client_id"):
        clients["default"] = str(auth["client_id"])
    required = environment.get("SQID_LOGIN", "").strip().lower() not in ("", "optional")
    roles = environment.get("SQID_ROLES", "").strip()
    return LoginSettings(clients, required, _hours(environment.get("SQID_LOGIN_HOURS", "")), _roles(roles))


def login_faults(environment: Mapping[str, str]) -> list[str]:
    """What of the variables cannot be read and does not count, a sentence each: for the server's log."""
    said = environment.get("SQID_LOGIN_HOURS", "").strip()
    hours = [f"SQID_LOGIN_HOURS is {said!r}, not a number above 0; a sign-in is good for {_USUAL_HOURS:g} hours"]
    return (hours if said and not _is_hours(said) else []) + [
        f"SQID_ROLES gives nobody a role by {f'{rule}:{role}'.lstrip(':')[:60]!r}: {fault}; write CLAIM=VALUE:ROLE"
        for rule, role in _rules(environment.get("SQID_ROLES", ""))
        if (fault := rule_fault(rule) or ("" if role in ROLES else f"a role is one of {', '.join(ROLES)}"))
    ]


def _hours(said: str) -> float:
    return float(said) if _is_hours(said) else _USUAL_HOURS


def _is_hours(said: str) -> bool:
    try:
        return math.isfinite(float(said)) and float(said) > 0
    except ValueError:
        return False


def _roles(said: str) -> tuple[tuple[str, Role], ...] | None:
    if not said:
        return None
    return tuple(
        (rule, known) for rule, role in _rules(said) for known in ROLES if role == known and not rule_fault(rule)
    )


def _rules(said: str) -> list[tuple[str, str]]:
    """Each rule and its role, as they are written."""
    parts = [each.rpartition(":") for each in said.split(",") if each.strip()]
    return [(rule.strip(), role.strip()) for rule, _, role in parts]


def space_secrets(environment: Mapping[str, str]) -> dict[str, Any] | None:
    """Streamlit's `[auth]` on a Hugging Face Space with `hf_oauth: true`, which tells its login by variables; None
    elsewhere. The cookies' secret follows from the client's: who is signed in stays so when the app starts again."""
    names = ("OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "OPENID_PROVIDER_URL", "SPACE_HOST")
    client_id, client_secret, provider, host = (environment.get(name, "").strip() for name in names)
    if not (client_id and client_secret and provider and host):
        return None
    cookie_secret = hmac.new(client_secret.encode(), b"SQID Explorer's cookies", hashlib.sha256).hexdigest()
    return {
        "auth": {
            "redirect_uri": f"https://{host}/oauth2callback",
            "cookie_secret": cookie_secret,
            "client_id": client_id,
            "client_secret": client_secret,
            "server_metadata_url": provider.rstrip("/") + _METADATA,
            "client_kwargs": {"scope": environment.get("OAUTH_SCOPES", "").strip() or "openid profile"},
        }
    }
