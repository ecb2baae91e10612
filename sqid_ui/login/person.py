"""Who signed in: what a provider says of somebody, once it is clear that it was said to this server, and lately."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqid_core.judging.store import LONGEST_NAME, Role
from sqid_ui.login.configured import LoginSettings

# What a clock of another machine may be ahead.
_AHEAD_S = 300.0


@dataclass(frozen=True)
class Person:
    """Somebody who signed in. key: by which the store knows them. role: by their claims, None where the list of people
    says it. login: this sign-in and no other one of theirs."""

    key: str
    name: str
    claims: Mapping[str, Any]
    role: Role | None
    login: tuple[str, float]


def person_of(user: Mapping[str, Any], settings: LoginSettings, now: float) -> Person | None:
    """The person of what Streamlit keeps in its signed cookie: the claims of an identity token, and `provider`.

    None where nobody is signed in, the token was for another client or of no known provider, or it is too old. now: in
    seconds since 1970.
    """
    client = settings.clients.get(str(user.get("provider")))
    subject, issuer, issued = user.get("sub"), user.get("iss"), user.get("iat")
    if user.get("is_logged_in") is not True or client is None or client not in _texts(user.get("aud")):
        return None
    if not (isinstance(subject, str) and subject and isinstance(issuer, str) and issuer):
        return None
    # Before it is reckoned with: JSON has numbers that no float is.
    if not isinstance(issued, int | float) or not 0 < issued <= now + _AHEAD_S:
        return None
    if now >= issued + settings.hours * 3600:
        return None
    key = f"{issuer}\n{subject}"
    return Person(key, _name(user, subject), user, settings.role_of(user), (key, float(issued)))


def _texts(claim: object) -> tuple[object, ...]:
    return tuple(claim) if isinstance(claim, list | tuple) else (claim,)


def _name(user: Mapping[str, Any], subject: str) -> str:
    """What they are called, as it may stand beside labels."""
    said = (user.get(claim) for claim in ("name", "preferred_username", "email"))
    name = next((each.strip() for each in said if isinstance(each, str) and each.strip()), subject)
    return "".join(letter for letter in name if letter.isprintable())[:LONGEST_NAME] or "somebody"
