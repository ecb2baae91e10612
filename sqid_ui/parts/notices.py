"""What the Search page says where it cannot, or need not, show all of itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import streamlit as st

from sqid_core.bundle.learned_signal import in_sample, reads_labels
from sqid_core.bundle.load import Dataset
from sqid_core.encoders.suggested import suggested_commands
from sqid_core.evaluation.cautions import of_runs
from sqid_core.ranking.found import DEPTH
from sqid_core.types import MODALITIES, Modality
from sqid_core.wording import numbered
from sqid_ui.caches.encoders import Unknown, readers, words_unknown
from sqid_ui.parts.markup import plain

_OTHER: dict[Modality, Modality] = {"text": "image", "image": "text"}
_SHOWN_WORDS = 5


def no_signals(dataset: Dataset) -> None:
    """A bundle of tables alone: which command comes next."""
    st.subheader("This bundle has no signals yet")
    counts = dataset.manifest.counts
    st.markdown(
        f"It holds {numbered(counts.get('products', 0), 'products')} and "
        f"{numbered(counts.get('queries', 0), 'queries')}, but nothing to "
        "rank them by. Encode the texts or the pictures, then reload this page:"
    )
    st.code(
        "\n".join(suggested_commands(dataset.folder)),
        language=None,  # the colours that Streamlit gives code are too faint on light ground
        wrap_lines=True,
    )


def one_ranking(dataset: Dataset, without_picture: str = "") -> None:
    """Why there is one list and no slider. without_picture: the text signal that cannot be searched by a picture."""
    if without_picture:
        _no_pictures(dataset, without_picture)
    elif all(dataset.signal(modality) is not None for modality in ("text", "image")):
        _run_file(dataset)
    else:
        _one_signal(dataset)


def stand_ins(dataset: Dataset) -> None:
    """Which signals search the catalogue in place of chosen ones that know judged products only."""
    for modality in ("text", "image"):
        chosen, able = dataset.signal(modality), dataset.search_signal(modality)
        if chosen is not None and able is not None and chosen is not able:
            st.caption(
                f"{plain(chosen.name)} is an imported run and ranks judged products only; "
                f"{plain(able.name)} searches the catalogue in its place."
            )


def short_runs(dataset: Dataset, signals: Collection[str] | None = None) -> None:
    """How much the imported runs behind a page's numbers rank, where that is not all, and what becomes of the rest.
    signals: the names of those that are read; the first text and the first image signal if None."""
    if signals is None:
        signals = [found.name for found in map(dataset.signal, MODALITIES) if found is not None]
    if found := of_runs(dataset, signals):
        st.caption("  \n".join([*map(plain, found.values()), "Evaluate also reads such runs as retrieval."]))


def _no_pictures(dataset: Dataset, signal: str) -> None:
    asked = dataset.search_signal("text")
    encoded = asked is None or bool(asked.encoders)
    who = f"The encoder of {plain(signal)} knows no pictures" if encoded else f"{plain(signal)} reads words alone"
    st.info(
        f"{who}, so a picture is ranked by the image signal alone. Type words beside it to have a text ranking too.",
        icon=":material/filter_1:",
    )


def _run_file(dataset: Dataset) -> None:
    names = ", ".join(plain(name) for name in dataset.signals if not dataset.kind(name).searches)
    st.info(
        f"An imported run ({names}) ranks judged products only, so the whole catalogue has one ranking here. "
        "Rank the judged products of a query to fuse the two.",
        icon=":material/filter_1:",
    )


def _one_signal(dataset: Dataset) -> None:
    found = next(modality for modality in _OTHER if dataset.signal(modality) is not None)
    other = _OTHER[found]
    st.info(
        f"This bundle has {_article(found)} {found} signal only, so there is one ranking and nothing to fuse. "
        f"Add the other with `python -m precompute encode … --modality {other}`.",
        icon=":material/filter_1:",
    )


def nothing_asked(judged: bool) -> None:
    """Nothing typed and no judged query picked. judged: whether the bundle has any."""
    other = ", or open one of the judged queries" if judged else ". This bundle has no judged queries"
    st.info(f"Type a query above{other}.", icon=":material/search:")


def rejected_parameters(names: Sequence[str]) -> None:
    """The link's parameters that fell back to their defaults."""
    if names:
        st.warning(
            f"The link held values this page does not know, so these are at their defaults: {', '.join(names)}.",
            icon=":material/link_off:",
        )


