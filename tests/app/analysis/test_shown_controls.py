"""Controls stand where they do something."""

from __future__ import annotations

from pathlib import Path

from analysing import opened
from searching import link_of, rerun, widget


def test_a_view_shows_what_it_reads_and_no_more(data_root: Path) -> None:
    def there(view: str) -> tuple[bool, bool]:
        at = opened("evaluate", view=view)
        return any(each.label == "Image weight" for each in at.slider), any(s.label == "Fusion" for s in at.selectbox)

    shown = {view: there(view) for view in ("methods", "weight", "per-query", "labels", "missing")}
    assert shown.pop("per-query") == (False, True)
    assert set(shown.values()) == {(True, True)}


def test_a_weight_that_a_view_hides_is_not_lost(data_root: Path) -> None:
    at = opened("evaluate", view="per-query", w="0.80")
    widget(at, "view").set_value("weight")
    rerun(at)
    assert widget(at, "w").value == 0.8


def test_a_heat_map_is_of_two_groupings(data_root: Path) -> None:
    at = opened("breakdown", **{"group-by": "query length"})
    assert "query length" not in widget(at, "and-by").options
    widget(at, "and-by").set_value("brand in the query")
    rerun(at)
    widget(at, "group-by").set_value("brand in the query")
    rerun(at)
    assert widget(at, "and-by").value == "none"
    assert "and-by" not in link_of(at)
