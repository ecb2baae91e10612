"""The encoder: whether it makes the vectors that the bundle holds, and how many titles it reads only in part."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from sqid_core.analysis.checks import TITLES
from sqid_core.bundle.load import Dataset
from sqid_core.encoders.parity import LEAST_COSINE, SAMPLE
from sqid_core.errors import SqidError
from sqid_ui.caches.encoders import checked_encoder
from sqid_ui.parts import show
from sqid_ui.parts.markup import plain
from sqid_ui.shell.bundles import for_visitors


def show_view(dataset: Dataset) -> None:
    """A button, since loading a model takes seconds and may need a network."""
    names = list(dict.fromkeys(spec.encoder for spec in dataset.manifest.signals.values() if spec.encoder))
    st.markdown(
        f"Encodes {SAMPLE} of the bundle’s queries again and compares; reads up to {TITLES:,} titles for their length."
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
                st.error(plain(for_visitors(error)), icon=":material/error:")


def _checked(dataset: Dataset, name: str) -> None:
    found = checked_encoder(dataset, name)
    cut = found.cut
    numbers = [("Query vectors made again", f"{found.cosine:.4f}", f"at least {LEAST_COSINE} expected")]
    if cut is not None:
        share = f"{len(cut) / max(found.looked_at, 1):.1%} of {found.looked_at:,}"
        numbers.append(("Titles read in part", f"{len(cut):,}", share))
    show.numbers(*numbers, name=f"-{name}")
    if cut is None:
        show.notes("This family of encoders does not say how much of a text it reads.")
    elif len(cut):
        titles = pd.DataFrame({"title": dataset.products["title"].iloc[cut].to_numpy()})
        show.table("Titles longer than the encoder’s context", titles, "The end of each is not read.", f"cut-{name}")
