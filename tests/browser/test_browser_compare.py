"""The Compare page in a real browser: walking with J and K, the link, and swaps that add up where they are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsing import link_of, settled, visitor

from sqid_core.bundle.load import Dataset, load_bundle
from sqid_core.evaluation.comparisons import RunComparison, run_comparison
from sqid_core.evaluation.reports import evaluate
from sqid_core.evaluation.run_of import run_of
from sqid_core.evaluation.run_specs import default_pair

pytestmark = pytest.mark.browser
SHOWN = ".queue .pick[aria-current='true']"
EXACT = "nodes => nodes.map(node => Number(node.dataset.exact))"


@pytest.fixture(scope="module")
def dataset(tiny_bundle: Path) -> Dataset:
    return load_bundle(tiny_bundle)


@pytest.fixture(scope="module")
def comparison(dataset: Dataset) -> RunComparison:
    """Of the default pair."""
    pair = default_pair(dataset)
    assert pair is not None
    values = (evaluate(dataset, run_of(dataset, spec)).per_query["ndcg"].to_numpy() for spec in pair)
    return run_comparison(*values, dataset.judgements.lengths > 0)


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Callable[..., Any]]:
    with visitor(browser, f"{address}compare") as go:
        yield lambda link="", **options: go(link, wait_for=".swaps .sum", **options)


def until_shown(page: Any, dataset: Dataset, row: int) -> None:
    page.wait_for_selector(f"{SHOWN}[data-query='{dataset.judgements.query_ids[row]}']")
    page.get_by_role("heading", name=f"“{dataset.queries['query'].iloc[row]}”").wait_for()


def shown_swaps(page: Any) -> list[str]:
    return list(page.locator(".swaps .row .product").all_inner_texts())


def test_j_and_k_walk_the_queue_and_the_link_follows(
    visit: Callable[..., Any], dataset: Dataset, comparison: RunComparison
) -> None:
    page = visit()
    losses = comparison.losses
    until_shown(page, dataset, losses[0])
    for place, row in enumerate(losses[1:3], 2):
        page.keyboard.press("j")
        until_shown(page, dataset, row)
        page.get_by_text(f"{place} of {len(losses)}", exact=True).wait_for()
    page.wait_for_url(f"**query={dataset.judgements.query_ids[losses[2]]}*")
    other = visit("?" + page.url.partition("?")[2])
    until_shown(other, dataset, losses[2])
    assert shown_swaps(other) == shown_swaps(page)
    page.keyboard.press("k")
    until_shown(page, dataset, losses[1])
    # A letter in a name is a letter.
    page.get_by_label("Name of run B").fill("")
    page.get_by_label("Name of run B").press_sequentially("jk")
    page.keyboard.press("Enter")
    page.wait_for_url("**jk*")
    until_shown(page, dataset, losses[1])
    page.locator(".queue .pick").first.click()
    until_shown(page, dataset, losses[0])
    assert link_of(page) == {"b": "fused~~jk", "query": str(dataset.judgements.query_ids[losses[0]])}
    # A slider has no use for letters.
    page.get_by_role("slider").focus()
    page.keyboard.press("j")
    until_shown(page, dataset, losses[1])


def test_exchanged_runs_stay_exchanged(visit: Callable[..., Any]) -> None:
    page = visit("?a=fused~w0.2&b=fused")
    page.get_by_role("button", name="Settings B").click()
    page.get_by_role("combobox", name="Method").click()
    page.get_by_role("option", name="Weighted ranks").click()
    page.wait_for_url("**b=fused~weighted-ranks*")
    page.keyboard.press("Escape")
    page.get_by_test_id("stPopoverBody").wait_for(state="detached")
    page.get_by_role("button", name="Swap A and B").click()
    page.wait_for_url("**a=fused~weighted-ranks*")
    settled(page)
    page.get_by_role("slider", name="Image weight of B").press("ArrowRight")
    page.wait_for_url("**b=fused*w0.21*")
    assert link_of(page) == {"a": "fused~weighted-ranks", "b": "fused~w0.21"}


def test_the_swaps_shown_add_up_to_the_difference(
    visit: Callable[..., Any], dataset: Dataset, comparison: RunComparison
) -> None:
    row = comparison.losses[0]
    page = visit(f"?query={dataset.judgements.query_ids[row]}")
    until_shown(page, dataset, row)
    difference = float((comparison.b - comparison.a)[row])

    def values(selector: str) -> float:
        return float(np.sum(page.eval_on_selector_all(selector, EXACT)))

    rows, rest = ".swaps .row .value[data-exact]", ".swaps .rest .value"
    assert values(".swaps .sum .value") == pytest.approx(difference, abs=1e-9)
    assert values(rows) + values(rest) == pytest.approx(difference, abs=1e-9)
    page.get_by_role("button", name="Show").click()
    assert page.locator(rows).count() > 8
    assert values(rows) + values(rest) == pytest.approx(difference, abs=1e-9)
    assert f"{comparison.b[row]:.4f} − NDCG of A {comparison.a[row]:.4f}" in page.locator(".swaps .sum").inner_text()


def test_a_phone_never_scrolls_sideways(visit: Callable[..., Any]) -> None:
    page = visit("?a=fused~w0.25~~" + "W" * 60, width=390)
    wide, window = page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= window
    assert page.locator(".column[data-key='a']").is_hidden()
    page.get_by_role("tab", name="A").click()
    assert page.locator(".column[data-key='a']").is_visible()
