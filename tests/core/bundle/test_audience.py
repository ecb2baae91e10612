"""Who may see a bundle: rules against claims."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sqid_core.bundle.audience import LONGEST_RULE, SIGNED_IN, fulfils, may_see, rule_fault
from sqid_core.bundle.manifest import MANIFEST, Manifest, read_manifest
from sqid_core.errors import BundleError

ANNA = {"sub": "7", "email": "Anna@Example.org", "groups": ["team", "house"], "name": "team"}


def test_without_rules_everybody_and_with_some_nobody_who_is_not_signed_in() -> None:
    assert may_see((), None)
    assert not may_see([SIGNED_IN], None)
    assert may_see([SIGNED_IN], {})


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ("sub=7", True),
        ("email=anna@example.org", True),
        ("groups=team", True),
        ("groups=tea", False),
        ("groups=['team', 'house']", False),
        ("sub=", False),
        ("=7", False),
        ("name=team", False),
        ("nobody=None", False),
    ],
)
def test_a_rule_is_held_against_one_claim(rule: str, holds: bool) -> None:
    assert fulfils(ANNA, rule) == holds


@pytest.mark.parametrize(("verified", "holds"), [(True, True), (False, False), ("false", False), (None, False)])
def test_an_address_that_was_never_shown_to_be_theirs_says_nothing(verified: object, holds: bool) -> None:
    assert fulfils({"email": "a@b.c", "email_verified": verified}, "email=a@b.c") == holds


@pytest.mark.parametrize(("said", "rule"), [("a@strasse.example", "a@straße.example"), ("\u212aim@b.c", "kim@b.c")])
def test_an_address_that_only_looks_alike_is_another_one(said: str, rule: str) -> None:
    assert not fulfils({"email": said}, f"email={rule}")


def test_organisations_as_hugging_face_tells_them() -> None:
    claims = {"orgs": [{"preferred_username": "our-shop", "name": "anything"}]}
    assert fulfils(claims, "orgs=our-shop")
    assert not fulfils(claims, "orgs=anything")


VALUES = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5),
    lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=5), v),
)


@settings(max_examples=30)
@given(st.dictionaries(st.text(max_size=8), VALUES, max_size=4), st.text(max_size=20))
def test_any_claims_and_any_rule_have_an_answer(claims: dict, rule: str) -> None:
    held = fulfils(claims, rule)
    assert not (held and rule_fault(rule))


@pytest.mark.parametrize(
    "rule", ["", "team", "name=Anna", "locale=de", "a\n=b", "a = b", "groups=" + "x" * LONGEST_RULE]
)
def test_what_is_no_rule_is_said(rule: str) -> None:
    assert rule_fault(rule)


def test_the_manifest_keeps_the_rules_and_its_fingerprint(tiny_bundle: Path) -> None:
    manifest = read_manifest(tiny_bundle)
    private = dataclasses.replace(manifest, visible_to=("groups=team",))
    assert private.fingerprint == manifest.fingerprint
    assert Manifest.from_json(private.to_json()) == private
    assert "visible_to" not in manifest.to_json()


@pytest.mark.parametrize("rules", [["nonsense"], "groups=team", [1], {"groups": "team"}, ["a=b"] * 1001])
def test_a_bundle_with_other_rules_is_not_opened(tiny_bundle: Path, tmp_path: Path, rules: object) -> None:
    data = json.loads((tiny_bundle / MANIFEST).read_text(encoding="utf-8"))
    (tmp_path / MANIFEST).write_text(json.dumps(data | {"visible_to": rules}), encoding="utf-8")
    with pytest.raises(BundleError, match=r"visible_to|who may see it"):
        read_manifest(tmp_path)