def unknown_words(dataset: Dataset, text: str) -> None:
    """A model with a small vocabulary answers nonsense with confidence, and BM25 answers nothing: say so, of each
    reader of the text by itself."""
    found, alone = words_unknown(dataset, text), len(readers(dataset)) == 1
    lost = [each for each in found if each.nothing_known]
    if len(lost) == len(readers(dataset)) and lost:
        who = f"{plain(lost[0].by) or 'The encoder'} knows none" if alone else "Nothing that ranks here knows any"
        st.warning(
            f"{who} of these words, so the order below means nothing. Try other words.",
            icon=":material/help:",
        )
        return
    for each in lost:
        st.warning(_nothing_known(dataset, each), icon=":material/help:")
    for each in found:
        if each.words and not each.nothing_known:
            named = ", ".join(plain(word) for word in each.words[:_SHOWN_WORDS])
            which = plain(each.by) or ("the encoder" if alone else f"the encoder of the {each.reads} ranking")
            st.caption(f"Words that say nothing to {which}: {named}{' …' if len(each.words) > _SHOWN_WORDS else ''}")


def _nothing_known(dataset: Dataset, lost: Unknown) -> str:
    """What it means where one reader of several knows nothing of a text."""
    if lost.by:
        return f"{plain(lost.by)} knows none of these words, so it ranks nothing and adds nothing to the fusion."
    other = dataset.search_signal(_OTHER[lost.reads])
    by = "another encoder" if other is None or other.encoders else plain(other.name)
    return (
        f"The encoder of the {lost.reads} ranking knows none of these words, so that ranking and what it adds to "
        f"the fusion mean nothing. The {_OTHER[lost.reads]} ranking is by {by}."
    )


def learned_weights(dataset: Dataset) -> None:
    """Why no weight is out-of-fold where a signal that is fused was learned from labels; nothing where none was."""
    seen = [signal.name for signal in dataset.both_signals if in_sample(signal)]
    if seen:
        st.warning(
            f"The model behind {plain(', '.join(seen))} was fine-tuned on queries that are ranked here: each number "
            "of it is **in-sample**.",
            icon=":material/school:",
        )
    learned = [signal.name for signal in dataset.both_signals if reads_labels(signal) and signal.name not in seen]
    if learned:
        st.info(
            f"{plain(', '.join(learned))} learned from these labels. Each query is scored by a model that never saw "
            "its own, but a weight over such scores has seen them through the others: whatever folds choose it, it "
            "is **in-sample**.",
            icon=":material/school:",
        )


def searched_elsewhere(found: bool, trouble: str) -> None:
    """Where the products come from, if a server holds the vectors. found: whether it was asked. trouble: why not."""
    if trouble:
        st.warning(f"{trouble}, so every product is scored here, which takes longer.", icon=":material/cloud_off:")
    elif found:
        st.caption(f"Found by Milvus: the {DEPTH:,} nearest products of each list. Norms and ranks are over these.")


def cannot_search(told: str) -> None:
    """A search that failed, in one sentence; judged queries still work. told: what went wrong."""
    sentence = told.rstrip(".")
    end = "" if sentence.endswith(("?", "!")) else "."
    st.error(
        f"**This search could not run.** {plain(sentence[:1].upper() + sentence[1:] + end)}",
        icon=":material/error:",
    )
    st.caption("Judged queries need no encoder and still work.")


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"
