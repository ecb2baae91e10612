"""The encoder: whether it makes the vectors that the bundle holds, and how many titles it reads only in part."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from sqid_core.analysis.checks import cut_texts
from sqid_core.bundle.load import Dataset
from sqid_core.encoders.parity import LEAST_COSINE, SAMPLE, agreement
from sqid_core.errors import SqidError
from sqid_core.sampling import even_sample
from sqid_ui.caches import shared as resources
from sqid_ui.parts import show
from sqid_ui.parts.markup import plain

_TITLES = 2_000


def show_view(dataset: Dataset) -> None:
    """A button, since loading a model takes seconds and may need a network."""
    names = list(dict.fromkeys(spec.encoder for spec in dataset.manifest.signals.values() if spec.encoder))
    st.markdown(
        f"Encodes {SAMPLE} of the bundle’s queries again and compares; reads up to {_TITLES:,} titles for their length."
    )
    asked = st.button("Check the encoder", icon=":material/play_arrow:", key="check encoder")
    if asked:
        st.session_state["checked encoders"] = dataset.fingerprint
    if st.session_state.get("checked encoders") != dataset.fingerprint:
        return
    for name in names:
        with st.container(border=True):
            st.markdown(f"**{plain(name)}**")
            try:
                _checked(dataset, name)
            except SqidError as error:
                st.error(plain(str(error)), icon=":material/error:")


def _checked(dataset: Dataset, name: str) -> None:
    cosine, cut, looked_at = _measured(dataset.fingerprint, name, dataset)
    numbers = [("Query vectors made again", f"{cosine:.4f}", f"at least {LEAST_COSINE} expected")]
    if cut is not None:
        share = f"{len(cut) / max(looked_at, 1):.1%} of {looked_at:,}"
        numbers.append(("Titles read in part", f"{len(cut):,}", share))
    show.numbers(*numbers)
    if cut is None:
        show.notes("This family of encoders does not say how much of a text it reads.")
    elif len(cut):
        titles = pd.DataFrame({"title": dataset.products["title"].iloc[cut].to_numpy()})
        show.table("Titles longer than the encoder’s context", titles, "The end of each is not read.", f"cut-{name}")


@st.cache_resource(max_entries=8, show_spinner="Encoding some queries again")
def _measured(fingerprint: str, name: str, _dataset: Dataset) -> tuple[float, np.ndarray | None, int]:
    """The cosine that nine of ten queries reach, the rows of the titles that are cut, how many were looked at."""
    encoder = resources.encoder(fingerprint, name, _dataset)
    stored = _dataset.query_vectors(name)
    texts = _dataset.queries["query"].astype(str).tolist()
    rows = even_sample(len(texts), SAMPLE)
    cosine = 1.0 if stored is None else agreement(encoder, [texts[row] for row in rows], np.asarray(stored[rows]))
    products = even_sample(len(_dataset.products), _TITLES)
    cut = cut_texts(encoder, _dataset.products["title"].iloc[products].astype(str).tolist())
    return cosine, None if cut is None else products[cut], len(products)
