"""A run may be cut short where it writes its link: the next one knows the address as its own."""

from __future__ import annotations

from typing import Any

import pytest
from searching import give, link_of, opened, rerun, setting
from streamlit.runtime.scriptrunner_utils.exceptions import StopException
from streamlit.runtime.state.query_params_proxy import QueryParamsProxy

pytestmark = pytest.mark.usefixtures("word_encoder", "data_root")


def test_a_link_that_was_written_last_thing_is_no_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    at = opened(query="01")
    write = QueryParamsProxy.from_dict

    def write_and_end(proxy: QueryParamsProxy, link: Any) -> None:
        write(proxy, link)
        raise StopException

    give(at, "query_id", "02")
    with monkeypatch.context() as patch:
        patch.setattr(QueryParamsProxy, "from_dict", write_and_end)
        rerun(at)
    assert link_of(at) == {"query": "02"}
    give(at, "query_id", "03")
    rerun(at)
    assert setting(at, "query_id") == "03"
    assert link_of(at) == {"query": "03"}
