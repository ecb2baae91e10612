"""The page of who is signed in, where nobody can be."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from provider import with_login
from streamlit.testing.v1 import AppTest


def account() -> AppTest:
    def script() -> None:
        from sqid_ui.login import page

        page.run()

    return AppTest.from_function(script, default_timeout=60).run()


def test_without_the_extra_the_page_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = importlib.import_module

    def without_authlib(name: str, *more: Any) -> Any:
        if name == "authlib":
            raise ModuleNotFoundError(name="authlib")
        return usual(name, *more)

    with with_login():
        assert [button.label for button in account().button] == ["Sign in"]
        monkeypatch.setattr("sqid_core.extras.importlib.import_module", without_authlib)
        page = account()
    assert not page.exception
    assert "needs the extra hosting" in page.error[0].value
    assert not page.button
