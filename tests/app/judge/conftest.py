"""A store beside the tiny bundle, and three who judge: anna has a name alone, bo is a judge, lea a lead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from judging_app import SECRETS, Send, client

from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.judging.store import Judge, Role, Store
from sqid_core.store.opening import open_store

ROLE_OF: dict[str, Role] = {"anna": "viewer", "bo": "judge", "lea": "lead"}


@pytest.fixture
def dataset(data_root: Path) -> Dataset:
    return load_bundle(data_root / "tiny")


@pytest.fixture
def store(dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    st.cache_resource.clear()
    monkeypatch.setenv("SQID_STATE", str(tmp_path / "state"))
    return open_store(tmp_path / "state")


@pytest.fixture
def judges(store: Store) -> dict[str, Judge]:
    return {name: store.enrol(SECRETS[name], name, role) for name, role in ROLE_OF.items()}


@pytest.fixture
def send(dataset: Dataset, judges: dict[str, Judge]) -> Send:
    def sent(name: str, *acts: dict[str, Any], **more: Any) -> Any:
        letter = {"bundle": "tiny", "fingerprint": dataset.fingerprint, "judge": judges[name].id, "acts": list(acts)}
        return client(name).post("/judging/acts", json={**letter, **more})

    return sent
