"""Who may see a bundle: rules that the manifest names, held against what a login says of somebody.

A rule is `signed-in`, or CLAIM=VALUE as OpenID Connect names claims: `email=ann@example.org`, `groups=search-team`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

SIGNED_IN = "signed-in"
MOST_RULES, LONGEST_RULE = 1_000, 300
# What people choose themselves, and so says nothing of who they are.
_CHOSEN = frozenset(
    "name given_name family_name middle_name nickname picture profile website gender birthdate zoneinfo locale "
    "address phone_number".split()
)
# The unique name of a group that is more than a name, as Hugging Face tells a person's organisations.
_GROUP_NAME = "preferred_username"


def may_see(rules: Sequence[str], claims: Mapping[str, Any] | None) -> bool:
    """Whether somebody may see what has these rules; without any, everybody may.

    claims: what the login says of who signed in; None for anybody else.

    >>> may_see((), None), may_see(["signed-in"], None), may_see(["groups=team"], {"groups": ["team", "house"]})
    (True, False, True)
    """
    return not rules or (claims is not None and any(fulfils(claims, rule) for rule in rules))


def fulfils(claims: Mapping[str, Any], rule: str) -> bool:
    """Whether what is said of somebody fulfils a rule; False for what is no rule."""
    if rule == SIGNED_IN:
        return True
    name, _, wanted = rule.partition("=")
    if rule_fault(rule):
        return False
    if name == "email":
        # A provider that says of an address that it was never shown to be theirs says nothing by it.
        verified = claims.get("email_verified", True) in (True, "true")
        return verified and any(_address(found) == _address(wanted) for found in _values(claims.get(name)))
    return any(found == wanted for found in _values(claims.get(name)))


def rule_fault(rule: str) -> str:
    """What is wrong with a rule, "" where it is one."""
    name, equals, wanted = rule.partition("=")
    if rule == SIGNED_IN:
        return ""
    bare = (name, wanted) == (name.strip(), wanted.strip())
    if not (name and equals and wanted and bare) or not rule.isprintable() or len(rule) > LONGEST_RULE:
        form = f"{SIGNED_IN} or CLAIM=VALUE, no space around either, of at most {LONGEST_RULE} letters"
        return f"a rule is {form}, got {rule[:60]!r}"
    if name in _CHOSEN:
        return f"{name} is what people say of themselves; name them by email, groups or sub, got {rule[:60]!r}"
    return ""


def _address(email: str) -> str:
    """As it is compared: A and a are one, and no other letters, since straße.example and strasse.example are two."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in email)


def _values(claim: object) -> Iterator[str]:
    """The texts of a claim: one, or those of a list."""
    for each in claim if isinstance(claim, list | tuple) else (claim,):
        found = each.get(_GROUP_NAME) if isinstance(each, Mapping) else each
        if isinstance(found, str):
            yield found
